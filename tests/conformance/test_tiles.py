"""OGC API Tiles Part 1 (20-057), and the tile matrix set it uses (17-083r4)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.api.tile_reading import decoded
from tests.conformance.api import AREAS, JSON, POINTS, ROOT, SPATIAL, Api, links
from tests.conformance.registry import SPEC, TILES_1, TMS_2, requirement

CLASS = TILES_1 + "core"
TILESET = TILES_1 + "tileset"
MVT = "application/vnd.mapbox-vector-tile"
SET = "WebMercatorQuad"
SCHEME = f"{SPEC.replace('spec/', 'def/rel/ogc/1.0/')}tiling-scheme"
TILESETS = f"{SPEC.replace('spec/', 'def/rel/ogc/1.0/')}tilesets-vector"
every_layer = pytest.mark.parametrize("name", SPATIAL)
RESOURCES = ("", *(f"/collections/{name}" for name in SPATIAL))
every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda path: path or "dataset")


def tileset(api: Api, resource: str = f"/collections/{AREAS}", **params: Any) -> Any:
    return api.json(f"{resource}/tiles/{SET}", **params)


def template(described: Any) -> str:
    """The templated address of a tile set."""
    return str(next(link["href"] for link in described["links"] if link["rel"] == "item"))


def address(described: Any, zoom: int, row: int, col: int) -> str:
    """The template with its variables filled in."""
    found = template(described)
    for name, value in (("tileMatrix", zoom), ("tileRow", row), ("tileCol", col)):
        assert f"{{{name}}}" in found
        found = found.replace(f"{{{name}}}", str(value))
    return found


def limits(described: Any, zoom: int) -> dict[str, int]:
    return next(dict(found) for found in described["tileMatrixSetLimits"] if found["tileMatrix"] == str(zoom))


def corner(described: Any, zoom: int) -> str:
    """A tile that the limits hold: their first."""
    found = limits(described, zoom)
    return address(described, zoom, found["minTileRow"], found["minTileCol"])


# -- core ------------------------------------------------------------------------------------------------------


@requirement(
    "/req/core/conformance-success", "Every class of OGC API Tiles that we test is declared, and no other."
)
def test_declared_classes(api: Api) -> None:
    declared = {name for name in api.json("/conformance")["conformsTo"] if name.startswith(TILES_1)}
    assert declared == {
        TILES_1 + name
        for name in (
            "core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection",
            "datetime", "mvt", "oas30",
        )
    }  # fmt: skip


@requirement("/req/core/tc-op", "The address of the template answers GET.")
@requirement(
    "/req/core/tc-success", "200 with the media type asked for, and only features that meet the tile."
)
@every_layer
def test_tile(api: Api, name: str) -> None:
    described = tileset(api, f"/collections/{name}")
    answer = api.get(corner(described, 9), MVT)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MVT
    layer = decoded(answer.content)[name]
    assert layer["features"]
    for feature in layer["features"]:
        assert all(-64 <= value <= layer["extent"] + 64 for value in flat(feature["geometry"]["coordinates"]))


def flat(values: Any) -> list[float]:
    """All numbers of nested lists."""
    return [values] if isinstance(values, int | float) else [n for value in values for n in flat(value)]


@requirement(
    "/req/core/tc-tilematrix-definition", "`tileMatrix` is an id of the tile matrix set; others are 404."
)
@pytest.mark.parametrize("zoom", ["25", "-1", "99"])
def test_tile_matrix(api: Api, zoom: str) -> None:
    assert api.get(f"/collections/{AREAS}/tiles/{SET}/{zoom}/0/0", MVT).status_code == 404


@requirement("/req/core/tc-tilerow-definition", "`tileRow` counts from the north and comes first.")
@requirement("/req/core/tc-tilecol-definition", "`tileCol` counts from the west.")
def test_row_before_column(api: Api) -> None:
    """Japan lies at columns beyond every row: exchanged numbers are no tile of ours."""
    described = tileset(api)
    found = limits(described, 9)
    row, col = found["minTileRow"], found["minTileCol"]
    assert col > row
    assert api.get(address(described, 9, row, col), MVT).status_code == 200
    assert api.get(address(described, 9, col, row), MVT).status_code == 404


@requirement(
    "/req/core/tc-error", "Outside the limits 404, numbers that are none 400, an empty tile within them 204."
)
def test_errors(api: Api) -> None:
    described = tileset(api, f"/collections/{POINTS}")
    found = limits(described, 14)
    rows = range(found["minTileRow"], found["maxTileRow"] + 1)
    cols = range(found["minTileCol"], found["maxTileCol"] + 1)
    outside = [
        (rows[0] - 1, cols[0]),
        (rows[-1] + 1, cols[0]),
        (rows[0], cols[0] - 1),
        (rows[0], cols[-1] + 1),
    ]
    for row, col in outside:
        assert api.get(address(described, 14, row, col), MVT).status_code == 404
    statuses = {
        api.get(address(described, 14, row, col), MVT).status_code for row in rows[:4] for col in cols[:8]
    }
    assert statuses <= {200, 204}
    assert 204 in statuses
    assert api.get(f"/collections/{POINTS}/tiles/{SET}/x/0/0", MVT).status_code == 400
    assert api.get(f"{corner(described, 9)}&nosuch=1", MVT).status_code == 400


# -- description -------------------------------------------------------------------------------------------------


@requirement(
    "/req/tileset/description",
    "Tile set metadata with scheme, template, limits and layers.",
    conformance_class=TILESET,
)
@requirement(
    "/req/tilesetmetadata/model",
    "It says what is in the tiles, where, and in which scheme.",
    conformance_class=TMS_2 + "tilesetmetadata",
)
@requirement(
    "/req/tilesetmetadata/identifier",
    "It links to the scheme and names it as registered.",
    conformance_class=TMS_2 + "tilesetmetadata",
)
@requirement(
    "/req/json-tilesetmetadata/model",
    "In JSON too.",
    conformance_class=TMS_2 + "json-tilesetmetadata",
)
@requirement(
    "/req/json-tilesetmetadata/schema",
    "Its members have the names and types of the schema.",
    conformance_class=TMS_2 + "json-tilesetmetadata",
)
@every_resource
def test_tileset(api: Api, resource: str) -> None:
    described = tileset(api, resource)
    assert described["dataType"] == "vector"
    assert described["tileMatrixSetURI"].endswith(f"/tilematrixset/OGC/1.0/{SET}")
    assert described["crs"].endswith("/3857")
    (scheme,) = links(described, SCHEME)
    assert api.json(scheme["href"])["id"] == SET
    for link in links(described, "item"):
        assert (link["templated"], link["type"]) == (True, MVT)
    assert api.get(corner(described, 9), MVT).status_code in (200, 204)
    assert [layer["id"] for layer in described["layers"]]
    for layer in described["layers"]:
        assert layer["propertiesSchema"]["properties"]
        collection = api.collection(layer["id"])
        (west, south), (east, north) = layer["boundingBox"]["lowerLeft"], layer["boundingBox"]["upperRight"]
        assert [west, south, east, north] == pytest.approx(
            collection["extent"]["spatial"]["bbox"][0], abs=1e-5
        )


@requirement(
    "/req/tileset/description",
    "Properties in tiles are those that the schema names.",
    conformance_class=TILESET,
)
@every_layer
def test_schema_of_the_properties(api: Api, name: str) -> None:
    described = tileset(api, f"/collections/{name}")
    named = set(described["layers"][0]["propertiesSchema"]["properties"])
    features = decoded(api.get(corner(described, 9), MVT).content)[name]["features"]
    assert set().union(*(feature["properties"] for feature in features)) <= named


@requirement(
    "/req/tilesets-list/tileset-links",
    "A list whose entries lead to the tile set and its scheme.",
    conformance_class=TILES_1 + "tilesets-list",
)
@every_resource
def test_tilesets(api: Api, resource: str) -> None:
    (one,) = api.json(f"{resource}/tiles")["tilesets"]
    assert {"dataType", "crs", "tileMatrixSetURI"} <= set(one)
    (own,) = links(one, "self")
    assert own["href"].partition("?")[0] == f"{ROOT}{resource}/tiles/{SET}"
    assert api.json(own["href"])["links"]
    assert links(one, SCHEME)


def leads_to_tile_sets(api: Api, document: Any) -> None:
    (link,) = links(document, TILESETS)
    assert api.json(link["href"])["tilesets"]


@requirement(
    "/req/dataset-tilesets/landingpage",
    "The landing page links to the tile sets of the whole.",
    conformance_class=TILES_1 + "dataset-tilesets",
)
@requirement(
    "/req/dataset-tilesets/operation",
    "That address answers with a list.",
    conformance_class=TILES_1 + "dataset-tilesets",
)
def test_landing_page(api: Api) -> None:
    leads_to_tile_sets(api, api.json())


@requirement(
    "/req/geodata-tilesets/desc-links",
    "Each collection with a place links to its tile sets.",
    conformance_class=TILES_1 + "geodata-tilesets",
)
@requirement(
    "/req/geodata-tilesets/operation",
    "That address answers with a list.",
    conformance_class=TILES_1 + "geodata-tilesets",
)
@every_layer
def test_collection_links(api: Api, name: str) -> None:
    leads_to_tile_sets(api, api.collection(name))


# -- parameters --------------------------------------------------------------------------------------------------


@requirement(
    "/req/collections-selection/query-collections",
    "`collections` names the layers; unknown ones are 400.",
    conformance_class=TILES_1 + "collections-selection",
)
@requirement(
    "/req/collections-selection/collections-response",
    "Only those layers come, the first one first.",
    conformance_class=TILES_1 + "collections-selection",
)
def test_collections(api: Api) -> None:
    described = tileset(api, "", collections=f"{POINTS},{AREAS}")
    assert [layer["id"] for layer in described["layers"]] == [POINTS, AREAS]
    assert list(decoded(api.get(corner(described, 3), MVT).content)) == [POINTS, AREAS]
    assert api.get(f"/tiles/{SET}", JSON, collections="no-such").status_code == 400


@requirement(
    "/req/datetime/axis",
    "`subset=datetime(…)` takes a day, a moment and intervals, as `datetime` does; anything else is 400.",
    conformance_class=TILES_1 + "datetime",
)
def test_datetime(api: Api) -> None:
    described = tileset(api)
    now = api.get(corner(described, 9), MVT).content
    for name, value in [
        ("datetime", "2200-01-01"), ("datetime", "2200-01-01T00:00:00Z"), ("datetime", "2020-01-01/2200-01-01"),
        ("subset", 'datetime("2200-01-01")'), ("subset", 'datetime("2020-01-01":"2200-01-01")'),
    ]:  # fmt: skip
        asked = tileset(api, **{name: value})
        then = corner(asked, 9)
        assert "2200-01-01" in then, "the template asks for the same day"
        assert api.get(then, MVT).content == now
    for name, value in [
        ("datetime", "x"),
        ("datetime", "../.."),
        ("subset", "datetime(x)"),
        ("subset", "Lat(1)"),
    ]:
        assert api.get(f"/collections/{AREAS}/tiles/{SET}", JSON, **{name: value}).status_code == 400
    assert api.get(f"/collections/{AREAS}/tiles/{SET}", JSON, datetime="1900-01-01").status_code == 404


# -- encodings ---------------------------------------------------------------------------------------------------


@requirement(
    "/req/mvt/content",
    "Tiles are Mapbox Vector Tiles of version 2, with `f=mvt` and by the header.",
    conformance_class=TILES_1 + "mvt",
)
def test_vector_tile(api: Api) -> None:
    described = tileset(api)
    by_header = api.get(corner(described, 9).partition("?")[0], MVT)
    by_name = api.get(corner(described, 9).partition("?")[0], "*/*", f="mvt")
    assert by_header.content == by_name.content
    layer = decoded(by_header.content)[AREAS]
    assert (layer["version"], layer["extent"]) == (2, 4096)


@requirement(
    "/req/oas30/completeness",
    "The definition has every resource of tiles with its parameters.",
    conformance_class=TILES_1 + "oas30",
)
@requirement(
    "/req/oas30/operation-id",
    "Operations are found by the suffixes of their ids.",
    conformance_class=TILES_1 + "oas30",
)
def test_definition(api: Api) -> None:
    (link,) = links(api.json(), "service-desc")
    paths = api.get(link["href"], link["type"]).json()["paths"]
    told = {
        operation["get"]["operationId"]: (path, operation["get"].get("parameters", []))
        for path, operation in paths.items()
        if "operationId" in operation.get("get", {})
    }
    for suffix in ("getTileSetsList", "getTileSet", "getTile"):
        for origin in ("dataset", "collection"):
            found = [name for name in told if name.endswith(f".{origin}.vector.{suffix}")]
            assert len(found) >= (1 if origin == "dataset" else len(SPATIAL))
            for name in found:
                path, parameters = told[name]
                named = {p.get("name") or p["$ref"].rpartition("/")[2] for p in parameters}
                assert "datetime" in named
                assert set(re.findall(r"\{(\w+)\}", path)) <= named
                assert ("collections" in named) == (origin == "dataset")
    assert {name for name in told if name.endswith((".getTileMatrixSetsList", ".getTileMatrixSet"))}


@requirement(
    "/req/tilematrixset/model",
    "The definition is the registered one: 256 pixels, halves from zoom to zoom.",
    conformance_class=TMS_2 + "tilematrixset",
)
@requirement(
    "/req/json-tilematrixset/model",
    "As JSON, linked from the list of sets.",
    conformance_class=TMS_2 + "json-tilematrixset",
)
@requirement(
    "/req/json-tilematrixset/schema",
    "Its members have the names and types of the schema.",
    conformance_class=TMS_2 + "json-tilematrixset",
)
def test_matrix_set(api: Api) -> None:
    (one,) = api.json("/tileMatrixSets")["tileMatrixSets"]
    (own,) = links(one, "self")
    found = api.json(own["href"])
    assert (found["id"], found["orderedAxes"]) == (SET, ["X", "Y"])
    for zoom, matrix in enumerate(found["tileMatrices"]):
        assert (matrix["id"], matrix["matrixWidth"], matrix["tileWidth"]) == (str(zoom), 2**zoom, 256)
        assert matrix["cellSize"] == pytest.approx(156543.033928 / 2**zoom)
        assert matrix["scaleDenominator"] == pytest.approx(matrix["cellSize"] / 0.00028)
        assert [round(value, 3) for value in matrix["pointOfOrigin"]] == [-20037508.343, 20037508.343]
        assert (matrix["matrixHeight"], matrix["tileHeight"]) == (2**zoom, 256)
    assert found["crs"].endswith("/3857")
    assert found["uri"].endswith(f"/tilematrixset/OGC/1.0/{SET}")


@requirement(
    "/req/json-tilematrixset/ietf", "It is JSON in UTF-8.", conformance_class=TMS_2 + "json-tilematrixset"
)
@requirement(
    "/req/json-tilematrixset/media-type",
    "It comes as application/json.",
    conformance_class=TMS_2 + "json-tilematrixset",
)
@requirement(
    "/req/json-tilematrixsetlimits/ietf",
    "So are the limits.",
    conformance_class=TMS_2 + "json-tilematrixsetlimits",
)
@requirement(
    "/req/json-tilesetmetadata/ietf",
    "So is the description.",
    conformance_class=TMS_2 + "json-tilesetmetadata",
)
@requirement(
    "/req/json-tilesetmetadata/media-type",
    "It comes as application/json too.",
    conformance_class=TMS_2 + "json-tilesetmetadata",
)
@pytest.mark.parametrize(
    "path", [f"/tileMatrixSets/{SET}", f"/tiles/{SET}", f"/collections/{AREAS}/tiles/{SET}"]
)
def test_json_of_tiles(api: Api, path: str) -> None:
    answer = api.get(path, JSON)
    assert answer.headers["content-type"].partition(";")[0] == JSON
    assert json.loads(answer.content.decode("utf-8"))


@requirement(
    "/req/tilematrixsetlimits/model",
    "Limits name each zoom once, within its matrix.",
    conformance_class=TMS_2 + "tilematrixsetlimits",
)
@requirement(
    "/req/json-tilematrixsetlimits/model",
    "In JSON too.",
    conformance_class=TMS_2 + "json-tilematrixsetlimits",
)
@requirement(
    "/req/json-tilematrixsetlimits/schema",
    "Members have the names and types of the schema.",
    conformance_class=TMS_2 + "json-tilematrixsetlimits",
)
@every_resource
def test_limits(api: Api, resource: str) -> None:
    found = tileset(api, resource)["tileMatrixSetLimits"]
    assert [one["tileMatrix"] for one in found] == [str(zoom) for zoom in range(len(found))]
    for zoom, one in enumerate(found):
        assert set(one) == {"tileMatrix", "minTileRow", "maxTileRow", "minTileCol", "maxTileCol"}
        assert 0 <= one["minTileRow"] <= one["maxTileRow"] < 2**zoom
        assert 0 <= one["minTileCol"] <= one["maxTileCol"] < 2**zoom


@requirement(
    "/req/tileset/description", "TileJSON 3.0 as another form of the description.", conformance_class=TILESET
)
@every_resource
def test_tilejson(api: Api, resource: str) -> None:
    (link,) = links(tileset(api, resource), "alternate")
    answer = api.get(link["href"], link["type"])
    assert answer.headers["content-type"] == link["type"]
    found = answer.json()
    assert found["tilejson"] == "3.0.0"
    assert {"{z}", "{x}", "{y}"} <= set(found["tiles"][0].replace("}", "}/").replace("{", "/{").split("/"))
    assert [layer["id"] for layer in found["vector_layers"]] == [
        layer["id"] for layer in tileset(api, resource)["layers"]
    ]
    west, south, east, north = found["bounds"]
    assert west < east and south < north
    assert 0 <= found["minzoom"] <= found["maxzoom"] <= 18
