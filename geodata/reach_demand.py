"""Who needs facilities, as `kyodo_geo.reach.prepared` takes it: small areas or grid squares, their people by year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from geodata.database import Connection
from geodata.queries import demand
from geodata.queries.datasets import active_datasets
from geodata.queries.demand import AgeTable, MeshCell
from geodata.queries.generation import Ref
from kyodo_geo.errors import InputError
from kyodo_geo.reach.cohort import STEP, Bounds, five_year_classes, project, ratios, scaled
from kyodo_geo.reach.grown import Change
from kyodo_geo.reach.prepared import Area, YearPeople, band_of, prepare
from kyodo_geo.reach.spread import spread

Kind = Literal["areas", "mesh"]
CENSUS_YEAR = 2020
"""Year of the small areas' people where their dataset names no day."""
LAST_YEAR = 2050
"""How far people are projected by cohort."""
NO_MESH = "地域メッシュの人口が読み込まれていません。demand=areas（小地域）で見るか、メッシュ人口を読み込んでください。"


@dataclass(frozen=True, slots=True)
class Demand:
    """Places with their points, people by year and by cohort."""

    areas: list[Area]
    years: list[YearPeople]
    cohort: list[YearPeople]

    @property
    def cells(self) -> np.ndarray:
        """All points (n × 2), in the order of the arrays."""
        return np.concatenate([area.points for area in self.areas]) if self.areas else np.zeros((0, 2))


def demand_of(conn: Connection, ref: Ref, kind: Kind, *, spread_out: bool) -> Demand:
    """The places of `kind`; `spread_out`: several points in each area, which takes longer. Raises `InputError`."""
    return (
        mesh(conn, ref, spread_out=spread_out) if kind == "mesh" else areas(conn, ref, spread_out=spread_out)
    )


def associations(conn: Connection, ref: Ref, kind: Kind) -> dict[str, tuple[str | None, float, float]]:
    """Place → (association that holds its point, metres east and north of it)."""
    if kind == "areas":
        return {p.key_code: (p.association_id, p.x, p.y) for p in demand.points(conn, ref)}
    found: dict[str, tuple[str | None, float, float]] = {}
    for year in demand.mesh_years(conn, ref):
        found |= {c.mesh_code: (c.association_id, c.x, c.y) for c in demand.mesh_cells(conn, ref, year)}
    return found


# -- small areas ----------------------------------------------------------------------------------------------------


def areas(conn: Connection, ref: Ref, *, spread_out: bool) -> Demand:
    """Small areas; several points inside their built-up part where `spread_out`, else one."""
    points = demand.points(conn, ref)
    shapes = demand.plane_shapes(conn, ref) if spread_out else {}
    found = [
        Area(p.key_code, p.name, p.district_no, p.area_m2, _inside(shapes.get(p.key_code), (p.x, p.y)))
        for p in points
    ]
    tables = _tables(conn, ref, "small-area")
    named = {p.key_code for p in points}
    years = [YearPeople(t.year, t.projected, _bands(t), partly=len(t.partly & named)) for t in tables]
    if not years:
        dataset = active_datasets(conn, ref).get("small-areas")
        year = dataset.as_of.year if dataset and dataset.as_of else CENSUS_YEAR
        own = {p.key_code: [0.0, 0.0, 0.0, float(p.people)] for p in points if p.people is not None}
        years = [YearPeople(year, False, own)]
    return Demand(found, years, _by_cohort(tables, {p.key_code: p.district_no for p in points}))


def _inside(shape: bytes | None, middle: tuple[float, float]) -> np.ndarray:
    if shape is None:
        return np.array([middle])
    import shapely

    return spread(shapely.from_wkb(shape), middle)


def _tables(conn: Connection, ref: Ref, kind: str) -> list[AgeTable]:
    """Every loaded year of ages, in order."""
    years = [item.year for item in demand.age_years(conn, ref) if item.area_kind == kind]
    return [table for year in years if (table := demand.ages(conn, ref, year, kind)) is not None]


def _bands(table: AgeTable) -> dict[str, list[float]]:
    """Bands of each area with a published figure."""
    return _summed(table.keys, table.people, table.classes)


def _summed(
    keys: Sequence[str], people: np.ndarray, classes: Sequence[tuple[int, int | None]]
) -> dict[str, list[float]]:
    band = np.array([band_of(*ages) for ages in classes])
    known = ~np.isnan(people).all(axis=1)
    sums = np.stack([np.nansum(people[:, band == place], axis=1) for place in range(4)], axis=1)
    return {key: sums[row].tolist() for row, key in enumerate(keys) if known[row]}


@dataclass(frozen=True, slots=True, eq=False)
class Projected:
    """People by cohort: `years` (s), `people` (s × areas × classes, NaN not published) of the areas and classes of `newest`."""

    newest: AgeTable
    years: tuple[int, ...]
    people: np.ndarray


def projected(
    tables: Sequence[AgeTable],
    districts: Mapping[str, int | None],
    bounds: Bounds | None = None,
    until: int = LAST_YEAR,
) -> Projected | None:
    """People 5, 10, … years after the newest count; None where none five years before it has the same classes of five years."""
    counted = {table.year: table for table in tables if not table.projected}
    if not counted or max(counted) - STEP not in counted:
        return None
    newest, older = counted[max(counted)], counted[max(counted) - STEP]
    if older.classes != newest.classes or not five_year_classes(newest.classes):
        return None
    row_of = {key: row for row, key in enumerate(older.keys)}
    before = np.full(newest.people.shape, np.nan)
    for row, key in enumerate(newest.keys):
        if key in row_of:
            before[row] = older.people[row_of[key]]
    numbers = [districts.get(key) for key in newest.keys]
    group = np.array([-1 if no is None else no for no in numbers], dtype=int)
    steps = max(0, (until - newest.year) // STEP)
    later = project(newest.people, ratios(before, newest.people, group, bounds), steps)
    return Projected(newest, tuple(newest.year + STEP * (step + 1) for step in range(steps)), later)


def _by_cohort(tables: Sequence[AgeTable], districts: Mapping[str, int | None]) -> list[YearPeople]:
    found = projected(tables, districts)
    if found is None:
        return []
    return [
        YearPeople(year, True, _summed(found.newest.keys, people, found.newest.classes))
        for year, people in zip(found.years, found.people, strict=True)
    ]


def projection_rows(
    conn: Connection, ref: Ref, *, bounds: Bounds, until: int, totals: Mapping[int, float]
) -> list[tuple[str, int, str, float | None, bool]]:
    """(area, year, class, people, whether projected): the counted years as they are and those by cohort, scaled to `totals`.

    Raises `InputError` without two counts, and for totals of other years.
    """
    tables = _tables(conn, ref, "small-area")
    found = projected(tables, {p.key_code: p.district_no for p in demand.points(conn, ref)}, bounds, until)
    if found is None:
        raise InputError("5年おきの国勢調査 2 回分の、同じ5歳階級の人口が読み込まれていません。")
    if strange := sorted(set(totals) - set(found.years)):
        raise InputError(
            f"総数の年 {'、'.join(map(str, strange))} は、推計する年（{'、'.join(map(str, found.years))}）にありません。",
            field="totals",
        )
    rows: list[tuple[str, int, str, float | None, bool]] = []
    for table in tables:
        if not table.projected:
            rows += _rows(table.year, table.keys, table.classes, table.people, False)
    for year, people in zip(found.years, found.people, strict=True):
        known = scaled(people, totals[year]) if year in totals else people
        rows += _rows(year, found.newest.keys, found.newest.classes, known, True)
    return rows


def _rows(
    year: int, keys: Sequence[str], classes: Sequence[tuple[int, int | None]], people: np.ndarray, by: bool
) -> list[tuple[str, int, str, float | None, bool]]:
    names = [f"{first}歳以上" if last is None else f"{first}～{last}歳" for first, last in classes]
    return [
        (key, year, name, None if np.isnan(value) else round(float(value), 3), by)
        for key, row in zip(keys, people, strict=True)
        for name, value in zip(names, row, strict=True)
    ]


# -- grid squares ---------------------------------------------------------------------------------------------------


def mesh(conn: Connection, ref: Ref, *, spread_out: bool) -> Demand:
    """Grid squares; points in their built-up part where that is loaded, else their middle. Raises `InputError` without any.

    Years to come are those of the small areas: each square changes as its district does.
    """
    cells = {year: demand.mesh_cells(conn, ref, year) for year in demand.mesh_years(conn, ref)}
    if not cells:
        raise InputError(NO_MESH, field="demand")
    places: dict[str, MeshCell] = {}
    for of_year in cells.values():
        places |= {cell.mesh_code: cell for cell in of_year}
    shapes = demand.mesh_built_up(conn, ref) if spread_out else {}
    found = [
        Area(code, f"メッシュ {code}", c.district_no, c.area_m2, _inside(shapes.get(code), (c.x, c.y)))
        for code, c in sorted(places.items())
    ]
    tables = {table.year: table for table in _tables(conn, ref, "mesh")}
    years: list[YearPeople] = []
    ages_known: set[str] = set()
    for year, of_year in cells.items():
        item, ages_known = _mesh_year(year, of_year, places, tables.get(year))
        years.append(item)
    table_years, cohort = _grown(conn, ref, years[-1], ages_known, places)
    return Demand(found, [*years, *table_years], cohort)


def _mesh_year(
    year: int, cells: Sequence[MeshCell], places: dict[str, MeshCell], ages: AgeTable | None
) -> tuple[YearPeople, set[str]]:
    """(people of a year, squares that tell who is old). Squares that are not listed that year have nobody."""
    bands: dict[str, list[float]] = {code: [0.0] * 4 for code in places}
    known: set[str] = set()
    partly = 0
    for cell in cells:
        if cell.people is None:
            del bands[cell.mesh_code]
        elif cell.aged65 is not None:
            bands[cell.mesh_code] = [0.0, 0.0, float(cell.aged65), float(cell.people - cell.aged65)]
            known.add(cell.mesh_code)
        else:
            bands[cell.mesh_code] = [0.0, 0.0, 0.0, float(cell.people)]
    if ages is not None:
        finer = {code: value for code, value in _bands(ages).items() if code in bands}
        bands |= finer
        known |= set(finer)
        partly = len(ages.partly & set(finer))
    merged = sum(cell.people is None and cell.merged_into is not None for cell in cells)
    ageless = sum(sum(value) for code, value in bands.items() if code not in known)
    return YearPeople(year, False, bands, merged, ageless, partly), known


def _grown(
    conn: Connection, ref: Ref, newest: YearPeople, ages_known: set[str], places: dict[str, MeshCell]
) -> tuple[list[YearPeople], list[YearPeople]]:
    """(projected tables, projection by cohort) of the squares, by the change of their districts' small areas."""
    own = areas(conn, ref, spread_out=False)
    flat = prepare(own.areas, own.years, [], cohort=own.cohort)
    base = flat.people_in(newest.year, "cohort" if len(own.cohort) else "table")

    def grown(year: int, people: np.ndarray) -> YearPeople:
        change = Change.of(base, people, flat.district)
        bands = {
            code: change.grown(value, places[code].district_no, knows_old=code in ages_known)
            for code, value in newest.bands.items()
        }
        ageless = sum(sum(value) for code, value in bands.items() if code not in ages_known)
        return YearPeople(year, True, bands, newest.merged, ageless, newest.partly)

    tables = [
        grown(item.year, flat.people[place].astype(float))
        for place, item in enumerate(own.years)
        if item.projected and item.year > newest.year
    ]
    by_cohort = [
        grown(item.year, flat.cohort[place].astype(float))
        for place, item in enumerate(own.cohort)
        if item.year > newest.year
    ]
    return tables, by_cohort
