"""Figures that a rule may ask of a case beside what its form says: people, households and associations. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries import association_membership
from geodata.queries.district_profile import register
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.grants.schemes import (
    DISTRICT_ASSOCIATIONS,
    DISTRICT_HOUSEHOLDS,
    DISTRICT_PEOPLE,
    HOUSEHOLDS,
    MEMBERS,
)


@dataclass(frozen=True, slots=True)
class Known:
    """A figure by its name, None where it is unknown, and where it is from."""

    name: str
    value: int | None
    source: str


def known(conn: Connection, ref: Ref, said: dict[str, Any], on: date, names: tuple[str, ...]) -> list[Known]:
    """Those of `names` that the data hold, of the district or association that the case's fields name, up to the day."""
    found: list[Known] = []
    no = said.get("district_no")
    if no is not None and {DISTRICT_PEOPLE.name, DISTRICT_HOUSEHOLDS.name} & set(names):
        counts = register(conn, ref, on, no)
        newest = counts[-1] if counts else None
        source = (
            f"住民基本台帳（{newest.as_of.isoformat()}）" if newest else "住民基本台帳の読み込みがありません"
        )
        found += [
            Known(DISTRICT_PEOPLE.name, newest.people if newest else None, source),
            Known(DISTRICT_HOUSEHOLDS.name, newest.households if newest else None, source),
        ]
    if no is not None and DISTRICT_ASSOCIATIONS.name in names:
        row = conn.execute(
            "SELECT count(*)::int AS n FROM association_districts(%(m)s, %(g)s) WHERE district_no = %(no)s",
            {**ref.args, "no": no},
        ).fetchone()
        count = row["n"] if row else 0
        found.append(
            Known(
                DISTRICT_ASSOCIATIONS.name,
                count or None,
                f"町内会・自治会の一覧（第{ref.generation_no}世代）",
            )
        )
    association = said.get("association_id")
    if association is not None and {HOUSEHOLDS.name, MEMBERS.name} & set(names):
        years = association_membership.by_association(conn, ref, [association]).get(association, [])
        held = [year for year in years if year.fiscal_year <= int(said["fiscal_year"])]
        newest_year = held[-1] if held else None
        source = (
            f"加入世帯数（{fiscal_year_label(newest_year.fiscal_year)}）"
            if newest_year
            else "加入世帯数の読み込みがありません"
        )
        found += [
            Known(HOUSEHOLDS.name, newest_year.households if newest_year else None, source),
            Known(MEMBERS.name, newest_year.member_households if newest_year else None, source),
        ]
    return [figure for figure in found if figure.name in names]
