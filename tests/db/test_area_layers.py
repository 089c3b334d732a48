"""Optional layers in PostGIS: which areas hold a circle, what is nearest, and who may write them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import shapely

from geodata.database import Audience, Database
from geodata.generations import activate, rollback
from geodata.importing import ImportOptions, import_files
from geodata.municipalities import KNOWN, ensure_municipality
from geodata.queries.area_layers import areas_at, loaded, places_near
from geodata.queries.generation import resolve
from geodata.rows import read_frame
from tests.factories import CODE, LAT, LON, make_active, meta, point, put, square

YAIZU = "22212"


def areas(*names: tuple[str, float]) -> list[dict[str, object]]:
    return [{"name": name, "geom": square(x, 0)} for name, x in names]


def show(db: Database, kind: str, rows: list[dict[str, object]]) -> None:
    """Load a layer and make it active."""
    make_active(db, put(db, kind, rows))


def hits(db: Database, x: float, y: float, radius_m: float) -> list[tuple[str, str, bool]]:
    with db.read() as conn:
        found = areas_at(conn, resolve(conn, CODE), LON + x / 100, LAT + y / 100, radius_m)
    return [(hit.kind, hit.name, hit.whole) for hit in found]


def test_a_circle_inside_an_area_is_held_by_it(db: Database) -> None:
    show(db, "school-elementary", areas(("北小", 0), ("南小", 1)))
    assert hits(db, 0.5, 0.5, 20) == [("school-elementary", "北小", True)]


@pytest.mark.parametrize("radius_m", [0.0, 20.0])
def test_a_point_on_a_border_belongs_to_both_sides(db: Database, radius_m: float) -> None:
    show(db, "school-elementary", areas(("北小", 0), ("南小", 1)))
    found = hits(db, 1.0, 0.5, radius_m)
    assert {name for _, name, _ in found} == {"北小", "南小"}
    assert {whole for *_, whole in found} == {radius_m == 0.0}


def test_parts_of_one_name_hold_a_circle_together(db: Database) -> None:
    show(db, "garbage", areas(("A", 0), ("A", 1)))
    assert hits(db, 1.0, 0.5, 20) == [("garbage", "A", True)]


def test_nothing_there_is_nothing_found(db: Database) -> None:
    show(db, "flood", areas(("3m以上", 0)))
    assert hits(db, 5, 5, 20) == []


def test_nearest_places_by_metres_and_not_by_degrees(db: Database) -> None:
    # East by 0.011° is 944 m, north by 0.010° is 1,110 m.
    rows: list[dict[str, object]] = [
        {"name": "北", "geom": point(0, 1.0)},
        {"name": "東", "geom": point(1.1, 0)},
    ]
    show(db, "shelters", rows)
    with db.read() as conn:
        found = places_near(conn, resolve(conn, CODE), LON, LAT)
    assert [(hit.name, round(hit.distance_m or 0, -1)) for hit in found] == [("東", 940), ("北", 1110)]


def test_layers_come_and_go_one_by_one(db: Database) -> None:
    show(db, "school-elementary", areas(("北小", 0)))
    show(db, "flood", areas(("3m以上", 0)))
    with db.read() as conn:
        assert loaded(conn, resolve(conn, CODE)) == ["school-elementary", "flood"]
    rollback(db, CODE, by="test")
    with db.read() as conn:
        assert loaded(conn, resolve(conn, CODE)) == ["school-elementary"]
    assert {kind for kind, *_ in hits(db, 0.5, 0.5, 20)} == {"school-elementary"}


@pytest.mark.parametrize("statement", ["UPDATE area_layer SET name = 'x'", "DELETE FROM area_layer"])
@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.STAFF])
def test_readers_change_nothing(db: Database, audience: Audience, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(audience) as conn:
        conn.execute(statement)


def test_what_is_loaded_is_never_altered(db: Database) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(Audience.LOADER) as conn:
        conn.execute("UPDATE area_layer SET name = 'x'")


@pytest.mark.shared
def test_inside_every_real_school_district_that_school_and_no_other(db: Database, shared_data: Path) -> None:
    ensure_municipality(db, KNOWN[YAIZU], by="test")
    ids = []
    for kind, folder in (("school-elementary", "小学校区"), ("school-junior-high", "中学校区")):
        done = import_files(
            db, YAIZU, kind, [shared_data / "formats/yaizu" / folder], meta(), ImportOptions()
        )
        ids.append(done.stored[0].dataset_id)
    activate(db, YAIZU, ids, by="test")
    asked = 0
    with db.read() as conn:
        ref = resolve(conn, YAIZU)
        for dataset_id, kind in zip(ids, ("school-elementary", "school-junior-high"), strict=True):
            frame = read_frame(conn, YAIZU, dataset_id, kind)
            for name, shape in zip(frame["name"], frame.geometry, strict=True):
                inside = shapely.maximum_inscribed_circle(shape).coords[0]
                found = [hit for hit in areas_at(conn, ref, *inside, 20) if hit.kind == kind]
                assert [(hit.name, hit.whole) for hit in found] == [(name, True)]
                asked += 1
    assert asked == 22
