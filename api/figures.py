"""The numbers behind maps, tables, GeoJSON and CSV: made in one place, so that all four say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from api.credits import credit
from geodata.queries import datasets as dataset_queries
from geodata.queries import districts as district_queries
from geodata.queries import membership as membership_queries
from geodata.queries.districts import DistrictRow
from geodata.queries.membership import CityYear
from kyodo_geo.classes import format_percent
from kyodo_geo.errors import NotFoundError
from kyodo_geo.quality import DatasetInfo, Quality, worst

if TYPE_CHECKING:
    from api.answers import Reading

PLACE_KINDS = ("districts",)
DRAWN_KINDS = ("outline",)
"""What every map draws beside its figures."""
PEOPLE_KINDS = ("district-assignment", "small-areas")
RATE_KINDS = ("membership", "association-districts", "associations")


@dataclass(frozen=True, slots=True)
class DistrictFigures:
    """Districts in one fiscal year, what the whole city has, and what all of it rests on."""

    rows: list[DistrictRow]
    fiscal_year: int | None
    fiscal_years: list[int]
    city: CityYear | None
    datasets: dict[str, DatasetInfo]

    def credit(self, *kinds: str, plans: bool = True, also: Iterable[str] = ()) -> dict[str, Any]:
        """The `dataset` member for answers made of these kinds; plan states bring their own quality, as do `also`."""
        values = [*(row.plan_quality for row in self.rows if plans), *also]
        return credit(self.datasets, kinds or (*PLACE_KINDS, *PEOPLE_KINDS, *RATE_KINDS), values=values)

    def properties(self, row: DistrictRow) -> dict[str, Any]:
        """Properties of a district as every output carries them; a rate has the digits that pages show."""
        return {
            "no": row.no,
            "name": row.name,
            "kana": row.kana,
            "kana_confirmed": row.kana_confirmed,
            "aliases": list(row.aliases),
            "plan_adopted": row.plan_adopted,
            "plan_state": row.plan_state,
            "plan_stated_on": row.plan_stated_on,
            "population": row.people,
            "households": row.households,
            "membership_rate": shown_rate(row.membership_rate),
            "member_households": row.member_households,
            "rate_households": row.rate_households,
            "denominators": list(row.denominators),
            "denominator_as_of": row.denominator_as_of,
            "suppressed": row.suppressed,
            "fiscal_year": self.fiscal_year,
            "associations": row.associations,
            "area_m2": round(row.area_m2, 1),
            "parts": row.parts,
            "quality": {
                "geometry": self.quality(*PLACE_KINDS),
                "population": self.quality(*PEOPLE_KINDS) if row.people is not None else None,
                "membership_rate": self.quality(*RATE_KINDS) if row.membership_rate is not None else None,
                "plan_adopted": row.plan_quality,
            },
        }

    def stated(self, source: str, *kinds: str) -> str:
        """Name of a figure's source as pages show it: an invented figure never bears a real source unmarked."""
        return f"{source}（見本）" if self.is_sample(*kinds) else source

    def is_sample(self, *kinds: str) -> bool:
        """Whether invented data of these kinds went into a figure."""
        return self.quality(*kinds) == Quality.SAMPLE

    def quality(self, *kinds: str) -> str | None:
        """Worst quality of the kinds that are loaded."""
        found = [self.datasets[kind].quality for kind in kinds if kind in self.datasets]
        return worst(found).value if found else None


def shown_rate(rate: float | None) -> float | None:
    """A rate rounded as pages show it (0.1 %), so that a program and a reader see the same number."""
    return None if rate is None else float(Decimal(format_percent(rate)) / 100)


def district_figures(
    reading: Reading,
    fiscal_year: int | None = None,
    *,
    no: int | None = None,
    geometry: bool = True,
    plans_on: date | None = None,
) -> DistrictFigures:
    """Figures of all districts (or one) for a fiscal year, by default the newest with membership figures.

    Plan states are those of the day `plans_on`, by default that of the reading.

    Raises NotFoundError for a year without figures or a district that does not exist.
    """
    conn, ref = reading.conn, reading.ref
    years = membership_queries.city(conn, ref)
    known = [year.fiscal_year for year in years]
    if fiscal_year is None:
        fiscal_year = known[-1] if known else None
    elif fiscal_year not in known:
        words = "、".join(map(str, known)) or "なし"
        raise NotFoundError(f"{fiscal_year} 年度の加入率はありません。ある年度: {words}", fiscal_years=known)
    rows = district_queries.districts(
        conn, ref, fiscal_year, with_geometry=geometry, no=no, on=plans_on or reading.on
    )
    if no is not None and not rows:
        raise NotFoundError(f"番号 {no} のコミュニティ推進地区はありません。", district_no=no)
    city = next((year for year in years if year.fiscal_year == fiscal_year), None)
    return DistrictFigures(rows, fiscal_year, known, city, dataset_queries.active_datasets(conn, ref))


def city_membership(city: CityYear | None) -> dict[str, Any] | None:
    """The city's own figures of the year."""
    if city is None:
        return None
    return {
        "fiscal_year": city.fiscal_year,
        "households": city.households,
        "member_households": city.member_households,
        "membership_rate": shown_rate(city.rate),
    }
