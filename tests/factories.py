"""Small made-up worlds for tests: squares, round numbers, obvious names."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import MultiPolygon, Point, box
from shapely.geometry.base import BaseGeometry

from geodata.database import Database
from geodata.datasets import DatasetMeta, load
from geodata.generations import Activation, activate
from geodata.municipalities import KNOWN, ensure_municipality
from geodata.readers.result import LoadReport, ReadResult
from kyodo_geo.crs import WGS84
from kyodo_geo.quality import Quality

CODE = "03201"
LON, LAT = 141.0, 39.6


def square(x: float, y: float, size: float = 1.0) -> MultiPolygon:
    """A square `size` hundredths of a degree wide; (0, 0) is 141.0 E, 39.6 N."""
    return MultiPolygon([box(LON + x / 100, LAT + y / 100, LON + (x + size) / 100, LAT + (y + size) / 100)])


def point(x: float, y: float) -> Point:
    """The point (x, y) hundredths of a degree from (141.0 E, 39.6 N)."""
    return Point(LON + x / 100, LAT + y / 100)


def frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A canonical frame; a GeoDataFrame when the rows carry `geom`."""
    if rows and "geom" in rows[0]:
        return gpd.GeoDataFrame(rows, geometry="geom", crs=WGS84)
    return pd.DataFrame(rows)


def result(kind: str, rows: list[dict[str, Any]]) -> ReadResult:
    """What a reader would have returned for these rows."""
    report = LoadReport()
    report.rows_read = report.rows_loaded = len(rows)
    return ReadResult(
        kind=kind, frame=frame(rows), report=report, checksum="0" * 64, default_title=kind, as_of=None
    )


def meta(quality: Quality = Quality.REAL, **kwargs: Any) -> DatasetMeta:
    defaults = {"title": "試験", "source": "試験の出典", "loaded_by": "test", "as_of": date(2024, 4, 1)}
    return DatasetMeta(quality=quality, **{**defaults, **kwargs})


def district_rows(shapes: dict[int, BaseGeometry]) -> list[dict[str, Any]]:
    return [
        {"district_no": no, "name": f"地区{no}", "kana": f"ちく{no}", "aliases": [], "geom": shape}
        for no, shape in shapes.items()
    ]


def association_rows(shapes: dict[str, BaseGeometry | None]) -> list[dict[str, Any]]:
    return [
        {
            "association_id": id_,
            "name": f"{id_}町内会",
            "kana": None,
            "kind": "association",
            "area_text": None,
            "geom": shape,
        }
        for id_, shape in shapes.items()
    ]


def small_area_rows(shapes: dict[str, tuple[BaseGeometry, int, int]]) -> list[dict[str, Any]]:
    """key → (shape, people, households)."""
    return [
        {
            "key_code": key,
            "name": None,
            "people": people,
            "households": households,
            "area_m2": 1000.0,
            "geom": shape,
        }
        for key, (shape, people, households) in shapes.items()
    ]


def membership_rows(figures: dict[tuple[str, int], tuple[int, int]]) -> list[dict[str, Any]]:
    """(association, fiscal year) → (households, member households)."""
    return [
        {
            "association_id": id_,
            "fiscal_year": year,
            "households": households,
            "member_households": members,
            "denominator": "register",
            "denominator_as_of": date(year, 4, 1),
            "denominator_source": "試験",
        }
        for (id_, year), (households, members) in figures.items()
    ]


def morioka(db: Database) -> None:
    ensure_municipality(db, KNOWN[CODE], by="test")


def put(
    db: Database, kind: str, rows: list[dict[str, Any]], quality: Quality = Quality.REAL, **kwargs: Any
) -> int:
    """Load rows of one kind into 盛岡市; returns the dataset's number."""
    return load(db, CODE, result(kind, rows), meta(quality, **kwargs)).dataset_id


def make_active(db: Database, *dataset_ids: int) -> Activation:
    return activate(db, CODE, list(dataset_ids), by="test")
