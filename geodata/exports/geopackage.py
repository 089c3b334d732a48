"""GeoPackage 1.x (OGC 12-128): titles of layers and columns in its own tables, a spatial index, several layers per file."""

from __future__ import annotations

from pathlib import Path

from geodata.exports import ogr
from geodata.exports.formats import Options, Rows
from geodata.exports.layer import Layer

VERSION = "1.3"
"""What the GIS programs of five years ago read without a warning."""


def write(layer: Layer, rows: Rows, options: Options, path: Path) -> None:
    """Add the layer to the file, which is made where there is none."""
    made = {} if path.exists() else {"VERSION": VERSION}
    shape = {"GEOMETRY_NAME": "geom"} if layer.collection.geometry is not None else {}
    ogr.write(layer, rows(), path, "GPKG", IDENTIFIER=layer.title, DESCRIPTION=layer.words, **shape, **made)
