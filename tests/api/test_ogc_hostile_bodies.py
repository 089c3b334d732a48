"""Bodies made to hurt, sent below /ogc by somebody who may write: refused in words, soon, and nothing is kept."""

from __future__ import annotations

import resource
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from tests.api.ogc_writer import Writer, everything, writer
from tests.fixtures_db import DatabaseUrls
from tests.hostile.bounded import MEGABYTES, SECONDS
from tests.hostile.shapes import circle, polygon, zigzag


@pytest.fixture(scope="module")
def staff(client: TestClient) -> Writer:
    return writer(client)


def body(geometry: Any) -> bytes:
    return orjson.dumps({"type": "Feature", "properties": {"name": "形"}, "geometry": geometry})


def text(geometry: str) -> bytes:
    return b'{"type":"Feature","properties":{"name":"x"},"geometry":' + geometry.encode() + b"}"


HURTING: dict[str, Callable[[], bytes]] = {
    "all edges cross": lambda: body(polygon(zigzag(9_999))),
    "as many points as a body holds": lambda: body(polygon(circle(30_000))),
    "rings within rings": lambda: body(polygon(*[circle(4)] * 9_000)),
    "many small parts": lambda: body({"type": "MultiPolygon", "coordinates": [[circle(3)]] * 9_000}),
    "nested deeply": lambda: text("[" * 400_000 + "]" * 400_000),
    "objects nested deeply": lambda: text('{"a":' * 150_000 + "1" + "}" * 150_000),
    "no number": lambda: text('{"type":"Polygon","coordinates":[[[NaN,39.7],[141.1,39.7],[141.1,39.8],[NaN,39.7]]]}'),
    "infinite": lambda: text('{"type":"Polygon","coordinates":[[[1e999,39.7],[141.1,39.7],[141.1,39.8],[1e999,39.7]]]}'),
    "a curve": lambda: body({"type": "CircularString", "coordinates": circle(9)}),
    "a measure": lambda: body(polygon([[*point, 0.0, 1.0] for point in circle(9)])),
    "a collection in a collection": lambda: body(
        {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}] * 1000}
    ),
    "across the date line": lambda: body(polygon([[179, 39], [-179, 39], [-179, 40], [179, 40], [179, 39]])),
    "the same key a hundred thousand times": lambda: b"{" + b'"type":"Feature",' * 55_000 + b'"geometry":null}',
    "a digit run": lambda: text("9" * 900_000),
    "half a letter": lambda: body(None)[:-1] + b',"id":"\xe3\x81"}',
    "another encoding": lambda: body(None).decode().encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("name", HURTING)
def test_bodies_made_to_hurt(staff: Writer, shared_town: DatabaseUrls, name: str) -> None:
    sent, before = HURTING[name](), everything(shared_town)
    assert len(sent) < 1 << 20, "it must reach the reader, not the limit of bodies"
    began = resource.getrusage(resource.RUSAGE_SELF)
    answer = staff.send("POST", "associations/items", sent)
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert answer.status_code in (400, 422), answer.text
    told = answer.json()
    assert told["detail"].endswith("。") and len(answer.content) < 4_000
    # Processor time, so that a busy machine does not count.
    assert used.ru_utime + used.ru_stime - began.ru_utime - began.ru_stime < SECONDS
    assert (used.ru_maxrss - began.ru_maxrss) / 1024 < MEGABYTES
    assert everything(shared_town) == before
