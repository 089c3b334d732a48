"""GeoParquet 1.1: WKB, the box of each row as a covering column, row groups, the credit in the file's own metadata."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from geodata.bulk.geoparquet import geo_metadata
from geodata.exports import arrow
from geodata.exports.formats import Options, Rows
from geodata.exports.layer import Layer
from kyodo_geo.crs import WGS84

BBOX = "bbox"
CORNERS = ("xmin", "ymin", "xmax", "ymax")
_BOX = pa.struct([(name, pa.float64()) for name in CORNERS])


def write(layer: Layer, rows: Rows, options: Options, path: Path) -> None:
    """One row group per batch; a layer without shapes becomes a plain Parquet file."""
    kinds = arrow.schema(layer, lists_as_text=False)
    made = arrow.batches(layer, rows(), kinds, lists_as_text=False)
    told = {
        "kyodo-geo": json.dumps(
            {"title": layer.title, "description": layer.words, **layer.facts}, ensure_ascii=False
        )
    }
    if layer.collection.geometry is None:
        with _writer(path, kinds) as out:
            for batch in made:
                out.write_batch(batch)
            out.add_key_value_metadata(told)
        return
    seen = _Seen()
    whole = kinds.append(pa.field(BBOX, _BOX))
    with _writer(path, whole) as out:
        for batch in made:
            boxes = seen.boxes(batch.column(arrow.GEOMETRY))
            out.write_batch(pa.RecordBatch.from_arrays([*batch.columns, boxes], schema=whole))
        out.add_key_value_metadata({**told, **_geo(layer, seen)})


def _writer(path: Path, kinds: pa.Schema) -> pq.ParquetWriter:
    return pq.ParquetWriter(path, kinds, compression="zstd", write_statistics=True)


class _Seen:
    """Types and extent of all shapes that went through: the metadata stand at the end of the file."""

    def __init__(self) -> None:
        self.types: set[str] = set()
        self.extent = np.array([np.inf, np.inf, -np.inf, -np.inf])

    def boxes(self, column: pa.Array) -> pa.Array:
        """The box of each shape of a batch; null where there is none."""
        shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
        bounds = shapely.bounds(shapes)
        known = ~np.isnan(bounds[:, 0])
        self.types |= {shapes[i].geom_type for i in np.flatnonzero(known)}
        if known.any():
            self.extent[:2] = np.minimum(self.extent[:2], bounds[known, :2].min(axis=0))
            self.extent[2:] = np.maximum(self.extent[2:], bounds[known, 2:].max(axis=0))
        return pa.StructArray.from_arrays(
            [pa.array(bounds[:, i], from_pandas=True) for i in range(4)], CORNERS, mask=pa.array(~known)
        )


def _geo(layer: Layer, seen: _Seen) -> dict[str, str]:
    """The `geo` metadata; lon/lat on WGS 84 is CRS84, since x stands first whatever the authority says."""
    crs = CRS.from_string("OGC:CRS84") if layer.epsg == WGS84 else CRS.from_epsg(layer.epsg)
    return geo_metadata(
        arrow.GEOMETRY,
        seen.extent.tolist() if np.isfinite(seen.extent).all() else None,
        seen.types,
        crs=crs.to_json_dict(),
        covering={"bbox": {name: [BBOX, name] for name in CORNERS}},
    )
