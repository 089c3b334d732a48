"""The whole command against a local server and a fresh database: download, check, load, activate in one generation."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geodata.database import Audience, Database
from geodata.fetch.sources import BUILT_IN
from geodata.sample import facts
from geodata.sample.load import load_sample
from tests import fetch_server, originals
from tests.conftest import ROOT
from tests.fetch_server import Server, in_turn, status, whole
from tests.fixtures_db import DatabaseUrls

CODE = "03201"
FILES = {
    "outline": "N03-20250101_03_GML.zip",
    "small-areas": "A002005212020DDSWC03201-JGD2011.zip",
    "towns": "03201-19.0b.zip",
    "blocks": "03201-24.0a.zip",
    "shelters": "shelters-03201.geojson",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with fetch_server.running() as found:
        yield found


@pytest.fixture
def city(server: Server, tmp_path: Path) -> Server:
    """Small originals, served well."""
    server.routes |= {
        "/outline": whole(originals.outline(), etag='"outline"'),
        "/small-areas": whole(originals.small_areas(tmp_path / "shapes"), etag=None),
        "/towns": whole(originals.towns(), etag='"towns"'),
        "/blocks": whole(originals.blocks(), etag='"blocks"'),
        "/shelters": whole(originals.shelters(), etag='"shelters"'),
        "/assignment": whole(originals.assignment(), etag='"assignment"'),
    }
    return server


def sources_toml(server: Server, *, small: bool = True) -> str:
    """The built-in table with the server's addresses; `small` also takes the figures of the small originals."""
    text = BUILT_IN.read_text(encoding="utf-8")
    for source in FILES:
        text = re.sub(
            rf'(id = "{source}"\n(?:.+\n)*?url = ")[^"]+', rf"\g<1>{server.url('/' + source)}", text
        )
    if small:
        text = text.replace("rows = 964", "rows = 4").replace("loaded_rows = 956", "loaded_rows = 4")
        text = text.replace("JINKO = 289_731", "JINKO = 100").replace("SETAI = 131_110", "SETAI = 50")
        text = text.replace("people = 289_731", "people = 100").replace(
            "households = 131_110", "households = 50"
        )
        text = text.replace("rows = 956", "rows = 4")
        text = text.replace(
            'bundled = "sample/small_area_district_unofficial.csv"',
            f'url = "{server.url("/assignment")}"\nfilename = "assignment.csv"',
        )
    return re.sub(r"rows_min = [0-9_]+", "rows_min = 1", text)


class Program:
    """`kyodo-geo fetch` as a process of its own."""

    def __init__(self, urls: DatabaseUrls, folder: Path) -> None:
        self.urls, self.folder = urls, folder
        self.table = folder / "sources.toml"

    def fetch(self, *options: str) -> subprocess.CompletedProcess[str]:
        plain = {
            k: v for k, v in os.environ.items() if not k.startswith("KYODO_") and "proxy" not in k.lower()
        }
        environment = plain | {
            "KYODO_DATABASE_URL": self.urls.app,
            "KYODO_STATE_DIR": str(self.folder / "state"),
        }
        command = [sys.executable, "-m", "api.cli", "fetch", "--sources", str(self.table), *options]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=300
        )

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        database = Database(self.urls.app)
        try:
            with database.read(Audience.LOADER) as conn:
                return conn.execute(sql, values).fetchall()  # type: ignore[arg-type]
        finally:
            database.close()

    def active(self) -> dict[str, dict[str, Any]]:
        """kind → active dataset."""
        rows = self.query(
            "SELECT d.* FROM dataset d JOIN generation_dataset g USING (municipality_code, dataset_id, kind)"
            " WHERE generation_no = (SELECT max(generation_no) FROM generation)"
        )
        return {row["kind"]: row for row in rows}


@pytest.fixture
def program(database: DatabaseUrls, city: Server, tmp_path: Path) -> Program:
    found = Program(database, tmp_path)
    found.table.write_text(sources_toml(city), encoding="utf-8")
    return found


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


def test_no_load_needs_no_database(program: Program) -> None:
    program.urls = DatabaseUrls("none", *["postgresql://nobody@127.0.0.1:9/none"] * 3)
    done = program.fetch("--no-load", "--dir", str(program.folder / "carried"))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (program.folder / "carried").iterdir()} >= {*FILES.values(), "fetched.json"}


def test_without_a_database_nothing_is_downloaded_for_it(program: Program, city: Server) -> None:
    program.urls = DatabaseUrls("none", *["postgresql://nobody@127.0.0.1:9/none"] * 3)
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert "データベースに接続できません" in done.stderr
    assert city.seen == []


def test_the_list_shows_which_addresses_have_worked_here(program: Program, city: Server) -> None:
    assert program.fetch("--no-load", "--only", "towns").returncode == 0
    shown = program.fetch("--list").stdout
    states = dict(re.findall(r"^([a-z-]+)（.+）: (.+)$", shown, re.MULTILINE))
    assert states == {
        "outline": "未確認", "small-areas": "未確認", "towns": "確認済み", "blocks": "未確認", "shelters": "未確認",
        "centres": "同梱", "district-assignment": "確認済み",
    }  # fmt: skip
    assert city.url("/blocks") in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--only", "roads"], "指定できる名前"),
        (["--no-load", "--activate"], "同時に指定できません"),
        (["--sources", "missing.toml"], "missing.toml がありません"),
        (["--offline", "--only", "towns"], "--no-load --dir"),
    ],
)
def test_a_wrong_option_is_answered_in_words(program: Program, options: list[str], said: str) -> None:
    done = program.fetch(*options)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_of_another_municipality_is_not_mixed_in(program: Program, city: Server) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(
        text.replace('municipality = "03201"', 'municipality = "22212"'), encoding="utf-8"
    )
    done = program.fetch()
    assert done.returncode == 1
    assert "22212" in done.stderr
    assert city.seen == []


def test_a_carried_folder_is_loaded_on_a_closed_network(program: Program, city: Server) -> None:
    carried = str(program.folder / "carried")
    assert program.fetch("--no-load", "--dir", carried).returncode == 0
    city.routes.clear()
    asked = len(city.seen)
    done = program.fetch("--offline", "--dir", carried, "--activate")
    assert done.returncode == 0, done.stderr
    assert len(city.seen) == asked
    assert len(program.active()) == 7


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


# -- what goes wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "content", "said"),
    [
        ("small-areas", None, "見つかりません"),
        ("towns", b"<!DOCTYPE html><html>", "Web ページ"),
        ("blocks", b"PK\x03\x04 broken", "ZIP として開けません"),
        ("outline", originals.zipped({"N03-20250101_03.geojson": originals.geojson([])}), "ありません"),
        (
            "shelters",
            originals.geojson([({"共通ID": "1"}, {"type": "Point", "coordinates": [1, 1]})]),
            "受入対象者",
        ),
    ],
)
def test_one_bad_source_and_nothing_is_loaded(
    program: Program, city: Server, source: str, content: bytes | None, said: str
) -> None:
    city.routes[f"/{source}"] = status(404) if content is None else whole(content)
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_wrong_totals_are_refused_before_the_load(program: Program) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(text.replace("JINKO = 100", "JINKO = 101"), encoding="utf-8")
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert "合計が 100" in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_totals_lost_in_reading_are_refused_too(program: Program) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(text.replace("people = 100", "people = 99"), encoding="utf-8")
    done = program.fetch("--only", "small-areas")
    assert done.returncode == 1
    assert "読み込むと「people」の合計が 100" in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_a_stumbling_server_does_not_matter(program: Program, city: Server) -> None:
    content = originals.towns()
    city.routes["/towns"] = in_turn(
        status(503, Retry_After="0"), whole(content, etag='"t"', cut_after=100), whole(content, etag='"t"')
    )
    done = program.fetch("--only", "towns")
    assert done.returncode == 0, done.stderr
    assert "HTTP 503" in done.stderr
    assert "切れました" in done.stderr


def test_a_later_failure_leaves_the_active_generation_whole(program: Program, city: Server) -> None:
    assert program.fetch("--activate").returncode == 0
    before = {kind: row["dataset_id"] for kind, row in program.active().items()}
    # Valid as files, but the assignment names areas that do not exist: found only when it is read against them.
    city.routes["/assignment"] = whole(originals.assignment().replace(b"0320100", b"0320199"), etag='"x"')
    done = program.fetch("--activate", "--accept-changed")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert {kind: row["dataset_id"] for kind, row in program.active().items()} == before


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
