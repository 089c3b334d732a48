"""To whom a city writes: the addressees of its associations for labels. Personal; audience `STAFF`."""

from __future__ import annotations

from collections.abc import Sequence

from geodata.audit import record
from geodata.database import Connection
from geodata.queries.generation import Ref
from geodata.returns import addressees
from kyodo_geo.labels import Addressee

PRESIDENT, CIRCULATION = "president", "circulation"
ROLES = {PRESIDENT: "会長", CIRCULATION: "回覧担当"}

_PRESIDENTS = """
    SELECT DISTINCT ON (association_id) association_id, name, address FROM association_contact
    WHERE municipality_code = %(m)s AND role = 'president' AND daterange(valid_from, valid_to, '[)') @> current_date
    ORDER BY association_id, contact_no
"""


def found(
    conn: Connection, ref: Ref, fiscal_year: int, to: str, district: int | None = None
) -> list[Addressee]:
    """One for each association of the generation. `to`: `PRESIDENT`, or `CIRCULATION`, whoever circulars go to (the
    president where nobody else was named). Without a name or an address they are None.
    """
    presidents = {
        row["association_id"]: row for row in conn.execute(_PRESIDENTS, {"m": ref.municipality_code})
    }
    items = []
    for item in addressees(conn, ref, fiscal_year):
        if district is not None and item.district_no != district:
            continue
        named = item.to == CIRCULATION and to == CIRCULATION
        president = presidents.get(item.association_id, {"name": None, "address": None})
        items.append(
            Addressee(
                item.association_id, item.name, item.district_no, ROLES[CIRCULATION if named else PRESIDENT],
                item.person if named else president["name"], item.address if named else president["address"], item.copies,
            )
        )  # fmt: skip
    return items


def taken(
    conn: Connection,
    code: str,
    fiscal_year: int,
    items: Sequence[Addressee],
    *,
    to: str,
    form: str,
    actor: str,
) -> None:
    """Write down that somebody took the addresses out, and of how many."""
    record(
        conn, code, actor, "edit.return.labels", f"return-round/{fiscal_year}",
        {"labels": len(items), "addressed": to, "form": form},
        kind="view",
    )  # fmt: skip
