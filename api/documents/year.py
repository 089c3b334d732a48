"""A fiscal year of the register: which documents count, what they add up to, what could be fewer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from api.credits import place_credit
from api.services import Services
from geodata import progress, sent_documents
from geodata.database import Audience, Connection
from geodata.edits import records
from geodata.progress import Kept, Key
from geodata.queries import meetings as meeting_queries
from geodata.queries import plans
from geodata.queries.generation import Ref, resolve
from geodata.sent_documents import RuleVersion
from kyodo_geo.dates import fiscal_year_range
from kyodo_geo.documents.bundling import Bundle, Paperless, bundles, paperless
from kyodo_geo.documents.counting import MOST_DAYS, Counted, counted
from kyodo_geo.documents.document import ADDRESSEES, KINDS, WAYS
from kyodo_geo.documents.kinds import DOCUMENTS
from kyodo_geo.documents.tables import Line, lines, total

INDICATOR = "letters"
"""会長あて送付文書の数, in the plans of this city."""
LABELS = {"addressees": dict(ADDRESSEES), "way": dict(WAYS), "kind": dict(KINDS)}


@dataclass(frozen=True, slots=True)
class Aim:
    """The indicator: its plan, title, baseline, and what is kept for the year (None: nothing yet)."""

    plan_id: str
    title: str
    unit: str
    baseline: float
    baseline_year: int
    kept: Kept | None

    @property
    def key(self) -> Key:
        return Key("indicator", self.plan_id, INDICATOR)

    @property
    def value(self) -> float | None:
        return None if self.kept is None or self.kept.withdrawn else float(self.kept.content["value"])

    @property
    def version(self) -> int:
        return 0 if self.kept is None else self.kept.version


@dataclass(frozen=True)
class Year:
    """`items`: the year's documents, by day. `versions`: of the rule, the one that holds first."""

    ref: Ref
    credit: dict[str, Any]
    fiscal_year: int
    years: list[int]
    items: list[Counted]
    versions: list[RuleVersion]
    aim: Aim | None

    @property
    def rule(self) -> RuleVersion:
        return self.versions[0]

    @cached_property
    def total(self) -> Line:
        return total(self.items)

    @cached_property
    def departments(self) -> list[Line]:
        return lines(self.items, lambda item: item.document.department)

    @cached_property
    def ways(self) -> list[Line]:
        return lines(self.items, lambda item: LABELS["way"][item.document.way])

    @cached_property
    def addressees(self) -> list[Line]:
        return lines(self.items, lambda item: LABELS["addressees"][item.document.addressees])

    @cached_property
    def bundles(self) -> list[Bundle]:
        return bundles(item.document for item in self.items)

    @cached_property
    def paperless(self) -> list[Paperless]:
        return paperless(item.document for item in self.items)


def read_year(services: Services, fiscal_year: int) -> Year:
    """The year as it stands in the register."""
    with services.database.read(Audience.STAFF) as conn:
        return year_of(conn, resolve(conn, services.settings.municipality), fiscal_year)


def year_of(conn: Connection, ref: Ref, fiscal_year: int) -> Year:
    """The same on a connection that is there already."""
    code = ref.municipality_code
    first, last = fiscal_year_range(fiscal_year)
    versions = sent_documents.rules(conn, code)
    town = meeting_queries.town_of(conn, ref)
    # What began in the year before is counted there: its days are read too.
    found = sent_documents.documents(conn, ref, town, first - timedelta(days=MOST_DAYS), last)
    return Year(
        ref, place_credit(conn, ref), fiscal_year, records.years(conn, code, DOCUMENTS),
        counted(found, versions[0].rule, first, last), versions, aim_of(conn, ref, fiscal_year),
    )  # fmt: skip


def aim_of(conn: Connection, ref: Ref, fiscal_year: int) -> Aim | None:
    """The indicator in the newest plan; None where that plan has none of the kind."""
    rows = [row for row in plans.indicators(conn, ref, None) if row["indicator_id"] == INDICATOR]
    newest = plans.plans(conn, ref)
    if not rows or not newest:
        return None
    plan_id = newest[0]["plan_id"]
    kept = progress.one(conn, ref.municipality_code, Key("indicator", plan_id, INDICATOR), fiscal_year)
    row = rows[0]
    return Aim(plan_id, row["title"], row["unit"], float(row["baseline"]), row["baseline_fiscal_year"], kept)
