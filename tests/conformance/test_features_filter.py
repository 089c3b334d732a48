"""OGC API Features Part 3: queryables, filter, features filter."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from pyproj import Transformer

from tests.conformance.api import AREAS, GEOJSON, ROOT, SAMPLED, SCHEMA, SPATIAL, Api, ids, links
from tests.conformance.registry import FEATURES_3, requirement

CLASS = FEATURES_3 + "filter"
QUERYABLES, PARAMETERS = FEATURES_3 + "queryables", FEATURES_3 + "queryables-query-parameters"
FEATURES = FEATURES_3 + "features-filter"
REL = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
every_sample = pytest.mark.parametrize("name", SAMPLED)
every_layer = pytest.mark.parametrize("name", SPATIAL)


def queryables(api: Api, name: str) -> dict[str, Any]:
    return dict(api.json(f"/collections/{name}/queryables", SCHEMA)["properties"])


@requirement(
    "/req/queryables/get-queryables-op",
    "Every collection has its queryables below its address.",
    conformance_class=QUERYABLES,
)
@requirement(
    "/req/queryables/get-queryables-response",
    "They are a JSON Schema of an object whose members have a type.",
    conformance_class=QUERYABLES,
)
@requirement(
    "/req/features-filter/get-queryables-op",
    "Queryables stand below the collection.",
    conformance_class=FEATURES,
)
def test_queryables(api: Api) -> None:
    for found in api.collections:
        answer = api.get(f"/collections/{found['id']}/queryables", SCHEMA)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith(SCHEMA)
        schema = answer.json()
        assert schema["$schema"] in (
            "https://json-schema.org/draft/2019-09/schema", "https://json-schema.org/draft/2020-12/schema",
        )  # fmt: skip
        assert schema["$id"] == f"{ROOT}/collections/{found['id']}/queryables"
        assert schema["type"] == "object" and schema["properties"]
        for name, described in schema["properties"].items():
            assert "type" in described or described.get("format", "").startswith("geometry-"), name
        assert schema["additionalProperties"] is False


@requirement(
    "/req/queryables/queryables-link",
    "Collections and items link to the queryables.",
    conformance_class=QUERYABLES,
)
@requirement("/req/features-filter/queryables-link", "So they do.", conformance_class=FEATURES)
def test_links_to_queryables(api: Api) -> None:
    for found in api.collections:
        href = f"{ROOT}/collections/{found['id']}/queryables"
        assert [
            link for link in links(api.collection(found["id"]), REL) if link["href"].partition("?")[0] == href
        ]


@requirement(
    "/req/queryables/expression-construction",
    "What is no queryable is refused with 400.",
    conformance_class=QUERYABLES,
)
@every_sample
def test_unknown_queryables(api: Api, name: str) -> None:
    problem = api.refused(name, filter="this_is_not_a_queryable IS NULL").json()
    assert "this_is_not_a_queryable" in problem["detail"]


@requirement(
    "/req/queryables-query-parameters/parameters",
    "Every scalar queryable is a parameter of equality.",
    conformance_class=PARAMETERS,
)
@every_sample
def test_queryables_as_parameters(api: Api, name: str) -> None:
    feature = api.items(name, limit=1)["features"][0]
    for key, described in queryables(api, name).items():
        value = feature["properties"].get(key)
        if described.get("type") not in ("string", "integer", "number", "boolean") or value is None:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        found = api.everything(name, limit=1000, **{key: text})
        assert feature["id"] in ids(found), key
        assert all(other["properties"][key] == value for other in found), key


@requirement("/req/filter/filter-param", "`filter` finds exactly the features for which it is true.")
@requirement("/req/filter/response", "Features for which it is false or unknown do not come.")
@pytest.mark.parametrize("lang", ["cql2-text", "cql2-json", None])
@every_sample
def test_filter(api: Api, name: str, lang: str | None) -> None:
    import json

    everything = api.everything(name, limit=1000)
    chosen = {} if lang is None else {"filter_lang": lang}
    for key in queryables(api, name):
        empty = {
            f["id"]
            for f in everything
            if (f["geometry"] if key == "geometry" else f["properties"].get(key)) is None
        }
        text = f"{key} IS NULL"
        if lang == "cql2-json":
            text = json.dumps({"op": "isNull", "args": [{"property": key}]})
        assert api.items(name, filter=text, limit=1, **chosen)["numberMatched"] == len(empty), key


@requirement("/req/filter/filter-param", "What is no filter is refused with 400.")
@requirement("/req/filter/mixing-expressions", "A filter and the parameters of the standard hold together.")
@every_sample
def test_filter_that_is_none_and_filter_with_others(api: Api, name: str) -> None:
    api.refused(name, filter="THIS IS NOT A FILTER")
    api.refused(name, filter="")
    api.refused(name, filter="{", filter_lang="cql2-json")
    first = api.items(name, limit=1)["features"][0]
    key = next(
        k for k, v in first["properties"].items() if isinstance(v, (str, int)) and not isinstance(v, bool)
    )
    value = first["properties"][key]
    text = f"{key} = " + (f"'{value}'" if isinstance(value, str) else str(value))
    assert first["id"] in ids(api.everything(name, filter=text))
    assert api.items(name, filter=f"NOT ({text})", **{key: str(value)})["numberMatched"] == 0


@requirement(
    "/req/filter/filter-lang-param",
    "`filter-lang` takes cql2-text (the default) and cql2-json, nothing else.",
)
@requirement("/req/features-filter/filter-lang-param", "Items take it.", conformance_class=FEATURES)
def test_filter_lang(api: Api) -> None:
    text, json = "no = 1", '{"op":"=","args":[{"property":"no"},1]}'
    found = ids(api.items(AREAS, filter=text))
    assert len(found) == 1
    assert ids(api.items(AREAS, filter=text, filter_lang="cql2-text")) == found
    assert ids(api.items(AREAS, filter=json, filter_lang="cql2-json")) == found
    for lang in ("cql-text", "sql", "", "CQL2-TEXT"):
        api.refused(AREAS, filter=text, filter_lang=lang)
    api.refused(AREAS, filter=json)
    api.refused(AREAS, filter=text, filter_lang="cql2-json")


@requirement(
    "/req/filter/filter-crs-wgs84",
    "Without `filter-crs` coordinates are longitude and latitude; others are refused.",
)
@every_layer
def test_filter_in_degrees(api: Api, name: str) -> None:
    west, south, east, north = api.collection(name)["extent"]["spatial"]["bbox"][0]
    placed = api.items(name, filter="geometry IS NOT NULL", limit=1)["numberMatched"]
    inside = f"S_INTERSECTS(geometry, BBOX({west}, {south}, {east}, {north}))"
    assert api.items(name, filter=inside, limit=1)["numberMatched"] == placed
    api.refused(name, filter="S_INTERSECTS(geometry, BBOX(1000000, 1000000, 2000000, 2000000))")


@requirement(
    "/req/filter/filter-crs-param",
    "`filter-crs` takes every system of the collection, in the order of its axes.",
)
@requirement("/req/features-filter/filter-crs-param", "Items take it.", conformance_class=FEATURES)
@pytest.mark.parametrize("number", ["4326", "6668", "6678"])
@every_layer
def test_filter_in_other_systems(api: Api, name: str, number: str) -> None:
    west, south, east, north = api.collection(name)["extent"]["spatial"]["bbox"][0]
    there = Transformer.from_crs("OGC:CRS84", f"EPSG:{number}")
    # With many vertices, because a straight edge in degrees bends by metres on the plane.
    half = shapely.box(west - 1e-3, south - 1e-3, (west + east) / 2, north + 1e-3).segmentize(
        (east - west) / 60
    )
    ring = list(half.exterior.coords)
    plain, other = (
        ", ".join(f"{a!r} {b!r}" for a, b in points) for points in (ring, [there.transform(*p) for p in ring])
    )
    expected = set(
        ids(api.everything(name, filter=f"S_INTERSECTS(geometry, POLYGON(({plain})))", limit=1000))
    )
    found = api.everything(
        name, filter=f"S_INTERSECTS(geometry, POLYGON(({other})))", filter_crs=EPSG + number, limit=1000
    )
    assert expected and set(ids(found)) == expected


@requirement(
    "/req/features-filter/filter-param",
    "Items take `filter` (pages of a filter hold together).",
    conformance_class=FEATURES,
)
@requirement(
    "/req/features-filter/response",
    "Paging under a filter gives each feature once.",
    conformance_class=FEATURES,
)
@every_sample
def test_paging_under_a_filter(api: Api, name: str) -> None:
    key = api.items(name, limit=1)["features"][0]["properties"]
    column = next(iter(key))
    text = f"{column} IS NOT NULL"
    whole = ids(api.items(name, filter=text, limit=10_000))
    found = [i for page in api.pages(name, filter=text, limit=max(2, len(whole) // 5)) for i in ids(page)]
    assert found == whole


@requirement(
    "/req/filter/expression-construction",
    "No filter, however wrong or large, makes the service fail.",
)
@pytest.mark.parametrize(
    "text",
    [
        "(" * 200, "NOT " * 900 + "TRUE", "name LIKE '" + "%_" * 300 + "'", "no = " + "9" * 400, "no / 0 = 1 / 0",
        "S_INTERSECTS(geometry, POLYGON((0 0)))", "S_INTERSECTS(geometry, POINT EMPTY)", "name = '\x00'", "name = '\ud83d'",
        "no = 1e309", "no ^ 999 = 1", "pg_sleep(5)", "name = 'x'; DROP TABLE district",
        "S_DWITHIN(geometry, POINT(141 39), 1e9, 'm')",
        "no IN (" + ",".join(["1"] * 3000) + ")",
    ],
    ids=range(15),
)  # fmt: skip
def test_hostile_filters(api: Api, text: str) -> None:
    answer = api.client.get(
        f"{ROOT}/collections/{AREAS}/items",
        params={"filter": text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")},
        headers={"accept": GEOJSON},
    )
    assert answer.status_code in (200, 400), answer.text[:200]
