"""Census small areas (e-Stat 小地域): rows merged by KEY_CODE, figures summed, borders cleaned to a coverage."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import shapely

from geodata.readers.fields import Field, column_of, find_columns
from geodata.readers.key_codes import KEY_CODE, key_code
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import count, name
from kyodo_geo.areas import (
    check_coverage,
    clean_coverage,
    displacement_m,
    find_gaps,
    find_overlaps,
    merge_small_areas,
)
from kyodo_geo.crs import area_m2, to_plane
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = ("key_code", "name", "people", "households", "area_m2", "geom")
FIELDS = (
    KEY_CODE,
    Field("name", "名称", name, ("S_NAME", "MOJI", "町丁・字等名")),
    Field("people", "人口", count, ("JINKO", "人口総数", "総人口")),
    Field("households", "世帯数", count, ("SETAI", "世帯総数")),
)
WATER_SURFACE = "8154"
"""HCODE of 水面調査区: water without people that e-Stat lays over the land areas."""
CENSUS_DAYS = {
    "R2": date(2020, 10, 1),
    "H27": date(2015, 10, 1),
    "H22": date(2010, 10, 1),
    "H17": date(2005, 10, 1),
}
ACCEPTED_OVERLAP_SHARE = 0.001
"""Share of the whole ground that may be claimed twice before the file is refused."""


def read(reading: Reading) -> Any:
    """One row per KEY_CODE with a valid coverage; raises `FileFormatError` when the areas overlap in earnest."""
    report = reading.report

    def one(table: Table) -> Any:
        _only_municipality(reading, table)
        _without_water(reading, table)
        reading.as_of = reading.as_of or _census_day(table)
        return reading.with_areas(table, reading.typed(table, FIELDS), "key_code")

    rows = reading.collect(one)
    frame = canonical(rows, (*(f.name for f in FIELDS), "geom"))
    merged = merge_small_areas(frame)
    if len(merged) < len(frame):
        several = int((frame["key_code"].value_counts() > 1).sum())
        report.note(
            f"{several:,} 個のKEY_CODEは複数の行に分かれていたため、形を合わせ、人口と世帯数を合計しました"
            f"（{len(frame):,} 行 → {len(merged):,} 件）。"
        )
    for column, label in (("people", "人口"), ("households", "世帯数")):
        if merged[column].isna().any():
            report.note(f"{label}のない小地域が {int(merged[column].isna().sum()):,} 件あります。")
    found = check_coverage(frame["geom"].to_numpy())
    report.totals |= {"rows_with_invalid_edges": found.invalid_edges, "holes_before": found.holes}
    merged["geom"] = _cleaned(reading, merged)
    merged["area_m2"] = shapely.area(to_plane(merged["geom"].to_numpy(), reading.municipality))
    report.totals |= {
        "key_codes": len(merged),
        "people": float(merged["people"].sum()),
        "households": float(merged["households"].sum()),
        "area_km2": float(merged["area_m2"].sum()) / 1e6,
    }
    _compare_with_outline(reading, merged)
    return canonical(merged, COLUMNS)


def _cleaned(reading: Reading, merged: Any) -> np.ndarray:
    """The areas as a coverage; overlaps before, gaps after and how far borders moved go to the report."""
    report, keys = reading.report, merged["key_code"].tolist()
    before = merged["geom"].to_numpy()
    shared = 0.0
    for overlap in find_overlaps(before, keys, reading.municipality):
        shared += overlap.area_m2
        report.add(
            "overlaps",
            first=overlap.first,
            second=overlap.second,
            area_m2=round(overlap.area_m2, 1),
            ground=overlap.ground,
        )
    whole = area_m2(shapely.union_all(before), reading.municipality)
    if shared > ACCEPTED_OVERLAP_SHARE * whole:
        raise FileFormatError(
            f"小地域どうしが大きく重なっています（{report.count('overlaps'):,} 組、{shared / 1e6:,.3f} km²）。"
            "同じ年のファイルだけか、確かめてください。",
            overlaps=report.overlaps[:20],
        )
    after = clean_coverage(before)
    for key, old, new in zip(keys, before, after, strict=True):
        if new.is_empty:
            raise FileFormatError(
                f"小地域 {key} は、ほかの小地域に隠れて面積がありません。", column="key_code"
            )
        report.moved(displacement_m(old, new, reading.municipality))
    left = check_coverage(after)
    for gap in find_gaps(after, reading.municipality):
        report.add(
            "gaps",
            lon=round(gap.lon, 6),
            lat=round(gap.lat, 6),
            area_m2=round(gap.area_m2, 1),
            ground=gap.ground,
        )
    report.totals["holes_after"] = left.holes
    if left.invalid_edges:
        raise FileFormatError("小地域の境界を整えられませんでした。ファイルを取得し直してください。")
    return after


def _only_municipality(reading: Reading, table: Table) -> None:
    """Files by prefecture hold all its municipalities. What is no KEY_CODE stays, to be refused by its row."""
    column = find_columns(table, FIELDS, reading.mapping)["key_code"]
    owners = table.frame[column].map(_owner)
    reading.keep_rows(table, owners.isin([reading.municipality, ""]).to_numpy(), sorted(set(owners) - {""}))


def _owner(cell: str) -> str:
    try:
        return key_code(cell)[:5]
    except InputError:
        return ""


def _without_water(reading: Reading, table: Table) -> None:
    column = column_of(table, "HCODE")
    if column is None:
        return
    water = (table.frame[column] == WATER_SURFACE).to_numpy()
    if water.any() and not water.all():
        reading.report.note(f"{table.source}: 水面調査区 {int(water.sum()):,} 行は読み飛ばしました。")
        table.frame = table.frame[~water]
        assert table.geometry is not None
        table.geometry = table.geometry[~water]


def _census_day(table: Table) -> date | None:
    """The census year stands in the name of e-Stat's serial column: R2KAxx, H27KA31_."""
    for column in table.frame.columns:
        if match := re.match(r"(R2|H27|H22|H17)KA", str(column)):
            return CENSUS_DAYS[match[1]]
    return None


def _compare_with_outline(reading: Reading, merged: Any) -> None:
    """Ground that only one of outline and small areas claims: slivers of drawing, or a wrong pairing."""
    outline = reading.context.outline
    if outline is None:
        return
    union = shapely.union_all(merged["geom"].to_numpy())
    difference = area_m2(shapely.symmetric_difference(outline, union), reading.municipality)
    reading.report.totals["outline_difference_km2"] = difference / 1e6
