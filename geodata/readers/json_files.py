"""GeoJSON, and plain JSON lists of objects (town names)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geodata.readers.sources import Table, as_text
from geodata.readers.text_tables import MAX_COLUMNS
from kyodo_geo.errors import FileFormatError

MAX_BYTES = 256 << 20
"""Python needs about ten times the size; larger layers are published as GeoPackage or shapefile."""
MAX_TOKENS = 5_000_000
"""Commas and opening brackets: each stands for an object of Python. About 1.6 million positions."""
MAX_CELLS = 15_000_000


def read_json(path: Path, shown: str) -> Table:
    """A FeatureCollection (with geometry), or a list of objects (without).

    `crs` is the old `crs` member where there is one. Nested values become JSON text. Raises `FileFormatError` with
    the line for what is no JSON, is cut off, or is JSON of another kind.
    """
    content = _parsed(path, shown)
    if isinstance(content, dict) and content.get("type") == "FeatureCollection":
        return _feature_collection(content, shown)
    if isinstance(content, dict) and content.get("type") == "Feature":
        return _feature_collection({**content, "features": [content]}, shown)
    if isinstance(content, list) and content and all(isinstance(item, dict) for item in content):
        return Table(shown, _frame(content, shown))
    raise FileFormatError(
        f"{shown} はGeoJSON（FeatureCollection）でも、項目の一覧でもありません。ファイルを確かめてください。",
        file=shown,
    )


def _parsed(path: Path, shown: str) -> Any:
    if path.stat().st_size > MAX_BYTES:
        raise FileFormatError(
            f"{shown} は大きすぎます（上限 {MAX_BYTES >> 20} MB）。GeoPackageかシェープファイルに変換してください。",
            file=shown,
        )
    content = path.read_bytes()
    if sum(map(content.count, (b",", b"[", b"{"))) > MAX_TOKENS:
        raise FileFormatError(
            f"{shown} の座標と項目が多すぎます。GeoPackageかシェープファイルに変換してください。", file=shown
        )
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise FileFormatError(
            f"{shown} の {error.lineno} 行目（{error.colno} 文字目）でJSONとして読めなくなります。"
            "途中で切れていないか確かめてください。",
            file=shown,
            row=error.lineno,
        ) from error
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{shown} の文字コードがUTF-8ではありません。UTF-8で保存し直してください。", file=shown
        ) from error
    except (RecursionError, ValueError) as error:
        raise FileFormatError(f"{shown} の内容が大きすぎるか、深すぎます。", file=shown) from error


def _feature_collection(content: dict[str, Any], shown: str) -> Table:
    import numpy as np

    features = content.get("features")
    if not isinstance(features, list):
        raise FileFormatError(f"{shown} に features（地物の一覧）がありません。", file=shown)
    if not features:
        raise FileFormatError(f"{shown} には地物が1件もありません。", file=shown)
    rows: list[dict[str, Any]] = []
    shapes: list[Any] = []
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            raise FileFormatError(
                f"{shown} の {number} 件目は地物（Feature）ではありません。", file=shown, row=number
            )
        properties = feature.get("properties")
        rows.append(properties if isinstance(properties, dict) else {})
        shapes.append(_shape(feature.get("geometry")))
    geometry = np.empty(len(shapes), dtype=object)
    geometry[:] = shapes
    return Table(shown, _frame(rows, shown), geometry=geometry, crs=_declared_crs(content, shown))


def _shape(geometry: Any) -> Any:
    """A shapely geometry; None where the coordinates are none (the row is then refused by its number)."""
    import shapely
    from shapely.geometry import shape

    if not isinstance(geometry, dict):
        return None
    try:
        return shape(geometry)
    except (
        shapely.errors.ShapelyError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        OverflowError,
    ):
        return None


def _declared_crs(content: dict[str, Any], shown: str) -> str | None:
    member = content.get("crs")
    if member is None:
        return None
    name = (member.get("properties") or {}).get("name") if isinstance(member, dict) else None
    if not isinstance(name, str):
        raise FileFormatError(
            f"{shown} の座標系（crs）の書き方が分かりません。--crs で指定してください。", file=shown
        )
    return name


def _frame(rows: list[dict[str, Any]], shown: str) -> Any:
    import pandas as pd

    columns = list(dict.fromkeys(str(key) for row in rows for key in row))
    if len(columns) > MAX_COLUMNS or len(columns) * len(rows) > MAX_CELLS:
        raise FileFormatError(
            f"{shown} の項目（properties）の種類が多すぎます（{len(columns):,} 種類、{len(rows):,} 件）。"
            "要らない項目を除いてください。",
            file=shown,
        )
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns, index=range(1, len(rows) + 1), dtype=object)


def _cell(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return as_text(value)
