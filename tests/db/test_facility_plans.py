"""Unit costs, scenarios, siting runs and the cache: who reads them, and what cannot happen to them."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest

from geodata import computed, scenarios, siting_runs, unit_costs
from geodata.database import Audience, Connection, Database
from geodata.queries.generation import revisions
from geodata.scenarios import Action
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.facility_terms import USE_CLASSES
from kyodo_geo.unit_costs import Assumptions, default_unit_costs
from tests.factories import CODE

STEPS = (Action(2027, "f1", "長寿命化"), Action(2030, "f2", "集約化", into_facility="f1", note="近いため"))


@pytest.fixture
def city(db: Database) -> Database:
    """盛岡市 with two facilities."""
    with db.write(Audience.LOADER) as conn:
        conn.execute("INSERT INTO facility VALUES ('03201', 'f1'), ('03201', 'f2')")
    return db


def save(conn: Connection, made_from: int = 0, **changes: object) -> int:
    values: dict[str, object] = {
        "title": "案A", "author": "市民協働推進課", "reason": "比べるため", "base_year": 2026, "horizon": 40,
        "actions": STEPS, "by": "planner",
    }  # fmt: skip
    return scenarios.save(conn, CODE, "a", made_from=made_from, **{**values, **changes})  # type: ignore[arg-type]


# -- unit costs ------------------------------------------------------------------------------------------------


def test_the_program_brings_the_published_unit_costs_along(db: Database) -> None:
    with db.read() as conn:
        short = unit_costs.unit_costs(conn, CODE, "60-year")
        long = unit_costs.unit_costs(conn, CODE, "80-year")
        held = unit_costs.assumptions(conn, CODE)
    assert (short.version, tuple(short.costs), held.version) == (0, USE_CLASSES, 0)
    hall = short.costs["市民文化"]
    assert (hall.large_yen_m2, hall.rebuild_yen_m2, hall.mid_share) == (250_000, 400_000, None)
    assert (long.costs["公営住宅"].rebuild_yen_m2, long.costs["公営住宅"].mid_share) == (280_000, 0.3)
    assert "総務省" in (short.source or "") and held.assumptions == Assumptions()


def test_a_change_is_another_version_and_two_editors_never_overwrite_each_other(db: Database) -> None:
    costs = [cost for cost in default_unit_costs() if cost.rule_set == "60-year"]
    dearer = [replace(cost, rebuild_yen_m2=cost.rebuild_yen_m2 * 2) for cost in costs]
    say = {"note": "物価", "source": "市の積算", "by": "planner"}
    with db.write(Audience.STAFF) as conn:
        with pytest.raises(InputError, match="変わったところ"):
            unit_costs.enter_unit_costs(conn, CODE, "60-year", costs, made_from=0, **say)
        with pytest.raises(InputError, match="13の分類"):
            unit_costs.enter_unit_costs(conn, CODE, "60-year", dearer[1:], made_from=0, **say)
        assert unit_costs.enter_unit_costs(conn, CODE, "60-year", dearer, made_from=0, **say) == 1
        with pytest.raises(ConflictError, match="第1版"):
            unit_costs.enter_unit_costs(conn, CODE, "60-year", dearer, made_from=0, **say)
        assert unit_costs.enter_assumptions(conn, CODE, Assumptions(price_index=1.4), made_from=0, **say) == 1
        with pytest.raises(ConflictError):
            unit_costs.enter_assumptions(conn, CODE, Assumptions(price_index=1.5), made_from=0, **say)
    with db.read() as conn:
        assert unit_costs.unit_costs(conn, CODE, "60-year").costs["学校"].rebuild_yen_m2 == 660_000
        assert unit_costs.unit_costs(conn, CODE, "60-year", 0).costs["学校"].rebuild_yen_m2 == 330_000
        assert unit_costs.unit_costs(conn, CODE, "80-year").version == 0
        assert unit_costs.assumptions(conn, CODE).assumptions.price_index == 1.4
        with pytest.raises(InputError, match="第9版"):
            unit_costs.assumptions(conn, CODE, 9)
    with db.read(Audience.STAFF) as conn:
        assert [row.note for row in unit_costs.versions(conn, CODE, "60-year")] == ["物価"]


def test_a_version_stays_as_it_was_entered_and_shows_no_login(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        unit_costs.enter_assumptions(
            conn, CODE, Assumptions(price_index=2), made_from=0, note=None, source="x", by="planner"
        )
    for table in ("unit_cost", "cost_assumption"):
        for audience in (Audience.STAFF, Audience.LOADER):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), db.write(audience) as conn:
                conn.execute(f"UPDATE {table} SET note = 'x'")
        with db.read() as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"SELECT created_by FROM {table}")


# -- scenarios -------------------------------------------------------------------------------------------------


def test_the_public_sees_the_published_version_alone(city: Database) -> None:
    with city.write(Audience.STAFF) as conn:
        save(conn)
    with city.read() as conn:
        assert scenarios.scenarios(conn, CODE) == []
        with pytest.raises(NotFoundError):
            scenarios.scenario(conn, CODE, "a")
        assert conn.execute("SELECT count(*) AS n FROM scenario_action").fetchone() == {"n": 0}
    with city.write(Audience.STAFF) as conn:
        scenarios.publish(conn, CODE, "a", 1, by="planner")
        save(conn, 1, title="案A 改")
    with city.read() as conn:
        (shown,) = scenarios.scenarios(conn, CODE)
        found = scenarios.scenario(conn, CODE, "a")
        with pytest.raises(NotFoundError):
            scenarios.scenario(conn, CODE, "a", 2)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute("SELECT created_by FROM scenario")
    assert (shown.version, found.title, found.actions, found.last_year) == (1, "案A", STEPS, 2065)
    with city.read(Audience.STAFF) as conn:
        assert [row.state for row in scenarios.versions(conn, CODE, "a")] == ["draft", "published"]
        assert scenarios.scenario(conn, CODE, "a").title == "案A 改"


def test_publishing_the_next_version_withdraws_the_one_before(city: Database) -> None:
    with city.write(Audience.STAFF) as conn:
        save(conn)
        scenarios.publish(conn, CODE, "a", 1, by="planner")
        save(conn, 1)
        scenarios.publish(conn, CODE, "a", 2, by="planner")
        with pytest.raises(ConflictError):
            scenarios.publish(conn, CODE, "a", 2, by="planner")
        assert [row.state for row in scenarios.versions(conn, CODE, "a")] == ["published", "withdrawn"]
        scenarios.withdraw(conn, CODE, "a", 2, by="planner")
        with pytest.raises(ConflictError):
            scenarios.withdraw(conn, CODE, "a", 2, by="planner")
    with city.read() as conn:
        assert scenarios.scenarios(conn, CODE) == []


def test_a_stale_version_is_neither_saved_nor_published(city: Database) -> None:
    with city.write(Audience.STAFF) as conn:
        save(conn)
        save(conn, 1, title="先に保存した人")
        with pytest.raises(ConflictError, match="第2版"):
            save(conn, 1)
        with pytest.raises(ConflictError, match="もうあります"):
            save(conn, 0)
        with pytest.raises(ConflictError):
            scenarios.publish(conn, CODE, "a", 1, by="planner")


UNFIT: list[tuple[dict[str, object], str]] = [
    ({"title": " "}, "title"),
    ({"title": "あ" * 201}, "title"),
    ({"reason": ""}, "reason"),
    ({"horizon": 0}, "horizon"),
    ({"actions": [Action(2025, "f1", "継続")]}, "actions"),
    ({"actions": [Action(2066, "f1", "継続")]}, "actions"),
    ({"actions": [Action(2030, "f1", "爆破")]}, "actions"),
    ({"actions": [Action(2030, "f1", "集約化", into_facility="f1")]}, "actions"),
    ({"actions": [Action(2030, "f1", "継続", into_facility="f2")]}, "actions"),
    ({"actions": [Action(2030, "f1", "継続")] * 501}, "actions"),
    ({"actions": [Action(2030, "f1", "建替", floor_area_m2=-1.0)]}, "actions"),
    ({"actions": [Action(2030, "f9", "継続")]}, "facility_id"),
]


def test_what_does_not_fit_is_refused_with_its_field(city: Database) -> None:
    for changes, field in UNFIT:
        with pytest.raises(InputError) as caught, city.write(Audience.STAFF) as conn:
            save(conn, **changes)
        assert caught.value.details["field"] == field, changes
    with city.read(Audience.STAFF) as conn:
        assert scenarios.scenarios(conn, CODE) == []


CHANGES = [
    "UPDATE scenario SET title = 'x'",
    "UPDATE scenario SET state = 'draft', published_at = NULL",
    "DELETE FROM scenario",
    "UPDATE scenario_action SET year = 2031",
    "DELETE FROM scenario_action",
    (
        "INSERT INTO scenario_action (municipality_code, scenario_id, version, action_no, year, facility_id, action) "
        "VALUES ('03201', 'a', 1, 9, 2030, 'f1', '継続')"
    ),
]


def test_what_was_published_stays_as_it_was(city: Database) -> None:
    with city.write(Audience.STAFF) as conn:
        save(conn)
        scenarios.publish(conn, CODE, "a", 1, by="planner")
    for audience in (Audience.STAFF, Audience.LOADER):
        for change in CHANGES:
            refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="published")
            with refused, city.write(audience) as conn:
                conn.execute(change)


# -- runs and cache --------------------------------------------------------------------------------------------


def ask(conn: Connection, run_id: str = "r1") -> None:
    siting_runs.ask(
        conn, CODE, run_id, model="p-median", parameters={"p": 3}, basis={"generation": 1}, by="planner"
    )


def test_a_run_is_taken_once_tells_how_far_it_is_and_keeps_its_result(db: Database) -> None:
    before = revision(db)
    with db.write(Audience.STAFF) as conn:
        ask(conn)
        taken = siting_runs.begin(conn, CODE, "r1")
        assert taken is not None and taken.parameters == {"p": 3}
        assert siting_runs.begin(conn, CODE, "r1") is None
        assert siting_runs.tell(conn, CODE, "r1", 0.4)
        siting_runs.finish(conn, CODE, "r1", result={"status": "feasible"})
        found = siting_runs.run(conn, CODE, "r1")
        assert (found.state, found.progress, found.result) == ("done", 1.0, {"status": "feasible"})
        with pytest.raises(ConflictError):
            siting_runs.cancel(conn, CODE, "r1", by="planner")
        assert not siting_runs.tell(conn, CODE, "r1", 0.5)
    assert revision(db) == before, "progress must not empty the caches of pages"


def test_a_run_can_be_ended_while_it_waits_and_while_it_runs(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        for run_id in ("r1", "r2", "r3"):
            ask(conn, run_id)
        siting_runs.cancel(conn, CODE, "r1", by="planner")
        assert siting_runs.run(conn, CODE, "r1").state == "cancelled"
        assert siting_runs.begin(conn, CODE, "r1") is None
        siting_runs.begin(conn, CODE, "r2")
        siting_runs.cancel(conn, CODE, "r2", by="planner")
        assert not siting_runs.tell(conn, CODE, "r2", 0.5)
        siting_runs.finish(conn, CODE, "r2")
        assert siting_runs.run(conn, CODE, "r2").state == "cancelled"
        siting_runs.begin(conn, CODE, "r3")
        siting_runs.finish(conn, CODE, "r3", message="時間切れ")
        assert siting_runs.run(conn, CODE, "r3").state == "failed"
        assert [run.run_id for run in siting_runs.runs(conn, CODE, limit=9)] == ["r1", "r2", "r3"]


def test_a_run_whose_worker_died_is_taken_by_another(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        ask(conn)
        siting_runs.begin(conn, CODE, "r1")
        conn.execute("UPDATE siting_run SET touched_at = now() - interval '3 minutes'")
        assert siting_runs.begin(conn, CODE, "r1") is not None


def test_too_many_runs_and_unknown_models_are_refused(db: Database) -> None:
    with db.write(Audience.STAFF) as conn:
        for number in range(siting_runs.MAX_WAITING):
            ask(conn, f"r{number}")
        with pytest.raises(ConflictError):
            ask(conn, "one-more")
        with pytest.raises(InputError):
            siting_runs.ask(conn, CODE, "x", model="guess", parameters={}, basis={}, by="planner")


def test_computed_arrays_are_found_by_what_they_were_made_from(db: Database) -> None:
    first = computed.input_hash({"generation": 1, "radius": 800.0})
    assert first == computed.input_hash({"radius": 800.0, "generation": 1})
    assert first != computed.input_hash({"generation": 2, "radius": 800.0})
    before = revision(db)
    with db.write(Audience.STAFF) as conn:
        assert computed.get(conn, CODE, "reach", first) is None
        computed.put(conn, CODE, "reach", first, b"\x00\x01")
        computed.put(conn, CODE, "reach", first, b"\x02")
        assert computed.get(conn, CODE, "reach", first) == b"\x02"
        assert computed.forget(conn, CODE, older_than_hours=1) == 0
        assert computed.forget(conn, CODE) == 1
    assert revision(db) == before


@pytest.mark.parametrize(
    "table",
    ["siting_run", "computed", "facility_group", "building_inspection", "building_work", "facility_stage"],
)
@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PARTNER])
def test_the_public_and_partners_cannot_look_into_it(
    conn: Connection, table: str, audience: Audience
) -> None:
    conn.execute(f"SET LOCAL ROLE {audience.value}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"SELECT count(*) FROM kyodo.{table}")


OPENING = "INSERT INTO kyodo.facility_opening VALUES ('03201', 'f1', %s)"
GROUP = (
    "INSERT INTO kyodo.facility_group (municipality_code, facility_id, group_no, weekday, starts, ends, people) "
    "VALUES ('03201', 'f1', 1, 1, '09:00', '10:00', 0)"
)
ROOM = (
    "INSERT INTO kyodo.room_year (municipality_code, facility_id, room_no, fiscal_year, hours_open, hours_used) "
    "VALUES ('03201', 'f1', 1, 2024, 10, 11)"
)
YEAR = "INSERT INTO kyodo.facility_year (municipality_code, facility_id, fiscal_year, open_days) "
CELL = (
    "INSERT INTO kyodo.mesh_cell (municipality_code, dataset_id, mesh_code, year, people, aged65, geom) "
    "VALUES ('03201', 1, '58416000', 2020, 5, 6, ST_MakeEnvelope(141, 39, 141.1, 39.1, 4326))"
)
EDGE = (
    "INSERT INTO kyodo.network_edge (municipality_code, dataset_id, edge_no, u, v, length_m, geom) "
    "VALUES ('03201', 1, 1, %s, ST_GeomFromText('LINESTRING(141 39, 141.1 39)', 4326))"
)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        (OPENING.replace("%s", "8, '09:00', '17:00'"), "ck_facility_opening_weekday_range"),
        (OPENING.replace("%s", "1, '17:00', '09:00'"), "ck_facility_opening_hours_order"),
        (
            "INSERT INTO kyodo.facility_shelter VALUES ('03201', 'f1', 'welfare-shelter', 5, '{meteor}')",
            "ck_facility_shelter_hazards_known",
        ),
        (GROUP, "ck_facility_group_people_range"),
        (
            "INSERT INTO kyodo.building (municipality_code, building_id, use_class) VALUES ('03201', 'b', '城')",
            "ck_building_use_class_known",
        ),
        (YEAR + "VALUES ('03201', 'f1', 2024, 367)", "ck_facility_year_parts_range"),
        (ROOM, "ck_room_year_used_at_most_open"),
        (CELL, "ck_mesh_cell_aged_at_most_people"),
        (EDGE.replace("%s", "2, 1, 5"), "ck_network_edge_nodes_order"),
        (EDGE.replace("%s", "1, 2, 'NaN'"), "ck_network_edge_length_m_finite"),
    ],
)
def test_the_database_refuses_what_cannot_be(conn: Connection, statement: str, constraint: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        conn.execute(statement)
    assert caught.value.diag.constraint_name == constraint


def revision(db: Database) -> int:
    with db.read() as conn:
        return revisions(conn)[CODE]
