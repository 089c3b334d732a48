"""Minutes by car and by bus on the pages: the sample's roads, and a timetable laid over it."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.jobs import reach as job
from api.settings import Settings
from geodata import datasets, generations, reach_arrays
from geodata.database import Database
from geodata.readers import read
from kyodo_geo.quality import Quality
from kyodo_geo.reach.by_mode import by_mode
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.reach.report import Choice, drives, limits, report
from kyodo_geo.reach.transit import Riding
from tests.api.conftest import PAGE, client_of
from tests.fixtures_db import DatabaseUrls
from tests.unit.readers.gtfs import gtfs

CODE = "03201"
RIDING = Riding(walk_m=1500, transfer_m=400)
GAPS, CLOSING = "/facilities/gaps", "/facilities/closing"


@pytest.fixture(scope="module")
def town(sample_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> DatabaseUrls:
    """A line through the two facilities that lie closest to the middle, every half hour, beside the sample."""
    database = Database(sample_town.app, max_size=2)
    try:
        with database.read() as conn:
            rows = conn.execute(
                "SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat FROM facility_site "
                "ORDER BY ST_Distance(geom, (SELECT ST_Centroid(ST_Collect(geom)) FROM facility_site)) LIMIT 2"
            ).fetchall()
        (a, b) = [(row["lon"], row["lat"]) for row in rows]
        stops = "stop_id,stop_name,stop_lat,stop_lon\n" + "".join(
            f"{name},見本{name},{a[1] + (b[1] - a[1]) * part:.6f},{a[0] + (b[0] - a[0]) * part:.6f}\n"
            for name, part in (("A", 0), ("B", 0.5), ("C", 1))
        )
        frequent = "trip_id,start_time,end_time,headway_secs\nt1,7:00:00,19:00:00,1800\n"
        path = gtfs(tmp_path_factory.mktemp("bus") / "gtfs.zip", stops=stops, frequencies=frequent)
        found = read("bus-timetable", [Path(path)], municipality=CODE)
        meta = datasets.DatasetMeta("見本の時刻表", "見本データ（架空）", Quality.SAMPLE, "test")
        loaded = datasets.load(database, CODE, found, meta)
        generations.activate(database, CODE, [loaded.dataset_id], by="test")
    finally:
        database.close()
    return sample_town


@pytest.fixture(scope="module")
def held(town: DatabaseUrls) -> Prepared:
    database = Database(town.app, max_size=2)
    try:
        assert job.prepare_all(database, threading.Event(), riding=RIDING) == 1
        hashed, ready = reach_arrays.is_ready(database, CODE, RIDING)
        assert ready and not reach_arrays.is_ready(database, CODE, Riding())[1], (
            "other assumptions are other arrays"
        )
        found = reach_arrays.held(database, CODE, hashed)
    finally:
        database.close()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def client(town: DatabaseUrls, held: Prepared) -> Iterator[TestClient]:
    settings = Settings(
        database_url=town.app, owner_database_url=town.owner, database_pool_size=4, bus_walk_m=RIDING.walk_m,
        bus_transfer_m=RIDING.transfer_m,
    )  # fmt: skip
    with client_of(create_app(settings)) as found:
        yield found


def rows(text: str) -> dict[str, dict[str, str]]:
    return {
        row["地区" if "地区" in row else "施設"]: row
        for row in csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    }


def test_the_arrays_hold_minutes_by_car_and_by_bus(held: Prepared) -> None:
    assert held.has_car and held.has_bus and np.isfinite(held.car).mean() > 0.9
    assert 0 < np.isfinite(held.bus).mean() < 0.1, "one line does not reach the whole city"
    some = np.isfinite(held.bus)
    assert held.bus[some].min() > 15 and held.bus[some].max() < 90
    assert held.car_parts[0] > 2500


def test_the_table_by_mode_is_that_of_the_arrays_on_the_page_in_the_file_and_for_programs(
    client: TestClient, held: Prepared
) -> None:
    choice = Choice(2020)
    found = report(held, choice)
    modes = by_mode(held, choice, found.sites, found.opened)
    total, aged = found.total, found.people[:, 2]
    assert modes.bus is not None and modes.rides is not None
    table = rows(client.get("/downloads/facility-gaps.csv?part=modes").text)
    for name, mine in (("市全体", total >= 0), ("車で移動する地区の計", found.drives)):
        row = table[name]
        assert int(row["人口"]) == round(total[mine].sum())
        assert float(row["車で届く（%）"]) == pytest.approx(
            100 * total[mine & modes.car].sum() / total[mine].sum(), abs=0.06
        )
        assert float(row["バスで届く（%）"]) == pytest.approx(
            100 * total[mine & modes.bus].sum() / total[mine].sum(), abs=0.06
        )
        assert int(row["バスなし（人）"]) == round(total[mine & ~modes.rides].sum())
        assert int(row["車なしで届かない人"]) == round(total[mine & modes.left].sum())
        assert int(row["車なしで届かない65歳以上"]) == round(aged[mine & modes.left].sum())
    page = client.get(GAPS, headers=PAGE).text
    assert "車・バス・徒歩で届く人" in page and "車なし（徒歩かバス）では届かない人" in page
    assert f"{round(total[modes.left].sum()):,}" in page
    districts = rows(client.get("/downloads/facility-gaps.csv").text)
    assert sum(int(row["車なしで届かない人"]) for row in districts.values()) == pytest.approx(
        total[modes.left & (held.district >= 0)].sum(), abs=20
    )
    shapes = client.get("/downloads/facility-gaps.geojson").json()
    by_name = {item["properties"]["name"]: item["properties"] for item in shapes["features"]}
    for name, row in districts.items():
        props = by_name[name.split(" ", 1)[-1]]
        assert props["without_car"] == int(row["車なしで届かない人"])
        assert props["no_bus"] == int(row["バスなし（人）"])


def test_where_people_drive_the_minutes_are_those_of_the_roads(client: TestClient, held: Prepared) -> None:
    choice = Choice(2020, minutes=20)
    people = held.people_in(2020)
    _, driving = limits(held, choice, people)
    there = drives(held, driving)
    assert driving and there.any()
    sites = np.flatnonzero(held.activity & held.open_in(2020))
    near = (held.car[:, sites] <= 20).any(axis=1) | (held.network[:, sites] <= 800).any(axis=1)
    assert report(held, choice).reached.sum() == pytest.approx(
        people[near & there].sum() + people[~there & (held.network[:, sites] <= 800).any(axis=1)].sum()
    )
    page = client.get(f"{GAPS}?minutes=20", headers=PAGE).text
    assert "自動車の道路網で 20 分まで" in page and "一方通行を守って" in page
    assert (
        "徒歩800 m・車20分（100人/km²未満の地区）・バス30分"
        in client.get("/downloads/facility-gaps.csv?minutes=20").text
    )
    straight = client.get(f"{GAPS}?by=straight", headers=PAGE).text
    assert "車の時間は直線距離を平均の速さで割った目安" in straight


def test_the_bus_is_told_with_its_day_hours_and_limits(client: TestClient) -> None:
    page = client.get(f"{GAPS}?bus_minutes=45", headers=PAGE).text
    assert "バス：平日の 8 時から 18 時までの便" in page and "1,500 m 以内を歩き" in page
    assert "45 分までを「バスで届く」" in page and "見本データ（架空）" in page
    assert 'name="bus_minutes"' in page


def test_closing_tells_who_loses_reach_without_a_car(client: TestClient, held: Prepared) -> None:
    answer = client.get("/api/v1/facilities/closing?year=2020").json()
    assert answer["car_network"] and answer["bus_timetable"] and answer["bus_minutes"] == 30
    people = held.people_in(2020)
    sites = np.flatnonzero(held.activity)
    near = (held.network[:, sites] <= 800) | (held.bus[:, sites] <= 30)
    near &= held.open_in(2020)[sites]
    for place, row in enumerate(answer["facilities"]):
        if row["open"]:
            lost = near[:, place] & ~np.delete(near, place, axis=1).any(axis=1)
            assert row["pushed_out_no_car"] == pytest.approx(people[lost].sum(), abs=0.6)
            assert row["pushed_out_no_car_65"] == pytest.approx(people[lost, 2].sum(), abs=0.6)
    table = rows(client.get("/downloads/facility-closing.csv?year=2020").text)
    assert {row["name"]: str(row["pushed_out_no_car"]) for row in answer["facilities"]} == {
        name: row["車なしで届かなくなる人"] for name, row in table.items()
    }
    assert "車なしで届かなくなる人" in client.get(CLOSING, headers=PAGE).text


def test_the_city_may_name_the_districts_that_drive(client: TestClient) -> None:
    text = client.get("/downloads/facility-gaps.csv?part=modes&drive_districts=30,17").text
    assert "車10分（地区 17 30）" in text
    assert {"17 米内", "30 玉山薮川"} < set(rows(text)) and "21 つなぎ" not in rows(text)
    page = client.get(f"{GAPS}?drive_districts=17,30", headers=PAGE).text
    assert "指定された地区（米内、玉山薮川）は車で移動する" in page
    assert client.get(f"{GAPS}?drive_districts=", headers=PAGE).status_code == 200
    wrong = client.get("/downloads/facility-gaps.csv?drive_districts=99")
    assert wrong.status_code == 400 and "地区 99" in wrong.json()["detail"]


@pytest.mark.parametrize(
    "query", ["drive_districts=a", "bus_minutes=0", "bus_minutes=999", "bus_minutes=abc", "part=buses"]
)
def test_bad_parameters_are_refused_in_japanese(client: TestClient, query: str) -> None:
    answer = client.get(f"/downloads/facility-gaps.csv?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_hours_of_buses_that_end_before_they_begin_are_no_setting() -> None:
    with pytest.raises(ValueError, match="bus_to_hour"):
        Settings(bus_from_hour=18)
    assert Settings(bus_from_hour=9, bus_to_hour=21).riding() == Riding(from_hour=9, to_hour=21)
