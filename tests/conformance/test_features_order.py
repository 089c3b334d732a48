"""Drafts of OGC API Features: Part 8 (sorting) and Part 6 (property selection). Served, but declared by no class yet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.api import GEOJSON, RECORDS, SAMPLED, SCHEMA, Api, ids, item_path, links
from tests.conformance.registry import FEATURES_6, FEATURES_8, requirement

CLASS = FEATURES_8 + "sorting"
SORTABLES, FEATURES = FEATURES_8 + "sortables", FEATURES_8 + "features-sorting"
PROPERTIES = FEATURES_6 + "properties"
every_sample = pytest.mark.parametrize("name", SAMPLED)


@requirement(
    "/req/sortables/get-sortables-op", "Every collection has its sortables.", conformance_class=SORTABLES
)
@requirement(
    "/req/sortables/get-sortables-response",
    "They are a JSON Schema of an object whose members have a type.",
    conformance_class=SORTABLES,
)
@requirement(
    "/req/features-sorting/sortables-link", "Collections link to their sortables.", conformance_class=FEATURES
)
@requirement("/req/sortables/sortables-link", "So they do.", conformance_class=SORTABLES)
@requirement(
    "/req/features-sorting/get-sortables-op",
    "Sortables stand below the collection.",
    conformance_class=FEATURES,
)
def test_sortables(api: Api) -> None:
    for found in api.collections:
        href = links(found, "http://www.opengis.net/def/rel/ogc/1.0/sortables")[0]["href"]
        schema = api.json(href, SCHEMA)
        assert schema["type"] == "object" and schema["properties"]
        assert all("type" in described for described in schema["properties"].values())


@requirement("/req/sorting/sortby-definition", "`sortby` takes names with + or - before them.")
@requirement(
    "/req/sorting/sortby-response", "Features come in that order, ties in a fixed one, over all pages."
)
@requirement("/req/features-sorting/response", "Pages of an order hold together.", conformance_class=FEATURES)
@every_sample
def test_sorting(api: Api, name: str) -> None:
    schema = api.json(f"/collections/{name}/sortables", SCHEMA)["properties"]
    everything = {f["id"]: f["properties"] for f in api.everything(name, limit=1000)}
    for key, described in list(schema.items())[:6]:
        numeric = described["type"] in ("integer", "number")
        for sign in ("", "+", "-"):
            order = ids(api.everything(name, sortby=sign + key, limit=max(5, len(everything) // 3)))
            assert sorted(map(str, order)) == sorted(map(str, everything))
            values: list[Any] = [everything[i].get(key) for i in order if everything[i].get(key) is not None]
            if numeric:
                assert values == sorted(values, reverse=sign == "-"), (key, sign)
            # What is unknown stands together, at one end.
            empty = [everything[i].get(key) is None for i in order]
            assert empty in (sorted(empty), sorted(empty, reverse=True)), (key, sign)


@requirement("/req/features-sorting/sortby-param", "Items take `sortby`.", conformance_class=FEATURES)
@requirement("/req/sorting/sortby-param", "What is no sortable is refused with 400.")
@pytest.mark.parametrize(
    "text", ["this_is_not_a_sortable", "THIS IS NOT A SORTBY EXPRESSION", "", "-", "geometry", "no,no"]
)
def test_unknown_sortables(api: Api, text: str) -> None:
    api.refused("districts", sortby=text)


@requirement(
    "/req/properties/parameter",
    "`properties` is a list of names; others are refused.",
    conformance_class=PROPERTIES,
)
@requirement(
    "/req/properties/response", "Without it all come, with it those chosen.", conformance_class=PROPERTIES
)
@requirement(
    "/req/properties-features/request",
    "Pages and single features take it.",
    conformance_class=FEATURES_6 + "properties-features",
)
@every_sample
def test_property_selection(api: Api, name: str) -> None:
    whole = api.items(name, limit=2)["features"]
    key, other = list(whole[0]["properties"])[:2]
    chosen = api.items(name, limit=2, properties=f"{other},{key}")["features"]
    assert [set(f["properties"]) for f in chosen] == [{key, other}] * len(chosen)
    assert [f["properties"][key] for f in chosen] == [f["properties"][key] for f in whole]
    single = api.json(item_path(name, whole[0]["id"]), GEOJSON, properties=key)
    assert set(single["properties"]) == {key}
    api.refused(name, properties=f"{key},nothing")
    assert RECORDS in SAMPLED
