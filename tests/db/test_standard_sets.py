"""Out in the layouts of the standard, in again, and out: the same rows, the same bytes."""

from __future__ import annotations

import csv
import io
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from api import standard_sets
from geodata.database import Audience, Database
from geodata.importing import ImportOptions, import_files
from geodata.queries.generation import resolve
from geodata.record_files import import_records
from geodata.rows import read_frame
from kyodo_geo.errors import NotFoundError
from kyodo_geo.opendata.layouts import LAYOUTS
from kyodo_geo.opendata.writing import same_address
from kyodo_geo.quality import Quality
from tests.factories import CODE, make_active, meta, point, put, square

DAY = date(2026, 4, 1)
FACILITIES = [
    {
        "facility_id": "a-1", "name": "城北、\"北\"センター", "kana": "ジョウホクセンター", "kind": "地区活動センター",
        "activity": True, "address": "内丸1-1", "operator": "市民協働推進課", "capacity": 120,
        "opened_on": date(1981, 6, 1), "closed_on": None, "geom": point(0.5, 0.5),
    },
    {
        "facility_id": "b_2", "name": "=1+1", "kana": None, "kind": "学校", "activity": False,
        "address": "滝沢市中鵜飼55", "operator": None, "capacity": None, "opened_on": None,
        "closed_on": date(2200, 1, 1), "geom": point(0.1234567, 0.2),
    },
]  # fmt: skip
REGISTER = [
    {"area_kind": kind, "area_key": key, "as_of": day, "people": people, "households": households}
    for kind, key, day, people, households in (
        ("city", "03201", DAY, 280_000, 130_000),
        ("district", "3", DAY, 9_000, None),
        ("town", "みたけ三丁目", DAY, None, 500),
        ("city", "03201", date(2025, 4, 1), 281_000, 131_000),
    )
]


@pytest.fixture
def city(db: Database) -> Database:
    """Two facilities, hours and roles of the first, the resident register and an event; all real."""
    district = {"district_no": 3, "name": "青山", "kana": None, "aliases": [], "geom": square(0, 0)}
    outline = {"part_no": 1, "name": "盛岡市", "geom": square(0, 0)}
    area = {
        "key_code": "03201001",
        "name": "内丸",
        "people": 1,
        "households": 1,
        "area_m2": 1.0,
        "geom": square(0, 0),
    }
    make_active(
        db,
        put(db, "outline", [outline]),
        put(db, "small-areas", [area]),
        put(db, "districts", [district]),
        put(db, "facilities", FACILITIES),
        put(db, "register-population", REGISTER),
    )
    with db.write(Audience.LOADER) as conn:
        conn.execute(
            "INSERT INTO facility_opening (municipality_code, facility_id, weekday, opens, closes, quality) VALUES "
            "('03201', 'a-1', 1, %(nine)s, '21:00', 'real'), ('03201', 'a-1', 6, %(nine)s, '21:00', 'real'), "
            "('03201', 'b_2', 1, %(nine)s, '12:00', 'sample')",
            {"nine": time(9)},
        )
        conn.execute(
            "INSERT INTO facility_shelter (municipality_code, facility_id, role, capacity, hazards, quality) VALUES "
            "('03201', 'a-1', 'emergency-place', 300, '{flood,earthquake}', 'real'), "
            "('03201', 'a-1', 'designated-shelter', 100, '{}', 'real'), "
            "('03201', 'b_2', 'designated-shelter', NULL, '{}', 'real')"
        )
    with db.write(Audience.STAFF) as conn:
        conn.execute(
            "INSERT INTO event (municipality_code, event_id, initiative_no, title, starts_on, state, published, quality) "
            "VALUES ('03201', 'e-1', '26', '町内会の情報交換会', '2026-04-20', 'planned', true, 'real')"
        )
    return db


def out(db: Database, name: str, on: date = DAY) -> bytes:
    with db.read(Audience.PUBLIC) as conn:
        return standard_sets.file_of(name, conn, resolve(conn, CODE), on)


def cells(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def bring(db: Database, kind: str, path: Path) -> int:
    done = import_files(db, CODE, kind, [path], meta(), ImportOptions())
    assert not done.result.report.rejected
    return done.stored[0].dataset_id


def stored(db: Database, kind: str, dataset: int) -> list[dict[str, Any]]:
    with db.read(Audience.LOADER) as conn:
        return read_frame(conn, CODE, dataset, kind).to_dict("records")


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_form_of_the_files(city: Database, name: str) -> None:
    body = out(city, name)
    assert body.startswith(b"\xef\xbb\xbf") and body.endswith(b"\r\n")
    assert body.count(b"\n") == body.count(b"\r\n")
    code = LAYOUTS[name].columns[0]
    assert code == ("都道府県コード又は市区町村コード" if name == "event" else "全国地方公共団体コード")
    assert tuple(cells(body)[0]) == LAYOUTS[name].columns
    assert {row[code] for row in cells(body)} == {"032018"}


def test_facilities_as_the_standard_writes_them(city: Database) -> None:
    one, two = cells(out(city, "public_facility"))
    assert (one["ID"], one["名称"], one["地方公共団体名"]) == ("a-1", '城北、"北"センター', "岩手県盛岡市")
    assert (one["所在地_連結表記"], one["所在地_都道府県"], one["所在地_市区町村"]) == (
        "岩手県盛岡市内丸1-1", "岩手県", "盛岡市",
    )  # fmt: skip
    assert (one["緯度"], one["経度"]) == ("39.605000", "141.005000")
    assert (one["利用可能曜日"], one["開始時間"], one["終了時間"], one["備考"]) == (
        "月土",
        "09:00",
        "21:00",
        "",
    )
    # another city's address stays as it is; a formula is no formula; invented hours are not published beside real rows
    assert (two["所在地_連結表記"], two["所在地_全国地方公共団体コード"]) == ("滝沢市中鵜飼55", "")
    assert (two["名称"], two["利用可能曜日"], two["備考"]) == ("'=1+1", "", "")
    # nobody has told these: they stay empty
    for heading in ("POIコード", "町字ID", "電話番号", "車椅子可", "URL"):
        assert {one[heading], two[heading]} == {""}


def test_facilities_come_back_equal(city: Database, tmp_path: Path) -> None:
    body = out(city, "public_facility")
    path = tmp_path / "032018_public_facility.csv"
    path.write_bytes(body)
    new = bring(city, "facilities", path)
    for before, after in zip(FACILITIES, stored(city, "facilities", new), strict=True):
        place = before["geom"]
        assert after["geom"].distance(place) < 1e-6
        assert same_address(after["address"], before["address"], "岩手県", "盛岡市")
        same = {key: value for key, value in before.items() if key not in ("geom", "address")}
        assert {key: None if after[key] != after[key] else after[key] for key in same} == same
    make_active(city, new)
    assert out(city, "public_facility") == body


def test_population_comes_back_equal(city: Database, tmp_path: Path) -> None:
    body = out(city, "population")
    assert [(row["地域コード"], row["地域名"], row["総人口"], row["世帯数"]) for row in cells(body)] == [
        ("", "", "280000", "130000"), ("3", "青山", "9000", ""), ("", "みたけ三丁目", "", "500"), ("", "", "281000", "131000"),
    ]  # fmt: skip
    path = tmp_path / "032018_population.csv"
    path.write_bytes(body)
    new = bring(city, "register-population", path)
    make_active(city, new)
    assert out(city, "population") == body


def test_evacuation_sites_come_back_equal(city: Database, tmp_path: Path) -> None:
    body = out(city, "evacuation_space")
    (row,) = cells(body)
    assert (row["名称"], row["災害種別_洪水"], row["災害種別_地震"], row["災害種別_津波"]) == (
        "城北、\"北\"センター", "1", "1", "",
    )  # fmt: skip
    assert (row["指定避難所との重複"], row["想定収容人数"], row["市区町村コード"]) == ("1", "300", "032018")
    path = tmp_path / "032018_evacuation_space.csv"
    path.write_bytes(body)
    options = {"source": "市の資料", "by": "test"}
    done = import_records(city, CODE, "shelters", [path], ImportOptions(), **options)
    assert (done.added, done.changed, done.same) == (0, 0, 1)
    with city.write(Audience.LOADER) as conn:
        conn.execute("DELETE FROM facility_shelter WHERE role = 'emergency-place'")
    import_records(city, CODE, "shelters", [path], ImportOptions(), **options)
    assert out(city, "evacuation_space") == body


def test_invented_rows_say_so_and_cannot_be_loaded_as_real(db: Database, tmp_path: Path) -> None:
    outline = put(db, "outline", [{"part_no": 1, "name": "盛岡市", "geom": square(0, 0)}], Quality.SAMPLE)
    make_active(db, outline, put(db, "facilities", FACILITIES, Quality.SAMPLE))
    body = out(db, "public_facility")
    assert {row["備考"] for row in cells(body)} == {"見本データ（架空）"}
    path = tmp_path / "a.csv"
    path.write_bytes(body)
    with pytest.raises(Exception, match="見本データ"):
        bring(db, "facilities", path)


def test_what_is_not_loaded_is_not_offered(db: Database) -> None:
    make_active(db, put(db, "outline", [{"part_no": 1, "name": "盛岡市", "geom": square(0, 0)}]))
    with pytest.raises(NotFoundError, match="地域・年齢別人口"):
        out(db, "population")
    with pytest.raises(NotFoundError, match="public_facility"):
        out(db, "tourism")
