"""GDAL reads the service through its OAPIF driver: counts, filters, whole layers to a GeoPackage, the plane zone."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from tests.conformance.api import POINTS, RECORDS, SPATIAL
from tests.conformance.registry import requirement
from tests.conformance.report import CLIENTS

CLASS = CLIENTS
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"


def gdal(program: str, *arguments: str) -> str:
    """Output of a GDAL program; it must succeed and say nothing on the error channel."""
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()} | {
        "GDAL_HTTP_TIMEOUT": "60"
    }
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=120, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert "ERROR" not in done.stderr, done.stderr[-800:]
    return done.stdout


def count(server: str, name: str, *options: str, size: int = 50) -> int:
    """Features that GDAL finds in a layer."""
    told = gdal("ogrinfo", "-ro", "-so", "-oo", f"PAGE_SIZE={size}", *options, f"OAPIF:{server}", name)
    found = re.search(r"^Feature Count: (\d+)$", told, re.MULTILINE)
    assert found is not None, told[-500:]
    return int(found[1])


def features(server: str, name: str, **params: str) -> list[dict[str, Any]]:
    """What the service itself says, in one page."""
    answer = httpx.get(
        f"{server}/collections/{name}/items",
        params={"limit": "10000", "f": "json", **params},
        trust_env=False,
        timeout=60,
    )
    return list(answer.json()["features"])


@requirement("GDAL: layers", "Every collection is a layer.")
def test_layers(server: str) -> None:
    told = gdal("ogrinfo", "-ro", f"OAPIF:{server}")
    listed = httpx.get(f"{server}/collections", params={"f": "json"}, trust_env=False, timeout=30).json()[
        "collections"
    ]
    for found in listed:
        assert re.search(rf"^\d+: {re.escape(found['id'])}\b", told, re.MULTILINE), found["id"]


@requirement("GDAL: counts", "With a small page size a layer has as many features as the service says.")
@pytest.mark.parametrize("name", [*SPATIAL, RECORDS])
def test_counts(server: str, name: str) -> None:
    assert count(server, name, size=13) == len(features(server, name))


@requirement("GDAL: paging", "Read page by page, every feature comes once.")
@pytest.mark.parametrize("name", SPATIAL)
def test_pages_of_gdal(server: str, name: str, tmp_path: Path) -> None:
    target = tmp_path / "pages.geojsonl"
    gdal("ogr2ogr", "-f", "GeoJSONSeq", "-oo", "PAGE_SIZE=9", str(target), f"OAPIF:{server}", name)
    key = {"districts": "no", "facilities": "facility_id", "associations": "association_id"}[name]
    found = [json.loads(line)["properties"][key] for line in target.read_text(encoding="utf-8").splitlines()]
    assert sorted(found) == sorted(f["properties"][key] for f in features(server, name))


@requirement("GDAL: bbox", "A spatial filter finds what the service finds for the box.")
@pytest.mark.parametrize("name", SPATIAL)
def test_spatial_filter(server: str, name: str, tmp_path: Path) -> None:
    box = ("141.1", "39.65", "141.17", "39.72")
    target = tmp_path / "box.geojsonl"
    gdal("ogr2ogr", "-f", "GeoJSONSeq", "-spat", *box, str(target), f"OAPIF:{server}", name)
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(features(server, name, bbox=",".join(box))) > 0


@requirement("GDAL: CQL2", "A condition on attributes finds what the service finds for the same filter.")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("districts", "no > 3 AND no < 9"),
        ("facilities", "name LIKE '%館%'"),
        ("districts", "people >= 5000 OR no = 1"),
    ],
)
def test_attribute_filter(server: str, name: str, text: str, tmp_path: Path) -> None:
    target = tmp_path / "where.geojsonl"
    gdal("ogr2ogr", "-f", "GeoJSONSeq", "-where", text, str(target), f"OAPIF:{server}", name)
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(features(server, name, filter=text)) > 0


@requirement(
    "GDAL: GeoPackage", "Whole layers become a GeoPackage with equal counts, ids, values and geometries."
)
@pytest.mark.parametrize("name", SPATIAL)
def test_whole_layer_to_geopackage(server: str, name: str, tmp_path: Path) -> None:
    target = tmp_path / "layer.gpkg"
    gdal(
        "ogr2ogr", "-f", "GPKG", "-oo", "PAGE_SIZE=100", str(target), f"OAPIF:{server}", name, "-nln", "layer"
    )
    _, _, shapes, columns = pyogrio.raw.read(target, layer="layer")
    meta = pyogrio.read_info(target, layer="layer")
    key = {"districts": "no", "facilities": "facility_id", "associations": "association_id"}[name]
    values = dict(zip(meta["fields"], columns, strict=True))
    read = {
        key_value: (None if wkb is None else shapely.from_wkb(wkb), label)
        for key_value, wkb, label in zip(values[key], shapes, values["name"], strict=True)
    }
    served = features(server, name)
    assert len(read) == len(served)
    for feature in served:
        shape, label = read[feature["properties"][key]]
        assert label == feature["properties"]["name"]
        expected = None if feature["geometry"] is None else shapely.geometry.shape(feature["geometry"])
        assert (shape is None and expected is None) or shapely.equals_exact(shape, expected, 1e-9)


@requirement("GDAL: EPSG:6678", "Coordinates of the plane zone are those that PROJ computes, north first.")
@pytest.mark.parametrize("name", [POINTS, "districts"])
def test_the_plane_zone(server: str, name: str) -> None:
    there = Transformer.from_crs("OGC:CRS84", "EPSG:6678")
    plain = {f["id"]: f for f in features(server, name) if f["geometry"]}
    plane = {f["id"]: f for f in features(server, name, crs=EPSG + "6678") if f["geometry"]}
    assert plain.keys() == plane.keys()
    for key, feature in plain.items():
        degrees = shapely.get_coordinates(shapely.geometry.shape(feature["geometry"]))
        metres = shapely.get_coordinates(shapely.geometry.shape(plane[key]["geometry"]))
        north, east = there.transform(degrees[:, 0], degrees[:, 1])
        # The degrees have been rounded to six decimals, 0.06 m at most.
        assert abs(metres[:, 0] - north).max() < 0.08 and abs(metres[:, 1] - east).max() < 0.08


@requirement("GDAL: EPSG:6678", "GDAL itself turns a layer into the plane zone and finds the same places.")
def test_gdal_projects_alike(server: str, tmp_path: Path) -> None:
    target = tmp_path / "plane.gpkg"
    gdal(
        "ogr2ogr",
        "-f",
        "GPKG",
        "-t_srs",
        "EPSG:6678",
        str(target),
        f"OAPIF:{server}",
        POINTS,
        "-nln",
        "layer",
    )
    _, _, shapes, columns = pyogrio.raw.read(target, layer="layer")
    ids = dict(zip(pyogrio.read_info(target, layer="layer")["fields"], columns, strict=True))["facility_id"]
    served = {f["properties"]["facility_id"]: f for f in features(server, POINTS, crs=EPSG + "6678")}
    for key, wkb in zip(ids, shapes, strict=True):
        if wkb is not None:
            north, east = served[key]["geometry"]["coordinates"][:2]
            assert shapely.from_wkb(wkb).distance(shapely.Point(east, north)) < 0.1
