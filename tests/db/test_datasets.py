"""Loads: whole or not at all, with carried-over records, a report and a trace."""

from __future__ import annotations

import pytest

from geodata.audit import entries
from geodata.database import Audience, Database
from geodata.datasets import count_rows, list_datasets, load, show_dataset
from geodata.rows import read_frame
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.quality import Quality
from tests.factories import (
    CODE,
    association_rows,
    district_rows,
    make_active,
    membership_rows,
    meta,
    point,
    put,
    result,
    square,
)


def test_what_was_loaded_can_be_read_back(db: Database) -> None:
    dataset = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))

    with db.read(Audience.LOADER) as conn:
        back = read_frame(conn, CODE, dataset, "districts")
    assert back["district_no"].tolist() == [1, 2]
    assert back["aliases"].tolist() == [[], []]
    assert back.geometry.iloc[0].equals(square(0, 0))


def test_unknown_stays_unknown(db: Database) -> None:
    row = {
        "hall_id": "H1",
        "association_id": None,
        "name": "会館",
        "address": None,
        "floor_area_m2": float("nan"),
        "built_year": None,
        "ownership": None,
        "geom": None,
    }
    dataset = put(db, "halls", [row, {**row, "hall_id": "H2", "built_year": 1990, "geom": point(0, 0)}])

    with db.read(Audience.LOADER) as conn:
        rows = conn.execute(
            "SELECT * FROM hall WHERE dataset_id = %s ORDER BY hall_id", (dataset,)
        ).fetchall()
    assert rows[0]["floor_area_m2"] is None
    assert rows[0]["geom"] is None
    assert rows[1]["built_year"] == 1990


TOWN = {"town_id": "t1", "name": "芋田", "oaza": "芋田", "level": "oaza", "aliases": ["玉山区芋田"]}


def test_former_names_keep_their_days(db: Database) -> None:
    former = [{"name": "玉山区芋田", "valid_from": "2006-01-10", "valid_to": None}]
    dataset = put(
        db, "towns", [{**TOWN, "former_names": former}, {**TOWN, "town_id": "t2", "former_names": []}]
    )

    with db.read(Audience.LOADER) as conn:
        back = read_frame(conn, CODE, dataset, "towns")
        found = conn.execute(
            "SELECT town_id FROM town, jsonb_to_recordset(former_names) AS f(name text, valid_from date) "
            "WHERE f.name = '玉山区芋田' AND f.valid_from = '2006-01-10'"
        ).fetchall()
    assert back["former_names"].tolist() == [former, []]
    assert found == [{"town_id": "t1"}]


@pytest.mark.parametrize("former", [[{"valid_to": "2006-01-10"}], [{"name": 3}], ["玉山区芋田"]])
def test_a_former_name_without_a_name_is_refused(db: Database, former: list[object]) -> None:
    with pytest.raises(InputError, match="ck_town_former_names_form"):
        put(db, "towns", [{**TOWN, "former_names": former}])


def test_a_load_changes_nothing_anybody_sees(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    second = put(db, "districts", district_rows({1: square(5, 5)}))

    with db.read(Audience.LOADER) as conn:
        active = {row["dataset_id"]: row["active"] for row in list_datasets(conn, CODE)}
    assert active[second] is False


def test_one_bad_row_refuses_the_whole_load(db: Database) -> None:
    rows = membership_rows({("A1", 2019): (10, 9)})
    put(db, "associations", association_rows({"A1": square(0, 0)}))
    bad = [*rows, {**rows[0], "fiscal_year": 2020, "member_households": 11}]

    with pytest.raises(InputError, match="決まりに合いません"):
        put(db, "membership", bad)
    with db.read(Audience.LOADER) as conn:
        assert conn.execute("SELECT count(*) AS n FROM membership").fetchone() == {"n": 0}
        assert list_datasets(conn, CODE, kind="membership") == []


def test_a_reference_to_nothing_is_named(db: Database) -> None:
    with pytest.raises(InputError, match="先に参照先のデータ"):
        put(db, "membership", membership_rows({("NOWHERE", 2019): (10, 9)}))


def test_a_doubled_row_is_named(db: Database) -> None:
    with pytest.raises(InputError, match="2回以上"):
        put(db, "districts", district_rows({1: square(0, 0)}) * 2)


def test_an_unknown_municipality_is_refused(db: Database) -> None:
    with pytest.raises(NotFoundError, match="99999"):
        load(db, "99999", result("districts", district_rows({1: square(0, 0)})), meta())


def test_records_a_file_does_not_mention_are_carried_over(db: Database) -> None:
    areas = put(db, "associations", association_rows({"A1": square(0, 0), "A2": square(1, 0)}))
    first = put(
        db,
        "membership",
        membership_rows({("A1", 2019): (10, 9), ("A2", 2019): (20, 10), ("A1", 2020): (10, 8)}),
    )
    make_active(db, areas, first)
    second = put(db, "membership", membership_rows({("A1", 2020): (12, 12), ("A1", 2021): (13, 12)}))

    with db.read(Audience.LOADER) as conn:
        rows = conn.execute(
            "SELECT association_id, fiscal_year, households FROM membership WHERE dataset_id = %s ORDER BY 1, 2",
            (second,),
        ).fetchall()
        assert count_rows(conn, CODE, second, "membership") == 4
    assert [tuple(row.values()) for row in rows] == [
        ("A1", 2019, 10),
        ("A1", 2020, 12),
        ("A1", 2021, 13),
        ("A2", 2019, 20),
    ]


def test_nothing_is_carried_from_sample_into_real_data(db: Database) -> None:
    areas = put(db, "associations", association_rows({"A1": square(0, 0)}), Quality.SAMPLE)
    sample = put(db, "membership", membership_rows({("A1", 2019): (10, 9)}), Quality.SAMPLE)
    make_active(db, areas, sample)
    real = put(db, "membership", membership_rows({("A1", 2020): (12, 12)}))

    with db.read(Audience.LOADER) as conn:
        assert count_rows(conn, CODE, real, "membership") == 1


def test_every_load_leaves_a_report_and_a_trace(db: Database) -> None:
    dataset = put(db, "districts", district_rows({1: square(0, 0)}))

    with db.read(Audience.LOADER) as conn:
        stored = show_dataset(conn, CODE, dataset)
        last = entries(conn, CODE, limit=1)[0]
    assert stored["report"]["rows_loaded"] == 1
    assert stored["report"]["summary"]
    assert (last["action"], last["target"], last["actor"]) == ("dataset.load", str(dataset), "test")


def test_hostile_text_is_stored_as_text(db: Database) -> None:
    hostile = "<img src=x onerror=alert(1)>'; DROP TABLE kyodo.town; --${1}\t\\N"
    rows = association_rows({"A1": square(0, 0)})
    dataset = put(db, "associations", [{**rows[0], "name": hostile}])

    with db.read(Audience.LOADER) as conn:
        assert read_frame(conn, CODE, dataset, "associations")["name"].tolist() == [hostile]
