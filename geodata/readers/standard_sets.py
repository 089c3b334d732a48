"""Files in the layouts of the 自治体標準オープンデータセット and the older 推奨データセット → headings that the kinds know.

What the layouts say more strictly than other lists is checked here: whose data a row is, by a code with a check digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.readers.fields import column_of, folded, has_columns, objects
from geodata.readers.reading import Reading
from geodata.readers.sources import Table
from geodata.readers.values import clean, narrow, yes_no
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import HAZARDS
from kyodo_geo.opendata.codes import readings, six_digits
from kyodo_geo.opendata.layouts import ADDRESS, ALSO_SHELTER, CODE_HEADINGS, HAZARD_HEADINGS, follows
from kyodo_geo.opendata.writing import facts_of
from kyodo_geo.quality import LABELS, Quality
from kyodo_geo.spreadsheets import unharmed

NAMES = {"standard": "自治体標準オープンデータセット", "former": "推奨データセット（旧）"}
FACTS = ("種別", "地域活動", "収容人数", "開設日", "廃止日")
"""Facts that our own files carry in 説明, because the standard has no column for them."""
_PARTS = ("所在地_都道府県", "所在地_市区町村", "所在地_町字", "所在地_番地以下")
_KNOWN = (*CODE_HEADINGS, ADDRESS, "住所", "方書", "緯度", "経度")


def layout_of(table: Table) -> str | None:
    """ "standard", "former", or None for any other table."""
    return follows(frozenset(heading for heading in _KNOWN if has_columns(table, heading)))


def facilities(reading: Reading, table: Table) -> bool:
    """公共施設一覧: foreign rows out, address and facts under the headings of facilities. False for other tables."""
    if not _places(reading, table):
        return False
    told = column_of(table, "説明")
    if told is not None:
        found = [facts_of(clean(cell), FACTS) for cell in table.frame[told]]
        for name in FACTS:
            if any(name in facts for facts in found) and column_of(table, name) is None:
                table.frame[name] = objects(table.frame, [facts.get(name, "") for facts in found])
    return True


def shelters(reading: Reading, table: Table) -> bool:
    """指定緊急避難場所一覧 as the layer of 指定避難所: the rows that are both, with their hazards as the note."""
    if not _is_evacuation(table) or not _places(reading, table):
        return False
    both = column_of(table, ALSO_SHELTER)
    if both is not None:
        mine = np.array([_yes(cell) for cell in table.frame[both]], dtype=bool)
        if not mine.all():
            reading.report.note(
                f"{table.source}: 指定避難所と重複しない指定緊急避難場所 {int((~mine).sum()):,} 行は読み飛ばしました。"
            )
        _keep(table, mine)
    remarks = column_of(table, "備考")
    texts = table.frame[remarks] if remarks is not None else [""] * len(table.frame)
    table.frame["注記"] = objects(
        table.frame,
        [
            "／".join(filter(None, (f"対象とする災害：{said}" if said else "", clean(text))))
            for said, text in zip(_hazards(reading, table), texts, strict=True)
        ],
    )
    return True


def shelter_records(reading: Reading, table: Table) -> bool:
    """指定緊急避難場所一覧 as records of what facilities are designated for."""
    if not _is_evacuation(table) or column_of(table, "指定の種類") or not _places(reading, table):
        return False
    name, capacity = column_of(table, "名称"), column_of(table, "想定収容人数")
    frame = table.frame
    frame["施設"] = objects(frame, frame[name] if name is not None else [""] * len(frame))
    frame["指定の種類"] = "emergency-place"
    frame["対象とする災害"] = objects(frame, _hazards(reading, table))
    if capacity is not None:
        frame["収容人数"] = objects(frame, frame[capacity])
    both = column_of(table, ALSO_SHELTER)
    also = sum(_yes(cell) for cell in frame[both]) if both is not None else 0
    if also:
        reading.report.note(
            f"{table.source}: 指定避難所と重複する {also:,} か所の、指定避難所としての記録は変えません。"
        )
    return True


def own_rows(reading: Reading, table: Table) -> None:
    """Reject rows that are another body's, whose code's check digit is wrong, or that say that they are invented."""
    column = column_of(table, *CODE_HEADINGS)
    remarks = column_of(table, "備考")
    if column is None:
        return
    keep = np.ones(len(table.frame), dtype=bool)
    remark_cells = table.frame[remarks] if remarks is not None else [""] * len(table.frame)
    for place, (row, cell, remark) in enumerate(
        zip(table.frame.index, table.frame[column], remark_cells, strict=True)
    ):
        where, reason = column, _refusal(reading.municipality, narrow(clean(cell)))
        if reason is None and clean(remark).startswith(LABELS[Quality.SAMPLE]):
            where, reason = str(remarks), "見本データ（架空）の行です。実データとしては読み込めません。"
        if reason is not None:
            reading.report.reject(table.source, int(row), where, cell, reason)
            keep[place] = False
    _keep(table, keep)


def _refusal(municipality: str, code: str) -> str | None:
    """Why a row with this code is not loaded; None: it is ours, or says nothing."""
    if not code:
        return None
    try:
        if municipality in readings(code):
            return None
    except InputError as error:
        return error.message
    return f"ほかの団体（{code}）の行です。{six_digits(municipality)} の行だけを読み込みます。"


def _places(reading: Reading, table: Table) -> bool:
    """Whether the table is a list of places in these layouts; then its rows are checked, and 住所 is there."""
    layout = layout_of(table)
    if layout is None:
        return False
    reading.report.note(f"{table.source}: 「{NAMES[layout]}」の列として読みました。")
    own_rows(reading, table)
    for column in ("名称", "団体名", "備考"):
        if (held := column_of(table, column)) is not None:
            table.frame[held] = objects(table.frame, map(unharmed, table.frame[held]))
    joined = column_of(table, ADDRESS)
    if joined is not None and column_of(table, "住所") is None:
        parts = [column for column in (column_of(table, part) for part in _PARTS) if column is not None]
        table.frame["住所"] = objects(
            table.frame,
            [
                clean(cell) or "".join(clean(text) for text in rest)
                for cell, *rest in zip(
                    table.frame[joined], *(table.frame[part] for part in parts), strict=True
                )
            ],
        )
    return True


def _is_evacuation(table: Table) -> bool:
    return has_columns(table, "名称", *HAZARD_HEADINGS.values())


def _hazards(reading: Reading, table: Table) -> list[str]:
    """The hazards of each row in words, separated by 、 in the order of the law; marks that are none are reported."""
    columns = {hazard: column_of(table, heading) for hazard, heading in HAZARD_HEADINGS.items()}
    strange: list[str] = []
    marked: list[list[str]] = [[] for _ in range(len(table.frame))]
    for hazard, column in columns.items():
        for place, cell in enumerate(table.frame[column] if column is not None else ()):
            if _yes(cell):
                marked[place].append(HAZARDS[hazard])
            elif (plain := clean(cell)) and not _is_mark(plain):
                strange.append(plain)
    if strange:
        shown = "、".join(f"「{text[:20]}」" for text in list(dict.fromkeys(strange))[:5])
        reading.report.note(
            f"{table.source}: 災害種別の印として読めない値 {len(strange):,} 件（{shown}）は、対応なしとして扱いました。"
        )
    return ["、".join(names) for names in marked]


def _is_mark(plain: str) -> bool:
    try:
        yes_no(plain)
    except InputError:
        return False
    return True


def _yes(cell: str) -> bool:
    """Whether a mark is set. What is no mark is taken for not set: nobody may be told to flee to the wrong place."""
    plain = clean(cell)
    return bool(plain) and _is_mark(plain) and bool(yes_no(plain))


def _keep(table: Table, mine: Any) -> None:
    table.frame = table.frame[mine].copy()
    if table.geometry is not None:
        table.geometry = table.geometry[mine]


def has_register(table: Table) -> bool:
    """Whether the table is 地域・年齢別人口."""
    present = {folded(str(column)) for column in table.frame.columns}
    return all(folded(heading) in present for heading in ("調査年月日", "地域名", "総人口"))


def register_areas(reading: Reading, table: Table) -> None:
    """Kind and key of each area of 地域・年齢別人口 as the columns 区域の種類 and 区域.

    A row without a name is the whole municipality. A code is a KEY_CODE of a small area or the number of a district that
    bears that name; anything else is a town.
    """
    own_rows(reading, table)
    code, name = column_of(table, "地域コード"), column_of(table, "地域名")
    codes = table.frame[code] if code is not None else [""] * len(table.frame)
    found = [
        _area(reading, narrow(clean(number)), clean(label))
        for number, label in zip(codes, table.frame[name], strict=True)
    ]
    table.frame["区域の種類"] = objects(table.frame, [kind for kind, _ in found])
    table.frame["区域"] = objects(table.frame, [key for _, key in found])


def _area(reading: Reading, code: str, name: str) -> tuple[str, str]:
    if not name and not code:
        return "city", reading.municipality
    if code.isdecimal() and len(code) in (9, 11) and code.startswith(reading.municipality):
        return "small-area", code
    districts = reading.context.districts or {}
    if code.isdecimal() and len(code) < 4 and districts.get(int(code)) == name:
        return "district", str(int(code))
    return "town", name
