"""The formats a collection can be had in: `f=` of the OGC API, `--format` of the command line, files of a dump.

A further one is an entry here (`add`) and a module with its writer. `write` names it as "module:function", imported when
it is used: the binary ones bring libraries that no web worker may load.

    text  (layer, rows, options) -> pieces of bytes        streamed by the web process
    file  (layer, Rows, options, path) -> None             run in a child process, the file streamed afterwards
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from geodata.features.query import FeatureRow

Rows = Callable[[], "Generator[FeatureRow, None, None]"]
"""The rows from their first, each time it is called."""


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen where a format leaves a choice; the others ignore it.

    `bom`: CSV begins with the mark by which spreadsheets recognise UTF-8. `coordinates`: CSV writes points as two columns
    and other shapes as WKT (`auto`), all as WKT, or none. `heading`: names of columns for programs, or titles for people.
    """

    bom: bool = True
    coordinates: Literal["auto", "wkt", "none"] = "auto"
    heading: Literal["name", "title"] = "name"


@dataclass(frozen=True, slots=True)
class Format:
    """`geometry`: the form in which the writer wants shapes. `lonlat`: the format knows no other coordinates.

    `collections`: those it is made for; empty for any. `also`: further media types it is asked for by.
    """

    id: str
    title: str
    media_type: str
    ending: str
    write: str
    geometry: Literal["geojson", "wkb"] = "wkb"
    text: bool = False
    lonlat: bool = False
    collections: frozenset[str] = field(default_factory=frozenset)
    also: tuple[str, ...] = ()

    def fits(self, collection_id: str) -> bool:
        """Whether the collection can be had in it."""
        return not self.collections or collection_id in self.collections

    def writer(self) -> Callable[..., Any]:
        """The function `write` names."""
        module, _, name = self.write.partition(":")
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
        return found


FORMATS: dict[str, Format] = {}


def add(item: Format) -> None:
    """Make a format known. Raises ValueError for a name that is taken."""
    if item.id in FORMATS:
        raise ValueError(f"format {item.id} stands there already")
    FORMATS[item.id] = item


def format_named(name: str, collection_id: str) -> Format:
    """The format of that name; raises `InputError` where there is none for the collection."""
    found = FORMATS.get(name)
    if found is None or not found.fits(collection_id):
        known = "、".join(item.id for item in formats_for(collection_id))
        raise InputError(f"この形式では出力できません。使える形式: {known}", field="format")
    return found


def formats_for(collection_id: str) -> Iterator[Format]:
    """Formats the collection can be had in, in the order of the table."""
    return (item for item in FORMATS.values() if item.fits(collection_id))


for _item in (
    Format(
        "geojson", "GeoJSON", "application/geo+json", "geojson",
        "geodata.exports.geojson:collection", geometry="geojson", text=True, lonlat=True,
    ),
    Format(
        "geojsonseq", "GeoJSON（1行1件）", "application/geo+json-seq", "geojsons",
        "geodata.exports.geojson:sequence", geometry="geojson", text=True,
    ),
    Format(
        "csv", "CSV", "text/csv; charset=utf-8", "csv",
        "geodata.exports.csv_text:table", geometry="geojson", text=True,
    ),
    Format(
        "gpkg", "GeoPackage", "application/geopackage+sqlite3", "gpkg", "geodata.exports.geopackage:write",
        also=("application/x-gpkg",),
    ),
    Format("fgb", "FlatGeobuf", "application/vnd.flatgeobuf", "fgb", "geodata.exports.flatgeobuf:write",
           also=("application/flatgeobuf",)),
    Format(
        "parquet", "GeoParquet", "application/vnd.apache.parquet", "parquet", "geodata.exports.parquet:write",
    ),
    Format(
        "kml", "KML", "application/vnd.google-earth.kml+xml", "kml",
        "geodata.exports.kml:document", geometry="geojson", text=True, lonlat=True,
    ),
):  # fmt: skip
    add(_item)
