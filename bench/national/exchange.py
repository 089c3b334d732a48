"""The synthetic country as GeoParquet: one folder per kind, in it `municipality=NNNNN/part.parquet`.

Geometry is WKB in lon/lat (OGC:CRS84, which GeoParquet 1.1 takes where a file names no system). The municipality stands
in the path alone, as readers of such folders expect.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from bench.national.ground import Columns

TYPES = {
    "kana": pa.string(), "koaza": pa.string(), "area_text": pa.string(), "house": pa.string(), "jiwari": pa.int32(),
    "postal_code": pa.string(), "aliases": pa.list_(pa.string()), "former_names": pa.list_(pa.string()),
    "valid_from": pa.date32(), "valid_to": pa.date32(), "house_from": pa.int32(), "house_to": pa.int32(),
    "denominator_as_of": pa.date32(), "denominator_source": pa.string(),
}  # fmt: skip
"""Columns that may be wholly empty, so that every file of a kind has the same types."""


def part_path(folder: Path, kind: str, code: str) -> Path:
    """Where a municipality's rows of a kind stand."""
    return folder / kind / f"municipality={code}" / "part.parquet"


def write_part(folder: Path, kind: str, code: str, columns: Columns) -> int:
    """Write one file; returns its bytes."""
    arrays = {}
    metadata = {}
    for name, values in columns.items():
        if name == "geom":
            geoms = np.asarray(values, dtype=object)
            arrays[name] = pa.array(shapely.to_wkb(geoms).tolist(), pa.binary())
            metadata[b"geo"] = json.dumps(_geo(geoms)).encode()
        else:
            listed = values.tolist() if isinstance(values, np.ndarray) else values
            arrays[name] = pa.array(listed, TYPES.get(name))
    path = part_path(folder, kind, code)
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(arrays).replace_schema_metadata(metadata or None), path, compression="zstd")
    return path.stat().st_size


def read_part(folder: Path, kind: str, code: str) -> Columns:
    """The columns of one file, geometry as shapely's."""
    # Not by its folder's name: that would add a column.
    table = pq.read_table(pa.BufferReader(part_path(folder, kind, code).read_bytes()))
    found: Columns = {name: table.column(name).to_pylist() for name in table.column_names}
    if "geom" in found:
        found["geom"] = shapely.from_wkb(np.array(found["geom"], dtype=object))
    return found


def _geo(geoms: Any) -> dict[str, Any]:
    there = geoms[geoms != None]  # noqa: E711 - element by element
    bounds = shapely.total_bounds(there).tolist() if len(there) else None
    column = {"encoding": "WKB", "geometry_types": sorted({item.geom_type for item in there})}
    return {
        "version": "1.1.0",
        "primary_column": "geom",
        "columns": {"geom": column | ({"bbox": bounds} if bounds else {})},
    }
