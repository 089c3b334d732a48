"""Grid squares as demand, and projections, on the sample with squares of the test's own: known people in known places."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from starlette.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app as cli
from api.jobs import reach as job
from api.settings import Settings
from geodata import reach_arrays
from geodata.database import Audience, Database
from geodata.queries.demand import mesh_cells
from geodata.queries.generation import resolve
from geodata.reach_demand import demand_of
from kyodo_geo.mesh import corners
from kyodo_geo.quality import Quality
from kyodo_geo.reach.prepared import Prepared
from tests.api.conftest import PAGE, client_of
from tests.factories import CODE, make_active, put
from tests.fixtures_db import DatabaseUrls
from tests.unit.readers.files import load

MESH = "demand=mesh"
BLOCK = [f"594141{row}{column}" for row in range(2, 8) for column in range(10)]
SECRET, HOLDER, LOST, AGELESS = BLOCK[0], BLOCK[1], BLOCK[2], BLOCK[3]


def cell(code: str, people: int | None, aged: int | None, merged: str | None = None) -> dict[str, Any]:
    return {
        "mesh_code": code, "year": 2020, "people": people, "aged65": aged, "merged_into": merged,
        "geom": shapely.box(*corners(code)),
    }  # fmt: skip


def mesh_rows() -> list[dict[str, Any]]:
    """60 squares of 1 km over the city: 500 people each, 150 of them old; one merged, one lost, one without ages."""
    rows = {code: cell(code, 500, 150) for code in BLOCK}
    rows[SECRET] = cell(SECRET, None, None, HOLDER)
    rows[LOST] = cell(LOST, None, None)
    rows[AGELESS] = cell(AGELESS, 320, None)
    return list(rows.values())


@pytest.fixture(scope="module")
def database(sample_town: DatabaseUrls) -> Iterator[Database]:
    found = Database(sample_town.app, max_size=3)
    yield found
    found.close()


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def without(sample: TestClient) -> dict[str, Any]:
    """Answers while no squares are loaded."""
    pages = ("/facilities/gaps", "/facilities/closing", "/api/v1/facilities/closing")
    return {path: sample.get(f"{path}?{MESH}", headers=PAGE) for path in pages} | {
        "plain": sample.get("/facilities/gaps", headers=PAGE)
    }


@pytest.fixture(scope="module")
def before(without: dict[str, Any], sample: TestClient, database: Database) -> dict[str, Any]:
    """Squares are loaded, the job has not run."""
    make_active(database, put(database, "mesh-population", mesh_rows(), Quality.SAMPLE))
    sample.app.state.services.live.wait(CODE)  # type: ignore[attr-defined]
    return {"gaps": sample.get(f"/facilities/gaps?{MESH}", headers=PAGE)}


@pytest.fixture(scope="module")
def arrays(before: dict[str, Any], database: Database) -> dict[str, Prepared]:
    assert job.prepare_all(database, threading.Event()) == 1
    hashed, ready = reach_arrays.is_ready(database, CODE)
    assert ready
    found = {kind: reach_arrays.held(database, CODE, hashed, kind) for kind in ("areas", "mesh")}  # type: ignore[arg-type]
    assert all(found.values())
    return found  # type: ignore[return-value]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_without_squares_they_are_refused_with_a_sentence_and_not_offered(without: dict[str, Any]) -> None:
    for path in ("/facilities/gaps", "/facilities/closing", "/api/v1/facilities/closing"):
        assert (
            without[path].status_code == 400 and "メッシュの人口が読み込まれていません" in without[path].text
        )
    assert 'name="demand"' not in without["plain"].text


def test_before_the_job_squares_are_shown_by_straight_lines(before: dict[str, Any]) -> None:
    assert before["gaps"].status_code == 200
    assert "道のりを計算しています" in before["gaps"].text and "地域メッシュの中" in before["gaps"].text


def test_squares_have_their_people_and_secret_ones_are_in_the_one_that_holds_them(
    arrays: dict[str, Prepared],
) -> None:
    held = arrays["mesh"]
    assert held.has_network and len(held.key) == len(BLOCK)
    at = {str(key): place for place, key in enumerate(held.key)}
    people = held.people_in(2020)
    assert people.sum() == 57 * 500 + 320
    assert people[at[HOLDER]].tolist() == [0, 0, 150, 350] and people[at[AGELESS]].tolist() == [0, 0, 0, 320]
    assert (held.merged[0], held.secret[0], held.ageless[0]) == (1, 1, 320)
    assert people[at[SECRET]].sum() == 0
    # The middle of each square lies in its district, if in any.
    assert (held.district >= 0).any()


def test_years_to_come_change_as_the_districts_do(arrays: dict[str, Prepared]) -> None:
    areas, held = arrays["areas"], arrays["mesh"]
    at = next(p for p, d in enumerate(held.district) if d >= 0 and held.people_in(2020)[p].sum() == 500)
    mine = areas.district == held.district[at]
    for projection, year in (("table", 2040), ("cohort", 2040), ("cohort", 2050)):
        now, then = (areas.people_in(y, projection)[mine].sum(axis=0) for y in (2020, year))
        got = held.people_in(year, projection)[at]
        assert got[2] == pytest.approx(150 * then[2] / now[2], rel=1e-4)
        rest = (then.sum() - then[2]) / (now.sum() - now[2])
        assert got[3] == pytest.approx(350 * rest, rel=1e-4)


def test_projection_by_cohort_starts_from_the_newest_count_and_ends_in_2050(
    arrays: dict[str, Prepared],
) -> None:
    held = arrays["areas"]
    assert held.cohort_years.tolist() == [2025, 2030, 2035, 2040, 2045, 2050]
    assert held.series("table").years == (2015, 2020, 2040, 2045, 2050)
    assert held.series("cohort").years == (2015, 2020, 2025, 2030, 2035, 2040, 2045, 2050)
    assert held.people_in(2040).sum() == pytest.approx(243_000, abs=1)
    assert held.people_in(2040, "cohort").sum() != pytest.approx(243_000, abs=500)
    assert held.people_in(2020, "cohort").sum() == pytest.approx(285_000, abs=1)
    assert np.allclose(
        held.people_in(2028, "cohort"),
        0.4 * held.people_in(2025, "cohort") + 0.6 * held.people_in(2030, "cohort"), atol=1e-3,
    )  # fmt: skip


def test_pages_files_and_interface_of_squares_say_the_same(
    sample: TestClient, arrays: dict[str, Prepared]
) -> None:
    page = sample.get(f"/facilities/gaps?{MESH}&year=2020", headers=PAGE)
    assert page.status_code == 200
    for words in (
        "合算先のメッシュで数えています",
        "合算先もなく不明なメッシュ 1 件",
        "320 人がいて",
        'name="demand"',
    ):
        assert words in page.text, words
    districts = rows(sample.get(f"/downloads/facility-gaps.csv?{MESH}&year=2020").text)
    assert all("地域メッシュ" in row["期間"] for row in districts)
    inside = arrays["mesh"].district >= 0
    people = arrays["mesh"].people_in(2020)[inside].sum()
    assert sum(int(row["人口"]) for row in districts if row["人口"].isdigit()) == pytest.approx(people, abs=2)
    young = {row["うち0〜14歳"] for row in districts if row["人口"] not in ("0", "データなし")}
    assert young == {"不明"}
    areas = rows(sample.get(f"/downloads/facility-gaps.csv?{MESH}&year=2020&part=areas").text)
    assert all(row["番号"] in BLOCK for row in areas)
    answer = sample.get(f"/api/v1/facilities/closing?{MESH}&year=2020").json()
    assert answer["demand"] == "mesh" and answer["ready"] is True
    assert sum(row["people"] for row in answer["facilities"] if row["open"]) <= 57 * 500 + 320 + 20


def test_years_are_compared_for_squares_and_for_cohorts(
    sample: TestClient, arrays: dict[str, Prepared]
) -> None:
    for query in (MESH, f"{MESH}&projection=cohort", "projection=cohort"):
        page = sample.get(f"/facilities/gaps?{query}&year=2020&compare_year=2050", headers=PAGE)
        assert page.status_code == 200
        assert "2020年と2050年（コーホート推計）の比較" in page.text
    later = sample.get("/facilities/gaps?year=2045", headers=PAGE).text
    assert "Hamilton–Perry" in later and "市の率の 1/2〜2 倍" in later
    assert "Hamilton–Perry" not in sample.get("/facilities/gaps?year=2030", headers=PAGE).text
    assert "Hamilton–Perry" in sample.get("/facilities/gaps?year=2030&projection=cohort", headers=PAGE).text
    answer = sample.get("/api/v1/facilities/closing?year=2050&projection=cohort").json()
    assert answer["projection"] == "cohort" and answer["year_label"] == "2050年（コーホート推計）"
    wrong = sample.get("/facilities/gaps?year=2051", headers=PAGE)
    assert wrong.status_code == 400 and "2050" in wrong.text


@pytest.mark.parametrize(
    "query", ["demand=blocks", "projection=x", "distances=1", "distances=500,", "distances=a"]
)
def test_unknown_values_are_refused(sample: TestClient, arrays: dict[str, Prepared], query: str) -> None:
    assert sample.get(f"/facilities/gaps?{query}", headers=PAGE).status_code == 400


def test_distances_can_be_set(sample: TestClient, arrays: dict[str, Prepared]) -> None:
    page = sample.get("/facilities/gaps?distances=300,2000", headers=PAGE).text
    assert "300 m以内" in page and "2,000 m以内" in page and "1,200 m以内" not in page


def test_a_projection_of_ones_own_is_a_file_that_can_be_loaded(
    sample_town: DatabaseUrls, arrays: dict[str, Prepared], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a control total for one year; the others are those of the pages."""
    monkeypatch.setenv("KYODO_DATABASE_URL", sample_town.app)
    totals = tmp_path / "totals.csv"
    totals.write_text('年,人口\n2040,"240,000"\n', encoding="utf-8")
    made = CliRunner().invoke(cli, ["reach", "project", str(tmp_path / "p.csv"), "--totals", str(totals)])
    assert made.exit_code == 0, made.output
    assert "2040年 240,000 人" in made.output
    text = (tmp_path / "p.csv").read_text(encoding="utf-8-sig")
    keys = sorted({line.split(",")[0] for line in text.splitlines()[1:]})
    # The invented areas have no real codes; the reader wants some.
    numbers = {key: f"03201{place:04}" for place, key in enumerate(keys)}
    lines = [
        ",".join([numbers.get(p[0], p[0]), *p[1:]]) for p in (line.split(",") for line in text.splitlines())
    ]
    (tmp_path / "q.csv").write_text("\n".join(lines), encoding="utf-8")
    frame = load("age-population", tmp_path / "q.csv").frame
    sums = frame.groupby("year")["people"].sum()
    assert sums[2020] == 285_000 and sums[2040] == pytest.approx(240_000, abs=5)
    assert sums[2045] == pytest.approx(arrays["areas"].people_in(2045, "cohort").sum(), abs=60)
    assert frame.groupby("year")["projected"].all().to_dict() == {
        year: year > 2020 for year in (2015, 2020, 2025, 2030, 2035, 2040, 2045, 2050)
    }
    totals.write_text("年,人口\n2041,1\n", encoding="utf-8")
    refused = CliRunner().invoke(cli, ["reach", "project", str(tmp_path / "r.csv"), "--totals", str(totals)])
    assert refused.exit_code != 0 and not (tmp_path / "r.csv").exists()


def test_people_of_a_square_live_in_its_built_up_part(
    database: Database, arrays: dict[str, Prepared]
) -> None:
    """The layer covers the south-west ninth of one square; the others keep their middle. Last: the arrays are old then."""
    west, south, east, north = corners(HOLDER)
    corner = shapely.box(west, south, west + (east - west) / 3, south + (north - south) / 3)
    rows = [{"name": "建物", "detail": None, "geom": shapely.MultiPolygon([corner])}]
    built = put(database, "built-up", rows, Quality.SAMPLE)
    with database.write(Audience.LOADER) as conn:
        ref = resolve(conn, CODE)
        middles = {c.mesh_code: (c.x, c.y, c.area_m2) for c in mesh_cells(conn, ref, 2020)}
    make_active(database, built)
    with database.read() as conn:
        found = {a.key: a.points for a in demand_of(conn, resolve(conn, CODE), "mesh", spread_out=True).areas}
    x, y, square = middles[HOLDER]
    side = square**0.5
    mine = found.pop(HOLDER)
    assert len(mine) >= 2 and (mine[:, 0] < x - side / 6).all() and (mine[:, 1] < y - side / 6).all()
    assert all(points.tolist() == [list(middles[key][:2])] for key, points in found.items())
