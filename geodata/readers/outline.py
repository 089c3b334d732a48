"""Outline of the municipality: 国土数値情報 N03 (行政区域), or any polygon layer of it."""

from __future__ import annotations

from typing import Any

import shapely

from geodata.readers.fields import Field
from geodata.readers.reading import Reading, canonical
from geodata.readers.values import name
from kyodo_geo.areas import as_multipolygon, find_gaps
from kyodo_geo.crs import area_m2

COLUMNS = ("part_no", "name", "geom")
FIELDS = (Field("name", "名称", name, ("市区町村名", "N03_004", "市町村名")),)
CODES = ("N03_007", "行政区域コード", "市区町村コード", "全国地方公共団体コード")


def read(reading: Reading) -> Any:
    """One row per separate part, largest first; a polygon per island or enclave is one part."""
    import pandas as pd

    def one(table: Any) -> pd.DataFrame:
        reading.only_municipality(table, *CODES)
        return reading.with_areas(table, reading.typed(table, FIELDS), "name")

    frame = reading.collect(one)
    whole = as_multipolygon(shapely.union_all(frame["geom"].to_numpy()))
    parts = sorted(whole.geoms, key=lambda part: -area_m2(part, reading.municipality))
    named = frame["name"].dropna()
    for gap in find_gaps([whole], reading.municipality):
        reading.report.add(
            "gaps",
            lon=round(gap.lon, 6),
            lat=round(gap.lat, 6),
            area_m2=round(gap.area_m2, 1),
            ground=gap.ground,
        )
    reading.report.totals["area_km2"] = area_m2(whole, reading.municipality) / 1e6
    return canonical(
        pd.DataFrame(
            {
                "part_no": range(1, len(parts) + 1),
                "name": named.iloc[0] if len(named) else None,
                "geom": [as_multipolygon(part) for part in parts],
            }
        ),
        COLUMNS,
    )
