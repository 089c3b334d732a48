"""What became of a round: its feeds with the datasets and generations that came of them. Audience `STAFF`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.audit import record
from geodata.database import Connection


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One feed; `generation_no` and `dataset_id` are None where no figure changed."""

    feed_no: int
    generation_no: int | None
    dataset_id: int | None
    returns: int
    carried: int
    contacts: int
    note: str | None
    created_at: datetime
    created_by: str


def feeds(conn: Connection, code: str, fiscal_year: int) -> list[FeedRow]:
    """Newest first."""
    rows = conn.execute(
        "SELECT feed_no, generation_no, dataset_id, returns, carried, contacts, note, created_at, created_by FROM return_feed "
        "WHERE municipality_code = %s AND fiscal_year = %s ORDER BY feed_no DESC",
        (code, fiscal_year),
    )
    return [FeedRow(**row) for row in rows]


def workbooks_taken(conn: Connection, code: str, fiscal_year: int, number: int, *, actor: str) -> None:
    """Write down that somebody took so many forms, with what the city holds of the officers in them."""
    record(
        conn,
        code,
        actor,
        "edit.return-round.workbooks",
        f"return-round/{fiscal_year}",
        {"workbooks": number},
        kind="view",
    )


def uploaded(conn: Connection, code: str, fiscal_year: int, verdicts: dict[str, int], *, actor: str) -> None:
    """Write down that files came back, and how many were kept and refused; each kept one has an entry of its own."""
    record(conn, code, actor, "edit.return-round.upload", f"return-round/{fiscal_year}", dict(verdicts))
