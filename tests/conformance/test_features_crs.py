"""OGC API Features Part 2: coordinate reference systems by reference."""

from __future__ import annotations

from typing import Any

import pytest
from pyproj import Transformer

from tests.conformance.api import GEOJSON, RECORDS, SPATIAL, Api, ids, item_path
from tests.conformance.registry import FEATURES_2, requirement
from tests.conformance.test_features_core import positions

CLASS = FEATURES_2 + "crs"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
WANTED = (CRS84, EPSG + "4326", EPSG + "6668", EPSG + "6678")
every_layer = pytest.mark.parametrize("name", SPATIAL)
every_system = pytest.mark.parametrize("crs", WANTED, ids=lambda uri: uri.rpartition("/")[2])


def placed(features: list[dict[str, Any]]) -> dict[Any, list[tuple[float, float]]]:
    """Positions of each feature that has a place."""
    return {f["id"]: positions(f["geometry"]["coordinates"]) for f in features if f["geometry"]}


def close(a: list[tuple[float, float]], b: list[tuple[float, float]], limit: float) -> bool:
    """Whether the points of two lists lie together, wherever the rings begin."""
    return len(a) == len(b) and all(
        abs(x1 - x2) <= limit and abs(y1 - y2) <= limit for (x1, y1), (x2, y2) in zip(a, b, strict=True)
    )


@requirement(
    "/req/crs/fc-md-crs-list", "Every layer lists the systems it is served in, the stored one first."
)
@requirement("/req/crs/crs-uri", "Systems are named by the URIs of the OGC register.")
@requirement("/req/crs/fc-md-storageCrs", "Every layer with a place says in which system it is stored.")
@requirement("/req/crs/fc-md-storageCrs-valid-value", "`storageCrs` is one of the list.")
def test_list_of_systems(api: Api) -> None:
    for found in api.collections:
        if "crs" in found:
            assert set(WANTED) <= set(found["crs"])
            assert all(uri.startswith("http://www.opengis.net/def/crs/") for uri in found["crs"])
            assert found["storageCrs"] in found["crs"]


@requirement("/req/crs/fc-md-crs-list", "A collection without places names no system.")
def test_records_have_no_system(api: Api) -> None:
    found = api.collection(RECORDS)
    assert "crs" not in found and "storageCrs" not in found


@requirement("/req/crs/fc-crs-definition", "Pages and single features take `crs`.")
@requirement("/req/crs/fc-crs-valid-value", "Every system of the list is served.")
@requirement("/req/crs/fc-crs-action", "Every coordinate of pages and single features is in that system.")
@requirement("/req/crs/geojson", "Coordinates come in the system asked for, in the order of the authority.")
@requirement("/req/crs/ogc-crs-header", "The header Content-Crs names the system.")
@requirement("/req/crs/ogc-crs-header-value", "Its value stands in angle brackets.")
@every_system
@every_layer
def test_features_in_every_system(api: Api, name: str, crs: str) -> None:
    answer = api.get(f"/collections/{name}/items", GEOJSON, crs=crs, limit=10)
    assert answer.status_code == 200 and answer.headers["content-crs"] == f"<{crs}>"
    plain = placed(api.items(name, limit=10)["features"])
    found = placed(answer.json()["features"])
    assert plain.keys() == found.keys() and plain
    if crs != CRS84:
        there = Transformer.from_crs(
            "OGC:CRS84", f"EPSG:{crs.rpartition('/')[2]}"
        )  # in the authority's order
    for key, points in found.items():
        expected = plain[key] if crs == CRS84 else [there.transform(*p) for p in plain[key]]
        # GeoJSON has six decimals of a degree (0.1 m) or millimetres.
        assert close(points, expected, 0.2 if crs.endswith("6678") else 2e-6), key
    single = api.get(item_path(name, next(iter(found))), GEOJSON, crs=crs)
    assert single.headers["content-crs"] == f"<{crs}>"
    assert positions(single.json()["geometry"]["coordinates"]) == found[next(iter(found))]


@requirement(
    "/req/crs/fc-crs-default-value", "Without `crs` longitude comes first, and the header says CRS84."
)
@every_layer
def test_default_system(api: Api, name: str) -> None:
    answer = api.get(f"/collections/{name}/items", GEOJSON, limit=1)
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    assert ids(answer.json()) == ids(api.items(name, limit=1, crs=CRS84))


@requirement("/req/crs/fc-crs-valid-value", "A system that is not in the list is refused with 400.")
@pytest.mark.parametrize("crs", ["EPSG:4326", EPSG + "3857", EPSG + "9999999", "x", "", EPSG + "6677"])
def test_unknown_systems(api: Api, crs: str) -> None:
    name = SPATIAL[0]
    api.refused(name, crs=crs)
    api.refused(name, bbox="141,39,142,40", bbox_crs=crs)
    api.refused(name, filter="S_INTERSECTS(geometry, BBOX(141,39,142,40))", filter_crs=crs)
    assert api.get(item_path(name, ids(api.items(name, limit=1))[0]), GEOJSON, crs=crs).status_code == 400


@requirement("/req/crs/fc-bbox-crs-definition", "Items take `bbox-crs`.")
@requirement("/req/crs/fc-bbox-crs-valid-value", "A box in any system of the list finds the same features.")
@requirement("/req/crs/fc-bbox-crs-action", "The box is read in the order of the authority's axes.")
@every_system
@every_layer
def test_box_in_every_system(api: Api, name: str, crs: str) -> None:
    """The box on the plane is turned a little against the one in degrees: both hold one small feature with room around."""
    features = placed(api.everything(name, limit=1000))
    key, points = min(features.items(), key=lambda f: max(p[0] for p in f[1]) - min(p[0] for p in f[1]))
    west, east = min(p[0] for p in points) - 1e-4, max(p[0] for p in points) + 1e-4
    south, north = min(p[1] for p in points) - 1e-4, max(p[1] for p in points) + 1e-4
    corners = [(west, south), (east, north)]
    if crs != CRS84:
        there = Transformer.from_crs("OGC:CRS84", f"EPSG:{crs.rpartition('/')[2]}")
        corners = [there.transform(*corner) for corner in corners]
    text = ",".join(str(number) for corner in corners for number in corner)
    found = set(ids(api.everything(name, bbox=text, bbox_crs=crs, limit=1000)))
    assert key in found
    if not crs.endswith("6678"):
        assert found == set(ids(api.everything(name, bbox=f"{west},{south},{east},{north}", limit=1000)))


@requirement("/req/crs/fc-bbox-crs-default-value", "Without `bbox-crs` the box is longitude and latitude.")
def test_box_by_default(api: Api) -> None:
    name = SPATIAL[0]
    west, south, east, north = api.collection(name)["extent"]["spatial"]["bbox"][0]
    plain = api.items(name, bbox=f"{west},{south},{east},{north}")["numberMatched"]
    assert plain == api.items(name, limit=1)["numberMatched"]
    assert plain == api.items(name, bbox=f"{west},{south},{east},{north}", bbox_crs=CRS84)["numberMatched"]
    # As latitude and longitude the same numbers lie beyond the pole.
    assert api.refused(name, bbox=f"{west},{south},{east},{north}", bbox_crs=EPSG + "4326")
