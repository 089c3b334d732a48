"""/staff/plans and /staff/projects: who may, what is refused, that nobody overwrites another unseen, and what the public sees."""

from __future__ import annotations

import re
from collections.abc import Callable

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from geodata import accounts
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, PAGE
from tests.api.signing import PASSWORD, become_admin, caught_up, send, token_of
from tests.fixtures_db import DatabaseUrls

PLAN = "/staff/plans/2"
STATE = {"state": "in_preparation", "valid_from": "2024-04-01", "quality": "real"}
HOSTILE = "</textarea><script>alert(1)</script>{{7*7}}\"'><img src=x onerror=alert(1)>"


def sign_in_as(client: TestClient, role: Role) -> None:
    """Sign in as somebody with that one role, through a one-time link."""
    from api.auth.links import create_link

    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", f"u.{role.value}", "職員", {role}, by="test")
    link = create_link(services.database, services.settings, user.login).removeprefix(HOST)
    token = link.partition("token=")[2]
    send(client, "/welcome", form=link, token=token, password=PASSWORD, password_again=PASSWORD)


def version_of(html: str) -> str:
    found = re.search(r'name="version" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def post(client: TestClient, path: str, form: str, **fields: str):
    """Send a form of the page `form` as a browser would, with its token and (unless given) its version."""
    html = client.get(form).text
    data = {"csrf_token": token_of(html), "version": version_of(html), **fields}
    return caught_up(client, client.post(path, data=data, headers={**PAGE, "origin": HOST}))


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def add_state(client: TestClient, path: str = PLAN, **fields: str):
    return post(client, path, path, **{**STATE, **fields})


def audit_of(town: DatabaseUrls, prefix: str) -> list[tuple[str, str, dict]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT action, target, details FROM kyodo.audit WHERE starts_with(action, %s) ORDER BY entry_no",
            (prefix,),
        ).fetchall()


@pytest.mark.parametrize("path", ["/staff/plans", PLAN, "/staff/projects"])
def test_visitors_are_sent_to_sign_in(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")
    if path != "/staff/plans":
        assert client.post(path, data=STATE, headers={**PAGE, "origin": HOST}).status_code in (303, 401)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PLANNER, 200),
        (Role.DISTRICT_OFFICER, 403),
        (Role.FACILITY_STAFF, 403),
        (Role.PARTNER, 403),
        (Role.ADVISORY, 403),
    ],
)
def test_only_planners_and_administrators(visitor: TestClient, role: Role, status: int) -> None:
    sign_in_as(visitor, role)
    for path in ("/staff/plans", PLAN, "/staff/projects"):
        assert visitor.get(path).status_code == status
    for path in (PLAN, "/staff/projects"):
        token = token_of(visitor.get("/account").text)
        sent = visitor.post(path, data={"csrf_token": token}, headers={**PAGE, "origin": HOST})
        assert sent.status_code == (400 if status == 200 else 403), (
            "an empty form is refused, or its sender is"
        )
    assert ("/staff/plans" in visitor.get("/staff").text) == (status == 200)


def test_a_state_is_entered_and_everybody_sees_it_at_once(staff: TestClient, town: DatabaseUrls) -> None:
    before = staff.get("/api/v1/districts/2").json()["properties"]["plan_state"]
    answer = add_state(
        staff,
        note="懇談会で決めています。",
        document_url="https://example.jp/plan.pdf",
        title="第2地区の計画",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PLAN}?done=add")
    page = staff.get(answer.headers["location"])
    assert page.headers["cache-control"] == "private, no-store"
    assert "状態を追加しました" in page.text and "令和6年4月1日から" in page.text
    assert 'href="https://example.jp/plan.pdf" rel="noopener noreferrer"' in page.text
    wait_for(
        staff, lambda: staff.get("/api/v1/districts/2").json()["properties"]["plan_state"] == "in_preparation"
    )
    assert before != "in_preparation"
    told = audit_of(town, "edit.plan.")
    assert {(action, target) for action, target, _ in told} == {("edit.plan.add", "district-plan/2")}
    assert {"before": None, "after": "in_preparation"} in [
        details["changes"].get("state") for _, _, details in told
    ]
    assert "履歴" in page.text and "u.planner" not in page.text


def wait_for(client: TestClient, true: Callable[[], bool]) -> None:
    """Until the notice of the new revision has arrived."""
    import time

    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "the public page did not change"
        time.sleep(0.02)


def test_correct_and_withdraw_keep_the_history(staff: TestClient, town: DatabaseUrls) -> None:
    add_state(staff)
    number = re.findall(rf'action="{PLAN}/(\d+)"', staff.get(PLAN).text)[0]
    answer = post(staff, f"{PLAN}/{number}", PLAN, **{**STATE, "valid_from": "2024-10-01", "note": "延期"})
    assert answer.headers["location"] == f"{PLAN}?done=correct"
    assert "令和6年10月1日から" in staff.get(PLAN).text
    answer = post(staff, f"{PLAN}/{number}/withdraw", PLAN)
    assert answer.headers["location"] == f"{PLAN}?done=withdraw"
    page = staff.get(PLAN).text
    assert f'action="{PLAN}/{number}"' not in page
    assert "取り消し" in page and "延期" in page, "what it said stands in the history"
    assert {action for action, _, _ in audit_of(town, "edit.plan.")} == {
        "edit.plan.add",
        "edit.plan.correct",
        "edit.plan.withdraw",
    }


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"state": "expired"}, "state"),
        ({"state": "abolished"}, "state"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2024-02-30"}, "valid_from"),
        ({"valid_from": "2199-04-01"}, "valid_from"),
        ({"stated_on": "2199-04-01"}, "stated_on"),
        ({"state": "revised"}, "state"),
        ({"document_url": "http://example.jp/"}, "document_url"),
        ({"document_url": "javascript:alert(1)"}, "document_url"),
        ({"note": "あ" * 1001}, "note"),
        ({"title": "a\x00b"}, "title"),
        ({"quality": "better"}, "quality"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_kept(
    staff: TestClient, town: DatabaseUrls, fields: dict[str, str], field: str
) -> None:
    answer = add_state(staff, **{"source": "第2回会議の資料", **fields})
    assert answer.status_code == 400
    assert f'href="#add-{field}"' in answer.text and f'id="add-{field}-error"' in answer.text
    assert 'value="第2回会議の資料"' in answer.text, "what was typed stays"
    assert audit_of(town, "edit.plan.") == []


def test_the_second_editor_sees_both_and_loses_nothing(staff: TestClient, town: DatabaseUrls) -> None:
    page = staff.get(PLAN).text
    seen = {"csrf_token": token_of(page), "version": version_of(page)}
    add_state(staff, title="先に入れた計画")
    late = {
        **seen,
        **STATE,
        "valid_from": "2024-05-01",
        "title": "後から入れた計画",
        "note": "消えてはいけない文",
    }
    answer = staff.post(PLAN, data=late, headers={**PAGE, "origin": HOST})
    assert answer.status_code == 409
    assert "先に入れた計画" in answer.text and "後から入れた計画" in answer.text
    assert "消えてはいけない文</textarea>" in answer.text
    assert version_of(answer.text) != seen["version"], "the page can be sent again after looking"
    assert len(audit_of(town, "edit.plan.add")) == 2, "the new state and the end of the one before, once"
    again = {**late, "version": version_of(answer.text)}
    answer = staff.post(PLAN, data={**again, "state": "adopted"}, headers={**PAGE, "origin": HOST})
    assert answer.status_code == 303


def test_a_stale_withdrawal_is_a_conflict_too(staff: TestClient) -> None:
    add_state(staff)
    page = staff.get(PLAN).text
    number = re.findall(rf'action="{PLAN}/(\d+)/withdraw"', page)[0]
    post(staff, f"{PLAN}/{number}", PLAN, **{**STATE, "note": "直した"})
    data = {"csrf_token": token_of(page), "version": version_of(page)}
    answer = staff.post(f"{PLAN}/{number}/withdraw", data=data, headers={**PAGE, "origin": HOST})
    assert answer.status_code == 409 and "ほかの人が先に変えました" in answer.text


def test_hostile_texts_stay_texts(staff: TestClient) -> None:
    add_state(staff, title=HOSTILE, note=HOSTILE, source=HOSTILE)
    for path in (PLAN, "/staff/plans", "/staff/plans/4"):
        text = staff.get(path).text
        assert (
            "<script>alert" not in text
            and "<img src=x" not in text
            and "49" not in re.findall(r"alert\(1\)</script>(\d+)", text)
        )
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        assert parser.errors == []


@pytest.mark.parametrize("path", [f"{PLAN}/1", f"{PLAN}/1/withdraw", PLAN, "/staff/projects"])
def test_forms_need_their_token_and_our_origin(staff: TestClient, path: str) -> None:
    token = token_of(staff.get(PLAN).text)
    data = {**STATE, "version": "x", "csrf_token": "y" * 43}
    assert staff.post(path, data=data, headers={"origin": HOST}).status_code == 403
    answer = staff.post(path, data={**data, "csrf_token": token}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/staff/plans/99", "/staff/projects/nix"])
def test_what_is_not_there(staff: TestClient, path: str) -> None:
    assert staff.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/staff/plans/2?x=1", "/staff/plans/2?done=<b>", "/staff/projects?fiscal_year=abc", "/staff/plans/+2"],
)
def test_strange_addresses_are_refused(staff: TestClient, path: str) -> None:
    assert staff.get(path).status_code == 400


# -- projects -----------------------------------------------------------------------------------------------------

PROJECT = {
    "title": "防災訓練", "district_no": "2", "fiscal_year": "2026", "theme": "防災", "grant_yen": "120,000円",
    "participants": "", "counts_as_project": "yes", "quality": "real", "source": "実績報告",
}  # fmt: skip


def add_project(client: TestClient, **fields: str):
    data = {"csrf_token": token_of(client.get("/staff/projects").text), **PROJECT, **fields}
    return client.post(
        "/staff/projects",
        data={k: v for k, v in data.items() if v is not None},
        headers={**PAGE, "origin": HOST},
    )


def project_path(client: TestClient) -> str:
    found = re.search(
        r'href="(/staff/projects/p[0-9a-f]+)"', client.get("/staff/projects?fiscal_year=2026").text
    )
    assert found is not None
    return found[1]


def test_projects_are_entered_counted_and_found_by_year_and_district(
    staff: TestClient, town: DatabaseUrls
) -> None:
    assert add_project(staff).headers["location"] == "/staff/projects?fiscal_year=2026&done=add"
    add_project(staff, title="見守り", district_no="3", counts_as_project="")
    page = staff.get("/staff/projects?fiscal_year=2026").text
    assert "防災訓練" in page and "見守り" in page and "120,000" in page and "不明" in page
    assert re.search(r"令和8年度\(2026年度\)の件数</dt><dd><span class=\"figure-value\">1 件", page), (
        "one of them counts"
    )
    only = staff.get("/staff/projects?fiscal_year=2026&district=3").text
    assert "見守り" in only.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "防災訓練" not in only.partition("<tbody>")[2].partition("</tbody>")[0]
    assert [action for action, _, _ in audit_of(town, "edit.project.")] == ["edit.project.add"] * 2


def test_the_same_project_is_not_counted_twice(staff: TestClient) -> None:
    add_project(staff)
    answer = add_project(staff)
    assert answer.status_code == 400 and "もう登録されています" in answer.text
    assert 'value="防災訓練"' in answer.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"title": " "}, "title"), ({"district_no": ""}, "district_no"), ({"district_no": "77"}, "district_no"),
     ({"fiscal_year": "1000"}, "fiscal_year"), ({"grant_yen": "-5"}, "grant_yen"),
     ({"participants": "たくさん"}, "participants")],
)  # fmt: skip
def test_projects_that_cannot_be(staff: TestClient, fields: dict[str, str], field: str) -> None:
    answer = add_project(staff, **fields)
    assert answer.status_code == 400
    assert f'id="add-{field}-error"' in answer.text


def test_a_project_is_corrected_and_withdrawn_and_two_editors_meet(
    staff: TestClient, town: DatabaseUrls
) -> None:
    add_project(staff)
    path = project_path(staff)
    first = staff.get(path).text
    seen = {"csrf_token": token_of(first), "version": version_of(first)}
    answer = post(staff, path, path, **{**PROJECT, "participants": "85人"})
    assert answer.headers["location"] == f"{path}?done=correct"
    late = staff.post(
        path, data={**seen, **PROJECT, "title": "防災訓練と安否確認"}, headers={**PAGE, "origin": HOST}
    )
    assert late.status_code == 409
    assert "<td>85</td>" in late.text and "防災訓練と安否確認" in late.text
    gone = staff.post(f"{path}/withdraw", data=seen, headers={**PAGE, "origin": HOST})
    assert gone.status_code == 409
    answer = post(staff, f"{path}/withdraw", path)
    assert answer.headers["location"] == "/staff/projects?done=withdraw"
    assert staff.get(path).status_code == 404
    late = staff.post(path, data={**seen, **PROJECT, "title": "遅れた訂正"}, headers={**PAGE, "origin": HOST})
    assert late.status_code == 409 and "取り消しました" in late.text
    assert 'id="add-title" name="title" type="text" value="遅れた訂正"' in late.text, (
        "ready to be entered anew"
    )
    told = audit_of(town, "edit.project.")
    assert [action for action, _, _ in told] == [
        "edit.project.add",
        "edit.project.correct",
        "edit.project.withdraw",
    ]
    assert told[1][2]["changes"] == {"participants": {"before": None, "after": 85}}
    assert told[2][2]["changes"]["title"] == {"before": "防災訓練", "after": None}


def test_hostile_projects_stay_texts(staff: TestClient) -> None:
    add_project(staff, title=HOSTILE[:90], theme="<b>", source=HOSTILE)
    for path in ("/staff/projects?fiscal_year=2026", project_path(staff)):
        text = staff.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        assert parser.errors == []
