"""The service under test as a client sees it: addresses below /ogc, JSON, and the collections it offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from httpx import Response
from starlette.testclient import TestClient

HOST = "http://127.0.0.1:8000"
ROOT = f"{HOST}/ogc"
JSON = "application/json"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
HTML = "text/html"

HYPHENS = {"filter_lang": "filter-lang", "filter_crs": "filter-crs", "bbox_crs": "bbox-crs"}
# A collection of areas, one of points, one of dated records without a place: what is checked is checked on each.
AREAS, POINTS, RECORDS = "districts", "facilities", "projects"
SPATIAL = (AREAS, POINTS, "associations")
SAMPLED = (*SPATIAL, RECORDS)


@dataclass
class Api:
    """Paths are relative to /ogc; whole addresses (of links) are taken as they are."""

    client: TestClient
    _kept: dict[str, Any] = field(default_factory=dict)

    def get(self, path: str = "", accept: str = JSON, **params: Any) -> Response:
        """GET; `filter_lang`, `filter_crs` and `bbox_crs` stand for the parameters with a hyphen."""
        query = {HYPHENS.get(name, name): value for name, value in params.items()}
        url = path if path.startswith("http") else ROOT + path
        return self.client.get(url, params=query or None, headers={"accept": accept})

    def json(self, path: str = "", accept: str = JSON, **params: Any) -> Any:
        """The body of an answer that must be 200 and JSON."""
        answer = self.get(path, accept, **params)
        assert answer.status_code == 200, (path, params, answer.text[:300])
        assert "json" in answer.headers["content-type"], answer.headers["content-type"]
        return answer.json()

    def items(self, collection: str, **params: Any) -> Any:
        """A page of features as GeoJSON."""
        return self.json(f"/collections/{collection}/items", GEOJSON, **params)

    def refused(self, collection: str, **params: Any) -> Response:
        """Items that must be refused with 400 and a problem document."""
        answer = self.get(f"/collections/{collection}/items", GEOJSON, **params)
        assert answer.status_code == 400, (params, answer.status_code, answer.text[:300])
        assert answer.headers["content-type"].startswith("application/problem+json")
        return answer

    def kept(self, path: str) -> Any:
        """JSON that does not change while the tests run, fetched once."""
        if path not in self._kept:
            self._kept[path] = self.json(path)
        return self._kept[path]

    @property
    def collections(self) -> list[dict[str, Any]]:
        """Collections of features; the catalogue, whose items are records, is not among them."""
        return [found for found in self.kept("/collections")["collections"] if found["itemType"] == "feature"]

    def collection(self, name: str) -> dict[str, Any]:
        return dict(self.kept(f"/collections/{name}"))

    def everything(self, collection: str, **params: Any) -> list[dict[str, Any]]:
        """All features, page by page along the links."""
        return [feature for page in self.pages(collection, **params) for feature in page["features"]]

    def pages(self, collection: str, **params: Any) -> Iterator[Any]:
        page = self.items(collection, **params)
        for _ in range(1000):
            yield page
            onward = links(page, "next")
            if not onward:
                return
            page = self.json(onward[0]["href"], GEOJSON)
        raise AssertionError("paging does not end")


def links(body: Any, rel: str) -> list[dict[str, Any]]:
    """The links of that relation."""
    return [link for link in body["links"] if link["rel"] == rel]


def ids(page: Any) -> list[Any]:
    """Ids of a page, or of a list of features."""
    return [feature["id"] for feature in (page["features"] if isinstance(page, dict) else page)]


def item_path(collection: str, feature_id: Any) -> str:
    return f"/collections/{collection}/items/{quote(str(feature_id), safe='')}"
