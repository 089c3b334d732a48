"""Values of properties as formats take them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from geodata.exports.layer import Layer
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Kind, Property

BETWEEN = ";"
"""Between the values of a list in text."""


def of(row: FeatureRow, layer: Layer) -> dict[str, Any]:
    """The row's values under the names of the layer's columns, the key included."""
    key = layer.collection.key
    if key in row.properties:
        return row.properties
    return {key: row.id, **row.properties}


def plain(value: Any) -> Any:
    """What JSON and Arrow take: no Decimal, times in UTC, lists for tuples."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return value


def typed(item: Property, values: Mapping[str, Any]) -> Any:
    """A property's value in the type of its kind, for columns that have one."""
    value = plain(values.get(item.name))
    if value is None:
        return None
    if item.kind is Kind.STRING and not isinstance(value, str):
        return str(value)
    if item.kind is Kind.INTEGER:
        return int(value)
    if item.kind is Kind.NUMBER:
        return float(value)
    if item.kind is Kind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def text(value: Any) -> str:
    """A value as text: ISO 8601, true/false, nothing for None."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return BETWEEN.join(text(part) for part in value)
    return str(value)
