"""The whole command against a local server and a fresh database: download, check, load, activate in one generation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geodata.database import Database
from geodata.sample import facts
from geodata.sample.load import load_sample
from tests import originals
from tests.fetch_program import Program, city, program, server, sources_toml
from tests.fetch_server import Server, whole
from tests.fixtures_db import DatabaseUrls

__all__ = ["city", "program", "server"]


def test_one_command_brings_the_real_geography_into_a_fresh_database(program: Program) -> None:
    done = program.fetch("--activate")
    assert done.returncode == 0, done.stderr
    active = program.active()
    assert set(active) == {
        "outline", "small-areas", "towns", "blocks", "facilities", "district-assignment", "districts",
    }  # fmt: skip
    assert program.query("SELECT count(*) AS n FROM generation") == [{"n": 1}]
    qualities = {kind: row["quality"] for kind, row in active.items()}
    assert {kind for kind, quality in qualities.items() if quality == "unofficial"} == {
        "district-assignment",
        "districts",
    }
    assert set(qualities.values()) == {"real", "unofficial"}
    assert active["small-areas"]["as_of"].isoformat() == "2020-10-01"
    assert active["towns"]["as_of"].isoformat() == "2025-06-30"
    assert active["blocks"]["as_of"] is None
    assert "国土交通省" in active["towns"]["source"]
    assert active["outline"]["source_url"].startswith("https://nlftp.mlit.go.jp/")
    assert "未確認" in done.stdout
    assert "世代 1 を有効にしました" in done.stdout
    assert program.query("SELECT sum(people) AS p, sum(households) AS h FROM small_area") == [
        {"p": 100, "h": 50}
    ]
    assert program.query("SELECT count(*) AS n FROM district_area") == [{"n": 2}]


def test_shelters_and_centres_are_one_list_without_doubles(program: Program) -> None:
    assert program.fetch("--activate", "--only", "outline,shelters").returncode == 0
    rows = program.query("SELECT facility_id, name, kind, activity FROM facility_site ORDER BY facility_id")
    assert len(rows) == 19 + 2
    by_name = {row["name"]: row for row in rows}
    for centre in facts.centres():  # the sample's permanent ids: figures recorded on them stay attached
        assert by_name[centre.name]["facility_id"] == centre.facility_id
        assert by_name[centre.name]["activity"] is True
    assert by_name["大通小学校"] == {
        "facility_id": "F03201000001", "name": "大通小学校", "kind": "学校", "activity": False,
    }  # fmt: skip
    assert by_name["内丸町会館"]["kind"] == "その他"


def test_the_report_keeps_where_the_bytes_came_from(program: Program, city: Server) -> None:
    assert program.fetch("--only", "towns").returncode == 0
    (row,) = program.query("SELECT report, title FROM dataset")
    kept = json.loads((program.folder / "state" / "fetch" / "fetched.json").read_text())["sources"]["towns"]
    notes = "\n".join(row["report"]["notes"])
    assert city.url("/towns") in notes
    assert kept["sha256"] in notes


def test_without_activate_nothing_changes_for_readers(program: Program) -> None:
    done = program.fetch()
    assert done.returncode == 0, done.stderr
    assert program.active() == {}
    assert "kyodo-geo dataset activate" in done.stdout
    # The same content again: nothing is loaded twice, and now it becomes active.
    again = program.fetch("--activate")
    assert again.returncode == 0, again.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 7}]
    assert len(program.active()) == 7
    third = program.fetch("--activate")
    assert "どれもすでに有効です" in third.stdout
    assert program.query("SELECT count(*) AS n FROM generation") == [{"n": 1}]


def test_a_renewed_base_renews_what_was_computed_from_it(
    program: Program, city: Server, tmp_path: Path
) -> None:
    assert program.fetch("--activate").returncode == 0
    import geopandas as gpd
    from shapely.geometry import Polygon

    shapes = [Polygon(originals.ring(n % 2, n // 2)) for n in range(4)]
    frame = gpd.GeoDataFrame(
        {
            "KEY_CODE": originals.KEYS, "PREF": "03", "CITY": "201", "S_NAME": list("東西南北"),
            "JINKO": originals.PEOPLE, "SETAI": originals.HOUSEHOLDS,
        },
        geometry=shapes,
    )  # fmt: skip
    city.routes["/small-areas"] = whole(originals.shapefile(frame, tmp_path / "new", "r2ka03201"), etag=None)
    refused = program.fetch("--activate")
    assert refused.returncode == 1
    assert "--accept-changed" in refused.stderr
    before = program.active()
    done = program.fetch("--activate", "--accept-changed")
    assert done.returncode == 0, done.stderr
    after = program.active()
    renewed = {kind for kind in after if after[kind]["dataset_id"] != before[kind]["dataset_id"]}
    assert renewed == {"small-areas", "district-assignment", "districts"}
    assert program.query("SELECT max(generation_no) AS n FROM generation") == [{"n": 2}]


# -- in place of the sample ---------------------------------------------------------------------------------


def test_the_samples_geography_is_replaced_and_its_dependants_retire(program: Program) -> None:
    database = Database(program.urls.app)
    try:
        load_sample(database)
    finally:
        database.close()
    sample = program.active()
    done = program.fetch("--activate")
    assert done.returncode == 0, done.stderr
    active = program.active()
    invented = {kind for kind, row in active.items() if row["quality"] == "sample"}
    assert invented == set()
    assert {"associations", "association-rules", "membership"} <= set(sample) - set(active)
    for name in ("町内会・自治会の区域", "加入世帯数"):
        assert name in done.stdout
    assert "見本データ（架空）は使わなくなりました" in done.stdout
    names = {
        row["name"]
        for row in program.query(
            "SELECT name FROM district_area WHERE dataset_id = %s", active["districts"]["dataset_id"]
        )
    }
    assert names == {"仁王", "桜城"}


# -- the real files -----------------------------------------------------------------------------------------


@pytest.fixture
def morioka(server: Server, shared_data: Path, tmp_path: Path) -> Server:
    """Archives as published, made on the spot out of the real files beside the checkout."""
    import geopandas as gpd

    folder = shared_data / "morioka"
    outline = json.loads((folder / "n03_03201.geojson").read_text(encoding="utf-8"))["features"][0][
        "geometry"
    ]
    areas = gpd.read_file(folder / "estat_small_area_2020_03201.geojson")
    towns = json.loads((folder / "towns_03201.json").read_text(encoding="utf-8"))
    points = {town["town"]: (town["town"], town["lng"], town["lat"]) for town in towns}
    import csv

    with (folder / "facilities_dev.csv").open(encoding="utf-8-sig") as file:
        facilities = [
            (row["name"], "岩手県盛岡市" + row["address"], float(row["lon"]), float(row["lat"]))
            for row in csv.DictReader(file)
        ]
    server.routes |= {
        "/outline": whole(originals.outline(outline), etag='"o"'),
        "/small-areas": whole(
            originals.shapefile(areas, tmp_path / "shapes", "r2ka03201"), etag=None, cut_after=None
        ),
        "/towns": whole(originals.towns(list(points.values())), etag='"t"'),
        "/blocks": whole(originals.blocks([(name, "1", x, y) for name, x, y in points.values()]), etag='"b"'),
        "/shelters": whole(originals.shelters(facilities), etag='"s"'),
    }
    return server


@pytest.mark.shared
def test_the_real_files_pass_the_built_in_checks_and_become_30_districts(
    database: DatabaseUrls, morioka: Server, tmp_path: Path
) -> None:
    program = Program(database, tmp_path)
    program.table.write_text(sources_toml(morioka, small=False), encoding="utf-8")
    done = program.fetch("--activate")
    assert done.returncode == 0, done.stderr
    (areas,) = program.query(
        "SELECT count(*) AS n, sum(people) AS people, sum(households) AS households, sum(area_m2) / 1e6 AS km2 FROM small_area"
    )
    assert (areas["n"], areas["people"], areas["households"]) == (956, 289_731, 131_110)
    assert areas["km2"] == pytest.approx(886.34, abs=0.05)
    assert program.query("SELECT count(*) AS n FROM district_area") == [{"n": 30}]
    facilities = {row["facility_id"] for row in program.query("SELECT facility_id FROM facility_site")}
    assert {centre.facility_id for centre in facts.centres()} <= facilities
    assert len(facilities) > 100
    assert set(program.active()) >= {"outline", "small-areas", "towns", "blocks", "facilities", "districts"}
