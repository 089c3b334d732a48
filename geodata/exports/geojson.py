"""GeoJSON (RFC 7946): one collection, or a text sequence of features (RFC 8142). Geometries are put in unparsed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from geodata.exports.formats import Options
from geodata.exports.layer import CREDIT, Layer
from geodata.exports.pieces import pieces
from geodata.exports.values import plain
from geodata.features.query import FeatureRow

RECORD_SEPARATOR = b"\x1e"


def collection(layer: Layer, rows: Iterator[FeatureRow], options: Options) -> Iterator[bytes]:
    """One FeatureCollection; the credit stands before the features."""
    return pieces(_collection(layer, rows))


def sequence(layer: Layer, rows: Iterator[FeatureRow], options: Options) -> Iterator[bytes]:
    """One record per feature. There is no place for a credit but the feature: it carries it as a foreign member."""
    credit = {"dataset": {key: layer.credit.get(key) for key in ("quality", *CREDIT)}}
    return pieces(RECORD_SEPARATOR + _feature(row, credit) + b"\n" for row in rows)


def _collection(layer: Layer, rows: Iterator[FeatureRow]) -> Iterator[bytes]:
    head = {
        "type": "FeatureCollection",
        "name": layer.name,
        "title": layer.title,
        "description": layer.words,
        "dataset": layer.credit,
        "municipality": layer.municipality_code,
    }
    yield orjson.dumps(head)[:-1] + b',"features":['
    between = b"\n"
    for row in rows:
        yield between + _feature(row)
        between = b",\n"
    yield b"\n]}\n"


def _feature(row: FeatureRow, further: dict[str, Any] | None = None) -> bytes:
    geometry = orjson.Fragment(row.geometry) if row.geometry else None
    found = {"type": "Feature", "id": row.id, **(further or {}), "geometry": geometry}
    found["properties"] = row.properties
    return orjson.dumps(found, default=plain, option=orjson.OPT_UTC_Z)
