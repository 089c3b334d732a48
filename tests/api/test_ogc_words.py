"""Codes on the pages of the OGC API: each stands beside its Japanese word."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from api.ogc.conformance import CLASSES
from api.ogc.conformance_names import named
from api.ogc.words import words_of
from kyodo_geo.collections import COLLECTIONS, Property
from tests.api.conftest import PAGE

CODED = [
    pytest.param(p, id=f"{collection.id}.{p.name}")
    for collection in COLLECTIONS.values()
    for p in collection.properties
    if any(re.fullmatch(r"[a-z][a-z_-]+", option) for option in p.options)
]


@pytest.mark.parametrize("p", CODED)
def test_every_code_has_a_word_of_its_own(p: Property) -> None:
    words = [words_of(p)[option] for option in p.options]
    assert len(set(words)) == len(words)
    assert all(re.search(r"[ぁ-んァ-ヶ一-龠]", word) for word in words)


def test_values_that_are_words_stay_as_they_are() -> None:
    use_class = COLLECTIONS["buildings"].find("use_class")
    assert use_class is not None and use_class.options
    assert not words_of(use_class)


def test_every_conformance_class_has_a_name(client: TestClient) -> None:
    standards = named(CLASSES)
    assert sorted(uri for _, classes in standards for _, uri in classes) == sorted(CLASSES)
    for standard, classes in standards:
        assert "OGC" in standard or re.search(r"[ぁ-んァ-ヶ一-龠]", standard)
        names = [name for name, _ in classes]
        assert len(set(names)) == len(names)
        assert all(re.search(r"[ぁ-んァ-ヶ一-龠]", name) for name in names), names
    page = client.get("/ogc/conformance", headers=PAGE).text
    assert "座標参照系を選ぶ <code>http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs</code>" in page


def test_tables_show_the_word_and_the_code(client: TestClient) -> None:
    items = client.get("/ogc/collections/districts/items", headers=PAGE).text
    assert "未策定［none］" in items
    for part in ("", "/queryables", "/schema"):
        page = client.get(f"/ogc/collections/districts{part}", headers=PAGE).text
        assert "策定 <code>adopted</code>" in page, part
