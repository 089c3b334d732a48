"""The sample as bytes that are the same whenever its content is: what checksums are taken of."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sample.plane import DIGITS


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """One line of JSON per row, in the frame's order; geometry as WKT with 6 decimals."""
    lines = [json.dumps(list(frame.columns))]
    lines += [
        json.dumps([_plain(value) for value in row], ensure_ascii=False)
        for row in frame.itertuples(index=False, name=None)
    ]
    return "\n".join(lines).encode()


def record_bytes(rows: list[dict[str, Any]]) -> bytes:
    """The same for the rows of a dated table."""
    return "\n".join(
        json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False, sort_keys=True)
        for row in rows
    ).encode()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, BaseGeometry):
        return shapely.to_wkt(value, rounding_precision=DIGITS)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is pd.NaT or value is pd.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, date):
        return value.isoformat()[:10]
    return None if value is None or value != value else value
