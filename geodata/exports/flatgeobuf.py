"""FlatGeobuf: one layer with a packed index, so that a reader can fetch a part of it over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from geodata.exports import ogr
from geodata.exports.formats import Options, Rows
from geodata.exports.layer import Layer
from geodata.features.query import FeatureRow


def write(layer: Layer, rows: Rows, options: Options, path: Path) -> None:
    """The layer in the order of its index; without an index, in their own order, where a row has no shape.

    The index cannot hold such a row, and a row must not get lost.
    """
    if layer.collection.geometry is None:
        _write(layer, rows(), path, SPATIAL_INDEX="NO")
        return
    try:
        # Closed before they are read again: a cursor of the database has a name.
        with closing(rows()) as first:
            _write(layer, _placed(first), path)
    except _NoShape:
        path.unlink(missing_ok=True)
        _write(layer, rows(), path, SPATIAL_INDEX="NO")


class _NoShape(Exception):  # noqa: N818  (no failure: the other way of writing is taken)
    """A row without a shape was met."""


def _placed(rows: Iterator[FeatureRow]) -> Iterator[FeatureRow]:
    for row in rows:
        if row.geometry is None:
            raise _NoShape
        yield row


def _write(layer: Layer, rows: Iterator[FeatureRow], path: Path, **options: str) -> None:
    # Features wait beside the file until the index is made.
    options |= {"TITLE": layer.title, "DESCRIPTION": layer.words, "TEMPORARY_DIR": str(path.parent)}
    ogr.write(layer, rows, path, "FlatGeobuf", **options)
