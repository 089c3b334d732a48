"""One layer through GDAL's Arrow interface: batches in, a file out, no table of the whole in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyogrio

from geodata.exports import arrow
from geodata.exports.layer import Layer
from geodata.features.query import FeatureRow

AT_MOST_INDEX_MB = 64


def write(layer: Layer, rows: Iterator[FeatureRow], path: Path, driver: str, **options: Any) -> None:
    """Write (or add, where the format holds several) one layer. Equal rows give equal bytes.

    Raises pyogrio's errors where the file cannot be written, and whatever `rows` raises.
    """
    pyogrio.set_gdal_config_options(
        {
            # The day of a GeoPackage is that of its rows: the same data make the same file.
            "OGR_CURRENT_DATE": f"{layer.on.isoformat()}T00:00:00.000Z",
            "OGR_GPKG_MAX_RAM_USAGE_RTREE": AT_MOST_INDEX_MB << 20,
            "GDAL_CACHEMAX": 64,
            "CPL_TMPDIR": str(path.parent),
        }
    )
    kinds = arrow.schema(layer, lists_as_text=True)
    watched = _Watched(rows)
    made = arrow.batches(layer, iter(watched), kinds, lists_as_text=True)
    shape = layer.collection.geometry
    if shape is not None:
        options |= {"geometry_name": arrow.GEOMETRY, "geometry_type": shape, "crs": f"EPSG:{layer.epsg}"}
    stream = pa.RecordBatchReader.from_batches(kinds, made)
    try:
        pyogrio.write_arrow(
            stream, path, layer=layer.name, driver=driver, layer_metadata=layer.facts, **options
        )
    except Exception:
        if watched.failure is not None:
            raise watched.failure from None
        raise


class _Watched:
    """Rows that remember what stopped them: through C the exception arrives as a RuntimeError without a word."""

    def __init__(self, rows: Iterator[FeatureRow]) -> None:
        self._rows = rows
        self.failure: Exception | None = None

    def __iter__(self) -> Iterator[FeatureRow]:
        try:
            yield from self._rows
        except Exception as error:
            self.failure = error
            raise
