"""Everything that answers about reach are made of, as arrays of one city: made once, kept as bytes, asked many times.

Matrices are cells × facilities in metres, infinite where there is no way. Making them with a network needs scipy; asking
them needs numpy alone.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from zipfile import BadZipFile

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.reach.modes import Modes
from kyodo_geo.reach.network import Network, slope_factor, snapped
from kyodo_geo.reach.straight import DETOUR, straight_costs
from kyodo_geo.reach.years import Series

BANDS = ("0〜14歳", "15〜64歳", "65歳以上", "年齢不明")
"""Age groups of `Prepared.people`. The last holds who is counted without an age."""
ALWAYS, NEVER = 0, 4_000_000
"""Day numbers (proleptic) before and after every real day."""


def _nothing() -> np.ndarray:
    return np.zeros(0, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """n cells, m facilities, t years.

    `key`, `area_name`, `district` (−1: none), `area_m2` (n): a cell's small area and its share of the ground. `people`
    (t × n × 4) by `BANDS`. `secret` (t): areas without a published figure; `partly` (t): areas that tell the people of some
    ages only. `straight`, `network` and `winter` (n × m; the
    last two 0 × 0 without a network): metres; `winter` in metres of level summer road.
    `cell_snap`, `site_snap`: metres to the network. `opened`, `closed` (m): day numbers. `closure` (c × 3): facility, first
    day, first day open again. `capacity` (m), NaN: unknown. `parts`: nodes of each connected part of the network.
    What `modes` makes, empty where it is not loaded: `car`, `car_winter` (n × m) minutes, `car_snap` (n) metres to the roads,
    `car_parts` nodes of each part one can drive about in; `bus` (n × m) minutes by bus, infinite where none goes, made with
    `bus_terms` (`transit.Riding`).
    """

    key: np.ndarray
    area_name: np.ndarray
    district: np.ndarray
    area_m2: np.ndarray
    years: np.ndarray
    projected: np.ndarray
    people: np.ndarray
    secret: np.ndarray
    site: np.ndarray
    site_name: np.ndarray
    site_kind: np.ndarray
    activity: np.ndarray
    capacity: np.ndarray
    opened: np.ndarray
    closed: np.ndarray
    closure: np.ndarray
    straight: np.ndarray
    network: np.ndarray
    winter: np.ndarray
    cell_snap: np.ndarray
    site_snap: np.ndarray
    parts: np.ndarray
    cohort_years: np.ndarray
    cohort: np.ndarray
    merged: np.ndarray
    ageless: np.ndarray
    partly: np.ndarray
    car: np.ndarray = field(default_factory=_nothing)
    car_winter: np.ndarray = field(default_factory=_nothing)
    car_snap: np.ndarray = field(default_factory=_nothing)
    car_parts: np.ndarray = field(default_factory=_nothing)
    bus: np.ndarray = field(default_factory=_nothing)
    bus_terms: np.ndarray = field(default_factory=_nothing)

    @property
    def has_network(self) -> bool:
        return self.network.shape == self.straight.shape and self.network.size > 0

    @property
    def has_car(self) -> bool:
        return self.car.shape == self.straight.shape and self.car.size > 0

    @property
    def has_bus(self) -> bool:
        return self.bus.shape == self.straight.shape and self.bus.size > 0

    def costs(self, by: str) -> np.ndarray:
        """The matrix by `network`, `winter` or `straight`; the straight one where no network is."""
        if not self.has_network:
            return self.straight
        return {"network": self.network, "winter": self.winter}.get(by, self.straight)

    def series(self, projection: str = "table") -> Series:
        """Which years' people stand for all years, by `projection` (`table` or `cohort`)."""
        return Series.of(self.years, self.projected, self.cohort_years, projection)

    def people_in(self, year: int, projection: str = "table") -> np.ndarray:
        """People (n × 4) of a year: between two known years on the straight line, outside them those of the nearest."""
        found: np.ndarray = self.series(projection).at(year, self.people, self.cohort)
        return found

    def knows_band(self, band: int) -> bool:
        """Whether any people are counted in that age group at all; else its figures are unknown, not 0."""
        return bool((self.people[:, :, band] > 0).any())

    def open_in(self, year: int) -> np.ndarray:
        """Which facilities (m) are in use on 1 October of the year, the middle of the fiscal year and the census day."""
        day = date(year, 10, 1).toordinal()
        found = (self.opened <= day) & (day < self.closed)
        for place, first, again in self.closure:
            if first <= day < again:
                found[place] = False
        return found

    def to_bytes(self) -> bytes:
        """All arrays in one compressed file without pickle."""
        out = io.BytesIO()
        np.savez_compressed(out, **{item.name: getattr(self, item.name) for item in fields(self)})
        return out.getvalue()

    @classmethod
    def from_bytes(cls, body: bytes) -> Prepared:
        """Raises `InputError` for anything that `to_bytes` has not made."""
        try:
            with np.load(io.BytesIO(body), allow_pickle=False) as held:
                return cls(**{item.name: held[item.name] for item in fields(cls)})
        except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
            raise InputError("計算ずみの到達距離を読めません。", error=type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class Site:
    """A facility as demand meets it; `closures` are (first day, first day open again or None)."""

    id: str
    name: str
    kind: str
    activity: bool
    capacity: int | None
    opened_on: date | None
    closed_on: date | None
    xy: tuple[float, float]
    closures: tuple[tuple[date, date | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """A small area with the points (k × 2, metres) its people are spread over evenly."""

    key: str
    name: str | None
    district: int | None
    area_m2: float
    points: np.ndarray


@dataclass(frozen=True, slots=True)
class YearPeople:
    """People by area and band in a year; areas that are missing have no published figure.

    `merged`: grid squares whose people another square holds. `ageless`: people of squares that do not tell who is old.
    `partly`: areas whose bands lack people, as the figures of some ages are not published.
    """

    year: int
    projected: bool
    bands: Mapping[str, Sequence[float]]
    merged: int = 0
    ageless: float = 0.0
    partly: int = 0


@dataclass(frozen=True, slots=True)
class Ways:
    """A walking network: nodes (k × 2, metres), edges by node, metres, slope (rise ÷ run, NaN: unknown), winter factor."""

    nodes: np.ndarray
    ends: np.ndarray
    length: np.ndarray
    slope: np.ndarray
    winter_factor: np.ndarray

    def graphs(self) -> tuple[Network, Network]:
        """By metres, and by metres of level summer road."""
        slope = np.nan_to_num(self.slope)
        level, count = np.ones(len(slope)), len(self.nodes)
        there, back = (self.length * self.winter_factor * slope_factor(s, level) for s in (slope, -slope))
        return (
            Network.of(self.ends, self.length, nodes=count),
            Network.of(self.ends, there, back, nodes=count),
        )


def prepare(
    areas: Sequence[Area],
    years: Sequence[YearPeople],
    sites: Sequence[Site],
    ways: Ways | None = None,
    detour: float = DETOUR,
    cohort: Sequence[YearPeople] = (),
    modes: Modes | None = None,
) -> Prepared:
    """The arrays of a city. Without `ways` and `modes` no scipy is imported. Raises `InputError` without a year.

    `cohort`: people of years to come as projected by cohort, of the same areas.
    """
    if not years:
        raise InputError("人口のある年がありません。", field="years")
    count = np.array([len(area.points) for area in areas], dtype=int)
    cells = np.concatenate([area.points for area in areas]) if areas else np.zeros((0, 2))
    places = np.array([site.xy for site in sites], dtype=float).reshape(-1, 2)
    network = winter = np.zeros((0, 0))
    cell_snap, site_snap = np.zeros(len(cells)), np.zeros(len(places))
    parts = np.zeros(0, dtype=np.int64)
    if ways is not None and len(cells) and len(places):
        graph, effort = ways.graphs()
        cell_node, cell_snap = snapped(cells, ways.nodes)
        site_node, site_snap = snapped(places, ways.nodes)
        snaps = cell_snap[:, None] + site_snap[None, :]
        network, winter = (found.costs(cell_node, site_node) + snaps for found in (graph, effort))
        parts = np.sort(graph.part_sizes)[::-1]
    return Prepared(
        key=np.repeat(_text([area.key for area in areas]), count),
        area_name=np.repeat(_text([area.name or area.key for area in areas]), count),
        district=np.repeat(np.array([_number(area.district) for area in areas], dtype=np.int32), count),
        area_m2=np.repeat(np.array([area.area_m2 / len(area.points) for area in areas], dtype=float), count),
        years=np.array([item.year for item in years], dtype=np.int32),
        projected=np.array([item.projected for item in years], dtype=bool),
        people=np.stack([_people(areas, count, item) for item in years]).astype(np.float32),
        secret=np.array([sum(a.key not in i.bands for a in areas) - i.merged for i in years], dtype=np.int32),
        site=_text([site.id for site in sites]),
        site_name=_text([site.name for site in sites]),
        site_kind=_text([site.kind for site in sites]),
        activity=np.array([site.activity for site in sites], dtype=bool),
        capacity=np.array(
            [np.nan if site.capacity is None else site.capacity for site in sites], dtype=float
        ),
        opened=np.array([_day(site.opened_on, ALWAYS) for site in sites], dtype=np.int32),
        closed=np.array([_day(site.closed_on, NEVER) for site in sites], dtype=np.int32),
        closure=np.array(
            [
                (place, first.toordinal(), _day(again, NEVER))
                for place, site in enumerate(sites)
                for first, again in site.closures
            ],
            dtype=np.int32,
        ).reshape(-1, 3),
        straight=straight_costs(cells, places, detour).astype(np.float32),
        network=network.astype(np.float32),
        winter=winter.astype(np.float32),
        cell_snap=cell_snap.astype(np.float32),
        site_snap=site_snap.astype(np.float32),
        parts=parts.astype(np.int32),
        cohort_years=np.array([item.year for item in cohort], dtype=np.int32),
        cohort=np.array([_people(areas, count, item) for item in cohort], dtype=np.float32).reshape(
            len(cohort), int(count.sum()), len(BANDS)
        ),
        merged=np.array([item.merged for item in years], dtype=np.int32),
        ageless=np.array([item.ageless for item in years], dtype=float),
        partly=np.array([item.partly for item in years], dtype=np.int32),
        **({} if modes is None else modes.matrices(cells, places, ways)),
    )


def band_of(age_from: int, age_to: int | None) -> int:
    """Place in `BANDS` of an age class; a class that belongs to two of them counts as unknown."""
    if age_to is not None and age_to <= 14:
        return 0
    if age_from >= 65:
        return 2
    return 1 if age_from >= 15 and age_to is not None and age_to <= 64 else 3


def _text(values: Sequence[str]) -> np.ndarray:
    return np.array(values, dtype=str) if values else np.zeros(0, dtype="U1")


def _number(value: int | None) -> int:
    return -1 if value is None else value


def _day(value: date | None, otherwise: int) -> int:
    return otherwise if value is None else value.toordinal()


def _people(areas: Sequence[Area], count: np.ndarray, item: YearPeople) -> np.ndarray:
    none = (0.0,) * len(BANDS)
    rows = np.array([item.bands.get(area.key, none) for area in areas], dtype=float).reshape(-1, len(BANDS))
    return np.repeat(rows / np.maximum(count, 1)[:, None], count, axis=0)
