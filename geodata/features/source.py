"""How the rows of a collection are made: columns by name, and the joins that only some of them need.

A join is left out when none of its columns is wanted: counting associations must not look for the district of each.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import LiteralString

from psycopg import sql

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Source:
    """`columns`: property → expression, or (expression, name of the join it needs). `joins` in the order of need.

    `id` and `geom` are expressions; `public_where` holds for readers without staff rights. `prepared`: what makes the
    parameter of the same name that a join needs.
    """

    table: LiteralString
    id: LiteralString
    geom: LiteralString
    where: LiteralString
    columns: Mapping[str, LiteralString | tuple[LiteralString, LiteralString]]
    joins: Mapping[str, LiteralString] = field(default_factory=dict)
    public_where: LiteralString | None = None
    prepared: Mapping[str, Callable[[Connection, Ref], str]] = field(default_factory=dict)

    def needed(self, names: Container[str]) -> set[str]:
        """The joins that these columns need."""
        wanted = (column for name, column in self.columns.items() if name in names)
        return {column[1] for column in wanted if not isinstance(column, str)}

    def args(self, conn: Connection, ref: Ref, names: Container[str]) -> dict[str, str]:
        """Parameters of `select` that are worked out beforehand."""
        needed = self.needed(names)
        return {name: make(conn, ref) for name, make in self.prepared.items() if name in needed}

    def select(self, names: Container[str], *, staff: bool) -> sql.Composable:
        """`SELECT id, geom, …` of the wanted columns. Placeholders: m, g, day, plane and those of `args`."""
        parts: list[sql.Composable] = [
            sql.SQL(self.id + " AS id"),
            sql.SQL(self.geom + " AS geom"),
        ]
        needed = self.needed(names)
        for name, column in self.columns.items():
            if name == "id" or name not in names:
                continue
            expression = column if isinstance(column, str) else column[0]
            parts.append(sql.SQL("{} AS {}").format(sql.SQL(expression), sql.Identifier(name)))
        where = self.where
        if self.public_where is not None and not staff:
            where += " AND " + self.public_where
        joins = [sql.SQL(text) for name, text in self.joins.items() if name in needed]
        return sql.SQL(" ").join(
            [
                sql.SQL("SELECT"),
                sql.SQL(", ").join(parts),
                sql.SQL("FROM " + self.table),
                *joins,
                sql.SQL("WHERE " + where),
            ]
        )


def same(*names: LiteralString, of: LiteralString) -> dict[str, LiteralString]:
    """Columns that are called as their property is."""
    return {name: of + "." + name for name in names}


NO_GEOMETRY: LiteralString = "NULL::geometry"


def of_generation(alias: LiteralString, kind: LiteralString) -> LiteralString:
    """Condition: the row belongs to the dataset of the kind that the generation names; a SELECT, to be asked once."""
    return (
        alias + ".municipality_code = %(m)s AND " + alias + ".dataset_id = (SELECT active_dataset(%(m)s, %(g)s, '"
        + kind + "'))"
    )  # fmt: skip
