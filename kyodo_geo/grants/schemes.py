"""The city's grants, by the number of their initiative, and the figures that a rule of each may name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kyodo_geo.errors import InputError


class To(StrEnum):
    """Who receives a grant."""

    ASSOCIATION = "association"
    DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that formulas name. `name`: as planners write it; `unit`: shown; `key`: in JSON; `typed`: only a case says it."""

    key: str
    name: str
    unit: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Scheme:
    """A grant. `initiative`: 取組の番号; `figures`: what its formulas may name."""

    key: str
    initiative: int
    name: str
    to: To
    figures: tuple[Figure, ...]

    def figure(self, name: str) -> Figure | None:
        return next((figure for figure in self.figures if name in (figure.key, figure.name)), None)


HOUSEHOLDS = Figure("households", "世帯数", "世帯")
MEMBERS = Figure("member_households", "会員世帯数", "世帯")
COPIES = Figure("circulation_copies", "回覧部数", "部")
DISTRICT_PEOPLE = Figure("district_population", "地区人口", "人")
DISTRICT_HOUSEHOLDS = Figure("district_households", "地区世帯数", "世帯")
DISTRICT_ASSOCIATIONS = Figure("district_associations", "地区の団体数", "団体")
COST = Figure("eligible_cost", "対象経費", "円", typed=True)
RENT = Figure("monthly_rent", "月額賃借料", "円", typed=True)
MONTHS = Figure("months", "月数", "か月", typed=True)
FLOOR = Figure("floor_area", "延べ面積", "m²", typed=True)

_OF_DISTRICT = (DISTRICT_PEOPLE, DISTRICT_HOUSEHOLDS, DISTRICT_ASSOCIATIONS)

INCENTIVE = Scheme(
    "incentive", 7, "協働推進奨励金", To.ASSOCIATION, (HOUSEHOLDS, MEMBERS, COPIES, DISTRICT_PEOPLE)
)
PROJECTS = Scheme("projects", 9, "地域づくり事業補助金", To.DISTRICT, (COST, *_OF_DISTRICT))
COMMUNITY = Scheme("community", 10, "コミュニティ活動費補助金", To.DISTRICT, (COST, *_OF_DISTRICT))
HALL_RENT = Scheme(
    "hall-rent", 11, "空き家等利用自治公民館 賃借料補助金", To.ASSOCIATION,
    (RENT, MONTHS, COST, HOUSEHOLDS, MEMBERS),
)  # fmt: skip
HALL_WORKS = Scheme(
    "hall-works", 12, "自治公民館 整備事業補助金", To.ASSOCIATION, (COST, FLOOR, HOUSEHOLDS, MEMBERS)
)

SCHEMES = {scheme.key: scheme for scheme in (INCENTIVE, PROJECTS, COMMUNITY, HALL_RENT, HALL_WORKS)}


def scheme_of(key: str) -> Scheme:
    """The scheme of a key; raises InputError."""
    if key not in SCHEMES:
        raise InputError("制度を選んでください。", field="scheme")
    return SCHEMES[key]
