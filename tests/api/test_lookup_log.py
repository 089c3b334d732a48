"""The log of lookups keeps outcome, town, key and time; never an address, nobody where nobody signed in."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST, another
from tests.api.signing import token_of
from tests.api.ticket_world import PERSON, add_offices, sign_in
from tests.fixtures_db import DatabaseUrls

PAGE = "/staff/disclosure"
ADDRESS = "試験町一丁目5番1号"
TOWN = "試験町一丁目"
OTHERS = ("kyodo_public", "kyodo_staff", "kyodo_partner", "kyodo_loader")
BACKDATED = (
    "INSERT INTO kyodo.lookup_log (municipality_code, at, channel, outcome, lookups) "
    "VALUES ('03201', now() - interval '2 days', 'api', 'one', 1)"
)


@pytest.fixture
def admin(serve: Callable[..., TestClient], town: DatabaseUrls) -> TestClient:
    add_offices(town)
    client = serve()
    client.headers["accept"] = "text/html"
    sign_in(client, Role.ADMINISTRATOR)
    return client


def send(client: TestClient, part: str, **fields: str):
    data = {"csrf_token": token_of(client.get(PAGE).text), "request": "第12号", "form": "csv", **fields}
    return client.post(f"{PAGE}/{part}", data=data, headers={"origin": HOST})


def key_of(client: TestClient, office: str = "o1") -> tuple[str, str]:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        return issue(conn, city.CODE, "試験", by="test", office_id=office)


def log(town: DatabaseUrls) -> list[tuple]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT channel, outcome, town, key_id, office_id, login, lookups FROM kyodo.lookup_log ORDER BY log_no"
        ).fetchall()


def test_every_way_is_logged_with_who_and_when(admin: TestClient, town: DatabaseUrls) -> None:
    key_id, key = key_of(admin)
    services = admin.app.state.services
    program, counter, anybody = another(admin), another(admin), another(admin)
    sign_in(counter, Role.COUNTER)
    bearer = {"authorization": f"Bearer {key}", "accept": "application/json"}
    program.post("/api/v1/lookup", json={"address": ADDRESS}, headers=bearer)
    program.post("/api/v1/lookup/batch", json={"rows": [{"id": 1, "address": ADDRESS}] * 3}, headers=bearer)
    anybody.get(f"/api/v1/lookup?address={ADDRESS}", headers={"accept": "application/json"})
    counter.post("/lookup", data={"address": ADDRESS}, headers={"origin": HOST})
    services.counters.flush()
    found = {(row[0], row[3], row[4], row[5]): row[6] for row in log(town)}
    assert found == {
        ("partner", key_id, "o1", ""): 1,
        ("batch", key_id, "o1", ""): 3,
        ("api", "", "", ""): 1,
        ("counter", "", "", "counter-x"): 1,
    }
    assert {row[2] for row in log(town)} == {TOWN}
    with psycopg.connect(town.superuser) as conn:
        whole = str(conn.execute("SELECT to_jsonb(l) FROM kyodo.lookup_log l").fetchall())
        seconds = conn.execute(
            "SELECT bool_and(extract(second FROM at) = 0) FROM kyodo.lookup_log WHERE key_id || login = ''"
        ).fetchone()
    assert "5番" not in whole and seconds == (True,), "to the minute where nobody signed in"


@pytest.mark.parametrize(
    ("audience", "statement"),
    [
        ("kyodo_auth", "UPDATE kyodo.lookup_log SET town = ''"),
        ("kyodo_auth", BACKDATED),
        *((role, "SELECT * FROM kyodo.lookup_log") for role in OTHERS),
    ],
)
def test_the_database_keeps_it_as_it_was_written(town: DatabaseUrls, audience: str, statement: str) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(f"SET ROLE {audience}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement)


def test_nothing_younger_than_a_month_is_deleted(town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.lookup_log (municipality_code, at, channel, outcome, lookups) "
            "SELECT '03201', now() - n * interval '1 day', 'api', 'one', 1 FROM generate_series(0, 59) n"
        )
        conn.execute("SET ROLE kyodo_auth")
        assert conn.execute("DELETE FROM kyodo.lookup_log").rowcount == 29


def test_who_looked_up_what_when_for_an_office(admin: TestClient, town: DatabaseUrls) -> None:
    services = admin.app.state.services
    for office in ("o1", "o2"):
        _, key = key_of(admin, office)
        another(admin).post(
            "/api/v1/lookup", json={"address": ADDRESS}, headers={"authorization": f"Bearer {key}"}
        )
    services.counters.flush()
    days = {"first": str(today() - timedelta(days=1)), "last": str(today())}
    answer = send(admin, "lookups", office="o1", **days)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store"
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["経路"], row["結果"], row["町"], row["事業所"], row["件数"]) == (
        "会員店",
        "1 つに決まった",
        TOWN,
        "o1",
        "1",
    )
    book = openpyxl.load_workbook(io.BytesIO(send(admin, "lookups", **{**days, "form": "xlsx"}).content))
    assert book.active.max_row == 3
    with psycopg.connect(town.superuser) as conn:
        noted = conn.execute(
            "SELECT actor, target, details->>'rows' FROM kyodo.audit WHERE action = 'disclosure.lookups' ORDER BY entry_no"
        ).fetchall()
    assert noted == [("administrator-x", "第12号", "1"), ("administrator-x", "第12号", "2")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "x"},
        {"first": "2026-02-01", "last": "2026-01-01"},
        {"key": "あ"},
        {"request": "花子さん"},
        {"first": "0001-01-01"},
    ],
)
def test_what_cannot_be_asked_is_said(admin: TestClient, wrong: dict[str, str]) -> None:
    answer = send(admin, "lookups", **{"first": "2026-01-01", "last": "2026-12-31", **wrong})
    assert answer.status_code == 400 and "作れませんでした" in answer.text


def test_everything_about_a_person(admin: TestClient, town: DatabaseUrls) -> None:
    evil = "=cmd|'/c calc'!A1"
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO referral (municipality_code, ticket_no, question, customer_name, customer_phone, consent_at) "
            "VALUES ('03201', 901, %s, 'ヒミツ　花子', '０１９-111-2222', now())", (evil,),
        )  # fmt: skip
        conn.execute(
            "INSERT INTO join_wish (municipality_code, ticket_no, association_id, name, phone, purpose, consent_at) "
            "VALUES ('03201', 902, 'a11', '別の人', '0191112222', 'p', now())"
        )
        conn.execute(
            "INSERT INTO association_contact (municipality_code, association_id, contact_no, role, name) "
            "VALUES ('03201', 'a11', 77, 'president', 'ﾋﾐﾂ花子')"
        )
    by_name = send(admin, "person", person=PERSON["name"])
    found = list(csv.DictReader(io.StringIO(by_name.text.removeprefix("\ufeff"))))
    assert {(row["置き場所"], row["番号"]) for row in found} == {
        ("質問の取次", "901"),
        ("町内会・自治会の連絡先", "a11"),
    }
    assert {row["値"] for row in found if row["項目"] == "質問"} == {"'" + evil}, "no cell runs as a formula"
    by_phone = send(admin, "person", person="019（111）2222").text
    assert "別の人" in by_phone and "901" in by_phone
    by_login = send(admin, "person", person="administrator-x").text
    assert "アカウント" in by_login and "監査の記録" in by_login
    assert "該当する記録はありません" in send(admin, "person", person="だれでもない").text
    assert send(admin, "person", person="花").status_code == 400
    with psycopg.connect(town.superuser) as conn:
        noted = str(conn.execute("SELECT * FROM kyodo.audit WHERE action = 'disclosure.person'").fetchall())
    assert "花子" not in noted and "1112222" not in noted, "not whom it was about"


def test_what_hangs_on_an_account_is_about_the_person_too(admin: TestClient, town: DatabaseUrls) -> None:
    person = another(admin)
    sign_in(person, Role.PLANNER, login="hanako")
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO user_identity (municipality_code, issuer, subject, user_id, linked_by) "
            "SELECT '03201', 'https://idp', 'id-of-hanako', user_id, 'test' FROM app_user WHERE login = 'hanako'"
        )
        conn.execute(
            "INSERT INTO user_totp (municipality_code, user_id, sealed_secret, begun_by) "
            "SELECT '03201', user_id, 'gAAAAsealed', sha256('x') FROM app_user WHERE login = 'hanako'"
        )
        conn.execute(
            "INSERT INTO batch_job (municipality_code, job_id, user_id, file_name, kind, rows, expires_at) "
            "SELECT '03201', 'j1', user_id, 'list.csv', 'csv', 1, now() + interval '1 day' "
            "FROM app_user WHERE login = 'hanako'"
        )
        conn.execute(
            "INSERT INTO user_role (municipality_code, user_id, role, granted_by) SELECT '03201', user_id, 'counter', 'hanako' "
            "FROM app_user WHERE login = 'administrator-x'"
        )
        conn.execute(
            "INSERT INTO kyodo_vacant.disclosure_end (municipality_code, house_id, end_no, note, created_by) "
            "VALUES ('03201', 'h1', 1, '申出', 'hanako')"
        )
        conn.execute(
            "INSERT INTO audit (municipality_code, actor, action, target, details) "
            """VALUES ('03201', 'x', 'x', 'x', '{"to": [{"who": "Hanako"}]}'), ('03201', 'x', 'x', 'y', '{"who": "hanakos"}')"""
        )
    answer = send(admin, "person", person="hanako").text
    rows = list(csv.DictReader(io.StringIO(answer.removeprefix("\ufeff"))))
    assert {row["置き場所"] for row in rows} == {
        "アカウント", "役割", "サインイン", "認証システムとの結び付き", "確認コードの登録", "まとめて検索",
        "空き家を見せるのをやめた記録", "監査の記録",
    }  # fmt: skip
    told = {row["値"] for row in rows}
    assert {"id-of-hanako", "list.csv", "h1"} <= told
    assert any("Hanako" in value for value in told) and "hanakos" not in answer, (
        "texts within details, as a whole"
    )
    assert "gAAAA" not in answer and "csrf" not in answer, "secrets are nobody's"


def test_a_person_is_taken_out_of_an_account(admin: TestClient, town: DatabaseUrls) -> None:
    from geodata.disclosure import erase_account

    gone = another(admin)
    sign_in(gone, Role.PLANNER, login="taro")
    with admin.app.state.services.database.write(Audience.AUTH) as conn:
        conn.execute("UPDATE app_user SET display_name = '盛岡太郎' WHERE login = 'taro'")
        for statement in (
            (
                "INSERT INTO user_identity (municipality_code, issuer, subject, user_id, linked_by) "
                "SELECT '03201', 'https://idp', 'id-of-taro', user_id, 'test' FROM app_user WHERE login = 'taro'"
            ),
            (
                "INSERT INTO user_totp (municipality_code, user_id, sealed_secret, begun_by) "
                "SELECT '03201', user_id, 'gAAAAsealed', sha256('x') FROM app_user WHERE login = 'taro'"
            ),
            (
                "INSERT INTO recovery_code (municipality_code, user_id, code_hash) "
                "SELECT '03201', user_id, sha256('c') FROM app_user WHERE login = 'taro'"
            ),
        ):
            conn.execute(statement)
        erase_account(conn, city.CODE, "taro", by="test")
    assert gone.get("/staff").status_code == 303
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute(
            "SELECT display_name, active, password_hash FROM kyodo.app_user WHERE login = 'taro'"
        ).fetchone() == ("（消去）", False, None)
        for table in ("user_identity", "user_totp", "recovery_code", "user_role", "session"):
            left = conn.execute(
                f"SELECT count(*) FROM kyodo.{table} JOIN kyodo.app_user USING (user_id) WHERE login = 'taro'"
            ).fetchone()
            assert left == (0,), table
