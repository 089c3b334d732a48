"""Asking /ogc as a program does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from starlette.testclient import TestClient

from tests.api.conftest import JSON

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LAT_LON = "http://www.opengis.net/def/crs/EPSG/0/4326"
JGD2011 = "http://www.opengis.net/def/crs/EPSG/0/6668"
PLANE = "http://www.opengis.net/def/crs/EPSG/0/6678"


def ask(client: TestClient, path: str, **query: Any) -> Any:
    answer = client.get(f"/ogc{path}", params=query, headers=JSON)
    assert answer.status_code == 200, answer.text
    return answer.json()


def items(client: TestClient, collection: str, **query: Any) -> Any:
    return ask(client, f"/collections/{collection}/items", **query)


def ids(client: TestClient, collection: str, **query: Any) -> list[str]:
    return [feature["id"] for feature in items(client, collection, **query)["features"]]


def refused(client: TestClient, path: str) -> dict[str, Any]:
    answer = client.get(f"/ogc{path}", headers=JSON)
    assert answer.status_code == 400, (path, answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()


def link(body: dict[str, Any], rel: str, media_type: str | None = None) -> str | None:
    return next(
        (x["href"] for x in body["links"] if x["rel"] == rel and media_type in (None, x.get("type"))), None
    )


def walk(client: TestClient, href: str | None, rel: str = "next") -> Iterator[dict[str, Any]]:
    while href is not None:
        body = client.get(href, headers=JSON).json()
        yield body
        href = link(body, rel)


# -- what stands where
