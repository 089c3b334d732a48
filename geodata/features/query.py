"""Features of a collection: a page of them or all, how many there are, where they lie, and one by its id.

Whatever the collection handed in does not have as a property does not exist: hand in what the reader may see
(`Collection.seen_by`) and read with the database role of the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from geodata.database import Connection
from geodata.features.conditions import equal, meets_box, touches
from geodata.features.ordering import Cursor, beyond, keys_of, order_by
from geodata.features.sources import SOURCES, source
from geodata.queries.generation import Ref
from kyodo_geo.collections import Collection, Kind
from kyodo_geo.crs import DEGREE_DIGITS, METRE_DIGITS, WGS84, is_plane
from kyodo_geo.roles import STAFF

__all__ = ["Cursor", "Extent", "FeatureQuery", "FeatureRow", "count", "estimate", "extent", "features", "one"]

FETCH = 1000
"""Rows that a stream holds at a time."""


@dataclass(frozen=True, slots=True)
class FeatureQuery:
    """What is asked of a collection.

    `bbox` is x/y in `bbox_epsg` (lon/lat by default; west may lie east of east, across 180°). `where` is a compiled
    filter over columns of the alias `f`, `equals` are values of properties, `interval` the first and last day (None:
    open). `sort` is (property, descending). `epsg` with `flip` (y before x) is the system of the coordinates sent out.
    `nothing`: no row can match. `draft`: the open draft's rows are over the active ones; for staff alone.
    """

    bbox: tuple[float, float, float, float] | None = None
    bbox_epsg: int = WGS84
    where: sql.Composable | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    equals: Mapping[str, Any] = field(default_factory=dict)
    interval: tuple[date | None, date | None] | None = None
    sort: tuple[tuple[str, bool], ...] = ()
    properties: tuple[str, ...] | None = None
    epsg: int = WGS84
    flip: bool = False
    limit: int | None = 100
    offset: int = 0
    after: Cursor | None = None
    geometry: Literal["geojson", "wkb", "none"] = "geojson"
    nothing: bool = False
    draft: bool = False


@dataclass(slots=True)
class FeatureRow:
    """One feature. `geometry` is GeoJSON text or WKB; `position` is its place in the order; `tag` a hash of its row."""

    id: str
    geometry: str | bytes | None
    properties: dict[str, Any]
    position: tuple[Any, ...] = ()
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Extent:
    """Box of the geometries (lon/lat), and first and last day of the records; None where there is none."""

    bbox: tuple[float, float, float, float] | None
    begin: date | None
    end: date | None


def features(
    conn: Connection, ref: Ref, collection: Collection, query: FeatureQuery, on: date
) -> Iterator[FeatureRow]:
    """Features in the order asked for, up to `limit`; without a limit a stream that holds `FETCH` rows at a time.

    Before a backward cursor the rows come nearest first. Raises `InputError` for an unknown name.
    """
    if query.nothing:
        return
    keys = keys_of(collection, query.sort)
    names = _wanted(collection, query)
    conditions, args = _conditions(collection, query)
    backwards = query.after is not None and query.after.before
    if query.after is not None:
        further, more = beyond(keys, query.after)
        conditions.append(further)
        args |= more
    columns: list[sql.Composable] = [sql.SQL("f.id AS _id")]
    columns += [sql.SQL("f.{}").format(sql.Identifier(name)) for name in names if name != "id"]
    columns += [
        sql.SQL("f.{} AS {}").format(sql.Identifier(key.name), sql.Identifier(f"_key{i}"))
        for i, key in enumerate(keys)
    ]
    columns.append(sql.SQL("{} AS _geometry").format(geometry_of(collection, query)))
    used = {*names, *(key.name for key in keys), *_named(collection, query)}
    statement = sql.SQL("SELECT {} FROM ({}) f WHERE {} ORDER BY {} LIMIT {} OFFSET {}").format(
        sql.SQL(", ").join(columns),
        _source(collection, used, draft=query.draft),
        sql.SQL(" AND ").join(conditions),
        order_by(keys, backwards=backwards),
        sql.Literal(query.limit),
        sql.Literal(query.offset),
    )
    args = {**_args(conn, ref, collection, used, on), **args}
    with _cursor(conn, stream=query.limit is None) as rows:
        rows.execute(statement, args)
        for row in rows:
            yield FeatureRow(
                row["_id"],
                row["_geometry"],
                {name: row["_id" if name == "id" else name] for name in names},
                tuple(row[f"_key{i}"] for i in range(len(keys))),
            )


def _cursor(conn: Connection, *, stream: bool) -> psycopg.Cursor[DictRow] | psycopg.ServerCursor[DictRow]:
    if not stream:
        return conn.cursor()
    rows = conn.cursor(name="features")
    rows.itersize = FETCH
    return rows


def count(conn: Connection, ref: Ref, collection: Collection, query: FeatureQuery, on: date) -> int:
    """How many features match, whatever page is asked for."""
    if query.nothing:
        return 0
    statement, args = _counted(conn, ref, collection, query, on)
    row = conn.execute(sql.SQL("SELECT count(*)::int AS n {}").format(statement), args).fetchone()
    return int(row["n"]) if row else 0


def ids(conn: Connection, ref: Ref, collection: Collection, query: FeatureQuery, on: date) -> list[str]:
    """The ids of all features that match: for collections whose readers are written down."""
    if query.nothing:
        return []
    statement, args = _counted(conn, ref, collection, query, on)
    rows = conn.execute(sql.SQL("SELECT f.id {}").format(statement), args)
    return sorted(str(row["id"]) for row in rows)


def estimate(conn: Connection, ref: Ref, collection: Collection, query: FeatureQuery, on: date) -> int:
    """The planner's guess of `count`; exact where its statistics would tell of rows that the reader may not see."""
    if query.nothing or SOURCES[collection.id].public_where is not None:
        return count(conn, ref, collection, query, on)
    statement, args = _counted(conn, ref, collection, query, on)
    row = conn.execute(sql.SQL("EXPLAIN (FORMAT JSON) SELECT f.id {}").format(statement), args).fetchone()
    return max(0, round(row["QUERY PLAN"][0]["Plan"]["Plan Rows"])) if row else 0


def extent(conn: Connection, ref: Ref, collection: Collection, on: date) -> Extent:
    """Box and period of all features that the reader may see."""
    begin, end = collection.interval or (None, None)
    used = {name for name in (begin, end) if name}
    columns = [
        sql.SQL("min({}) AS begin").format(sql.SQL("f.{}").format(sql.Identifier(begin)))
        if begin
        else sql.SQL("NULL::date AS begin"),
        # A record without an end still holds.
        sql.SQL("CASE WHEN bool_and({end} IS NOT NULL) THEN max({end}) - 1 END AS last").format(
            end=sql.SQL("f.{}").format(sql.Identifier(end))
        )
        if end
        else sql.SQL("NULL::date AS last"),
    ]
    row = conn.execute(
        sql.SQL(
            "SELECT ST_XMin(e.box) AS w, ST_YMin(e.box) AS s, ST_XMax(e.box) AS e, ST_YMax(e.box) AS n, begin, last "
            "FROM (SELECT ST_Extent(f.geom) AS box, {} FROM ({}) f) e"
        ).format(sql.SQL(", ").join(columns), _source(collection, used)),
        _args(conn, ref, collection, used, on),
    ).fetchone()
    if row is None:
        return Extent(None, None, None)
    box = None if row["w"] is None else (row["w"], row["s"], row["e"], row["n"])
    return Extent(box, row["begin"], row["last"])


def one(
    conn: Connection, ref: Ref, collection: Collection, feature_id: str, query: FeatureQuery, on: date
) -> FeatureRow | None:
    """The feature with this id, None where there is none for this reader.

    Its `tag` is a hash of the whole row as the reader's role sees it: what optimistic locking compares.
    """
    key = collection.find(collection.key)
    every = {p.name for p in collection.properties}
    args: dict[str, Any] = {**_args(conn, ref, collection, every, on), "_id": feature_id}
    if key is not None and key.kind is Kind.INTEGER:
        if not re.fullmatch(r"0|-?[1-9][0-9]{0,8}", feature_id):
            return None
        args["_id"] = int(feature_id)
        match: sql.Composable = sql.SQL("f.{} = %(_id)s").format(sql.Identifier(collection.key))
    else:
        match = sql.SQL("f.id = %(_id)s")
    names = _wanted(collection, query)
    row = conn.execute(
        sql.SQL(
            "SELECT f.*, f.id AS _id, {} AS _geometry, encode(sha256(convert_to(f::text, 'UTF8')), 'hex') AS _tag "
            "FROM ({}) f WHERE {}"
        ).format(geometry_of(collection, query), _source(collection, every, draft=query.draft), match),
        args,
    ).fetchone()
    if row is None:
        return None
    shown = {name: row["_id" if name == "id" else name] for name in names}
    return FeatureRow(row["_id"], row["_geometry"], shown, tag=row["_tag"][:32])


def geometry_of(collection: Collection, query: FeatureQuery) -> sql.Composable:
    """Expression of the geometry as it is sent out, rings as RFC 7946 wants them."""
    if query.geometry == "none" or collection.geometry is None:
        return sql.SQL("NULL")
    shape: sql.Composable = sql.SQL("f.geom")
    if is_plane(query.epsg):
        shape = sql.SQL("ST_Transform(f.geom, {})").format(sql.Literal(query.epsg))
    if collection.geometry != "Point":
        shape = sql.SQL("ST_ForcePolygonCCW({})").format(shape)
    if query.flip:
        shape = sql.SQL("ST_FlipCoordinates({})").format(shape)
    if query.geometry == "wkb":
        return sql.SQL("ST_AsBinary({})").format(shape)
    digits = METRE_DIGITS if is_plane(query.epsg) else DEGREE_DIGITS
    return sql.SQL("ST_AsGeoJSON({}, {}, 0)").format(shape, sql.Literal(digits))


def _args(conn: Connection, ref: Ref, collection: Collection, names: set[str], on: date) -> dict[str, Any]:
    """Parameters of the rows with these columns."""
    prepared = SOURCES[collection.id].args(conn, ref, names)
    return {**ref.args, "day": on, "plane": ref.plane_epsg, **prepared}


def _source(collection: Collection, names: set[str], *, draft: bool = False) -> sql.Composable:
    return source(collection.id, names, staff=reads_as_staff(collection), draft=draft)


def reads_as_staff(collection: Collection) -> bool:
    """Whether the collection, as `seen_by` made it, is one for staff: with rows or properties of theirs."""
    return collection.readers <= STAFF or any(p.readers is not None for p in collection.properties)


def _wanted(collection: Collection, query: FeatureQuery) -> list[str]:
    """Names of the properties sent out, in the collection's order."""
    known = [p.name for p in collection.properties]
    return known if query.properties is None else [name for name in known if name in query.properties]


def _named(collection: Collection, query: FeatureQuery) -> set[str]:
    """Properties that the conditions speak of (or perhaps do: a column too many costs little)."""
    named = set(query.equals)
    if query.interval is not None:
        named |= set(collection.interval or ())
    if query.where is not None:
        words = set(re.findall(r"\w+", query.where.as_string(None)))
        named |= {p.name for p in collection.properties if p.name in words}
    return named


def _conditions(collection: Collection, query: FeatureQuery) -> tuple[list[sql.Composable], dict[str, Any]]:
    found: list[sql.Composable] = [sql.SQL("true")]
    args: dict[str, Any] = dict(query.args)
    for condition, more in (
        meets_box(query.bbox, query.bbox_epsg),
        touches(collection, query.interval),
        equal(collection, query.equals),
    ):
        if condition is not None:
            found.append(condition)
            args |= more
    if query.where is not None:
        found.append(sql.SQL("({})").format(query.where))
    return found, args


def _counted(
    conn: Connection, ref: Ref, collection: Collection, query: FeatureQuery, on: date
) -> tuple[sql.Composable, dict[str, Any]]:
    conditions, args = _conditions(collection, query)
    named = _named(collection, query)
    statement = sql.SQL("FROM ({}) f WHERE {}").format(
        _source(collection, named, draft=query.draft), sql.SQL(" AND ").join(conditions)
    )
    return statement, {**_args(conn, ref, collection, named, on), **args}
