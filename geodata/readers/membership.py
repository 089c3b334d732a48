"""Yearly households and member households by association."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import choice, count, day, fiscal_year, text

COLUMNS = (
    "association_id", "fiscal_year", "households", "member_households", "denominator", "denominator_as_of",
    "denominator_source",
)  # fmt: skip
DENOMINATORS = {
    "register": "register", "census": "census", "reported": "reported", "住民基本台帳": "register", "住基": "register",
    "国勢調査": "census", "報告": "reported", "町内会報告": "reported", "自治会報告": "reported",
}  # fmt: skip
FIELDS = (
    replace(ASSOCIATION_ID, required=True),
    Field("fiscal_year", "年度", fiscal_year, (), required=True),
    Field("households", "世帯数", count, ("総世帯数", "対象世帯数", "区域内世帯数"), required=True),
    Field("member_households", "加入世帯数", count, ("会員世帯数", "加入世帯", "会員数"), required=True),
    Field("denominator", "世帯数の種類", choice(DENOMINATORS), ("分母",)),
    Field("denominator_as_of", "世帯数の時点", day, ("基準日",)),
    Field("denominator_source", "世帯数の出典", text, ("出典",)),
)


def read(reading: Reading) -> Any:
    """One row per association and fiscal year; a rate above 1 is rejected, not cut."""
    frame = reading.collect(lambda table: reading.typed(table, FIELDS))
    frame = reading.reject(
        frame,
        (frame["member_households"] > frame["households"]).to_numpy(dtype=bool),
        "member_households",
        "加入世帯数が世帯数より多くなっています。",
    )
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
