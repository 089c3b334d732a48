"""Budgets of the grants by scheme and fiscal year, and what of them is granted. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.queries.generation import Ref
from kyodo_geo.edits import check_stamp, stamp

GRANTED = "state IN ('granted', 'reported', 'settled', 'paid')"


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a scheme in a year; None: nobody has entered one."""

    frame_yen: int | None = None
    note: str | None = None

    @property
    def mark(self) -> str:
        """What an editor saw."""
        return stamp(asdict(self))


@dataclass(frozen=True, slots=True)
class Sum:
    """A scheme in a year: cases that are granted and open ones, what was asked for, granted and paid.

    `granted_yen`: settled, else decided; `unknown`: granted cases without an amount.
    """

    scheme: str
    granted: int
    open: int
    asked_yen: int
    granted_yen: int
    paid_yen: int


@dataclass(frozen=True, slots=True)
class DistrictSum:
    """The same of one district (None: of none) and scheme."""

    district_no: int | None
    district: str | None
    scheme: str
    granted: int
    granted_yen: int


def target(scheme: str, year: int) -> str:
    """Name in the audit log, and of the lock."""
    return f"grant-budget/{scheme}/{year}"


def lock(conn: Connection, code: str, scheme: str, year: int) -> None:
    """Decisions of a scheme and year one after the other: each sees what the others took."""
    hold(conn, code, target(scheme, year))


def budget(conn: Connection, code: str, scheme: str, year: int) -> Budget:
    """What is entered."""
    row = conn.execute(
        "SELECT frame_yen, note FROM grant_budget WHERE municipality_code = %s AND scheme = %s AND fiscal_year = %s",
        (code, scheme, year),
    ).fetchone()
    return Budget() if row is None else Budget(**row)


def save(
    conn: Connection, code: str, scheme: str, year: int, new: Budget, *, version: str, actor: str
) -> None:  # fmt: skip
    """Enter a budget in place of the one seen. Raises EditConflictError."""
    lock(conn, code, scheme, year)
    before = budget(conn, code, scheme, year)
    check_stamp(version, asdict(before))
    if new == before:
        return
    conn.execute(
        """
        INSERT INTO grant_budget (municipality_code, scheme, fiscal_year, frame_yen, note, entered_by)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (municipality_code, scheme, fiscal_year) DO UPDATE
            SET frame_yen = excluded.frame_yen, note = excluded.note, entered_by = excluded.entered_by, entered_at = now()
        """,
        (code, scheme, year, new.frame_yen, new.note, actor),
    )
    old = None if before.frame_yen is None else asdict(before)
    tell(conn, code, actor, "edit.grant-budget.save", target(scheme, year), old, asdict(new))


def left(conn: Connection, code: str, scheme: str, year: int) -> int | None:
    """What of the budget is not granted yet, yen; below 0 when it is exceeded, None where none is entered."""
    frame = budget(conn, code, scheme, year).frame_yen
    if frame is None:
        return None
    row = conn.execute(
        f"SELECT coalesce(sum(coalesce(settled_yen, decided_yen)), 0)::bigint AS yen FROM grant_case "  # noqa: S608
        f"WHERE municipality_code = %s AND scheme = %s AND fiscal_year = %s AND {GRANTED}",
        (code, scheme, year),
    ).fetchone()
    assert row is not None
    return frame - int(row["yen"])


def sums(conn: Connection, code: str, year: int) -> dict[str, Sum]:
    """Scheme → its sums in the year; one without cases is missing."""
    rows = conn.execute(
        f"""
        SELECT scheme, (count(*) FILTER (WHERE {GRANTED}))::int AS granted,
               (count(*) FILTER (WHERE state NOT IN ('refused', 'withdrawn', 'paid', 'paid-back')))::int AS open,
               coalesce(sum(requested_yen) FILTER (WHERE state NOT IN ('refused', 'withdrawn')), 0)::bigint AS asked_yen,
               coalesce(sum(coalesce(settled_yen, decided_yen)) FILTER (WHERE {GRANTED}), 0)::bigint AS granted_yen,
               sum(paid_yen)::bigint AS paid_yen
        FROM grant_case WHERE municipality_code = %s AND fiscal_year = %s GROUP BY scheme
        """,  # noqa: S608 - our own words
        (code, year),
    )
    return {row["scheme"]: Sum(**row) for row in rows}


def by_district(conn: Connection, ref: Ref, year: int) -> list[DistrictSum]:
    """Granted cases of the year by district and scheme; an association's district is where it is now."""
    rows = conn.execute(
        f"""
        SELECT p.no AS district_no, d.name AS district, p.scheme, count(*)::int AS granted,
               coalesce(sum(p.yen), 0)::bigint AS granted_yen
        FROM (
            SELECT coalesce(c.district_no, a.district_no) AS no, c.scheme, coalesce(c.settled_yen, c.decided_yen) AS yen
            FROM grant_case c LEFT JOIN association_districts(%(m)s, %(g)s) a ON a.association_id = c.association_id
            WHERE c.municipality_code = %(m)s AND c.fiscal_year = %(year)s AND {GRANTED}
        ) p
        LEFT JOIN district_area d ON d.municipality_code = %(m)s AND d.district_no = p.no
            AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        GROUP BY p.no, d.name, p.scheme ORDER BY p.no NULLS LAST, p.scheme
        """,  # noqa: S608 - our own words
        {**ref.args, "year": year},
    )
    return [DistrictSum(**row) for row in rows]
