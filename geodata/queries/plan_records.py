"""All dated records of the districts' community development plans: what any day is answered from."""

from __future__ import annotations

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.plan_states import PlanRecord, PlanState


def plan_records(conn: Connection, ref: Ref) -> dict[int, list[PlanRecord]]:
    """District → its records, in the order in which they were entered."""
    rows = conn.execute(
        """
        SELECT district_no, record_no, state, title, document_url, stated_on, note, valid_from, valid_to, quality,
               source
        FROM district_plan WHERE municipality_code = %(m)s ORDER BY district_no, record_no
        """,
        ref.args,
    )
    found: dict[int, list[PlanRecord]] = {}
    for row in rows:
        no = row.pop("district_no")
        found.setdefault(no, []).append(PlanRecord(**{**row, "state": PlanState(row["state"])}))
    return found
