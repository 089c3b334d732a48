"""/staff/facilities/costs: assumptions and unit costs by versions, with lock and audit; the public page uses them at once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import another
from tests.api.signing import become_admin
from tests.api.test_staff_plans import HOSTILE, audit_of
from tests.api.test_staff_records import send
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/facilities/costs"


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def fields(client: TestClient, form: str, **changed: str) -> dict[str, Any]:
    """A form as it stands on the page, with what an editor changed."""
    html = client.get(BASE).text.split(f'action="{BASE}/{form}"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name and name[1] != "csrf_token":
            found[name[1]] = value[1] if value else ""
    if "large_type" in html:
        found["large_type"] = "A"
    return {**found, "note": "試験", **changed}


def test_a_new_index_is_used_at_once_and_told(staff: TestClient, town: DatabaseUrls) -> None:
    sent = fields(staff, "assumptions", price_index="1.25", ceiling_yen="450,000,000", note=HOSTILE)
    assert send(staff, f"{BASE}/assumptions", **sent).headers["location"] == f"{BASE}?done=assumptions"
    assert "市の前提は 1.25 です" in staff.get("/facilities/costs").text
    html = staff.get(BASE).text
    assert "前提（第1版）" in html and HOSTILE not in html
    (action, _, details), *more = audit_of(town, "cost-assumption.")
    assert action == "cost-assumption.change" and not more
    assert details["changed"]["price_index"] == {"before": 1.0, "after": 1.25}


def test_unit_costs_of_a_class(staff: TestClient, town: DatabaseUrls) -> None:
    send(staff, f"{BASE}/80-year", **fields(staff, "80-year", **{"large-0": "260000", "mid-0": "12.5"}))
    html = staff.get(BASE).text
    assert 'value="260000"' in html and 'value="12.5"' in html
    (_, _, details), *_ = audit_of(town, "unit-cost.")
    assert list(details["changed"]) == ["市民文化"]
    assert details["changed"]["市民文化"]["after"]["mid_share"] == 0.125


@pytest.mark.parametrize("form", ["assumptions", "60-year"])
def test_nobody_overwrites_another(staff: TestClient, form: str) -> None:
    name = "price_index" if form == "assumptions" else "large-3"
    seen = fields(staff, form)
    assert send(staff, f"{BASE}/{form}", **{**seen, name: "2"}).status_code == 303
    lost = send(staff, f"{BASE}/{form}", **{**seen, name: "3"})
    assert lost.status_code == 409 and "ほかの人が先に変えました" in lost.text and 'value="3"' in lost.text
    again = fields(staff, form)
    assert send(staff, f"{BASE}/{form}", **{**again, name: "3"}).status_code == 303


WRONG = [
    ("assumptions", "price_index", "0"), ("assumptions", "price_index", "1e3"), ("assumptions", "price_index", ""),
    ("assumptions", "not_extendable_share", "101"), ("assumptions", "horizon_years", "5"),
    ("assumptions", "price_year", "19"), ("assumptions", "note", ""), ("assumptions", "source", " "),
    ("60-year", "large-0", ""), ("60-year", "upkeep-12", "-1"), ("60-year", "upkeep-0", "1000001"),
    ("60-year", "rebuild-0", "10000001"), ("assumptions", "demolition_yen_m2", "1000001"),
    ("assumptions", "ceiling_yen", "100000000001"), ("80-year", "mid-4", "x"),
]  # fmt: skip


def test_what_cannot_be_is_refused_beside_its_field(staff: TestClient, town: DatabaseUrls) -> None:
    seen = {form: fields(staff, form) for form in ("assumptions", "60-year", "80-year")}
    for form, name, value in WRONG:
        answer = send(staff, f"{BASE}/{form}", **{**seen[form], name: value})
        assert answer.status_code == 400 and f'id="{form}-{name}-error"' in answer.text, (form, name, value)
    most = {"upkeep-0": "1000000", "rebuild-0": "10000000"}
    assert send(staff, f"{BASE}/60-year", **{**seen["60-year"], **most}).status_code == 303
    most = {"ceiling_yen": "100000000000", "demolition_yen_m2": ""}
    assert send(staff, f"{BASE}/assumptions", **{**seen["assumptions"], **most}).status_code == 303
    seen["assumptions"] = fields(staff, "assumptions")
    unchanged = send(staff, f"{BASE}/assumptions", **seen["assumptions"])
    assert unchanged.status_code == 400 and "変わったところがありません" in unchanged.text
    assert len(audit_of(town, "unit-cost.")) == len(audit_of(town, "cost-assumption.")) == 1


def test_those_who_keep_the_facilities_come_in_and_others_do_not(staff: TestClient) -> None:
    keeper = another(staff)
    sign_in(keeper, Role.FACILITY_STAFF)
    assert keeper.get(BASE).status_code == 200
    assert f'href="{BASE}"' in keeper.get("/staff").text
    guest = another(staff)
    for role in (Role.PARTNER, Role.COUNTER):
        sign_in(guest, role)
        assert guest.get(BASE).status_code == 403
