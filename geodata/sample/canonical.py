"""The sample as bytes that are the same whenever its content is: what checksums are taken of."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geodata.sample.plane import DIGITS

_AS_THEY_ARE = (str, int, bool)
_encode_sorted = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
_encode = json.JSONEncoder(ensure_ascii=False).encode


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """One line of JSON per row, in the frame's order; geometry as WKT with 6 decimals."""
    lines = [json.dumps(list(frame.columns))]
    columns = [_plain_column(frame[name]) for name in frame.columns]
    lines += [_encode(row) for row in zip(*columns, strict=True)]
    return "\n".join(lines).encode()


def _plain_column(series: pd.Series) -> list[Any]:
    """The values of a column as JSON can hold them; a whole column at once where its type allows it."""
    if series.dtype == "geometry":
        return list(shapely.to_wkt(series.to_numpy(), rounding_precision=DIGITS))
    if isinstance(series.dtype, np.dtype) and series.dtype.kind in "iub":
        return list(series.tolist())
    return [value if type(value) in _AS_THEY_ARE else _plain(value) for value in series.tolist()]


def record_bytes(rows: list[dict[str, Any]]) -> bytes:
    """The same for the rows of a dated table."""
    return "\n".join(
        _encode_sorted({key: _plain(value) for key, value in row.items()}) for row in rows
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
