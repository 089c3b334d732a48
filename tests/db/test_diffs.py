"""What a dataset would change, before it is activated."""

from __future__ import annotations

import pytest

from geodata.database import Audience, Database
from geodata.diffs import DatasetDiff, diff
from kyodo_geo.errors import NotFoundError
from tests.factories import CODE, district_rows, make_active, put, small_area_rows, square


def compare(db: Database, dataset_id: int) -> DatasetDiff:
    with db.read(Audience.LOADER) as conn:
        return diff(conn, CODE, dataset_id)


def test_against_nothing_everything_is_added(db: Database) -> None:
    found = compare(db, put(db, "districts", district_rows({1: square(0, 0)})))

    assert (found.against, found.added, found.removed, found.changed) == (None, 1, 0, 0)


def test_added_removed_and_changed_rows_are_named(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({n: square(n, 0) for n in (1, 2, 3)})))
    rows = district_rows({1: square(1, 0), 2: square(2, 5), 4: square(4, 0)})
    found = compare(db, put(db, "districts", rows))

    assert (found.added, found.removed, found.changed, found.unchanged) == (1, 1, 1, 1)
    assert found.keys == {"added": ["4"], "removed": ["3"], "changed": ["2"]}


def test_people_and_area_that_change_district_are_counted(db: Database) -> None:
    """A square of 100 people passes from district 2 to district 1."""
    areas = {"a": (square(0, 0), 500, 200), "b": (square(1, 0), 100, 40), "c": (square(2, 0), 300, 120)}
    make_active(
        db,
        put(db, "small-areas", small_area_rows(areas)),
        put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0).union(square(2, 0))})),
    )
    moved = district_rows({1: square(0, 0).union(square(1, 0)), 2: square(2, 0)})
    found = compare(db, put(db, "districts", moved))

    assert len(found.moved) == 1
    move = found.moved[0]
    assert (move.from_no, move.to_no, move.people, move.households) == (2, 1, 100, 40)
    # 0.01° by 0.01° at 39.6 N is about 857 m by 1,110 m
    assert move.area_m2 == pytest.approx(857 * 1110, rel=0.01)


def test_an_unknown_dataset_is_refused(db: Database) -> None:
    with pytest.raises(NotFoundError, match="999"):
        compare(db, 999)


def test_areas_that_share_one_name_are_compared_by_their_shapes(db: Database) -> None:
    """Buildings have no names: a hundred of them must not be compared each with each, nor all count as changed."""

    def buildings(*places: int) -> list[dict[str, object]]:
        return [{"name": "建物のある区域", "geom": square(x, 0)} for x in places]

    make_active(db, put(db, "built-up", buildings(*range(100))))
    found = compare(db, put(db, "built-up", buildings(200, *range(1, 100))))

    assert (found.added, found.removed, found.changed, found.unchanged) == (1, 1, 0, 99)
