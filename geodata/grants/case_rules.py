"""What the rule of its year says of a case: the amount with every step, and the conditions. Audience `STAFF`.

The rent of halls (取組11) has terms of its own, which the pages of vacant houses show (`geodata.hall_terms`). They are its
rule as long as the year has no rule table, so that there are never two that say different things unseen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from geodata import hall_terms
from geodata.database import Connection
from geodata.grants import rules
from geodata.grants.case_facts import facts_of
from geodata.grants.ground import Known, recipients
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.grants import rent_terms
from kyodo_geo.grants.calculate import Calculation, Figures, calculate
from kyodo_geo.grants.case_fields import CASE_SCHEMES, typed_figures
from kyodo_geo.grants.cases import Deed, Step, standing
from kyodo_geo.grants.conditions import Judged, judge
from kyodo_geo.grants.schemes import HALL_RENT
from kyodo_geo.grants.table import ReadTable

TABLE, TERMS = "table", "terms"


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a scheme and year. `source`: TABLE or TERMS; `read`: None with `reason` where there is none."""

    read: ReadTable | None
    source: str = TABLE
    version: int | None = None
    quality: str = "real"
    reason: str = ""

    def words(self, year: int) -> str:
        """Which it is, for people."""
        if self.source == TERMS:
            return f"空き家を使う自治公民館の家賃補助の条件（第{self.version}版）"
        return f"{fiscal_year_label(year)}のきまりの表（第{self.version}版）"


@dataclass(frozen=True, slots=True)
class Weighed:
    """A step as the rule sees it. `figures`: (name, value in words, source)."""

    rule: dict[str, Any] | None
    calculation: Calculation
    judged: list[Judged]
    figures: list[tuple[str, str | None, str]]

    def kept(self) -> dict[str, Any] | None:
        """The calculation as it is kept with the step."""
        if self.rule is None:
            return None
        return {
            "total": self.calculation.total,
            "steps": [
                {"name": step.name, "words": step.words, "amount": step.amount}
                for step in self.calculation.steps
            ],
            "reasons": list(self.calculation.reasons),
            "figures": [
                {"name": name, "value": value, "source": source} for name, value, source in self.figures
            ],
        }

    def conditions(self) -> list[dict[str, Any]] | None:
        """The conditions as they are kept with the step."""
        return [
            {"words": item.words, "met": item.met, "reason": item.reason, "by_hand": item.by_hand}
            for item in self.judged
        ] or None


def rule_of(conn: Connection, code: str, scheme: str, year: int, by: dict[str, Any] | None = None) -> Rule:
    """The rule in force for the year, or the version that a case was decided by (`rule` of its step)."""
    if by is not None and by["source"] == TERMS:
        return _terms(conn, code, by["version"])
    try:
        held = (
            rules.in_force(conn, code, scheme, year)
            if by is None
            else rules.one(conn, code, scheme, year, by["version"])
        )
    except NotFoundError:
        if scheme == HALL_RENT.key:
            return _terms(conn, code, None)
        return Rule(None, reason=f"{fiscal_year_label(year)}のきまりの表が、まだ適用されていません")
    return Rule(held.read(), TABLE, held.version, held.quality)


def _terms(conn: Connection, code: str, version: int | None) -> Rule:
    terms = hall_terms.terms(conn, code, version)
    read = rent_terms.as_table(terms.terms)
    return Rule(read, TERMS, terms.version, terms.quality, "" if read else rent_terms.NO_RATE)


def weigh(
    conn: Connection, ref: Ref, scheme: str, said: dict[str, Any], step: Step, earlier: Iterable[Step], own: int | None,
    *, ticked: Collection[int] = (), by: dict[str, Any] | None = None,
) -> Weighed:  # fmt: skip
    """A step of a case with the fields `said`: its own figures, else those planned (decision) or reported (settlement).

    `by`: the rule of the decision, which later steps keep to; so do the figures of district and association.
    """
    year = int(said["fiscal_year"])
    rule = rule_of(conn, ref.municipality_code, scheme, year, by)
    if rule.read is None:
        return Weighed(None, Calculation(None, (), (rule.reason,)), [], [])
    before = list(earlier)
    decided = standing(before).day_of(Deed.GRANT) if before else None
    on = decided or step.day
    figures = _typed(scheme, step, before)
    others = _others(conn, ref, rule.read, said)
    figures |= {name: known.value for name, known in others.items()}
    judged = judge(rule.read.table, facts_of(conn, ref, scheme, said, on, own), ticked)
    return Weighed(
        {"source": rule.source, "version": rule.version, "quality": rule.quality, "words": rule.words(year)},
        calculate(rule.read, figures), judged, _told(rule.read, figures, others),
    )  # fmt: skip


def _typed(scheme: str, step: Step, earlier: list[Step]) -> dict[str, Any]:
    """Name → value of the figures that the applicant gave: in this step, else as they stood before it."""
    now = standing(earlier) if earlier else None
    said = dict(step.figures)
    if now is not None and step.deed in (Deed.GRANT, Deed.CHANGE):
        said = {**now.planned, **said}
    elif now is not None and step.deed is Deed.SETTLE:
        said = {**now.real, **said}
    return {figure.name: said.get(figure.key) for figure in typed_figures(CASE_SCHEMES[scheme])}


def _others(conn: Connection, ref: Ref, read: ReadTable, said: dict[str, Any]) -> dict[str, Known]:
    """Figures of the district or association that the rule needs and the applicant does not give."""
    wanted = set(read.figures) - {figure.name for figure in typed_figures(read.scheme)}
    if not wanted:
        return {}
    key = str(said.get("association_id") or said.get("district_no"))
    every = recipients(conn, ref, read.scheme, int(said["fiscal_year"]))
    own = next((item.figures for item in every if item.key == key), {})
    return {name: known for name, known in own.items() if name in wanted}


def _told(read: ReadTable, figures: Figures, others: dict[str, Known]) -> list[tuple[str, str | None, str]]:
    sources = {name: f"{known.source}（{known.as_of}）" for name, known in others.items()}
    typed = {figure.name for figure in typed_figures(read.scheme)}
    found = []
    for name in read.figures:
        value, figure = figures.get(name), read.scheme.figure(name)
        words = None if value is None else f"{value:,}{figure.unit if figure else ''}"
        source = "申請・報告の内容" if name in typed else "資料がありません"
        found.append((name, words, sources.get(name, source)))
    return found
