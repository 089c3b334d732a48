"""/staff/records/stages: what is decided about a facility, with its reason, history, lock and audit."""

from __future__ import annotations

import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import another
from tests.api.signing import become_admin
from tests.api.test_staff_plans import HOSTILE, audit_of, version_of
from tests.api.test_staff_records import send
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

STAGES = "/staff/records/stages"
NEW = {
    "facility_id": "f1", "decided_on": "令和8年4月1日", "stage": "長寿命化", "reason": f"構造がよい。\n{HOSTILE}",
    "decided_by": "庁内検討会", "quality": "real", "source": "",
}  # fmt: skip


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def test_a_judgement_is_entered_corrected_and_its_history_stands_on_the_staffs_sheet(
    staff: TestClient, town: DatabaseUrls
) -> None:
    assert send(staff, STAGES, **NEW).headers["location"] == f"{STAGES}?done=add"
    later = {**NEW, "decided_on": "2026-10-01", "stage": "集約化", "reason": "近くの施設にまとめられる。"}
    assert send(staff, STAGES, **later).status_code == 303
    own = f"{STAGES}/f1~2026-10-01"
    seen = version_of(staff.get(own).text)
    moved = {**later, "decided_on": "2026-11-01"}
    answer = send(staff, own, version=seen, **moved)
    assert answer.headers["location"] == f"{STAGES}/f1~2026-11-01?done=correct"
    assert staff.get(own).status_code == 404
    sheet = staff.get("/staff/facilities/f1").text
    assert sheet.index("集約化") < sheet.index("長寿命化") and "近くの施設にまとめられる。" in sheet
    assert HOSTILE not in sheet and "構造がよい。" in sheet
    assert "近くの施設にまとめられる" not in staff.get("/facilities/f1").text
    actions = [entry[0] for entry in audit_of(town, "edit.facility-stage.")]
    assert sorted(actions) == [f"edit.facility-stage.{what}" for what in ("add", "add", "correct")]
    with psycopg.connect(town.superuser) as conn:
        by = conn.execute("SELECT DISTINCT entered_by FROM kyodo.facility_stage").fetchall()
    assert len(by) == 1 and by[0][0]


def test_nobody_overwrites_another_and_no_day_has_two(staff: TestClient) -> None:
    send(staff, STAGES, **NEW)
    assert "もう登録されています" in send(staff, STAGES, **NEW).text
    own = f"{STAGES}/f1~2026-04-01"
    seen = version_of(staff.get(own).text)
    assert send(staff, own, version=seen, **{**NEW, "stage": "転用"}).status_code == 303
    lost = send(staff, own, version=seen, **{**NEW, "stage": "譲渡"})
    assert lost.status_code == 409 and "転用" in lost.text and "譲渡" in lost.text


@pytest.mark.parametrize("field", ["facility_id", "decided_on", "stage", "reason", "decided_by"])
def test_what_is_missing_is_asked_for(staff: TestClient, field: str) -> None:
    answer = send(staff, STAGES, **{**NEW, field: ""})
    assert answer.status_code == 400 and f'id="add-{field}-error"' in answer.text


def test_others_do_not_come_in(staff: TestClient) -> None:
    visitor = another(staff)
    for role in (Role.PARTNER, Role.COUNTER):
        sign_in(visitor, role)
        assert visitor.get(STAGES).status_code == 403
