"""Areas of associations in words (lists of a city, 告示) → address rules, each row with what was read of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field, find_columns, folded
from geodata.readers.notices import LABELS, read_notices
from geodata.readers.reading import Reading, stable_id
from geodata.readers.sources import PLAIN_TEXT, Table
from geodata.readers.values import name, narrow, text
from kyodo_geo.addresses import Gazetteer
from kyodo_geo.errors import FileFormatError
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import FindingKind, normal_form, read_notation

if TYPE_CHECKING:
    import pandas as pd

AREA_FORMATS = ("area-text", "association-list", "kokuji-text")
AREA_FIELDS = (
    ASSOCIATION_ID,
    Field(
        "name", "町内会名", name,
        ("自治会名", "町内会・自治会名", "町会名", "区名", "町内会", "自治会", "団体名", "名称", "認可地縁団体の名称"),
    ),
    Field(
        "area_text", "区域", text, ("区域の説明", "区域（文）", "範囲", "町内会の区域", "自治会の区域", "住所の範囲"),
        required=True,
    ),
)  # fmt: skip
_PERSONS = re.compile(r"会長|代表者|氏名|電話|携帯|連絡先|メール|[0-9]{2,5}-[0-9]{1,4}-[0-9]{4}|@")
"""In an area these point to a cell that says more than the area."""
RULE_COLUMNS = (
    "association_id", "kind", "town", "koaza", "block_from", "block_to", "house_from", "house_to",
)  # fmt: skip


def has_area_text(table: Table, mapping: Mapping[str, str] | None) -> bool:
    """Whether the table holds areas in words rather than one rule per row."""
    headings = {folded(str(column)) for column in table.frame.columns}
    return "area_text" in (mapping or {}) or any(
        folded(known) in headings for known in AREA_FIELDS[2].known_as
    )


def read_areas(reading: Reading, table: Table) -> pd.DataFrame:
    """Rules of all rows; the index is the row in the file.

    A row with an error gives no rule at all: half an area would be a wrong answer for the other half. Parts that
    are no exact rule are reported and the rest of the row is kept.
    """
    import pandas as pd

    context = reading.context
    gazetteer = Gazetteer(context.towns, reading.municipality) if context.towns else None
    if gazetteer is None:
        reading.report.note(
            "町・字の一覧（towns）がまだないため、町名は確かめずに、書かれたとおりに読みました。"
        )
    rows: list[dict[str, Any]] = []
    index: list[int] = []
    frame, column = _rows(reading, _notices(reading, table))
    for number, key, area in zip(frame.index.tolist(), frame["association_id"], frame["area"], strict=True):
        found = read_notation(
            area, association_id=key, gazetteer=gazetteer, municipality=context.municipality_name or ""
        )
        reading.report.read_as(
            file=table.source,
            row=number,
            association_id=key,
            rules=len(found.rules) if found.readable else 0,
            normal_form=normal_form(found.rules) if found.readable else "",
            findings=[finding.as_dict() for finding in found.findings],
        )
        for finding in found.of(FindingKind.UNKNOWN):
            reading.report.add(
                "unmatched", column="town", value=finding.text[:60], file=table.source, row=number
            )
        errors = found.of(FindingKind.ERROR)
        if errors:
            more = f"（ほかに {len(errors) - 1} か所）" if len(errors) > 1 else ""
            reading.report.reject(table.source, number, column, None, errors[0].text_ja() + more)
            continue
        if not found.rules:
            reading.report.reject(
                table.source, number, column, None, "住所の範囲として読める部分がありません。"
            )
        for rule in dict.fromkeys(found.rules):
            rows.append({part: getattr(rule, part) for part in RULE_COLUMNS})
            index.append(number)
    return pd.DataFrame(rows, index=index, columns=list(RULE_COLUMNS), dtype=object)


def rules_of(frame: pd.DataFrame) -> list[Rule]:
    """The rows of a canonical frame as rules."""
    return [Rule(*values) for values in frame[list(RULE_COLUMNS)].itertuples(index=False, name=None)]


def _notices(reading: Reading, table: Table) -> Table:
    """A plain text of 告示 as a table of names and areas."""
    import pandas as pd

    if list(table.frame.columns) != [PLAIN_TEXT]:
        return table
    found = read_notices(table.frame[PLAIN_TEXT].tolist(), table.source)
    reading.report.rows_read += len(found.found) - len(table.frame)
    for label, number in found.dropped.items():
        reading.report.leave_out(table.source, LABELS[label], number)
    if found.unread:
        lines = "、".join(str(number) for number in found.unread[:20]) + (
            " など" if len(found.unread) > 20 else ""
        )
        reading.report.note(
            f"{table.source}: 項目の名前を知らないため、{lines} 行目からの項目は読みませんでした。"
            "区域の続きであれば、番号を「（1）」のように、ほかの項目と違う形にしてください。"
        )
    rows = [(notice.name, "\n".join(notice.area)) for notice in found.found]
    frame = pd.DataFrame(rows, columns=["名称", "区域"], index=[n.row for n in found.found], dtype=object)
    return Table(table.source, frame, guarded=True)


def _rows(reading: Reading, table: Table) -> tuple[pd.DataFrame, str]:
    """Id and area of each usable row, and the heading of the area. Line breaks of the cell stay."""
    columns = find_columns(table, AREA_FIELDS, reading.mapping)
    if "association_id" not in columns and "name" not in columns:
        raise FileFormatError(
            f"{table.source} に「町内会番号」か「町内会名」の列が見つかりません。別の名前の列であれば "
            "--map name=列名 で指定してください。",
            file=table.source,
            column="町内会名",
        )
    area = columns["area_text"]
    # The area is taken from the cell itself: parsing would join its lines.
    typed = reading.typed(table, (*AREA_FIELDS[:2], replace(AREA_FIELDS[2], parse=str, required=False)))
    typed["area"] = [str(cell) for cell in table.frame[area].loc[typed.index]]
    keep, ids = [], []
    for number, given, label, words in zip(
        typed.index.tolist(), typed["association_id"], typed["name"], typed["area"], strict=True
    ):
        key, problem = _identity(reading, given, label)
        if problem is None and not words.strip():
            problem = "「区域」が空です。"
        if problem is None and _PERSONS.search(narrow(words)):
            problem = "「区域」に個人に関する記載（会長、氏名、電話など）があります。取り除いてから読み込んでください。"
        if problem is not None:
            reading.report.reject(table.source, number, area, None, problem)
            if key is None and label and not _PERSONS.search(label):
                reading.report.add("unmatched", column="name", value=label)
        keep.append(problem is None)
        ids.append(key)
    typed["association_id"] = ids
    return typed[keep], area


def _identity(reading: Reading, given: str | None, label: str | None) -> tuple[str | None, str | None]:
    """The association's id, by its number or its name; or why there is none."""
    known = reading.context.association_names
    if given is not None:
        return given, None
    if label is None:
        return None, "町内会番号も町内会名もありません。"
    if known is None:
        return stable_id("n", label), None
    ids = [key for key, other in known.items() if _plain(other) == _plain(label)]
    if len(ids) == 1:
        return ids[0], None
    if ids:
        return None, "同じ名前の町内会・自治会がいくつかあります。町内会番号の列を加えてください。"
    return None, "登録されている町内会・自治会に、この名前のものがありません。"


def _plain(label: str) -> str:
    return narrow(label).replace(" ", "")
