"""The figures that grants are calculated from, with where each comes from: by association and by district. Audience `STAFF`.

Approved returns of the year come first; where there is none, the active membership, and what was entered as figures. A
figure that nobody has is missing: it is unknown, and never 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from geodata.database import Connection
from geodata.grants.known import Known
from geodata.grants.returned import returned
from geodata.queries.association_names import district_names, names
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_label, fiscal_year_range
from kyodo_geo.grants.schemes import (
    COPIES,
    DISTRICT_ASSOCIATIONS,
    DISTRICT_HOUSEHOLDS,
    DISTRICT_PEOPLE,
    HOUSEHOLDS,
    MEMBERS,
    Scheme,
    To,
)
from kyodo_geo.quality import Quality, worst


@dataclass(frozen=True, slots=True)
class Recipient:
    """An association (`key`: its id) or a district (its number as text). `figures`: name (会員世帯数) → figure."""

    key: str
    name: str
    district_no: int | None
    district_name: str | None
    figures: dict[str, Known] = field(default_factory=dict)

    def values(self) -> dict[str, int]:
        return {name: known.value for name, known in self.figures.items()}


def recipients(conn: Connection, ref: Ref, scheme: Scheme, year: int) -> list[Recipient]:
    """Everybody who may receive a grant of the scheme, with what is known of them for the fiscal year."""
    return associations(conn, ref, year) if scheme.to is To.ASSOCIATION else districts(conn, ref, year)


def associations(conn: Connection, ref: Ref, year: int) -> list[Recipient]:
    """The associations of the generation, by district and name."""
    members, copies = _membership(conn, ref, year), _copies(conn, ref.municipality_code, year)
    people = _register(conn, ref, year)
    returns = returned(conn, ref.municipality_code, year)
    found = []
    for item in names(conn, ref):
        figures = {**members.get(item.id, {}), **copies.get(item.id, {}), **returns.get(item.id, {})}
        of_district = people.get(item.district_no or 0, {})
        if DISTRICT_PEOPLE.name in of_district:
            figures[DISTRICT_PEOPLE.name] = of_district[DISTRICT_PEOPLE.name]
        found.append(Recipient(item.id, item.name, item.district_no, item.district_name, figures))
    return found


def districts(conn: Connection, ref: Ref, year: int) -> list[Recipient]:
    """The districts of the generation, by number."""
    people = _register(conn, ref, year)
    counted: dict[int, int] = {}
    for item in names(conn, ref):
        if item.district_no is not None:
            counted[item.district_no] = counted.get(item.district_no, 0) + 1
    day = ref.activated_at.date().isoformat()
    return [
        Recipient(
            str(no), name, no, name,
            {
                **people.get(no, {}),
                DISTRICT_ASSOCIATIONS.name: Known(counted.get(no, 0), "町内会・自治会の一覧（今のデータ）", day),
            },
        )
        for no, name in district_names(conn, ref)
    ]  # fmt: skip


def basis(conn: Connection, ref: Ref, used: Iterable[str]) -> tuple[dict[str, Any], Quality]:
    """What the figures rest on, to be kept with a calculation; and the least believable quality of the datasets."""
    kinds = ["associations"]
    names_used = set(used)
    if {HOUSEHOLDS.name, MEMBERS.name} & names_used:
        kinds.append("membership")
    if {DISTRICT_PEOPLE.name, DISTRICT_HOUSEHOLDS.name} & names_used:
        kinds.append("register-population")
    rows = conn.execute(
        """
        SELECT g.kind, d.dataset_id, d.title, d.as_of, d.quality FROM generation_dataset g
        JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %(m)s AND g.generation_no = %(g)s AND g.kind = ANY(%(kinds)s) ORDER BY g.kind
        """,
        {**ref.args, "kinds": kinds},
    ).fetchall()
    qualities = [Quality(row["quality"]) for row in rows]
    if COPIES.name in names_used:
        entered = conn.execute(
            "SELECT DISTINCT quality FROM circulation WHERE municipality_code = %s", (ref.municipality_code,)
        )
        qualities += [Quality(row["quality"]) for row in entered]
    told = [
        {
            "kind": row["kind"], "dataset_id": row["dataset_id"], "title": row["title"],
            "as_of": row["as_of"].isoformat() if row["as_of"] else None,
        }
        for row in rows
    ]  # fmt: skip
    return {"generation_no": ref.generation_no, "datasets": told}, worst(qualities)


def _membership(conn: Connection, ref: Ref, year: int) -> dict[str, dict[str, Known]]:
    """The newest membership up to the year."""
    rows = conn.execute(
        """
        SELECT DISTINCT ON (association_id) association_id, fiscal_year, households, member_households, denominator_as_of
        FROM membership
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
          AND fiscal_year <= %(year)s
        ORDER BY association_id, fiscal_year DESC
        """,
        {**ref.args, "year": year},
    )
    found = {}
    for row in rows:
        as_of = fiscal_year_label(row["fiscal_year"])
        day = row["denominator_as_of"]
        found[row["association_id"]] = {
            HOUSEHOLDS.name: Known(
                row["households"], "加入世帯数のデータ", day.isoformat() if day else as_of
            ),
            MEMBERS.name: Known(row["member_households"], "加入世帯数のデータ", as_of),
        }
    return found


def _copies(conn: Connection, code: str, year: int) -> dict[str, dict[str, Known]]:
    """The newest known up to the year."""
    rows = conn.execute(
        """
        SELECT DISTINCT ON (association_id) association_id, copies, fiscal_year FROM circulation
        WHERE municipality_code = %s AND fiscal_year <= %s ORDER BY association_id, fiscal_year DESC
        """,
        (code, year),
    )
    return {
        row["association_id"]: {
            COPIES.name: Known(row["copies"], "回覧部数の記録", fiscal_year_label(row["fiscal_year"]))
        }
        for row in rows
    }


def _register(conn: Connection, ref: Ref, year: int) -> dict[int, dict[str, Known]]:
    """Resident register by district: the first day held within the fiscal year, else the last before it."""
    first, last = fiscal_year_range(year)
    rows = conn.execute(
        """
        SELECT DISTINCT ON (area_key) area_key, as_of, people, households FROM register_population
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'register-population')
          AND area_kind = 'district' AND as_of <= %(last)s
        ORDER BY area_key, as_of < %(first)s, CASE WHEN as_of < %(first)s THEN NULL ELSE as_of END, as_of DESC
        """,
        {**ref.args, "first": first, "last": last},
    )
    found: dict[int, dict[str, Known]] = {}
    for row in rows:
        if row["area_key"].isdecimal():
            found[int(row["area_key"])] = {
                figure.name: Known(row[column], "住民基本台帳", row["as_of"].isoformat())
                for figure, column in ((DISTRICT_PEOPLE, "people"), (DISTRICT_HOUSEHOLDS, "households"))
                if row[column] is not None
            }
    return found
