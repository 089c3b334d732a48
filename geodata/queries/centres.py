"""What everybody reads of the centres: the centres, the topics, and counts of consultations as the database tells them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.centres.consultations import Table


@dataclass(frozen=True, slots=True)
class CentreLine:
    """A centre that the counts name; `facility` is where it stands."""

    id: str
    name: str
    phone: str | None
    facility: str | None
    facility_id: str | None


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic; `current`: it is still in use on the day asked for."""

    id: str
    label: str
    current: bool


def centres(conn: Connection, ref: Ref, on: date) -> list[CentreLine]:
    """The centres of a day and those with counts, by name."""
    rows = conn.execute(
        """
        SELECT b.body_id AS id, b.name, b.phone, f.name AS facility, f.facility_id FROM body b
        LEFT JOIN facility_site f ON f.municipality_code = b.municipality_code AND f.facility_id = b.facility_id
            AND f.dataset_id = (SELECT active_dataset(%(m)s, %(g)s, 'facilities'))
        WHERE b.municipality_code = %(m)s AND b.kind = 'centre'
          AND (daterange(b.valid_from, b.valid_to, '[)') @> %(on)s::date
               OR b.body_id IN (SELECT c.body_id FROM consultation_counts(%(m)s) c))
        ORDER BY b.name COLLATE "ja-x-icu", b.body_id
        """,
        {**ref.args, "on": on},
    )
    return [CentreLine(**row) for row in rows]


def topics(conn: Connection, ref: Ref, on: date) -> list[TopicLine]:
    """Every topic there ever was, in the order of the list."""
    rows = conn.execute(
        """
        SELECT topic_id AS id, label, daterange(valid_from, valid_to, '[)') @> %(on)s::date AS current
        FROM consultation_topic WHERE municipality_code = %(m)s ORDER BY sort_order, topic_id
        """,
        {**ref.args, "on": on},
    )
    return [TopicLine(**row) for row in rows]


def counts(conn: Connection, ref: Ref) -> list[Table]:
    """The table of every fiscal year with a consultation, newest first; small counts withheld by the database itself."""
    rows = conn.execute(
        "SELECT fiscal_year, body_id, topic_id, consultations, quality FROM consultation_counts(%(m)s) "
        "ORDER BY fiscal_year DESC, body_id, topic_id",
        ref.args,
    )
    years: dict[int, dict[tuple[str, str], int | None]] = {}
    quality: dict[int, str] = {}
    for row in rows:
        years.setdefault(row["fiscal_year"], {})[row["body_id"], row["topic_id"]] = row["consultations"]
        if (row["body_id"], row["topic_id"]) == ("", ""):
            quality[row["fiscal_year"]] = row["quality"]
    return [Table(year, found, quality.get(year, "real")) for year, found in years.items()]
