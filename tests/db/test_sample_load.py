"""Loading the bundled sample into a database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from api.cli import app
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from geodata.datasets import list_datasets
from geodata.generations import rollback
from geodata.queries import associations, coverage, facilities, membership, plans, small_areas, vacant
from geodata.queries.datasets import active_datasets
from geodata.queries.districts import districts
from geodata.queries.generation import Ref, resolve
from geodata.queries.snapshot import lookup_snapshot
from geodata.sample.load import SampleSummary, load_sample
from geodata.sample.plan_records import STATED_ON
from kyodo_geo.errors import ConflictError
from kyodo_geo.kinds import SAMPLE_KINDS
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup.answers import Answer
from kyodo_geo.quality import Quality
from tests.factories import CODE, district_rows, make_active, put, small_area_rows, square
from tests.fixtures_db import DatabaseUrls, copied


@pytest.fixture
def empty(db_url: str) -> Iterator[Database]:
    """A migrated database without any municipality: what `up` finds at its first start."""
    database = Database(db_url)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def filled_by(cluster: Cluster, template: DatabaseUrls) -> Iterator[Database]:
    with copied(cluster, template) as urls:
        database = Database(urls.app)
        try:
            yield database
        finally:
            database.close()


@pytest.fixture
def filled(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Database]:
    """A database with the sample, for one test that changes it."""
    with filled_by(cluster, sample_db_template) as database:
        yield database


@pytest.fixture(scope="module")
def sample(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Database]:
    """One database with the sample, for tests that only read."""
    with filled_by(cluster, sample_db_template) as database:
        yield database


def ref(db: Database) -> Ref:
    with db.read() as conn:
        return resolve(conn, CODE)


def test_an_empty_database_gets_every_kind_in_one_generation(empty: Database) -> None:
    told: list[str] = []
    summary = load_sample(empty, on_step=told.append)
    assert summary.loaded
    assert (summary.generation_no, ref(empty).generation_no) == (1, 1)
    assert set(summary.rows) == set(SAMPLE_KINDS)
    assert all(rows > 0 for rows in summary.rows.values())
    assert all(rows > 0 for rows in summary.records.values())
    assert (told[0], told[-1]) == ("見本データの作成", "有効化")
    assert len(told) == len(SAMPLE_KINDS) + 2, "every step is told in Japanese"


def test_loading_again_changes_nothing(filled: Database) -> None:
    revision = ref(filled).revision
    again = load_sample(filled)

    assert (again.loaded, again.generation_no) == (False, 1)
    assert ref(filled).revision == revision


def test_an_upgraded_installation_gets_the_records_its_older_sample_lacked(filled: Database) -> None:
    with filled.write(Audience.LOADER) as conn:
        conn.execute("DELETE FROM indicator_value WHERE fiscal_year > 2021")
        conn.execute("DELETE FROM plan_policy")
        conn.execute("DELETE FROM project WHERE fiscal_year = 2024")
    with filled.write(Audience.STAFF) as conn:
        conn.execute("UPDATE indicator_value SET value = 1, withdrawn = true WHERE indicator_id = 'letters'")
    revision = ref(filled).revision
    again = load_sample(filled)

    entered = {table: rows for table, rows in again.records.items() if rows}
    assert (again.loaded, entered) == (False, {"plan_policy": 4, "indicator_value": 23})
    assert ref(filled).revision > revision, "pages show it at once"
    with filled.read(Audience.STAFF) as conn:
        kept = conn.execute(
            "SELECT DISTINCT value, withdrawn FROM indicator_value WHERE indicator_id = 'letters' AND fiscal_year <= 2021"
        ).fetchall()
    assert kept == [{"value": 1, "withdrawn": True}], "what staff have changed stays"


def test_all_but_the_real_facilities_is_marked_as_sample(sample: Database) -> None:
    with sample.read(Audience.STAFF) as conn:
        rows = list_datasets(conn, CODE, staff=True)

    real = {row["kind"] for row in rows if row["quality"] != "sample"}
    assert real == {"facilities"}
    assert all("架空" in row["source"] for row in rows if row["kind"] != "facilities")
    assert all(row["licence"] and row["authority"] and row["checksum"] for row in rows)


def test_the_public_does_not_see_that_vacant_houses_exist(sample: Database) -> None:
    with sample.read() as conn:
        assert "vacant-houses" not in active_datasets(conn, resolve(conn, CODE))
    with sample.read(Audience.STAFF) as conn:
        assert len(vacant.houses(conn, resolve(conn, CODE))) == 60


def test_districts_carry_the_marks_of_the_plan_and_the_sums_of_their_cells(sample: Database) -> None:
    with sample.read() as conn:
        rows = districts(conn, resolve(conn, CODE), 2019, on=STATED_ON)

    assert [row.no for row in rows] == list(range(1, 31))
    adopted = [row.no for row in rows if row.plan_adopted]
    assert adopted == [5, 6, 11, 12, 14, 19, 21, 26, 27, 28, 29, 30]
    assert {row.plan_quality for row in rows} == {"real"}
    assert sum(row.people or 0 for row in rows) == 285_000
    assert sum(row.households or 0 for row in rows) == 138_000
    assert not any(row.suppressed for row in rows)


def test_the_city_starts_at_the_published_rate_and_declines_gently(sample: Database) -> None:
    with sample.read() as conn:
        years = membership.city(conn, resolve(conn, CODE))

    rates = [year.rate for year in sorted(years, key=lambda year: year.fiscal_year)]
    assert [year.fiscal_year for year in sorted(years, key=lambda y: y.fiscal_year)] == list(
        range(2019, 2026)
    )
    assert rates[0] is not None and round(rates[0], 4) == 0.8750
    assert all(0.001 < (a or 0) - (b or 0) < 0.01 for a, b in pairwise(rates))


def test_figures_on_real_facilities_are_marked_one_by_one(sample: Database) -> None:
    with sample.read() as conn:
        rows = facilities.facilities(conn, resolve(conn, CODE))

    assert len(rows) == 19
    for row in rows:
        items = [*row.buildings, *row.rooms, *row.years]
        assert items and {item["quality"] for item in items} == {"sample"}
        assert (row.capacity, row.opened_on, row.operator) == (None, None, None)


def test_the_plan_has_its_printed_figures_and_later_ones_are_marked(sample: Database) -> None:
    with sample.read() as conn:
        found = resolve(conn, CODE)
        initiatives = plans.initiatives(conn, found)
        indicators = plans.indicators(conn, found)

    assert [row["initiative_no"] for row in initiatives] == list(range(1, 28))
    assert {record["quality"] for row in initiatives for record in row["records"]} == {"sample"}
    for row in indicators:
        qualities = {value["fiscal_year"]: value["quality"] for value in row["values"]}
        assert qualities.pop(2019) == "real"
        assert set(qualities.values()) == {"sample"}


def test_what_the_maps_and_pages_read_is_there(sample: Database) -> None:
    with sample.read() as conn:
        found = resolve(conn, CODE)
        page, following = associations.page(conn, found, limit=50)
        one = associations.one(conn, found, page[0].id)
        reach = coverage.inputs(conn, found)
        cells, _ = small_areas.page(conn, found, limit=500)

    assert following is not None and one.rules
    assert all(row.district_no for row in page)
    assert all(area.district_no for area in reach.demand)
    assert len(reach.facilities) == 19
    assert len(cells) == 500


def test_only_published_contacts_reach_the_public(sample: Database) -> None:
    with sample.read() as conn:
        public = conn.execute("SELECT role, name FROM association_contact").fetchall()
    with sample.read(Audience.STAFF) as conn:
        staff = conn.execute("SELECT role FROM association_contact").fetchall()

    assert {row["role"] for row in public} == {"office"}
    assert len(staff) == 2 * len(public)


def test_real_data_keep_the_sample_out(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))

    with pytest.raises(ConflictError, match=r"コミュニティ推進地区.*見本データは読み込めません"):
        load_sample(db)
    with db.read(Audience.STAFF) as conn:
        assert len(list_datasets(conn, CODE, staff=True)) == 1
        assert conn.execute("SELECT count(*) AS n FROM plan").fetchone() == {"n": 0}


def test_real_districts_retire_what_stands_on_the_sample_ones(filled: Database) -> None:
    done = make_active(filled, put(filled, "districts", district_rows({1: square(0, 0)})))

    assert set(done.retired) == {
        "association-districts", "associations", "association-rules", "membership", "halls", "vacant-houses",
        "towns", "blocks", "lots",
    }  # fmt: skip
    with filled.read() as conn:
        left = active_datasets(conn, resolve(conn, CODE))
    assert left["districts"].quality is Quality.REAL
    assert left["facilities"].quality is Quality.REAL
    with pytest.raises(ConflictError):
        load_sample(filled)


def test_readings_nobody_confirmed_are_told_apart_until_the_city_states_them(filled: Database) -> None:
    with filled.read() as conn:
        rows = districts(conn, resolve(conn, CODE), None)
    assert [row.no for row in rows if row.kana_confirmed is False] == [1, 2, 12, 15, 27]
    assert [row.kana_confirmed for row in rows if row.no not in (1, 2, 12, 15, 27)] == [True] * 25

    stated = {**district_rows({1: square(0, 0)})[0], "name": "仁王", "kana": "におう"}
    unnamed = {**district_rows({2: square(1, 0)})[0], "kana": None}
    make_active(filled, put(filled, "districts", [stated, unnamed]))
    with filled.read() as conn:
        assert [row.kana_confirmed for row in districts(conn, resolve(conn, CODE), None)] == [True, None]


def test_the_plan_names_the_document_it_was_taken_from(sample: Database) -> None:
    with sample.read() as conn:
        found = plans.source(conn, resolve(conn, CODE))
    assert found == "盛岡市地域づくり協働推進計画（令和3年度～令和7年度）ダイジェスト版"


def ask(db: Database, address: str) -> Answer:
    with db.read() as conn:
        return LookupIndex(lookup_snapshot(conn, resolve(conn, CODE))).by_address(address)


def test_invented_places_name_no_real_district(filled: Database) -> None:
    """みたけ3-12-1 has an invented point; over real small areas it must not say in which district it lies."""
    before = ask(filled, "みたけ3-12-1")
    assert before.address.lon is not None
    everywhere = square(-50, -50, 200)
    small = put(filled, "small-areas", small_area_rows({"032010010": (everywhere, 10, 5)}))
    assignment = put(
        filled,
        "district-assignment",
        [{"key_code": "032010010", "district_no": 8, "confidence": "likely"}],
        Quality.UNOFFICIAL,
    )
    put(
        filled,
        "districts",
        district_rows({8: everywhere}),
        Quality.UNOFFICIAL,
        derived_from=(small, assignment),
    )
    done = make_active(filled, small, assignment)

    assert {"towns", "blocks"} <= set(done.retired)
    found = ask(filled, "みたけ3-12-1")
    assert (found.district, found.address.lon) == (None, None)
    assert Quality(found.dataset["quality"]) is Quality.SAMPLE  # the outline still is
    # No association is named, so the sentence says nothing of one; pages mark the answer by its data.
    assert found.associations == ()
    assert "実際の町内会・自治会ではありません" not in found.message


def test_a_roll_back_brings_invented_places_back_marked(filled: Database) -> None:
    assert Quality.SAMPLE.label in ask(filled, "みたけ3-12-1").message
    make_active(filled, put(filled, "outline", [{"part_no": 1, "geom": square(-50, -50, 200)}]))
    assert ask(filled, "みたけ3-12-1").address.lon is None
    rollback(filled, CODE, by="test")
    assert Quality.SAMPLE.label in ask(filled, "みたけ3-12-1").message


def test_what_staff_have_changed_survives_another_load(filled: Database) -> None:
    with filled.write(Audience.STAFF) as conn:
        conn.execute("UPDATE district_plan SET state = 'revised' WHERE district_no = 6")
        conn.execute("DELETE FROM facility_opening")
    with filled.write(Audience.LOADER) as conn:
        # As after an update of kyodo-geo that brings another version of the sample.
        conn.execute(
            "INSERT INTO generation (municipality_code, generation_no, activated_by) VALUES (%s, 2, 't')",
            (CODE,),
        )
    again = load_sample(filled)

    assert again.loaded
    assert again.records["facility_opening"] > 0
    assert again.records["scenario_action"] == 0
    assert again.records["district_plan"] == 0
    with filled.read() as conn:
        row = conn.execute("SELECT state FROM district_plan WHERE district_no = 6").fetchone()
    assert row == {"state": "revised"}


def test_the_command_line_loads_it_and_says_so(db_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KYODO_DATABASE_URL", db_url)
    runner = CliRunner()
    first = runner.invoke(app, ["sample", "load"])
    second = runner.invoke(app, ["sample", "load"])

    assert first.exit_code == second.exit_code == 0, first.output
    assert "町内会・自治会の区域: 366 行" in first.output
    assert "世代 1 を有効にしました" in first.output
    assert "何も変えていません" in second.output


def test_the_command_line_refuses_beside_real_data(
    db: Database, db_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    monkeypatch.setenv("KYODO_DATABASE_URL", db_url)
    refused = CliRunner().invoke(app, ["sample", "load"])

    assert isinstance(refused.exception, ConflictError)
    assert "有効にしました" not in refused.output


def test_two_first_starts_at_once_load_it_once(empty: Database, db_url: str) -> None:
    """As when two servers are started on one empty database."""
    done: list[SampleSummary] = []
    other = Database(db_url)
    threads = [threading.Thread(target=lambda d=d: done.append(load_sample(d))) for d in (empty, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    other.close()

    assert sorted(summary.loaded for summary in done) == [False, True]
    assert ref(empty).generation_no == 1
