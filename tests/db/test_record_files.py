"""Files of records that cities have, from the file to the rows and the audit log."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.karte.place import buildings
from geodata.audit import entries
from geodata.database import Audience, Database
from geodata.importing import ImportOptions
from geodata.queries import assets, facility_sheet
from geodata.queries.generation import resolve, revisions
from geodata.record_files import RECORD_KINDS, RecordsImported, import_records
from kyodo_geo.errors import ConflictError, FileFormatError, InputError
from kyodo_geo.quality import Quality
from tests.factories import CODE, make_active, point, put

SITE = {"kana": None, "kind": "地区活動センター", "activity": True, "address": None, "operator": None, "capacity": None,
        "opened_on": None, "closed_on": None}  # fmt: skip


@pytest.fixture
def city(db: Database) -> Database:
    """Three facilities (two of one name); f1 has a building without a number, and two rooms, all sample."""
    rows = [
        {"facility_id": key, "name": name, **SITE, "geom": point(x, 0)}
        for key, name, x in (("f1", "城北センター", 0), ("f2", "集会所", 1), ("f3", "集会所", 2))
    ]
    make_active(db, put(db, "facilities", rows))
    with db.write(Audience.LOADER) as conn:
        conn.execute(
            "INSERT INTO building (municipality_code, building_id, built_year, floors, quality, source) "
            "VALUES ('03201', 'b1', 1975, 2, 'sample', '見本')"
        )
        conn.execute(
            "INSERT INTO facility_building (municipality_code, facility_id, building_id, use_no) VALUES ('03201', 'f1', 'b1', 1)"
        )
        conn.execute(
            "INSERT INTO room (municipality_code, facility_id, room_no, name) VALUES ('03201', 'f1', 1, '大会議室'), "
            "('03201', 'f1', 2, '和室')"
        )
    return db


def bring(
    db: Database, folder: Path, kind: str, text: str, encoding: str = "utf-8", **options: Any
) -> RecordsImported:
    path = folder / "a.csv"
    path.write_bytes(text.encode(encoding))
    mapping = options.pop("mapping", None)
    options = {"source": "市の資料", "by": "planner", **options}
    return import_records(db, CODE, kind, [path], ImportOptions(mapping=mapping), **options)


def rows(db: Database, query: str) -> list[tuple[Any, ...]]:
    with db.read(Audience.STAFF) as conn:
        return [tuple(row.values()) for row in conn.execute(query)]


def reasons(done: RecordsImported) -> list[str]:
    return [item.reason_ja for item in done.report.rejected]


LEDGER = (
    "番号,枝番,所在地,勘定科目（種目・種別）,件名（施設名）,耐用年数分類（構造）,耐用年数,取得年月日,供用開始年月日,"
    "取得価額等,減価償却累計額,完全除却済記号,数量（（延べ床）面積）,階数（建物）,施設類型,耐震化状況（建物）\r\n"
    "1001,0,内丸1,事業用資産／土地,城北センター用地,,,S50.4.1,,1000,0,,500,,,\r\n"
    "1002,0,内丸1,事業用資産／建物,城北センター,鉄筋コンクリート造,50,昭和50年3月31日,昭和50年4月1日,"
    "\"120,000,000\",\"110,000,000\",,812.5,2,市民文化系施設,改修済\r\n"
    "1003,0,内丸2,事業用資産／建物,旧館,木造,22,S40.4.1,,5000000,4999999,済,90,1,,\r\n"
    "1004,1,上田3,事業用資産／建物,倉庫,鉄骨造,31,H10.4.1,,3000000,9000000,,60,1,,\r\n"
    "1005,0,上田4,事業用資産／建物,車庫,鉄骨造,31,H10.4.1,,3000000,2000000,,60,1,なぞ,\r\n"
)  # fmt: skip


def test_a_ledger_gives_its_buildings_and_joins_the_one_that_had_no_number(
    city: Database, tmp_path: Path
) -> None:
    before = rows(city, "SELECT revision FROM municipality")
    tried = bring(city, tmp_path, "asset-ledger", LEDGER, "cp932", dry_run=True)
    assert (tried.added, tried.changed, tried.stored) == (1, 1, False)
    assert rows(city, "SELECT ledger_no FROM building") == [(None,)], "a trial stores nothing"
    assert rows(city, "SELECT revision FROM municipality") == before

    done = bring(city, tmp_path, "asset-ledger", LEDGER, "cp932")
    assert (done.added, done.changed, done.stored) == (1, 1, True)
    assert reasons(done) == ["減価償却累計額が、取得価額より大きくなっています。"]
    notes = " ".join(done.report.notes)
    assert all(word in notes for word in ("建物でない資産", "除却された資産 1 行", "1棟だけ登録", "施設類型"))
    found = rows(
        city,
        "SELECT building_id, ledger_no, built_year, structure, floors, floor_area_m2, seismic, use_class, acquired_on, "
        "acquired_yen, useful_life, quality FROM building ORDER BY 1",
    )
    assert found == [
        ("1005-0", "1005-0", 1998, "鉄骨造", 1, 60.0, None, None, date(1998, 4, 1), 3_000_000, 31, "real"),
        (
            "b1", "1002-0", 1975, "鉄筋コンクリート造", 2, 812.5, "retrofitted", "市民文化", date(1975, 3, 31), 120_000_000, 50,
            "real",
        ),
    ]  # fmt: skip

    again = bring(city, tmp_path, "asset-ledger", LEDGER, "cp932")
    assert (again.added, again.changed, again.same) == (0, 0, 2)
    with city.read(Audience.STAFF) as conn:
        imports = [entry for entry in entries(conn, CODE) if entry["action"] == "records.import"]
    assert [(entry["target"], entry["details"]["added"]) for entry in imports] == [("asset-ledger", 1)]

    later = "資産番号,枝番,勘定科目,完全除却済記号,件名\n1002,0,事業用資産/建物,1,城北センター\n1005,0,事業用資産/建物,,物置\n"
    told = bring(city, tmp_path, "asset-ledger", later).report.notes
    assert any("1 棟（1002-0）は、建物として登録されたまま" in note for note in told), told


def test_a_building_the_ledger_says_was_taken_down_leaves_the_stock_that_day(
    city: Database, tmp_path: Path
) -> None:
    bring(city, tmp_path, "asset-ledger", "資産番号,施設,階数\n7,城北センター,3\n")
    text = "資産番号,除却年月日,件名\n7,R6.3.31,城北センター\n8,R6.3.31,知らない建物\n"
    done = bring(city, tmp_path, "asset-ledger", text)
    assert (done.added, done.changed) == (0, 1)
    assert any("除却年月日のある建物 1 棟" in note for note in done.report.notes)
    assert rows(city, "SELECT floors, demolished_on FROM building") == [(3, date(2024, 3, 31))]
    with city.read(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        before, after = date(2024, 3, 30), date(2024, 3, 31)
        assert [row.building_id for row in assets.stock(conn, ref, on=before)] == ["b1"]
        assert assets.stock(conn, ref, on=after) == []
        assert assets.demolished(conn, ref, "f1", on=before) == []
        sheet = facility_sheet.sheet(conn, ref, "f1", on=after)
    (told,) = buildings(sheet, after).notes[:1]
    assert "令和6年3月31日に除却されました" in told


LAND = (
    "番号,勘定科目,件名,施設,数量,所有関係区分\r\n"
    "1,事業用資産／土地,城北センター用地,,\"1,500.5\",自己所有資産\r\n"
    "2,事業用資産／土地,城北センター用地（北）,f1,500,賃借\r\n"
    "3,事業用資産／土地,集会所用地,,80,\r\n"
    "4,事業用資産／土地,倉庫用地,f2,,自己所有資産\r\n"
    "5,事業用資産／土地,広場,f3,90,\r\n"
    "6,事業用資産／建物,城北センター,,800,\r\n"
)  # fmt: skip


def test_the_ledgers_land_is_added_up_by_facility(city: Database, tmp_path: Path) -> None:
    done = bring(city, tmp_path, "asset-land", LAND, "cp932")
    assert rows(city, "SELECT facility_id, land_m2, land_tenure, land_leased_m2 FROM facility_profile ORDER BY 1") == [
        ("f1", 2000.5, "partly-leased", 500.0), ("f3", 90.0, None, None),
    ]  # fmt: skip
    notes = " ".join(done.report.notes)
    assert all(
        word in notes
        for word in (
            "土地でない資産",
            "どの施設の土地か分からない 1 行",
            "面積のない土地",
            "所有関係区分のない",
        )
    )

    bring(city, tmp_path, "profiles", "施設,利用圏域\nf1,地区\n")
    assert rows(city, "SELECT catchment, land_m2 FROM facility_profile WHERE facility_id = 'f1'") == [
        ("地区", 2000.5)
    ]
    wrong = (
        "施設,敷地面積,土地の所有,うち借地面積\nf1,100,市有地,20\nf2,100,一部借地,200\nf3,100,一部借地,20\n"
    )
    bad = bring(city, tmp_path, "profiles", wrong)
    assert reasons(bad) == [
        "土地の所有と、借地の面積が合いません。", "借地の面積が、敷地の面積より大きくなっています。",
    ]  # fmt: skip


def test_what_is_invented_never_passes_for_real(city: Database, tmp_path: Path) -> None:
    """The sample's floors go when a real file says nothing of them; and sample data never overwrite real ones."""
    text = "資産番号,施設,取得価額等\n7,城北センター,500\n"
    done = bring(city, tmp_path, "asset-ledger", text)
    assert rows(city, "SELECT building_id, floors, built_year, acquired_yen, quality FROM building") == [
        ("b1", None, None, 500, "real")
    ]
    (change,) = done.changes
    assert change.before is not None and change.before["floors"] == 2 and change.after is not None
    later = bring(city, tmp_path, "asset-ledger", "資産番号,施設,階数\n7,城北センター,3\n")
    assert later.changed == 1
    assert rows(city, "SELECT floors, acquired_yen FROM building") == [(3, 500)], "what is not stated stays"
    with pytest.raises(ConflictError, match="見本データ"):
        bring(city, tmp_path, "asset-ledger", "資産番号,階数\n7,9\n", quality=Quality.SAMPLE)


def test_inspections_by_facility_or_building(city: Database, tmp_path: Path) -> None:
    text = (
        "施設名,建物番号,点検日,屋根,外壁,内部,電気,機械,点検者\n"
        "城北センター,,令和5年6月1日,A,ｂ,C,D,対象外,甲設計\n"
        ",b1,R4.6.1,B,B,B,B,B,\n"
        "集会所,,R5.6.1,A,A,A,A,A,\n"
        "城北センター,,R3.6.1,,,,,,\n"
        "城北センター,,R3.6.2,E,,,,,\n"
    )
    done = bring(city, tmp_path, "inspections", text)
    assert done.added == 2
    assert rows(city, "SELECT inspected_on, roof, outer_wall, machinery FROM building_inspection ORDER BY 1") == [
        (date(2022, 6, 1), "B", "B", "B"), (date(2023, 6, 1), "A", "B", None),
    ]  # fmt: skip
    assert [reason[:6] for reason in sorted(reasons(done))] == ["「E」は評価", "「集会所」と", "評価が1つも"]


def months(*years: tuple[int, range]) -> str:
    """Rows of f1 by month of the calendar: 10 users, electricity 70, water 30 each."""
    lines = ["施設番号,年月,利用者数,電気料金,水道料金,人件費"]
    for year, numbers in years:
        lines += [f"f1,{year}-{number:02},10,70,30,{'' if number == 5 else 9}" for number in numbers]
    return "\n".join(lines) + "\n"


def test_twelve_months_make_a_year_and_fewer_do_not(city: Database, tmp_path: Path) -> None:
    text = months((2023, range(4, 13)), (2024, range(1, 13)))
    done = bring(city, tmp_path, "facility-months", text)
    assert rows(city, "SELECT fiscal_year, users, energy_yen, staff_yen, cost_yen FROM facility_year") == [
        (2023, 120, 1200, None, None)
    ]
    assert done.report.unmatched[0]["value"] == "f1 2024年度: 1月、2月、3月がありません"
    assert any("月の一部しか" in note for note in done.report.notes)
    with pytest.raises(InputError, match="読み込める行がありません"):
        bring(city, tmp_path, "facility-months", months((2025, range(4, 10))))


def test_energy_with_a_source_left_empty_in_some_months_is_unknown_for_the_year(
    city: Database, tmp_path: Path
) -> None:
    """No gas in the bills of two months is not 0 yen of gas; fuel in no month at all is no source."""
    order = (*range(4, 13), 1, 2, 3)
    lines = ["施設番号,年度,月,光熱水費,電気料金,ガス料金,水道料金,燃料費"]
    lines += [f"f1,2023,{n},,70,{'' if n in (5, 1) else 20},10," for n in order]
    lines += [f"f1,2024,{n},,70,{0 if n in (5, 1) else 20},10," for n in order]
    lines += [f"f2,2023,{n},{100 if n in (5, 1) else ''},70,{'' if n in (5, 1) else 20},10," for n in order]
    done = bring(city, tmp_path, "facility-months", "\n".join(lines) + "\n")
    assert rows(city, "SELECT facility_id, fiscal_year, energy_yen FROM facility_year ORDER BY 1, 2") == [
        ("f1", 2024, 1160),
        ("f2", 2023, 1200),
    ]
    assert [item["value"] for item in done.report.unmatched] == [
        "f1 2023年度: ガスの5月、1月が空欄のため、光熱水費は不明とします"
    ]


def test_hours_of_rooms_by_name_and_by_year_and_month(city: Database, tmp_path: Path) -> None:
    lines = ["施設,部屋,年度,月,利用可能時間,利用時間"]
    lines += [f"城北センター,和室,R5,{number},300,{100 + number}" for number in (*range(4, 13), 1, 2, 3)]
    lines += ["城北センター,体育館,R5,4,300,1", "城北センター,1,R5,4,10,20", "城北センター,和室,R5,4,300,1"]
    done = bring(city, tmp_path, "room-months", "\n".join(lines) + "\n")
    assert rows(city, "SELECT room_no, fiscal_year, hours_open, hours_used FROM room_year") == [
        (2, 2023, 3600.0, 1278.0)
    ]
    assert len(done.report.rejected) == 3


def test_openings_and_groups_of_a_facility_are_replaced_as_a_whole(city: Database, tmp_path: Path) -> None:
    bring(
        city,
        tmp_path,
        "openings",
        "施設,曜日,開館,閉館\nf1,月,9:00,21:00\nf1,火,9:00,21:00\nf2,日,9時,17時\n",
    )
    done = bring(city, tmp_path, "openings", "施設,曜日,開館,閉館\nf1,月曜日,10:00,21:00\nf1,火,9:00,22:00\n")
    assert (done.added, done.changed, done.removed) == (1, 1, 1)
    found = rows(
        city, "SELECT facility_id, weekday, opens::text, closes::text FROM facility_opening ORDER BY 1, 2"
    )
    assert found == [
        ("f1", 1, "10:00:00", "21:00:00"), ("f1", 2, "09:00:00", "22:00:00"), ("f2", 7, "09:00:00", "17:00:00"),
    ]  # fmt: skip
    text = "施設,番号,曜日,開始,終了,人数,団体名,部屋\nf1,1,土,10:00,12:00,15,<b>書道</b>,和室\nf1,2,土,12:00,10:00,5,,\n"
    done = bring(city, tmp_path, "groups", text)
    assert rows(city, "SELECT people, name, room_no FROM facility_group") == [(15, "<b>書道</b>", 2)]
    assert reasons(done) == ["終わりの時刻が、始まりの時刻より前です。"]


def test_shelters_works_and_years(city: Database, tmp_path: Path) -> None:
    bring(
        city,
        tmp_path,
        "shelters",
        "施設,種別,収容人数,対象とする災害\nf2,指定避難所,120,地震、洪水\nf3,福祉避難所,,\n",
    )
    assert rows(city, "SELECT role, capacity, hazards FROM facility_shelter ORDER BY facility_id") == [
        ("designated-shelter", 120, ["flood", "earthquake"]), ("welfare-shelter", None, []),
    ]  # fmt: skip
    bring(city, tmp_path, "works", '施設,番号,年度,種類,工事費\nf1,1,H20,外壁,"1,200,000円"\n')
    assert rows(city, "SELECT fiscal_year, kind, cost_yen FROM building_work") == [(2008, "外壁", 1_200_000)]
    bring(city, tmp_path, "facility-years", "施設,年度,利用者数,運営費,開館日数\nf1,R5,900,5000,300\n")
    done = bring(city, tmp_path, "facility-years", "施設,年度,収入\nf1,R5,77\n")
    assert done.changed == 1
    assert rows(city, "SELECT users, cost_yen, income_yen, open_days FROM facility_year") == [
        (900, 5000, 77, 300)
    ]


def test_what_has_not_happened_yet_is_a_slip_and_no_record(city: Database, tmp_path: Path) -> None:
    """A mistyped year would be the newest of all, and condition, use and cost of the facility would be its."""
    done = bring(
        city, tmp_path, "inspections", "施設,点検日,屋根\n城北センター,2999-05-01,A\n城北センター,2024-05-02,C\n"
    )  # fmt: skip
    assert done.added == 1 and reasons(done) == ["2999-05-01 は、まだ来ていない日です。"]
    done = bring(city, tmp_path, "facility-years", "施設,年度,利用者数\nf1,2042,9\nf1,2024,9\n")
    assert done.added == 1 and reasons(done) == ["2042年度は、まだ始まっていません。"]
    with pytest.raises(InputError, match="2050年度は、まだ始まっていません"):
        bring(city, tmp_path, "works", "施設,番号,年度,種類\nf1,1,2050,外壁\n")


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("openings", "施設,曜日\nf1,月\n", "列が見つかりません"),
        ("openings", "施設,曜日,開館,閉館\n集会所,月,9:00,10:00\n", "2 つあります"),
        ("openings", "施設,曜日,開館,閉館\n幻,月,9:00,10:00\n", "登録されている施設にありません"),
        ("facility-years", "施設,年度,開館日数\nf1,R5,400\n", "決まりに合いません"),
        ("facility-years", "施設,年度,開館日数\n", "データの行がありません"),
        ("facility-years", "", "空のファイル"),
        ("vacant", "a\n1\n", "記録の種類「vacant」はありません"),
    ],
)
def test_what_cannot_be_stored_is_said_and_nothing_is_kept(
    city: Database, tmp_path: Path, kind: str, text: str, reason: str
) -> None:
    with city.read() as conn:
        before = revisions(conn)
    with pytest.raises((InputError, FileFormatError), match=reason):
        bring(city, tmp_path, kind, text)
    with city.read() as conn:
        assert revisions(conn) == before


def test_the_command_line_shows_what_changes_and_stores_it(
    city: Database, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.cli import app

    monkeypatch.setenv("KYODO_DATABASE_URL", db_url)
    path = tmp_path / "利用.csv"
    path.write_text("施設,年度,利用者数\nf1,R5,900\n", encoding="cp932")
    run = CliRunner()
    tried = run.invoke(app, ["records", "import", "facility-years", str(path), "--dry-run"])
    done = run.invoke(app, ["records", "import", "facility-years", str(path)])
    assert tried.exit_code == done.exit_code == 0, tried.output + done.output
    assert "追加 f1・2023: users=900" in tried.output and "保存はしていません" in tried.output
    assert "保存しました。" in done.output
    assert rows(city, "SELECT users, source FROM facility_year") == [(900, "利用.csv")]
    listed = run.invoke(app, ["records", "kinds"]).output
    assert all(kind in listed for kind in RECORD_KINDS)
