"""Arrays of reach: made, kept as bytes, asked for a year; against sums done by hand."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
import shapely

from kyodo_geo.errors import InputError
from kyodo_geo.reach.gaps import Gap
from kyodo_geo.reach.prepared import Area, Prepared, Site, Ways, YearPeople, band_of, prepare
from kyodo_geo.reach.report import Choice, ClosingAsked, limits, report
from kyodo_geo.reach.spread import spread

FOOT = Choice(2020, by="network", distance_m=800, drive_below=0)


def city(**of_site: Any) -> Prepared:
    """A road of three nodes 1 km apart, a place at each; facilities at the first and the last. Nothing else lives there."""
    ends = [(0.0, 0.0), (1000.0, 0.0), (2000.0, 0.0)]
    areas = [Area(f"k{n}", f"町{n}", 1 if n < 2 else 2, 1e6, np.array([spot])) for n, spot in enumerate(ends)]
    years = [
        YearPeople(2015, False, {"k0": [10, 20, 30, 0], "k1": [0, 0, 40, 0], "k2": [5, 5, 0, 0]}),
        YearPeople(2040, True, {"k0": [0, 0, 10, 0], "k1": [0, 0, 90, 0]}),
    ]
    sites = [
        Site("f0", "館0", "公民館", True, 1, None, None, ends[0]),
        replace(Site("f1", "館1", "センター", True, 100, None, None, ends[2]), **of_site),
    ]
    ways = Ways(
        np.array(ends), np.array([(0, 1), (1, 2)]), np.array([1000.0, 1500.0]), np.full(2, np.nan), np.ones(2)
    )
    return prepare(areas, years, sites, ways)


def test_ways_are_those_of_the_network_and_lines_those_of_the_plane() -> None:
    held = city()
    assert held.has_network
    assert held.network.tolist() == [[0, 2500], [1000, 1500], [2500, 0]]
    assert held.straight[1].tolist() == pytest.approx([1300, 1300])
    assert np.array_equal(held.costs("winter"), held.winter) and np.allclose(held.winter, held.network)


def test_slopes_and_winter_lengthen_the_way_towards_the_facility() -> None:
    ends = np.array([(0.0, 0.0), (1000.0, 0.0)])
    area = Area("k", None, None, 1.0, np.array([(0.0, 0.0)]))
    site = Site("f", "館", "館", True, None, None, None, (1000.0, 0.0))
    years = [YearPeople(2020, False, {"k": [0, 0, 0, 1]})]
    up = Ways(ends, np.array([(0, 1)]), np.array([1000.0]), np.array([0.1]), np.array([2.0]))
    held = prepare([area], years, [site], up)
    assert held.network[0, 0] == 1000
    assert held.winter[0, 0] == pytest.approx(2000 * 5.037 / 3.549, rel=1e-3)
    down = prepare([area], years, [site], replace(up, slope=np.array([-0.05])))
    assert down.winter[0, 0] == pytest.approx(2000 * 5.037 / 6.0, rel=1e-3)


def test_people_between_two_years_lie_on_a_line_and_outside_stay() -> None:
    held = city()
    assert held.people_in(2015)[0].tolist() == [10, 20, 30, 0] == held.people_in(1990)[0].tolist()
    assert held.people_in(2020)[0].tolist() == pytest.approx([8, 16, 26, 0])
    assert held.people_in(2040)[2].tolist() == [0, 0, 0, 0]  # not published counts as nobody, and is counted
    assert held.secret.tolist() == [0, 1]


def test_bytes_come_back_as_the_same_arrays_and_others_are_refused() -> None:
    held = city()
    back = Prepared.from_bytes(held.to_bytes())
    assert all(np.array_equal(getattr(held, f.name), getattr(back, f.name), equal_nan=f.name == "capacity")
               for f in fields(Prepared))  # fmt: skip
    for body in (b"", b"PK\x03\x04", held.to_bytes()[:200]):
        with pytest.raises(InputError):
            Prepared.from_bytes(body)


def test_a_facility_is_there_only_in_its_years() -> None:
    works = city(closures=((date(2025, 9, 1), date(2026, 4, 1)),))
    assert [works.open_in(year).tolist() for year in (2024, 2025, 2026)] == [
        [True, True],
        [True, False],
        [True, True],
    ]
    born = city(opened_on=date(2020, 10, 2), closed_on=date(2030, 10, 1))
    assert [bool(born.open_in(year)[1]) for year in (2020, 2021, 2029, 2030)] == [False, True, True, False]


def test_who_is_out_of_reach_and_why() -> None:
    found = report(city(), replace(FOOT, year=2015))
    assert found.cost.tolist() == [0, 1000, 0]
    assert found.reached.sum() == 70 and found.total.sum() == 110
    # 60 people at 2 % are 1.2 at a time: one seat is too few.
    assert found.gap.tolist() == [Gap.OVER_CAPACITY, Gap.TOO_FAR, Gap.SERVED]
    assert found.by_district.people[0].tolist() == [10, 20, 70, 0]
    assert found.worst is not None and found.worst[0] == 1000
    shut = report(city(closures=((date(2015, 1, 1), None),)), replace(FOOT, year=2015))
    assert shut.gap.tolist() == [Gap.OVER_CAPACITY, Gap.TOO_FAR, Gap.CLOSED]


def test_thin_districts_drive() -> None:
    held = city()
    people = held.people_in(2015)
    limit, driving = limits(held, replace(FOOT, drive_below=20, minutes=6, kmh=30), people)
    # 100 people on 2 km² walk, 10 on 1 km² drive 3 km.
    assert driving == (2,) and limit.tolist() == [800, 800, 3000]


def test_seats_of_both_catchments_add_up_to_the_supply() -> None:
    found = report(city(), replace(FOOT, year=2015, distance_m=1200))
    assert (found.access.access * found.total).sum() == pytest.approx(101)
    assert (found.decayed.access * found.total).sum() == pytest.approx(101)


def test_closing_equals_taking_the_facility_away() -> None:
    held = city()
    choice = replace(FOOT, year=2015, distance_m=1200)
    asked = ClosingAsked.of(held, choice)
    people = held.people_in(2015)
    effect = asked.effects(choice, people, limits(held, choice, people)[0])
    assert effect.moved.sum(axis=1).tolist() == [100, 10]
    assert effect.added.tolist() == [60 * 2500 + 40 * 500, 10 * 2500]
    assert effect.pushed_out.sum(axis=1).tolist() == [100, 10]
    # 100 come to 10 at the second hall, which has room for 100 ÷ 2 %; the first has room for 50 and 100 already.
    assert effect.lacking is not None and effect.lacking.sum(axis=1).tolist() == [0, 10]


def test_a_city_without_anything_has_an_answer() -> None:
    empty = prepare([], [YearPeople(2020, False, {})], [])
    found = report(empty, FOOT)
    assert found.total.sum() == 0 and found.gini is None and found.worst is None
    area = Area("k", None, None, 1.0, np.array([(0.0, 0.0)]))
    lonely = prepare([area], [YearPeople(2020, False, {"k": [0, 0, 0, 7]})], [])
    assert report(lonely, FOOT).gap.tolist() == [Gap.NO_FACILITY]
    with pytest.raises(InputError):
        prepare([], [], [])


def test_points_lie_inside_and_are_the_same_each_time() -> None:
    # An L whose middle is outside of it.
    shape = shapely.Polygon([(0, 0), (2000, 0), (2000, 200), (200, 200), (200, 2000), (0, 2000)])
    points = spread(shape, (100, 100))
    assert len(points) > 5 and shapely.contains_xy(shape, *points.T).all()
    assert np.array_equal(points, spread(shape, (100, 100)))
    assert spread(shapely.box(0, 0, 10, 10), (5, 5)).tolist() == [[5, 5]]
    assert len(spread(shapely.box(0, 0, 1e5, 1e5), (5, 5))) <= 25


@pytest.mark.parametrize(
    ("ages", "band"), [((0, 4), 0), ((10, 14), 0), ((15, 19), 1), ((60, 64), 1), ((65, 69), 2), ((85, None), 2),
                       ((0, 64), 3), ((15, None), 3)]
)  # fmt: skip
def test_age_classes_go_into_the_band_that_holds_them_whole(ages: tuple[int, int | None], band: int) -> None:
    assert band_of(*ages) == band


def test_asking_needs_no_scipy() -> None:
    code = (
        "import sys, numpy as np\n"
        "from kyodo_geo.reach.prepared import *\n"
        "from kyodo_geo.reach.report import *\n"
        "a = Area('k', None, 1, 1e6, np.zeros((1, 2)))\n"
        "s = Site('f', 'f', 'f', True, 3, None, None, (0.0, 9.0))\n"
        "h = prepare([a], [YearPeople(2020, False, {'k': [1, 2, 3, 0]})], [s])\n"
        "h = Prepared.from_bytes(h.to_bytes()); c = Choice(2020, by='straight')\n"
        "report(h, c); p = h.people_in(2020); ClosingAsked.of(h, c).effects(c, p, limits(h, c, p)[0])\n"
        "sys.exit(any(m.split('.')[0] == 'scipy' for m in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
