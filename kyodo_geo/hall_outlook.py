"""When neighbourhood halls will need a large repair or a new building, and what subsidies that may ask for (取組12).

The register knows little of a hall, so the rules are plain and all of them are assumptions: a large repair so many years
after it was built (or last worked on with a subsidy), a new building so many years after it was built. What lies before the
first year is overdue and belongs to no year. A rented hall is its owner's to mend: it is counted apart. A hall without a
year of building has no forecast and is counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kyodo_geo.errors import InputError
from kyodo_geo.vacancy.checks import check_seismic
from kyodo_geo.vacancy.verdict import Verdict

MOST_YEARS = 60


class Need(StrEnum):
    """What a hall comes to need."""

    REPAIR = "repair"
    REBUILD = "rebuild"


@dataclass(frozen=True, slots=True)
class Hall:
    """What the register knows; None is unknown. `worked`: newest fiscal year of a subsidised work, new buildings aside."""

    id: str
    built_year: int | None
    confirmed_on: date | None
    floor_area_m2: float | None
    ownership: str | None
    district_no: int | None = None
    worked: int | None = None


@dataclass(frozen=True, slots=True)
class Subsidy:
    """Of one need: price of a square metre (yen), share that is paid (%), most that is paid (yen). None: unknown."""

    yen_m2: float | None = None
    rate_percent: float | None = None
    ceiling_yen: float | None = None

    def __post_init__(self) -> None:
        for value in (self.yen_m2, self.rate_percent, self.ceiling_yen):
            if value is not None and not 0 <= value < 1e12:
                raise InputError("補助の単価・率・上限は、0以上の数で指定してください。", field="subsidy")
        if self.rate_percent is not None and self.rate_percent > 100:
            raise InputError("補助率は100 %以下で指定してください。", field="rate_percent")

    @property
    def known(self) -> bool:
        """Whether an amount can be told at all: price and rate, or at least the ceiling."""
        return self.ceiling_yen is not None or (self.yen_m2 is not None and self.rate_percent is not None)

    def of(self, floor_area_m2: float | None) -> float | None:
        """Yen for one hall, at most the ceiling; the ceiling alone is the most it can be; None: cannot be told."""
        if self.yen_m2 is None or self.rate_percent is None:
            return self.ceiling_yen
        if floor_area_m2 is None:
            return None
        asked = floor_area_m2 * self.yen_m2 * self.rate_percent / 100
        return asked if self.ceiling_yen is None else min(asked, self.ceiling_yen)


@dataclass(frozen=True, slots=True)
class Rules:
    """Years after which each need comes, first fiscal year and length of the outlook, and the subsidies."""

    base: int
    years: int = 20
    repair_after: int = 30
    rebuild_after: int = 60
    repair: Subsidy = Subsidy()
    rebuild: Subsidy = Subsidy()

    def __post_init__(self) -> None:
        if not 1 <= self.years <= MOST_YEARS:
            raise InputError(f"見通しの年数は1から{MOST_YEARS}で指定してください。", field="years")
        if not 1 <= self.repair_after < self.rebuild_after:
            raise InputError(
                "大規模修繕までの年数は、1以上で、建替えまでの年数より短くしてください。",
                field="repair_after",
            )

    def subsidy(self, need: Need) -> Subsidy:
        return self.repair if need is Need.REPAIR else self.rebuild


@dataclass(frozen=True, slots=True)
class Event:
    """A need of a hall; `year` is its fiscal year, None: it came before the first one (overdue since `due`)."""

    hall: Hall
    need: Need
    due: int
    year: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """One hall: its age in the first year, its seismic verdict, what it needs in the outlook, and what it needs next."""

    hall: Hall
    age: int | None
    seismic: Verdict
    events: tuple[Event, ...]

    @property
    def next(self) -> Event | None:
        """The first need; overdue ones come first."""
        return self.events[0] if self.events else None


@dataclass(frozen=True, slots=True)
class Sum:
    """Events of some time together. `area_unknown`: halls in `count` without a floor area. `yen` None: cannot be told;
    `yen_unknown`: halls that are not in `yen`."""

    count: int
    area_m2: float
    area_unknown: int
    yen: float | None
    yen_unknown: int


def outlook(halls: Sequence[Hall], rules: Rules) -> list[Outlook]:
    """Each hall in the order given, with its needs up to the end of the outlook; rented ones and unknown years have none."""
    return [
        Outlook(
            hall,
            None if hall.built_year is None else max(0, rules.base - hall.built_year),
            check_seismic(hall.confirmed_on, hall.built_year, None).verdict,
            ()
            if hall.built_year is None or hall.ownership == "rented"
            else tuple(_events(hall, hall.built_year, rules)),
        )
        for hall in halls
    ]


def _events(hall: Hall, built: int, rules: Rules) -> list[Event]:
    found: list[Event] = []
    end = rules.base + rules.years
    worked = hall.worked
    while True:
        rebuild = built + rules.rebuild_after
        start = built if worked is None else max(built, worked)
        repair = start + rules.repair_after
        if repair < rebuild and rebuild >= rules.base:
            if repair >= end:
                return found
            found.append(Event(hall, Need.REPAIR, repair, repair if repair >= rules.base else None))
        if rebuild >= end:
            return found
        late = rebuild < rules.base
        found.append(Event(hall, Need.REBUILD, rebuild, None if late else rebuild))
        if late:
            return found  # nobody knows when it will be made up for, nor what follows
        built, worked = rebuild, None


def summed(events: Sequence[Event], subsidy: Subsidy) -> Sum:
    """Number, floor area and subsidy of events of one need."""
    areas = [event.hall.floor_area_m2 for event in events]
    amounts = [subsidy.of(area) for area in areas]
    told = [amount for amount in amounts if amount is not None]
    return Sum(
        len(events),
        float(sum(area for area in areas if area is not None)),
        sum(area is None for area in areas),
        (float(sum(told)) if told or not events else None) if subsidy.known else None,
        len(amounts) - len(told),
    )


def periods(rules: Rules, length: int = 5) -> list[tuple[int, int]]:
    """(first, last) fiscal year of each period of the outlook; the last one may be shorter."""
    end = rules.base + rules.years
    return [(first, min(first + length, end) - 1) for first in range(rules.base, end, length)]


def in_years(found: Sequence[Outlook], need: Need, first: int | None, last: int | None = None) -> list[Event]:
    """Events of one need from `first` to `last` (the same year without it); `first` None: the overdue ones."""
    return [
        event
        for item in found
        for event in item.events
        if event.need is need
        and (
            event.year is None
            if first is None
            else event.year is not None and first <= event.year <= (first if last is None else last)
        )
    ]
