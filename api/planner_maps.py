"""Figures of the planners' public maps: plan states on a day, membership and its change, projects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from api import figures
from api.clock import today
from geodata.queries import facilities as facility_queries
from geodata.queries import households as household_queries
from geodata.queries import plans as plan_queries
from geodata.queries import projects as project_queries
from geodata.queries.plan_records import plan_records
from kyodo_geo.classes import format_percent
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.indicators import expected_value, outcome_state
from kyodo_geo.membership import membership_rate, withheld
from kyodo_geo.plan_states import PlanStanding, days_of_change, standing_on

if TYPE_CHECKING:
    from api.answers import Reading
    from geodata.queries.districts import DistrictRow
    from maps.specs import District, Overlays

PROJECTS_INDICATOR = "projects"
NOTABLE = 0.01
"""Difference of two counts of households from which on a warning is due."""

SOURCES = {
    "stored": "加入世帯数とあわせて記録された世帯数",
    "register": "住民基本台帳の世帯数",
    "census": "国勢調査の世帯数",
}
"""Which households a rate is taken of."""


def districts_of(rows: list[DistrictRow]) -> tuple[District, ...]:
    """Rows of a query as the maps take them."""
    from maps.specs import District

    return tuple(District.of(row) for row in rows)


def overlays(reading: Reading, *, fiscal_year: int | None = None, projects: bool = True) -> Overlays:
    """Facilities of the day, and projects of the year (the newest when that has none)."""
    from maps.specs import FacilityPoint, Overlays

    found = facility_queries.facilities(reading.conn, reading.ref, activity=True, on=reading.on)
    points = tuple(FacilityPoint.of(row) for row in found)
    years = project_queries.project_years(reading.conn, reading.ref) if projects else {}
    if not years:
        return Overlays(points)
    year = fiscal_year if fiscal_year in years else max(years)
    by_district = project_queries.by_district(reading.conn, reading.ref, year)
    return Overlays(points, {no: row.count for no, row in by_district.items()}, year)


# -- plan states --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """Standings of a day, and the days on which something changed."""

    found: figures.DistrictFigures
    standings: dict[int, PlanStanding]
    day: date
    days: list[date]

    def qualities(self) -> list[str]:
        return [standing.record.quality for standing in self.standings.values()]


def plan_figures(reading: Reading, day: date | None) -> PlanFigures:
    """Plan states on `day` (default the day of the reading), on the areas of the reading's generation.

    Staff enter a decision before it holds; until then it is theirs. Raises InputError for a day to come.
    """
    on = day or reading.on
    now = today()
    if on > now:
        raise InputError(
            "今日より後の日の状況は、まだわかりません。今日までの日を指定してください。", field="on"
        )
    found = figures.district_figures(reading, plans_on=on)
    records = plan_records(reading.conn, reading.ref)
    standings = {no: held for no, of_one in records.items() if (held := standing_on(of_one, on)) is not None}
    known = {row.no for row in found.rows}
    days = days_of_change(record for no, of_one in records.items() if no in known for record in of_one)
    return PlanFigures(found, standings, on, sorted({day for day in days if day <= now}))


# -- membership ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Denominator:
    """Households of the whole city from one source, and the rate they give."""

    key: str
    label: str
    households: int | None
    as_of: date | None
    rate: float | None


def with_denominator(
    reading: Reading, found: figures.DistrictFigures, source: str
) -> figures.DistrictFigures:
    """The same members over other households. A district with few of those is withheld too.

    Raises NotFoundError where that source knows nothing of the year.
    """
    if source == "stored" or found.fiscal_year is None:
        return found
    held = _households(reading, source, found.fiscal_year)
    if not held.by_district:
        raise NotFoundError(f"{fiscal_year_label(found.fiscal_year)}の{SOURCES[source]}はありません。")
    small = withheld(
        {row.no: held.by_district.get(row.no) for row in found.rows}, reading.ref.suppress_below_households
    )
    rows = []
    for row in found.rows:
        hide = row.suppressed or row.no in small
        members = None if hide else row.member_households
        households = None if hide else held.by_district.get(row.no)
        rows.append(
            replace(
                row,
                member_households=members,
                rate_households=households,
                membership_rate=membership_rate(members, households),
                suppressed=hide,
                denominators=(source,),
                denominator_as_of=held.as_of,
            )
        )
    city = found.city and replace(
        found.city,
        households=held.city,
        rate=membership_rate(found.city.member_households, held.city),
        denominators=(source,),
        denominator_as_of=held.as_of,
    )
    return replace(found, rows=rows, city=city)


def withheld_too(found: figures.DistrictFigures, other: figures.DistrictFigures) -> figures.DistrictFigures:
    """The figures of a year beside those of another: what is withheld in one of them is withheld in all forms."""
    hidden = {row.no for row in other.rows if row.suppressed}
    rows = [
        replace(row, membership_rate=None, member_households=None, rate_households=None, suppressed=True)
        if row.no in hidden
        else row
        for row in found.rows
    ]
    return replace(found, rows=rows)


def _households(reading: Reading, source: str, fiscal_year: int) -> household_queries.Households:
    if source == "register":
        return household_queries.register(reading.conn, reading.ref, fiscal_year)
    return household_queries.census(reading.conn, reading.ref)


def denominators(reading: Reading, stored: figures.DistrictFigures) -> list[Denominator]:
    """The city's rate of the year over each source of households; the stored one first."""
    city, year = stored.city, stored.fiscal_year
    if city is None or year is None:
        return []
    lines = [Denominator("stored", SOURCES["stored"], city.households, city.denominator_as_of, city.rate)]
    for source in ("register", "census"):
        held = _households(reading, source, year)
        rate = membership_rate(city.member_households, held.city)
        lines.append(Denominator(source, SOURCES[source], held.city, held.as_of, rate))
    return lines


def membership_warnings(
    lines: list[Denominator],
    source: str,
    shown: figures.DistrictFigures,
    earlier: figures.DistrictFigures | None = None,
) -> tuple[str, ...]:
    """What makes figures unfit to be compared: sources that differ, within the year or between two years."""
    said = []
    own = next((line for line in lines if line.key == source), None)
    for other in lines:
        if own is None or other is own or not own.households or not other.households:
            continue
        apart = abs(own.households - other.households) / max(own.households, other.households)
        if apart >= NOTABLE:
            said.append(
                f"{own.label}（{own.households:,}）と{other.label}（{other.households:,}）は"
                f" {format_percent(apart)} % 違います。分母を替えると、市全体の加入率は"
                f" {format_percent(own.rate)} % から {format_percent(other.rate)} % になります。"
            )
    kinds = {kind for row in shown.rows for kind in row.denominators}
    if len(kinds) > 1:
        said.append("地区によって分母の種類が違います。地区どうしの加入率を、そのまま比べられません。")
    if earlier is not None and _kinds(earlier) != _kinds(shown):
        said.append("2 つの年度で分母の種類が違います。増減には、分母の違いが含まれています。")
    return tuple(said)


def _kinds(found: figures.DistrictFigures) -> set[str]:
    return set(found.city.denominators) if found.city else set()


# -- projects -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProjectYear:
    """Projects of one year by district, the years there are, and where the records come from."""

    fiscal_year: int | None
    years: dict[int, int]
    rows: Mapping[int, project_queries.DistrictProjects]
    sources: list[str]


def project_year(reading: Reading, fiscal_year: int | None) -> ProjectYear:
    """Projects of a year, by default the newest; raises NotFoundError for a year without records."""
    years = project_queries.project_years(reading.conn, reading.ref)
    if fiscal_year is None:
        fiscal_year = max(years, default=None)
    elif fiscal_year not in years:
        words = "、".join(map(str, years)) or "なし"
        raise NotFoundError(
            f"{fiscal_year} 年度の地域づくり事業の記録はありません。ある年度: {words}",
            fiscal_years=list(years),
        )
    rows = project_queries.by_district(reading.conn, reading.ref, fiscal_year)
    return ProjectYear(
        fiscal_year, years, rows, project_queries.sources(reading.conn, reading.ref, fiscal_year)
    )


def project_path(reading: Reading, held: ProjectYear) -> tuple[str, ...]:
    """How the year stands on the straight path from baseline to target, in words; nothing without the indicator."""
    row = next(
        (
            i
            for i in plan_queries.indicators(reading.conn, reading.ref)
            if i["indicator_id"] == PROJECTS_INDICATOR
        ),
        None,
    )
    if row is None or row["target"] is None or held.fiscal_year is None:
        return ()
    year, start, end = held.fiscal_year, row["baseline_fiscal_year"], row["target_fiscal_year"]
    path: dict[str, Any] = {
        "baseline_year": start, "baseline": row["baseline"], "target_year": end, "target": row["target"],
    }  # fmt: skip
    aim = (
        f"計画の目標は、{fiscal_year_label(start)}の {row['baseline']:g} 件を{fiscal_year_label(end)}に"
        f" {row['target']:g} 件にすることです。"
    )
    count = held.years[year]
    if year == start:
        told = f"{fiscal_year_label(year)}は基準の年度で、記録は {count} 件です。"
    else:
        expected = expected_value(start, row["baseline"], end, row["target"], year)
        state = outcome_state(count, year, **path)
        told = (
            f"{fiscal_year_label(year)}の記録は {count} 件です。まっすぐ増えた場合の {expected:.1f} 件と比べて"
            f"「{state.value}」です。"
        )
    official = next((v["value"] for v in row["values"] if v["fiscal_year"] == year), None)
    lines = [aim, told]
    if official is not None and float(official) != count:
        lines.append(
            f"指標として記録された値は {float(official):g} 件で、事業の記録の件数と違います。確かめてください。"
        )
    return tuple(lines)
