"""Rows as Arrow record batches of bounded size, for the writers of binary files. Children of a process only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from geodata.exports.layer import Layer
from geodata.exports.values import of, plain, typed
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Kind, Property

ROWS = 4096
BYTES = 8 << 20
"""A batch ends with whichever comes first, so that memory depends on neither the rows nor the size of their shapes."""
GEOMETRY = "geometry"

_TYPES = {
    Kind.STRING: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Kind.LIST: pa.list_(pa.string()),
}


def described(item: Property) -> str:
    """Comment of a column: unit, permitted values and what is said of it."""
    told = [item.description or ""]
    if item.unit:
        told.append(f"単位: {item.unit}")
    if item.options:
        told.append(f"値: {'、'.join(item.options)}")
    return "。".join(part.rstrip("。") for part in told if part)


def schema(layer: Layer, *, lists_as_text: bool) -> pa.Schema:
    """Columns with titles and comments under the keys that GDAL reads.

    `lists_as_text`: lists as JSON arrays in text, for formats without a type for them.
    """
    fields = []
    told = Counter(item.title for item in layer.columns)
    for item in layer.columns:
        # GeoPackage wants titles that differ within a table.
        title = item.title if told[item.title] == 1 else f"{item.title}（{item.name}）"
        as_text = lists_as_text and item.kind is Kind.LIST
        said = {"GDAL:OGR:alternative_name": title, "GDAL:OGR:comment": described(item)}
        if as_text:
            said["GDAL:OGR:subtype"] = "JSON"
        kind = pa.string() if as_text else _TYPES[item.kind]
        fields.append(pa.field(item.name, kind, metadata={k: v for k, v in said.items() if v}))
    if layer.collection.geometry is not None:
        wkb = {"ARROW:extension:name": "geoarrow.wkb"} if lists_as_text else None
        fields.append(pa.field(GEOMETRY, pa.binary(), metadata=wkb))
    return pa.schema(fields)


def batches(
    layer: Layer, rows: Iterator[FeatureRow], kinds: pa.Schema, *, lists_as_text: bool
) -> Iterator[pa.RecordBatch]:
    """The rows in batches of at most `ROWS` rows and about `BYTES` of shapes."""
    columns = layer.columns
    held: list[list[Any]] = [[] for _ in kinds]
    size = 0
    for row in rows:
        values = of(row, layer)
        for item, column in zip(columns, held, strict=False):
            value = typed(item, values)
            if lists_as_text and item.kind is Kind.LIST and value is not None:
                value = orjson.dumps(value, default=plain).decode()
            column.append(value)
        if layer.collection.geometry is not None:
            shape = row.geometry
            held[-1].append(shape)
            size += len(shape or b"")
        if len(held[0]) >= ROWS or size >= BYTES:
            yield _batch(held, kinds)
            held, size = [[] for _ in kinds], 0
    if held and held[0]:
        yield _batch(held, kinds)


def _batch(held: list[list[Any]], kinds: pa.Schema) -> pa.RecordBatch:
    arrays = [pa.array(column, field.type) for column, field in zip(held, kinds, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=kinds)
