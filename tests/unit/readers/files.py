"""Small made-up files as publishers write them, around 141.1 E, 39.7 N (盛岡市)."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely import Point, Polygon, box
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geodata.readers import ReadContext, ReadResult, read
from kyodo_geo.crs import JGD2011, WGS84

CITY = "03201"
LON, LAT = 141.1, 39.7


def cell(x: float, y: float, width: float = 1, height: float = 1) -> Polygon:
    """A box in hundredths of a degree from (141.1, 39.7)."""
    return box(LON + x / 100, LAT + y / 100, LON + (x + width) / 100, LAT + (y + height) / 100)


def spot(x: float, y: float) -> Point:
    return Point(LON + x / 100, LAT + y / 100)


BOW_TIE = Polygon([(141.1, 39.7), (141.11, 39.71), (141.11, 39.7), (141.1, 39.71)])


def geojson(
    path: Path, rows: list[tuple[dict[str, Any], BaseGeometry | dict[str, Any] | None]], **members: Any
) -> Path:
    """A FeatureCollection of (properties, geometry); a dict is written as it stands."""
    features = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": mapping(geom) if isinstance(geom, BaseGeometry) else geom,
        }
        for properties, geom in rows
    ]
    path.write_text(
        json.dumps({"type": "FeatureCollection", **members, "features": features}, ensure_ascii=False),
        encoding="utf-8",
    )
    return path


def csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def layer(
    path: Path, rows: list[tuple[dict[str, Any], BaseGeometry]], *, crs: int | None = JGD2011, **options: Any
) -> Path:
    """A shapefile or GeoPackage written by GDAL; coordinates are given in lon/lat and stored in `crs`."""
    frame = gpd.GeoDataFrame(
        pd.DataFrame([properties for properties, _ in rows]), geometry=[geom for _, geom in rows], crs=WGS84
    )
    if crs is not None:
        frame = frame.to_crs(crs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # GDAL shortens long names of columns, as it does for publishers
        frame.to_file(path, engine="pyogrio", **options)
    if crs is None:
        path.with_suffix(".prj").unlink()
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def load(kind: str, *files: Path, municipality: str = CITY, **options: Any) -> ReadResult:
    """`read` with the municipality of these files; keyword `context` takes a dict."""
    context = ReadContext(**options.pop("context", {}))
    return read(kind, list(files), municipality=municipality, context=context, **options)
