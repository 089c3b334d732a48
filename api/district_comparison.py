"""A district beside another one or the whole city: the measures, each with both figures and the difference."""

from __future__ import annotations

from collections.abc import Sequence

from api.district_profile import CITY, City, Profile, by_year
from api.figures import shown_rate
from geodata.queries.district_profile import RegisterCount
from geodata.queries.districts import DistrictRow
from kyodo_geo.comparison import Measure, change_percent, per_1000
from maps.specs import Reach

REACH_M = 800
"""The radius that is compared; the page shows all of them."""


class _Side:
    """What one side of the comparison has to say: a district, or the city with means per district."""

    def __init__(self, city: City, row: DistrictRow | None, register: Sequence[RegisterCount]) -> None:
        self.city, self.row, self.register = city, row, register

    @property
    def rows(self) -> list[DistrictRow]:
        return self.city.found.rows if self.row is None else [self.row]

    def mean(self, name: str) -> float | None:
        """A count of the district, or the mean of those that are known."""
        known = [value for row in self.rows if (value := getattr(row, name)) is not None]
        return sum(known) / len(known) if known else None

    @property
    def household_size(self) -> float | None:
        pairs = [
            (row.people, row.households) for row in self.rows if row.people is not None and row.households
        ]
        return sum(people for people, _ in pairs) / sum(homes for _, homes in pairs) if pairs else None

    @property
    def rate(self) -> float | None:
        """In percent, with the digits that pages show."""
        whole = self.city.found.city
        shown = shown_rate(self.row.membership_rate if self.row else whole.rate if whole else None)
        return None if shown is None else shown * 100

    @property
    def withheld(self) -> bool:
        return self.row is not None and self.row.suppressed

    @property
    def register_change(self) -> float | None:
        if len(self.register) < 2:
            return None
        return change_percent(self.register[0].people, self.register[-1].people)

    @property
    def projects(self) -> float | None:
        """Projects of all years per 1,000 people; None where no project of the city is recorded at all."""
        if not self.city.projects:
            return None
        held = [p for p in self.city.projects if self.row is None or p["district_no"] == self.row.no]
        people = [row.people for row in self.rows if row.people is not None]
        return per_1000(sum(year.counted for year in by_year(held)), sum(people) if people else None)

    @property
    def reach(self) -> float | None:
        held = self.city.reach.get(REACH_M, {})
        found = [reach for no, reach in held.items() if self.row is None or no == self.row.no]
        people = sum(reach.people or 0 for reach in found)
        share = Reach(people, sum(reach.inside or 0.0 for reach in found)).share
        return None if share is None else (shown_rate(share) or 0.0) * 100


def measures(profile: Profile) -> list[Measure]:
    """The comparison of a profile; empty where nothing is compared."""
    if profile.other is None:
        return []
    whole = profile.other == CITY
    own = _Side(profile.city, profile.row, profile.register)
    if whole:
        other = _Side(profile.city, None, profile.city.register)
    else:
        assert isinstance(profile.other, DistrictRow)
        other = _Side(profile.city, profile.other, profile.other_register)
    return [
        Measure("population", "人口（国勢調査）", "人", own.mean("people"), other.mean("people")),
        Measure("households", "世帯数（国勢調査）", "世帯", own.mean("households"), other.mean("households")),
        Measure(
            "household_size", "1 世帯の人数", "人", own.household_size, other.household_size, digits=2, scale="big"
        ),
        Measure(
            "register_change", "住民基本台帳の人口の増減", "%", own.register_change, other.register_change,
            digits=1, scale="high",
        ),
        Measure(
            "membership_rate", "加入率", "%", own.rate, other.rate, digits=1, scale="high",
            own_withheld=own.withheld, other_withheld=other.withheld,
        ),
        Measure("associations", "町内会・自治会", "団体", own.mean("associations"), other.mean("associations")),
        Measure(
            "projects_per_1000", "地域づくり事業（人口 1,000 人あたり）", "件", own.projects, other.projects, digits=2
        ),
        Measure(
            "reach_share", f"施設から直線 {REACH_M} m 以内の住民", "%", own.reach, other.reach, digits=1, scale="high"
        ),
    ]  # fmt: skip
