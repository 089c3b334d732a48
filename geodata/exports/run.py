"""A job from the database to pieces of text or to a file: what the OGC API, the command line and the dump call alike."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module
from pathlib import Path

from psycopg import sql

from geodata.database import Connection
from geodata.exports.formats import FORMATS, Format, Options
from geodata.exports.layer import Layer, chosen
from geodata.features.query import FeatureQuery, FeatureRow, features, reads_as_staff
from geodata.features.sources import source
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref
from kyodo_geo.collections import Collection
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import InputError
from kyodo_geo.quality import credit


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written. `collection` is what the reader may see of it (`seen_by`); the query's order of axes and
    form of shapes are set here. `on`: the day of the records. It can be sent to another process.
    """

    ref: Ref
    collection: Collection
    query: FeatureQuery
    on: date
    format_id: str
    options: Options = field(default_factory=Options)
    epsg: int | None = None
    """By which number a file names the coordinates, where it is another than that of the query (JGD2011 for WGS 84)."""

    @property
    def format(self) -> Format:
        return FORMATS[self.format_id]


def check(job: Job) -> None:
    """Raises `InputError` when the format cannot hold the coordinates that are wanted."""
    if job.format.lonlat and job.query.epsg != WGS84:
        raise InputError(
            f"{job.format.title} の座標は緯度・経度（CRS84）だけです。ほかの座標系では、別の形式を選んでください。",
            field="crs",
        )


def text(conn: Connection, job: Job) -> Iterator[bytes]:
    """Pieces of a text format, read with a cursor on the server: memory does not depend on the rows.

    The first piece comes with the first rows. Raises `InputError` as `check` does.
    """
    check(job)
    pieces: Iterator[bytes] = job.format.writer()(layer_of(conn, job), _rows(conn, job), job.options)
    return pieces


def to_file(conn: Connection, job: Job, path: Path) -> None:
    """The file of any format; an existing GeoPackage gets a further layer. Raises `InputError` as `check` does.

    The binary formats import GDAL and Arrow: never call it for them in a web process.
    """
    if job.format.text:
        with path.open("wb") as out:
            out.writelines(text(conn, job))
        return
    check(job)
    job.format.writer()(layer_of(conn, job), lambda: _rows(conn, job), job.options, path)


def layer_of(conn: Connection, job: Job) -> Layer:
    """What the writer is told."""
    seen = chosen(job.collection, job.query.properties)
    found = credit(
        active_datasets(conn, job.ref),
        job.collection.kinds,
        values=qualities(conn, job.ref, job.collection, job.on),
    )
    ref = job.ref
    return Layer(
        seen, found, ref.municipality_code, ref.name, ref.generation_no, job.on, job.epsg or job.query.epsg
    )


def qualities(conn: Connection, ref: Ref, collection: Collection, on: date) -> list[str | None]:
    """Qualities of dated records, which belong to no dataset; empty for other collections."""
    if collection.find("quality") is None:
        return []
    rows = source(collection.id, {"quality"}, staff=reads_as_staff(collection))
    args = {**ref.args, "day": on, "plane": ref.plane_epsg}
    found = conn.execute(sql.SQL("SELECT DISTINCT f.quality FROM ({}) f").format(rows), args)
    return [row["quality"] for row in found]


def _rows(conn: Connection, job: Job) -> Generator[FeatureRow, None, None]:
    shape = job.format.geometry if job.collection.geometry is not None else "none"
    if job.format.text and job.options.coordinates == "none":
        shape = "none"
    flip = job.query.flip and job.format_id == "geojsonseq"
    query = replace(job.query, geometry=shape, flip=flip)
    with _filtered(query.where):
        yield from features(conn, job.ref, job.collection, query, job.on)


def _filtered(where: object) -> AbstractContextManager[None]:
    """What PostgreSQL cannot compute of a filter is the filter's fault. Imported when the first filter comes."""
    if where is None:
        return nullcontext()
    found: AbstractContextManager[None] = import_module("geodata.features.filters").filter_errors()
    return found
