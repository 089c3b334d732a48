"""Landing page, conformance, and the collections."""

from __future__ import annotations

from typing import Any

from api.geojson import dumps
from api.ogc import catalogue, pages
from api.ogc.answering import Made, Reading
from api.ogc.conformance import CLASSES
from api.ogc.description import described, own_links
from api.ogc.formats import HTML, JSON, OPENAPI
from api.ogc.links import link

MORE_LINKS: list[Any] = []
"""Functions (reading) → links of the landing page, of parts that stand beside the features."""


def as_json(body: dict[str, Any]) -> Made:
    return Made(dumps(body), JSON.media_type)


def landing(reading: Reading) -> dict[str, Any]:
    """The landing page's object."""
    url = reading.links.url
    found = [
        *own_links(reading, "", "入口"),
        link("service-desc", url("/api", {"f": "json"}), OPENAPI.media_type, "API の定義（OpenAPI 3.0）"),
        link("service-doc", url("/api", {"f": "html"}), HTML.media_type, "API の説明"),
        link("conformance", url("/conformance"), JSON.media_type, "適合する規格"),
        link("data", url("/collections"), JSON.media_type, "コレクションの一覧"),
    ]
    for more in MORE_LINKS:
        found += more(reading)
    return {
        "title": f"{reading.ref.name} 協働まちづくりマップ",
        "description": (
            "コミュニティ推進地区、町内会・自治会、公共施設などのデータを、OGC API で取得できます。"
            "どのデータにも、出典・利用条件・時点・品質が付きます。"
        ),
        "links": found,
    }


def made(reading: Reading) -> Made:
    if reading.form is HTML:
        return pages.landing_page(reading)
    return as_json(landing(reading))


def conformance(reading: Reading) -> Made:
    if reading.form is HTML:
        return pages.conformance_page(reading)
    return as_json({"conformsTo": CLASSES, "links": own_links(reading, "/conformance", "適合する規格")})


def collections(reading: Reading) -> Made:
    if reading.form is HTML:
        return pages.collections_page(reading)
    found = [described(reading, collection) for collection in reading.collections()]
    body = {
        "links": own_links(reading, "/collections", "コレクションの一覧"),
        "collections": [*found, catalogue.described(reading)],
    }
    return as_json(body)


def collection(reading: Reading, collection_id: str) -> Made:
    found = reading.collection(collection_id)
    if reading.form is HTML:
        return pages.collection_page(reading, found)
    return as_json(described(reading, found))
