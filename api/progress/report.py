"""The plan's progress in one fiscal year: the one place where figures meet the rules that judge them.

Pages, API, CSV, workbook and PDF all take their figures from `progress`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geodata.queries import plans as plan_queries
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import NotFoundError
from kyodo_geo.indicators import Goal, Judgement, interval_of, judge
from kyodo_geo.quality import Quality, worst

if TYPE_CHECKING:
    from api.answers import Reading

Row = dict[str, Any]
EXPECTED_DIGITS = 2
"""Decimals of the path, as shown and as handed to programs; states are judged on the exact path."""


@dataclass(frozen=True, slots=True)
class YearValue:
    """An indicator in one fiscal year; `row` is the stored value, None where there is none."""

    fiscal_year: int
    row: Row | None
    judged: Judgement

    @property
    def value(self) -> float | None:
        return None if self.row is None else float(self.row["value"])

    @property
    def state(self) -> str | None:
        """達成, 改善 …; None in the baseline year."""
        return None if self.judged.state is None else self.judged.state.value

    @property
    def expected(self) -> float | None:
        path = self.judged.expected
        return None if path is None else round(path, EXPECTED_DIGITS)

    def as_dict(self) -> Row:
        """For programs."""
        assert self.row is not None
        interval = self.judged.interval
        return {
            **self.row,
            "low": None if interval is None else interval.low,
            "high": None if interval is None else interval.high,
            "interval_method": None if interval is None else interval.method,
            "expected": self.expected,
            "state": self.state,
            "within_noise": self.judged.within_noise,
        }


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its years, oldest first."""

    row: Row
    goal: Goal
    years: tuple[YearValue, ...]

    @property
    def id(self) -> str:
        return str(self.row["indicator_id"])

    def at(self, fiscal_year: int) -> YearValue:
        """The year, also where nothing was measured."""
        found = next((year for year in self.years if year.fiscal_year == fiscal_year), None)
        return found or self.nothing(fiscal_year)

    def nothing(self, fiscal_year: int) -> YearValue:
        """A year without a value: only the path is known."""
        return YearValue(fiscal_year, None, judge(None, fiscal_year, self.goal))


@dataclass(frozen=True, slots=True)
class Initiative:
    """An initiative with its yearly records, oldest first."""

    row: Row
    records: tuple[Row, ...]

    @property
    def no(self) -> int:
        return int(self.row["initiative_no"])

    def at(self, fiscal_year: int) -> Row | None:
        return next((record for record in self.records if record["fiscal_year"] == fiscal_year), None)


@dataclass(frozen=True, slots=True)
class Progress:
    """A plan with everything known of it, looked at in `fiscal_year`. `plan` is None where there is no plan at all."""

    plan: Row | None
    plans: tuple[Row, ...]
    fiscal_year: int
    fiscal_years: tuple[int, ...]
    indicators: tuple[Indicator, ...]
    initiatives: tuple[Initiative, ...]
    plan_source: str

    def credit(self, authority: str, *items: Indicator | Initiative) -> Row:
        """The `dataset` member for an answer about `items` (default: all): as good as their worst value."""
        rows: list[Row] = []
        for item in items or (*self.indicators, *self.initiatives):
            if isinstance(item, Indicator):
                rows += [year.row for year in item.years if year.row is not None]
            else:
                rows += item.records
        quality = worst(Quality(row["quality"]) for row in rows)
        sources = [self.plan_source, *(row["source"] for row in rows)]
        return {
            "title": self.plan["name"] if self.plan else None,
            "source": "、".join(dict.fromkeys(filter(None, sources))),
            "licence": "",
            "authority": authority,
            "as_of": None,
            "quality": quality.value,
            "quality_label": quality.label,
            "parts": [],
        }

    def indicator(self, identifier: str) -> Indicator:
        """Raises NotFoundError."""
        found = next((item for item in self.indicators if item.id == identifier), None)
        if found is None:
            raise NotFoundError(f"指標「{identifier}」は、この計画にありません。", indicator=identifier)
        return found

    def initiative(self, no: int) -> Initiative:
        """Raises NotFoundError."""
        found = next((item for item in self.initiatives if item.no == no), None)
        if found is None:
            raise NotFoundError(f"取組 {no} は、この計画にありません。", initiative_no=no)
        return found


def progress(reading: Reading, plan_id: str | None = None, fiscal_year: int | None = None) -> Progress:
    """The plan (default: the newest) in a fiscal year (default: the newest after the baseline with at least half of
    the values).

    Raises NotFoundError for a plan that does not exist or a year it does not reach.
    """
    conn, ref = reading.conn, reading.ref
    plans = tuple(plan_queries.plans(conn, ref))
    indicators = tuple(_indicator(row) for row in plan_queries.indicators(conn, ref, plan_id))
    initiatives = tuple(
        Initiative({name: value for name, value in row.items() if name != "records"}, tuple(row["records"]))
        for row in plan_queries.initiatives(conn, ref, plan_id)
    )
    plan = next((found for found in plans if plan_id in (None, found["plan_id"])), None)
    years = _years(plan, indicators, initiatives, fiscal_year_of(reading.on))
    if fiscal_year is None:
        fiscal_year = newest_year(indicators) or (plan["first_fiscal_year"] if plan else years[0])
    elif fiscal_year not in years:
        raise NotFoundError(
            f"{fiscal_year} 年度の進捗はありません。ある年度: {'、'.join(map(str, years))}",
            fiscal_years=list(years),
        )
    source = plan_queries.source(conn, ref, plan_id)
    return Progress(plan, plans, fiscal_year, years, indicators, initiatives, source)


def _indicator(row: Row) -> Indicator:
    goal = goal_of(row)
    years = []
    for value in row["values"]:
        interval = interval_of(value["value"], goal.unit, value["sample_size"], value["low"], value["high"])
        year = value["fiscal_year"]
        years.append(YearValue(year, value, judge(value["value"], year, goal, interval)))
    return Indicator({name: value for name, value in row.items() if name != "values"}, goal, tuple(years))


def goal_of(row: Row) -> Goal:
    """What an indicator's values are held against."""
    return Goal(
        row["unit"],
        row["direction"],
        row["baseline_fiscal_year"],
        row["baseline"],
        row["target_fiscal_year"],
        row["target"],
    )


def newest_year(indicators: tuple[Indicator, ...]) -> int | None:
    """The newest year after the baseline with at least half of the values; where no year has as many, with any.

    A year's values come in over weeks: the first of them must not turn all the others of the page into 不明.
    """
    known = Counter(
        year.fiscal_year
        for item in indicators
        for year in item.years
        if year.fiscal_year > item.goal.baseline_year
    )
    full = [year for year, values in known.items() if 2 * values >= len(indicators)]
    return max(full or known, default=None)


def _years(
    plan: Row | None, indicators: tuple[Indicator, ...], initiatives: tuple[Initiative, ...], this_year: int
) -> tuple[int, ...]:
    """Years to look at: those of the plan that have begun, the baseline's, and every other with a value or record."""
    found = {record["fiscal_year"] for item in initiatives for record in item.records}
    for item in indicators:
        found |= {item.goal.baseline_year, *(year.fiscal_year for year in item.years)}
    if plan is not None:
        found |= set(range(plan["first_fiscal_year"], min(plan["last_fiscal_year"], this_year) + 1))
        found.add(plan["first_fiscal_year"])
    return tuple(sorted(found)) or (this_year,)
