"""物件台帳: confirmed once, found by name; contradictions go to the city; nobody else reads it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import psycopg
import pytest
from starlette.testclient import TestClient

from geodata import buildings
from geodata.database import Audience, Database
from kyodo_geo.buildings import Confirmation, Fact, JoinsAs, standing
from tests.api.conftest import HOST, another
from tests.api.signing import audit, become_admin, send
from tests.api.test_offices import invited, take_up
from tests.fixtures_db import DatabaseUrls

FORM = {
    "name": "メゾン・ド・試験",
    "address": "試験町一丁目5番",
    "association": "a11",
    "joins_as": "household",
    "fee_way": "",
}


LOGINS = {"A1": "a1.hana", "B1": "b1", "": "admin"}


@pytest.fixture
def offices(serve, visitor: TestClient) -> dict[str, TestClient]:
    """Browsers of offices A1 and B1; `visitor` is the administrator. B1 comes to another process of the service."""
    become_admin(visitor)
    links = invited(visitor)
    elsewhere = serve()
    elsewhere.headers["accept"] = "text/html"
    found = {"a1.hana": another(visitor), "b1": elsewhere}
    for login, client in found.items():
        take_up(client, links[login])
    return found


@pytest.fixture(scope="module")
def refused(client: TestClient) -> Iterator[TestClient]:
    """The browser of office A1 on a town in which nothing gets entered."""
    admin = another(client)
    admin.headers["accept"] = "text/html"
    become_admin(admin)
    office = another(admin)
    take_up(office, invited(admin)["a1.hana"])
    yield office
    assert "メゾン・ド・試験" not in office.get("/buildings").text


def confirm(client: TestClient, **fields: str):
    return send(client, "/buildings", **{**FORM, **fields})


def ask(client: TestClient, address: str) -> str:
    return client.post("/lookup", data={"address": address}, headers={"origin": HOST}).text


def test_a_building_confirmed_by_one_office_is_found_by_another_by_its_name(offices) -> None:
    assert "登録しました" in confirm(offices["a1.hana"]).text
    for text in ("メゾンド試験", "めぞんど試験 203号室", "試験町一丁目5番 メゾン・ド・試験"):
        html = ask(offices["b1"], text)
        assert "物件台帳にある建物" in html and "1-1町内会" in html, text
    assert "a1.hana" not in ask(offices["b1"], "メゾンド試験"), "who confirmed it is not for other offices"


def test_the_public_and_partners_without_an_office_never_see_the_register(offices, serve) -> None:
    confirm(offices["a1.hana"])
    public = serve()
    public.headers["accept"] = "text/html"
    assert "物件台帳" not in ask(public, "メゾン・ド・試験")
    assert "banner-sample" in offices["a1.hana"].get("/buildings").text
    for path in ("/buildings", "/staff/buildings"):
        assert public.get(path, follow_redirects=False).status_code == 303
    assert offices["a1.hana"].get("/staff/buildings").status_code == 403


def test_the_form_is_filled_with_what_the_lookup_found(offices) -> None:
    html = ask(offices["a1.hana"], "試験町一丁目5番")
    assert 'action="/buildings/new"' in html and 'name="association" value="a11"' in html
    answer = send(
        offices["a1.hana"], "/buildings/new", form="/buildings", address="試験町一丁目5番", association="a11"
    )
    assert '<option value="a11" selected>' in answer.text
    assert 'value="試験町一丁目5番"' in answer.text


def test_contradicting_words_go_to_the_city_which_settles(
    town: DatabaseUrls, offices, visitor: TestClient
) -> None:
    confirm(offices["a1.hana"])
    assert "市の担当が確かめます" in confirm(offices["b1"], association="a12", sure="yes").text
    assert "登録と違うところがあり" in ask(offices["a1.hana"], "メゾンド試験")
    page = visitor.get("/staff/buildings").text
    assert "banner-sample" in page
    assert "a1.hana" in page and "1-2町内会" in page
    with psycopg.connect(town.superuser) as conn:
        (key,) = conn.execute("SELECT building_id FROM kyodo.named_building").fetchone()
    settled = send(
        visitor, f"/staff/buildings/{key}", form="/staff/buildings", association="a12", joins_as="household"
    )
    assert settled.status_code == 303
    html = ask(offices["a1.hana"], "メゾンド試験")
    assert "登録と違うところがあり" not in html and "1-2町内会" in html
    assert "食い違っている建物はありません" in visitor.get("/staff/buildings").text
    assert ("admin", "building.settle") in audit(town)


def test_a_building_that_joins_none(offices) -> None:
    assert "登録しました" in confirm(offices["a1.hana"], association="a11", joins_as="none").text
    assert "<dd>なし</dd>" in ask(offices["b1"], "メゾンド試験")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "x"}, "建物の名前を"),
        ({"address": ""}, "住所を入力"),
        ({"name": "コーポ試験203号室"}, "部屋番号"),
        ({"name": "コーポ試験 203"}, "部屋番号を除いて「コーポ試験」と"),
        ({"name": "ハイツ101"}, "部屋番号"),
        ({"name": "コーポ試験－２０３"}, "部屋番号を除いて「コーポ試験」と"),
        ({"name": "試験太郎宅"}, "個人のお宅"),
        ({"name": "試験様方"}, "個人のお宅"),
        ({"name": "試験邸"}, "個人のお宅"),
        ({"name": "試験邸", "own_name": "yes"}, "個人のお宅"),
        ({"address": "試験町一丁目5番1号 試験様方"}, "個人のお宅"),
        ({"address": "試験町一丁目5番1号 203"}, "部屋番号"),
        ({"address": "試験町一丁目5-1-203"}, "部屋番号"),
        ({"address": "試験町一丁目5番1号コーポ試験203号室"}, "部屋番号"),
        ({"address": "あいうえお"}, "入力し直してください"),
        ({"address": "仙台市青葉区本町1-1"}, "市の外"),
        ({"joins_as": ""}, "入会のしかた"),
        ({"joins_as": "' OR 1=1"}, "入会のしかた"),
        ({"association": ""}, "町内会・自治会を選んで"),
        ({"association": "nosuch"}, "登録されていません"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    refused: TestClient, fields: dict[str, str], said: str
) -> None:
    answer = confirm(refused, **fields)
    assert answer.status_code == 400
    assert said in answer.text and 'aria-invalid="true"' in answer.text


def test_an_association_that_the_address_speaks_against_waits_for_the_city(
    town: DatabaseUrls, offices, visitor: TestClient
) -> None:
    office = offices["a1.hana"]
    answer = confirm(office, association="a21")
    assert answer.status_code == 400
    assert "まだ登録していません" in answer.text and "「1-1町内会」の区域です" in answer.text
    assert 'name="sure"' in answer.text and 'value="メゾン・ド・試験"' in answer.text
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.named_building").fetchone() == (0,)

    assert "市の担当が確かめます" in confirm(office, association="a21", sure="yes").text
    assert "登録と違うところがあり" in ask(offices["b1"], "メゾンド試験")
    assert "登録は 1 とおりですが" in visitor.get("/staff/buildings").text

    with psycopg.connect(town.superuser) as conn:
        (key,) = conn.execute("SELECT building_id FROM kyodo.named_building").fetchone()
    send(visitor, f"/staff/buildings/{key}", form="/staff/buildings", association="a21", joins_as="household")
    assert "次からは" in confirm(office, association="a21", sure="yes").text, "the city has settled it"


def test_a_new_building_known_by_its_lot_or_town_can_be_entered(offices) -> None:
    for number, address in enumerate(("試験町一丁目99番地1", "試験町一丁目")):
        answer = confirm(offices["a1.hana"], name=f"新築{number}荘", address=address, sure="yes")
        assert "登録しました" in answer.text or "市の担当が確かめます" in answer.text, address


def test_what_the_register_looks_up_is_not_counted(town: DatabaseUrls, serve, offices) -> None:
    confirm(offices["a1.hana"])
    confirm(offices["a1.hana"], address="あいうえお")
    offices["a1.hana"].app.state.services.counters.stop()
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.lookup_count").fetchone() == (0,)


def test_hostile_names_stay_text(offices) -> None:
    name = "<img src=x onerror=alert(1)>荘"
    confirm(offices["a1.hana"], name=name)
    html = ask(offices["b1"], name)
    assert "<img src=x" not in html and "&lt;img src=x" in html


def test_a_confirmation_does_not_make_the_workers_build_anew(town: DatabaseUrls, offices) -> None:
    def revision() -> int:
        with psycopg.connect(town.superuser) as conn:
            return conn.execute("SELECT revision FROM kyodo.municipality").fetchone()[0]

    before = revision()
    confirm(offices["a1.hana"])
    assert revision() == before


def test_the_database_follows_the_rule(town: DatabaseUrls, offices) -> None:
    """Random words of three speakers: the row in the database is what `standing` says."""
    draw = random.Random(7)
    facts = [Fact("a11", JoinsAs.HOUSEHOLD), Fact("a11", JoinsAs.HOUSEHOLD, "班長"), Fact("a12", JoinsAs.HOUSEHOLD),
             Fact(None, JoinsAs.NONE), Fact("a11", JoinsAs.WHOLE_BUILDING)]  # fmt: skip
    database = Database(town.app, max_size=2)
    try:
        for number in range(25):
            said = [Confirmation(draw.choice(facts), draw.choice(["A1", "B1", ""])) for _ in range(4)]
            for word in said:
                audience = Audience.PARTNER if word.office else Audience.STAFF
                with database.write(audience, office=word.office or None) as conn:
                    buildings.enter(
                        conn,
                        "03201",
                        f"試験荘{number}号",
                        "試験町一丁目1番",
                        word.fact,
                        by=LOGINS[word.office],
                    )
            with database.read(Audience.STAFF) as conn:
                (found,) = [
                    b
                    for b in buildings.search(conn, "03201", f"試験荘{number}号")
                    if b.name == f"試験荘{number}号"
                ]
            fact, conflict = standing(said)
            assert (Fact(found.association_id, found.joins_as, found.fee_way), found.conflict) == (
                fact,
                conflict,
            ), said
    finally:
        database.close()


def test_an_office_reads_its_own_words_and_cannot_write_around_the_rule(town: DatabaseUrls, offices) -> None:
    confirm(offices["a1.hana"])
    confirm(offices["b1"])
    database = Database(town.app, max_size=2)
    try:
        with database.read(Audience.PARTNER, office="A1") as conn:
            (found,) = buildings.search(conn, "03201", "メゾンド試験")
            assert [word.office_id for word in buildings.confirmations(conn, "03201", found.building_id)] == [
                "A1"
            ]
        for statement in (
            "UPDATE named_building SET association_id = NULL",
            "DELETE FROM named_building",
            "SELECT confirmed_by FROM named_building",
            "INSERT INTO building_confirmation VALUES ('03201', 'x', 1, NULL, 'none', NULL, 'A1', 'x')",
        ):
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                database.write(Audience.PARTNER, office="A1") as conn,
            ):
                conn.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.write(Audience.PARTNER) as conn:
            conn.execute("SELECT enter_building('03201', 'x', 'x', 'x', 'a1.hana', false)")
    finally:
        database.close()


def test_a_building_whose_name_is_no_address_is_the_answer_itself(offices) -> None:
    confirm(offices["a1.hana"])
    html = ask(offices["b1"], "メゾンド試験")
    assert '<h1 data-focus tabindex="-1">1-1町内会</h1>' in html and "物件台帳の登録とも一致します" in html
    assert "読み取れませんでした</h1>" not in html and 'aria-invalid="true"' not in html


def test_the_city_may_vouch_for_a_name_that_only_looks_like_a_home(
    town: DatabaseUrls, offices, visitor: TestClient
) -> None:
    refused = confirm(visitor, name="試験邸")
    assert refused.status_code == 400 and 'name="own_name"' in refused.text
    assert 'name="own_name"' not in confirm(offices["a1.hana"], name="試験邸").text, "an office cannot"
    assert "登録しました" in confirm(visitor, name="試験邸", own_name="yes").text
    assert "登録しました" not in confirm(offices["b1"], name="試験邸").text
    assert "1-1町内会" in ask(offices["b1"], "試験邸")
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT name, name_vouched FROM kyodo.named_building").fetchall() == [
            ("試験邸", True)
        ]


def test_names_from_before_are_for_the_city_to_look_at(
    town: DatabaseUrls, offices, visitor: TestClient
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("ALTER TABLE kyodo.named_building DISABLE TRIGGER guard_building_name")
        for number, name in enumerate(("試験太郎宅", "旧試験邸", "コーポ試験-203")):
            conn.execute(
                "INSERT INTO kyodo.named_building (municipality_code, building_id, name, address, confirmed_by, source, "
                "quality) VALUES ('03201', %s, %s, '試験町一丁目5番', 'x', 'x', 'real')",
                (f"old{number}", name),
            )
        conn.execute("ALTER TABLE kyodo.named_building ENABLE TRIGGER guard_building_name")
    page = visitor.get("/staff/buildings").text
    assert "試験太郎宅" in page and "コーポ試験-203" in page and "旧試験邸" not in page
    send(visitor, "/staff/buildings/old0", form="/staff/buildings", forget="1")
    send(visitor, "/staff/buildings/old2", form="/staff/buildings", own_name="1")
    assert "個人のお宅や部屋と思われる名前" not in visitor.get("/staff/buildings").text
    assert {("admin", "building.forget"), ("admin", "building.vouch")} <= set(audit(town))
    assert send(visitor, "/staff/buildings/nosuch", form="/staff/buildings", own_name="1").status_code == 404
