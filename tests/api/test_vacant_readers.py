"""The three states of a vacant house: survey for the staff alone, consented for whom the owner named, listed for everybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from geodata import officers_of
from geodata.database import Audience
from kyodo_geo.roles import CONSENT_RECIPIENTS, VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import HOST, JSON, another
from tests.api.signing import token_of
from tests.api.test_vacant_houses import again, house
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

ENDS = "/staff/facilities/vacant-houses/disclosures"
NAME = "1-1町内会"
"""Of the association a11."""
FILES = ("/consented-houses", "/consented-houses.csv", "/api/v1/consented-houses")
LISTED = (
    "/listed-houses", "/listed-houses.csv", "/api/v1/listed-houses",
    "/ogc/collections/listed-houses/items?f=json", "/ogc/collections/listed-houses/items?f=html",
    "/ogc/collections/listed-houses/items?f=csv",
)  # fmt: skip


@pytest.fixture(scope="module")
def planted(shared_town: DatabaseUrls) -> DatabaseUrls:
    with psycopg.connect(shared_town.superuser) as conn:
        town = again(conn)
        conn.execute("INSERT INTO partner VALUES (%s, 'p', '協会')", (city.CODE,))
        for office, name in (("o1", "一号店"), ("o2", "二号店"), ("o3", "同じ名の店"), ("o4", "同じ名の店")):
            conn.execute(
                "INSERT INTO partner_office (municipality_code, office_id, partner_id, name) VALUES (%s, %s, 'p', %s)",
                (city.CODE, office, name),
            )
        town.dataset("vacant-houses", "sample")
        consent = {"state": "consented", "consented_on": "2025-01-01", "rank": "B"}
        house(town, "survey", 141.1351, 39.7051, rank="A")
        house(town, "by-name", 141.1352, 39.7052, consented_to=[NAME, "一号店"], **consent)
        house(town, "by-id", 141.1353, 39.7053, consented_to=["association:a21", "office:o2"], **consent)
        house(town, "nobody", 141.1354, 39.7054, consented_to=["同じ名の店", "a11", "o1", "協会"], **consent)
        house(
            town, "later", 141.1355, 39.7055, consented_to=[NAME], **{**consent, "consented_on": "2199-01-01"}
        )
        house(town, "listed", 141.1356, 39.7056, state="listed", rank="C", hazard="秘密の区域")
        house(town, "gone", 141.1357, 39.7057, state="listed")
        town.activate()
    return shared_town


@pytest.fixture
def who(client: TestClient, planted: DatabaseUrls) -> Iterator[Any]:
    """Somebody signed in: `who(role, office=…, association=…)`."""

    def make(role: Role | None, office: str | None = None, association: str | None = None) -> TestClient:
        found = another(client)
        login = f"{role}-{office}-{association}".replace(":", "-")
        sign_in(found, role, office, login)
        if association is not None:
            with client.app.state.services.database.write(Audience.AUTH) as conn:
                officers_of.set_association(conn, city.CODE, login, association, by="test")
        return found

    yield make


def told(client: TestClient) -> list[str]:
    answers = [client.get(path, headers={"accept": "*/*"}) for path in FILES]
    assert {(answer.status_code, answer.headers["cache-control"]) for answer in answers} == {
        (200, "private, no-store")
    }
    ids = [feature["id"] for feature in answers[2].json()["features"]]
    for answer in answers:
        for key in ("survey", "by-name", "by-id", "nobody", "later", "listed", "gone"):
            assert (f"秘密の家 {key}" in answer.text) == (key in ids), (answer.url, key)
    return ids


OFFICER = Role.ASSOCIATION_OFFICER


@pytest.mark.parametrize(
    ("role", "office", "association", "seen"),
    [
        (OFFICER, None, "a11", ["by-name"]),
        (OFFICER, None, "a21", ["by-id"]),
        (OFFICER, None, "a12", []),
        (OFFICER, None, None, []),
        (Role.PARTNER, "o1", None, ["by-name"]),
        (Role.PARTNER, "o2", None, ["by-id"]),
        (Role.PARTNER, "o3", None, []),  # two offices have that name: nobody knows which one was meant
        (Role.PARTNER, None, None, []),
    ],
)
def test_consented_houses_reach_exactly_whom_the_owner_named(
    who: Any, role: Role, office: str | None, association: str | None, seen: list[str]
) -> None:
    assert told(who(role, office, association)) == seen


@pytest.mark.parametrize("role", sorted(set(Role) - CONSENT_RECIPIENTS))
def test_nobody_else_is_told(who: Any, role: Role) -> None:
    for path in FILES:
        answer = who(None if role is Role.PUBLIC else role).get(path, headers=JSON)
        assert answer.status_code == (401 if role is Role.PUBLIC else 403)
        assert "秘密の家" not in answer.text


def test_every_look_at_them_is_written_down(who: Any, client: TestClient) -> None:
    reader = who(OFFICER, None, "a11")
    count = (
        "SELECT count(*) AS n FROM audit WHERE action = 'vacant-houses.view' AND target = 'consented' "
        "AND action_kind = 'view'"
    )
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        before = conn.execute(count).fetchone()
    told(reader)
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        after = conn.execute(count).fetchone()
        last = conn.execute("SELECT actor, details FROM audit ORDER BY entry_no DESC LIMIT 1").fetchone()
    assert before is not None and after is not None and last is not None
    assert after["n"] == before["n"] + len(FILES)
    assert last["details"]["houses"] == ["by-name"] and "秘密" not in str(last["details"])


def test_a_session_role_or_office_that_ended_tells_nothing_more(who: Any, planted: DatabaseUrls) -> None:
    def change(statement: str, login: str) -> None:
        with psycopg.connect(planted.superuser) as conn:
            conn.execute(f"SET search_path = kyodo; {statement.format(login=login)}")

    partner = who(Role.PARTNER, "o1")
    assert told(partner) == ["by-name"]
    change("UPDATE partner_office SET closed_on = '2020-01-01' WHERE office_id = 'o1'", "")
    assert told(partner) == []
    change("UPDATE partner_office SET closed_on = NULL WHERE office_id = 'o1'", "")
    change(
        "DELETE FROM user_role WHERE user_id = (SELECT user_id FROM app_user WHERE login = '{login}')",
        "partner-o1-None",
    )
    assert partner.get(FILES[2], headers=JSON).status_code == 403
    officer = who(OFFICER, None, "a21")
    assert told(officer) == ["by-id"]
    change("UPDATE app_user SET active = false WHERE login = '{login}'", f"{OFFICER}-None-a21")
    assert officer.get(FILES[2], headers=JSON).status_code == 401
    change("UPDATE app_user SET active = true WHERE login = '{login}'", f"{OFFICER}-None-a21")


def test_requests_side_by_side_are_told_the_same_while_the_token_changes(
    who: Any, planted: DatabaseUrls
) -> None:
    before = who(OFFICER, None, "a11")
    now = another(before)
    with psycopg.connect(planted.superuser) as conn:
        conn.execute("UPDATE kyodo.session SET rotated_at = now() - interval '16 minutes'")
    now.cookies.set("kyodo_session", before.get("/account").cookies["kyodo_session"])
    before.cookies.delete("kyodo_session", domain="127.0.0.1")  # as it was when the requests were sent
    assert told(now) == ["by-name"], "with the new token, which has now arrived"
    assert told(before) == ["by-name"], "with the one before, within its minute"


def end(staff: TestClient, **fields: str) -> Any:
    html = staff.get(ENDS, headers={"accept": "text/html"}).text
    given = {"csrf_token": token_of(html), "note": "所有者の申出", "recipient": "", "ends_on": "", **fields}
    return staff.post(ENDS, data=given, headers={"origin": HOST, "accept": "text/html"})


def test_a_consent_taken_back_ends_at_once_and_alone(who: Any, client: TestClient) -> None:
    staff, officer, partner = who(Role.FACILITY_STAFF), who(OFFICER, None, "a11"), who(None)
    sign_in(partner, Role.PARTNER, "o1", "again")
    assert (told(officer), told(partner)) == (["by-name"], ["by-name"])
    assert end(staff, house="by-name", recipient=NAME, how="now").status_code == 303
    assert (told(officer), told(partner)) == ([], ["by-name"])
    assert end(staff, house="by-name", recipient=NAME, how="back").status_code == 303
    assert told(officer) == ["by-name"]
    tomorrow = str(today() + timedelta(days=1))
    assert end(staff, house="by-name", how="day", ends_on=tomorrow).status_code == 303
    assert (told(officer), told(partner)) == (["by-name"], ["by-name"])
    assert end(staff, house="by-name", how="now").status_code == 303, "for everybody"
    assert (told(officer), told(partner)) == ([], [])
    assert end(staff, house="by-name", how="back").status_code == 303
    with client.app.state.services.database.read(Audience.AUTH) as conn:
        entries = conn.execute(
            "SELECT details FROM audit WHERE action = 'vacant-houses.disclosure' AND target = 'by-name'"
        ).fetchall()
    assert len(entries) == 5


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"house": "survey", "how": "now"}, "house"),
        ({"house": "no-such", "how": "now"}, "house"),
        ({"house": "", "how": "now"}, "house"),
        ({"house": "by-name", "recipient": "ほかの人", "how": "now"}, "house"),
        ({"house": "by-name", "how": "day"}, "ends_on"),
        ({"house": "by-name", "how": "day", "ends_on": "x"}, "ends_on"),
        ({"house": "by-name", "how": ""}, "how"),
        ({"house": "by-name", "how": "now", "note": ""}, "note"),
    ],
)
def test_an_end_that_makes_no_sense_is_refused_in_words(who: Any, wrong: dict[str, str], field: str) -> None:
    answer = end(who(Role.PLANNER), **wrong)
    assert answer.status_code == 400 and f'href="#disclosure-{field}"' in answer.text


def test_listed_houses_are_everybodys_without_what_the_survey_said(who: Any) -> None:
    for path in LISTED:
        answer = who(None).get(path, headers={"accept": "*/*"})
        assert answer.status_code == 200, path
        assert "秘密の家 listed" in answer.text, path
        assert answer.headers["cache-control"].startswith("public"), path
        for secret in ("秘密の家 survey", "秘密の家 by-", "秘密の区域", "141.1351", "141.1352", "39.7051"):
            assert secret not in answer.text, (path, secret)
        if "json" in answer.headers["content-type"]:
            assert "rank" not in answer.text and "hazard" not in answer.text


def test_a_house_taken_off_the_list_is_gone_everywhere_at_once(who: Any, client: TestClient) -> None:
    public, staff = who(None), who(Role.ADMINISTRATOR)
    tags = {path: public.get(path, headers={"accept": "*/*"}).headers["etag"] for path in LISTED}
    assert all("秘密の家 gone" in public.get(path, headers={"accept": "*/*"}).text for path in LISTED)
    live = client.app.state.services.live
    before = live.revision(city.CODE)
    assert end(staff, house="gone", how="now").status_code == 303
    with live._changed:
        assert live._changed.wait_for(lambda: live.revision(city.CODE) != before, 10), "workers are told"
    for path in LISTED:
        answer = public.get(path, headers={"accept": "*/*", "if-none-match": tags[path]})
        assert answer.status_code == 200 and "秘密の家 gone" not in answer.text, path
        assert "秘密の家 listed" in answer.text
    past = f"/ogc/collections/listed-houses/items?f=json&datetime={today() - timedelta(days=300)}"
    assert "秘密の家 gone" not in public.get(past).text, "nor by asking for an earlier day"


def test_the_database_knows_the_readers_itself(planted: DatabaseUrls) -> None:
    """The second lock: no role of these readers enters the schema, and a session that is nobody's shows nothing."""
    with psycopg.connect(planted.superuser) as conn:
        for role in ("kyodo_public", "kyodo_partner", "kyodo_auth"):
            for statement in (
                "SELECT * FROM kyodo_vacant.vacant_house",
                "SELECT * FROM kyodo_vacant.disclosure_end",
                "SELECT kyodo_vacant.ended('03201', 'survey', NULL, NULL)",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                    conn.execute(f"SET LOCAL ROLE {role}")
                    conn.execute(statement)
        for role in ("kyodo_public", "kyodo_staff", "kyodo_auth", "kyodo_loader"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(f"SET LOCAL ROLE {role}")
                conn.execute("SELECT * FROM kyodo.consented_houses('03201', decode(repeat('00', 32), 'hex'))")
        conn.execute("SET LOCAL ROLE kyodo_partner")
        for session in ("decode(repeat('00', 32), 'hex')", "NULL", "''::bytea"):
            found = conn.execute(f"SELECT * FROM kyodo.consented_houses('03201', {session})").fetchall()
            assert found == []


def test_the_staff_who_work_on_them_see_all_three_states(who: Any) -> None:
    for role in VACANT_HOUSE_READERS:
        text = who(role).get("/api/v1/vacant-houses", headers=JSON).text
        assert all(f"秘密の家 {key}" in text for key in ("survey", "by-name", "listed"))
