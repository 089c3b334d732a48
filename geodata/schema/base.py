"""Building blocks of the schema: metadata, naming, and the columns every table shares.

Every primary key starts with `municipality_code`, so one database can hold many municipalities and can be
partitioned by it. Rows of a *generation* also carry `dataset_id`; dated records carry their own validity.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    CheckConstraint,
    Column,
    Computed,
    Date,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from kyodo_geo.crs import JAPAN, WEB_MERCATOR, WGS84

SCHEMA = "kyodo"
VACANT_SCHEMA = "kyodo_vacant"
PARTITION_BY = "HASH (municipality_code)"

metadata = MetaData(
    schema=SCHEMA,
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    },
)


JAPANESE = Text(collation="ja-x-icu")
"""Names and readings, ordered as Japanese lists are (かな before 漢字, カナ beside かな); equality is by character."""


def key(name: str, type_: Any, comment: str, **kwargs: Any) -> Column[Any]:
    """Column of the primary key (after `municipality_code`)."""
    return Column(name, type_, primary_key=True, autoincrement=False, comment=comment, **kwargs)


def req(name: str, type_: Any, comment: str, **kwargs: Any) -> Column[Any]:
    """Required column."""
    return Column(name, type_, nullable=False, comment=comment, **kwargs)


def opt(name: str, type_: Any, comment: str, **kwargs: Any) -> Column[Any]:
    """Column that may be unknown (NULL is 不明, never 0)."""
    return Column(name, type_, nullable=True, comment=comment, **kwargs)


def geometry(kind: str, comment: str = "Geometry, lon/lat", *, nullable: bool = False) -> Column[Any]:
    """Geometry column; validity is a constraint of the database, not a hope."""
    # The index is declared by the table so that its name follows the naming convention.
    return Column("geom", Geometry(kind, srid=WGS84, spatial_index=False), nullable=nullable, comment=comment)


def mercator(kind: str) -> Column[Any]:
    """The same shape in web mercator, for tiles; the database computes it, so it is never read or written as data."""
    west, south, east, north = JAPAN
    # A shape outside the box is refused by `valid_geometry`, which speaks after this: it must not fail before.
    # Written as the server repeats it, so that the two can be compared.
    expression = (
        f"CASE WHEN st_xmin((geom)::box3d) >= ({west:g})::double precision "
        f"AND st_ymin((geom)::box3d) >= ({south:g})::double precision "
        f"AND st_xmax((geom)::box3d) <= ({east:g})::double precision "
        f"AND st_ymax((geom)::box3d) <= ({north:g})::double precision "
        f"THEN st_transform(geom, {WEB_MERCATOR}) ELSE NULL::geometry END"
    )
    return Column(
        "geom_mercator",
        Geometry(kind, srid=WEB_MERCATOR, spatial_index=False),
        Computed(expression, persisted=True),
        nullable=True,
        comment="geom in web mercator, computed by the database; for tiles",
    )


def tile_index(name: str, *, sample: str | None = None) -> Index:
    """Index that tiles are read by: a dataset within a box. `sample`: of those rows only, about one in 32.

    Former datasets of a kind lie in the same place, so that an index of the boxes alone would read them all.
    """
    return Index(
        f"ix_{name}_tile{'_sample' if sample else ''}",
        "dataset_id",
        "geom_mercator",
        postgresql_using="gist",
        postgresql_where=text(sample) if sample else None,
    )


def one_of(column: str, *values: str) -> CheckConstraint:
    """Closed vocabulary for a text column."""
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


def valid_geometry() -> CheckConstraint:
    """Valid, not empty, and in the box around Japan, where lon/lat in the wrong order never lies."""
    west, south, east, north = JAPAN
    return CheckConstraint(
        "geom IS NULL OR (ST_IsValid(geom) AND NOT ST_IsEmpty(geom) "
        f"AND ST_XMin(geom) >= {west:g} AND ST_YMin(geom) >= {south:g} "
        f"AND ST_XMax(geom) <= {east:g} AND ST_YMax(geom) <= {north:g})",
        name="geom_valid",
    )


def _finite(items: tuple[Any, ...]) -> list[CheckConstraint]:
    """Every figure with a fraction is a number: NaN and infinities pass all other comparisons."""
    return [
        CheckConstraint(f"{item.name} > '-Infinity' AND {item.name} < 'Infinity'", name=f"{item.name}_finite")
        for item in items
        if isinstance(item, Column) and isinstance(item.type, Numeric | Float)
    ]


def quality_columns() -> list[Any]:
    """For dated records: where a figure comes from, and whether it may be believed."""
    return [
        req("quality", Text, "real / unofficial / sample", server_default=text("'real'")),
        opt("source", Text, "Where the value was taken from"),
        one_of("quality", "real", "unofficial", "sample"),
    ]


def validity_columns() -> list[Any]:
    """Half-open period [valid_from, valid_to); NULL is open or unknown."""
    return [
        opt("valid_from", Date, "First day it holds; NULL: unknown or always"),
        opt("valid_to", Date, "First day it no longer holds; NULL: still holds"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from < valid_to", name="validity_order"
        ),
    ]


def no_overlap(
    table: str, *columns: str, what: str = "validity", where: str | None = None
) -> ExcludeConstraint:
    """No two rows with equal `columns` (of those `where` holds for) may hold at the same time."""
    return ExcludeConstraint(
        *[(Column(column), "=") for column in columns],
        (text("daterange(valid_from, valid_to, '[)')"), "&&"),
        name=f"ex_{table}_{what}",
        using="gist",
        where=None if where is None else text(where),
    )


def _municipality() -> Column[Any]:
    return Column("municipality_code", Text, primary_key=True, comment="Local government code, 5 digits")


def table(name: str, *items: Any, comment: str, schema: str = SCHEMA) -> Table:
    """A table of dated records or identities: keyed by municipality, belongs to no generation."""
    return Table(
        name,
        metadata,
        _municipality(),
        *items,
        *_finite(items),
        ForeignKeyConstraint(
            ["municipality_code"],
            [f"{SCHEMA}.municipality.municipality_code"],
            name=f"fk_{name}_municipality",
        ),
        comment=comment,
        schema=schema,
    )


def generational(
    name: str, *items: Any, comment: str, schema: str = SCHEMA, partitioned: bool = False
) -> Table:
    """A table whose rows belong to one dataset and become visible when a generation names that dataset.

    `partitioned`: it grows with the country, and is kept in partitions by municipality (`geodata.schema.partitions`).
    """
    return Table(
        name,
        metadata,
        _municipality(),
        key("dataset_id", Integer, "Dataset (one load) the row came with"),
        *items,
        *_finite(items),
        ForeignKeyConstraint(
            ["municipality_code", "dataset_id"],
            [f"{SCHEMA}.dataset.municipality_code", f"{SCHEMA}.dataset.dataset_id"],
            name=f"fk_{name}_dataset",
            ondelete="CASCADE",
        ),
        comment=comment,
        schema=schema,
        postgresql_partition_by=PARTITION_BY if partitioned else None,
    )


def reference(
    name: str, columns: list[str], target: str, target_columns: list[str] | None = None, **kwargs: Any
) -> ForeignKeyConstraint:
    """Foreign key on (municipality_code, *columns) of a table of this schema, named alike unless told."""
    remote = ["municipality_code", *(target_columns or columns)]
    return ForeignKeyConstraint(
        ["municipality_code", *columns],
        [f"{SCHEMA}.{target}.{column}" for column in remote],
        name=name,
        **kwargs,
    )
