"""Yearly households and member households by association, as offices keep them.

Titles above the headings, total rows and remarks below the table are left out and told; the year may stand in the
title or the file's name; an association may be given by its number or by its name (`who`).
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field, find_columns
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import choice, clean, count, day, fiscal_year, name, narrow, text
from geodata.readers.who import identified
from kyodo_geo.dates import fiscal_year_of, parse_fiscal_year
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = (
    "association_id", "fiscal_year", "households", "member_households", "denominator", "denominator_as_of",
    "denominator_source",
)  # fmt: skip
DENOMINATORS = {
    "register": "register", "census": "census", "reported": "reported", "住民基本台帳": "register", "住基": "register",
    "国勢調査": "census", "国調": "census", "報告": "reported", "町内会報告": "reported", "自治会報告": "reported",
}  # fmt: skip


def homes(cell: str) -> int | None:
    """A number of households: 1,234, 1,234 世帯, １２３戸."""
    return count(re.sub(r"\s*(?:世帯|戸|軒)$", "", narrow(cell)))


FIELDS = (
    ASSOCIATION_ID,
    Field(
        "name", "町内会名", name,
        ("自治会名", "町内会・自治会名", "町会名", "町内会", "自治会", "町内会・自治会", "団体名", "名称", "町内会等名"),
    ),
    Field(
        "district", "地区", name,
        ("地区名", "地区番号", "地区No", "コミュニティ推進地区", "コミュニティ地区", "推進地区"),
    ),
    Field("fiscal_year", "年度", fiscal_year, ("調査年度", "対象年度", "会計年度", "年")),
    Field(
        "households", "世帯数", homes,
        (
            "総世帯数", "対象世帯数", "区域内世帯数", "全世帯数", "世帯数A", "世帯数計", "住民基本台帳世帯数",
            "住基世帯数", "世帯数（分母）", "世帯",
        ),
        required=True,
    ),
    Field(
        "member_households", "加入世帯数", homes,
        ("会員世帯数", "加入世帯", "会員数", "加入世帯数B", "加入戸数", "会員戸数", "町内会加入世帯数"),
        required=True,
    ),
    Field("denominator", "世帯数の種類", choice(DENOMINATORS), ("分母",)),
    Field("denominator_as_of", "世帯数の時点", day, ("基準日", "調査基準日", "時点")),
    Field("denominator_source", "世帯数の出典", text, ("出典",)),
)  # fmt: skip
_GRAND_TOTAL = re.compile(r"(?:総|合|累)?計|総数|全市(?:計|合計)?|市(?:計|合計)|町内会(?:計|合計)")
_PART_TOTAL = re.compile(r"小計|.{1,20}(?:小|合)計|.{0,16}地区計")
_YEAR = re.compile(
    r"(?:(?:令和|平成|昭和|[RHS]\.?)(?:元|[0-9]{1,2})|(?:19|20)[0-9]{2})年度?|[RH][0-9]{1,2}(?![0-9])"
)


def read(reading: Reading) -> Any:
    """One row per association and fiscal year; a rate above 1 is rejected, not cut."""
    frame = reading.collect(lambda table: _rows(reading, table))
    frame = reading.reject(
        frame,
        (frame["member_households"] > frame["households"]).to_numpy(dtype=bool),
        "member_households",
        "加入世帯数が世帯数より多くなっています。どちらかの書き間違いか、列の取り違えです。",
    )
    frame = _without_future(reading, frame)
    frame = identified(reading, frame)
    frame = reading.match(frame, "association_id", reading.context.association_ids, "町内会・自治会")
    frame = reading.drop_duplicates(frame, ("association_id", "fiscal_year"))
    if frame["denominator"].isna().any():
        reading.report.note("世帯数の種類（住民基本台帳・国勢調査・報告）がない行は「報告」として扱います。")
        frame["denominator"] = frame["denominator"].where(frame["denominator"].notna(), "reported")
    for year, part in frame.groupby("fiscal_year"):
        households, members = int(part["households"].sum()), int(part["member_households"].sum())
        rate = f"{100 * members / households:.1f} %" if households else "不明"
        reading.report.note(
            f"{year}年度: {len(part):,} 団体、世帯 {households:,}、加入 {members:,}、加入率 {rate}"
        )
    reading.report.totals |= {
        "households": float(frame["households"].sum()),
        "member_households": float(frame["member_households"].sum()),
    }
    return canonical(frame, COLUMNS)


def _rows(reading: Reading, table: Table) -> Any:
    """Typed rows of one table, without totals and remarks, each with its year."""
    columns = find_columns(table, FIELDS, reading.mapping)
    if "association_id" not in columns and "name" not in columns:
        raise FileFormatError(
            f"{table.source} に「町内会番号」の列も「町内会名」の列も見つかりません。見出しの行を確かめてください。"
            "別の名前の列であれば --map association_id=列名 または --map name=列名 で指定してください。",
            file=table.source,
            column=ASSOCIATION_ID.label,
        )
    totals = _leave_out_what_is_no_row(reading, table, columns)
    frame = reading.typed(table, FIELDS)
    if "fiscal_year" not in columns:
        year = _year_of(table)
        frame["fiscal_year"] = year
        reading.report.note(
            f"{table.source}: 「年度」の列がないため、表題かファイルの名前から {year} 年度として読みました。"
        )
    empty = frame["fiscal_year"].isna().to_numpy(dtype=bool)
    for row in frame.index[empty]:
        reading.report.reject(table.source, int(row), columns.get("fiscal_year"), None, "「年度」が空です。")
    frame = frame[~empty]
    for row, households, members in totals:
        sums = int(frame["households"].sum()), int(frame["member_households"].sum())
        if (households, members) != sums:
            reading.report.add(
                "unmatched", file=table.source, row=row, column="households",
                note=f"合計の行（世帯数 {households:,}、加入世帯数 {members:,}）が、読み取った行の合計"
                f"（{sums[0]:,}、{sums[1]:,}）と合いません。読み込まなかった行や書き間違いを確かめてください。",
            )  # fmt: skip
    return frame


def _leave_out_what_is_no_row(
    reading: Reading, table: Table, columns: dict[str, str]
) -> list[tuple[int, int, int]]:
    """Drop total rows and remarks from the table; returns (row, households, members) of the grand totals."""
    keep = np.ones(len(table.frame), dtype=bool)
    remarks: list[int] = []
    totals: list[tuple[int, int, int]] = []
    left = 0
    for place, (row, *cells) in enumerate(table.frame.itertuples(name=None)):
        filled = [plain for cell in cells if (plain := re.sub(r"\s", "", narrow(clean(str(cell)))))]
        if len(filled) == 1 and len(cells) > 2:
            keep[place] = False
            remarks.append(int(row))
            continue
        head = [re.sub(r"\s", "", narrow(clean(str(cell)))) for cell in cells[:4]]
        grand = any(_GRAND_TOTAL.fullmatch(cell) for cell in head)
        if not grand and not any(_PART_TOTAL.fullmatch(cell) for cell in head):
            continue
        keep[place] = False
        left += 1
        if grand:
            named = dict(zip(map(str, table.frame.columns), cells, strict=True))
            try:
                both = [homes(clean(str(named[columns[key]]))) for key in ("households", "member_households")]
            except InputError:
                continue
            if both[0] is not None and both[1] is not None:
                totals.append((int(row), both[0], both[1]))
    if left:
        reading.report.note(f"{table.source}: 合計・小計の行（{left:,} 行）は読み飛ばしました。")
    if remarks:
        rows = "、".join(f"{row:,}" for row in remarks[:10])
        reading.report.note(
            f"{table.source}: 1 つの欄だけに書かれた行（{rows} 行目{' など' if len(remarks) > 10 else ''}）は、"
            "注記として読み飛ばしました。"
        )
    table.frame = table.frame[keep]
    return totals if len(totals) == 1 else []


def _year_of(table: Table) -> int:
    """The one year that the titles above the table name, else the file's name; raises `FileFormatError`."""
    for words in (" ".join(table.titles), table.source):
        found = set()
        for match in _YEAR.finditer(narrow(words)):
            try:
                found.add(parse_fiscal_year(match[0]))
            except InputError:
                continue
        if len(found) == 1:
            return found.pop()
    raise FileFormatError(
        f"{table.source} に「年度」の列が見つかりません。列を足すか（例: 令和5年度、R5、2023）、"
        "表題かファイルの名前に年度を1つだけ書いてください。"
        "別の名前の列であれば --map fiscal_year=列名 で指定してください。",
        file=table.source,
        column="年度",
    )


def _without_future(reading: Reading, frame: Any) -> Any:
    """Figures of a year that has not begun are a slip of the pen; next year's are collected before it begins."""
    today = reading.context.today
    if today is None:
        return frame
    last = fiscal_year_of(today) + 1
    future = (frame["fiscal_year"].astype(int) > last).to_numpy(dtype=bool)
    return reading.reject(
        frame,
        future,
        "fiscal_year",
        f"まだ始まっていない年度です（{last} 年度まで読めます）。年度を確かめてください。",
    )
