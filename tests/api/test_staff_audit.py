"""Every form of the staff leaves an entry in the audit log, and /staff/audit tells it in words to those who may read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from api import access
from kyodo_geo.roles import Role
from tests.api.signing import become_admin
from tests.api.test_staff_costs import BASE as COSTS
from tests.api.test_staff_costs import fields as costs_form
from tests.api.test_staff_drafts import ASSIGNMENT, ASSOCIATION, activate, draft_version, master, send
from tests.api.test_staff_plans import HOSTILE, PLAN, PROJECT, STATE, post, sign_in_as
from tests.api.test_staff_records import OFFICER, OFFICERS, path_of, sheet
from tests.fixtures_db import DatabaseUrls

ROOT = Path(__file__).parents[2]
CONTACT = {"role": "office", "name": "事務局", "phone": "", "email": "", "address": "", "published": "yes"}
KEEPS_NOTHING = {
    "/staff/notation": "reads a text back; nothing is stored",
    "/staff/drafts/{scope}/compare": "tried and undone",
    "/staff/returns/{fiscal_year}/feed/compare": "tried and undone",
    "/staff/datasets/uploads/{upload_id}/check": "reads the upload again",
    "/staff/offices/links.csv": "the same links once more; `user.link` was written when they were made",
}
ELSEWHERE = {
    "/staff/accounts/{login}/unlock": ("accounts.py", "user.unlock"),
    "/staff/accounts/{login}/codes-reset": ("second_factors.py", "user.totp-remove"),
    "/staff/accounts/{login}/sign-out": ("sessions.py", "user.sign-out"),
    "/staff/buildings/{building_id}": ("buildings.py", "building.settle"),
    "/staff/datasets/new": ("dataset_uploads.py", "{target}.upload"),
    "/staff/datasets/uploads/{upload_id}/discard": ("dataset_uploads.py", "{target}.discard"),
    "/staff/datasets/uploads/{upload_id}/keep": ("datasets.py", "dataset.load"),
    "/staff/datasets/{dataset_id}/activate": ("generations.py", "generation.activate"),
    "/staff/datasets/rollback": ("generations.py", "generation.rollback"),
    "/staff/maps/at-risk": ("at_risk_rules.py", "at-risk-rule.change"),
    "/staff/offices": ("offices.py", "office.enter"),
    "/staff/facilities/vacant-houses/disclosures": ("disclosures.py", "vacant-houses.disclosure"),
    "/staff/keys": ("partner_keys.py", "key.issue"),
    "/staff/keys/{key_id}/rotate": ("partner_keys.py", "key.rotate"),
    "/staff/keys/{key_id}/revoke": ("partner_keys.py", "key.revoke"),
    "/staff/disclosure/lookups": ("disclosure.py", "disclosure."),
    "/staff/disclosure/person": ("disclosure.py", "disclosure."),
    "/staff/offices/{office_id}/close": ("offices.py", "office.close"),
    "/staff/facilities/levelling": ("siting_runs.py", "siting.ask"),
    "/staff/facilities/levelling/{run_id}/cancel": ("siting_runs.py", "siting.cancel"),
    "/staff/facilities/vacant-houses/runs": ("siting_runs.py", "siting.ask"),
    "/staff/facilities/vacant-houses/runs/{run_id}/cancel": ("siting_runs.py", "siting.cancel"),
    "/staff/facilities/vacant-houses/terms": ("hall_terms.py", "hall-terms.change"),
    **{
        f"/staff/grants/rules/{{scheme}}/{{year}}/{verb}": ("grants/rules.py", f"edit.grant-rule.{action}")
        for verb, action in (("draft", "save"), ("force", "force"), ("discard", "discard"))
    },
    "/staff/grants/runs": ("grants/runs.py", "edit.grant-run.calculate"),
    **{
        f"/staff/grants/runs/{{run_no}}/{verb}": ("grants/runs.py", action)
        for verb, action in (
            ("correct", "edit.grant-run.calculate"),
            ("decide", "edit.grant-run."),
            ("pay", "edit.grant-run."),
            ("discard", "edit.grant-run.discard"),
        )
    },
    **{
        f"/staff/grants/cases{path}": ("grants/cases.py", "edit.{NOUN}.")
        for path in ("/new/{scheme}", "/past/{scheme}", "/{no}", "/{no}/steps/{deed}")
    },
    "/staff/grants/cases/budgets/{year}/{scheme}": ("grants/budgets.py", "edit.grant-budget.save"),
    "/staff/progress/indicators/{indicator_id}": ("progress.py", "progress."),
    "/staff/progress/initiatives/{no}": ("progress.py", "progress."),
    "/staff/returns": ("returns/rounds.py", "edit.return-round.start"),
    "/staff/returns/{fiscal_year}": ("returns/rounds.py", "edit.return-round.change"),
    "/staff/returns/upload": ("return_feeds.py", "edit.return-round.upload"),
    "/staff/returns/{fiscal_year}/workbooks.zip": ("return_feeds.py", "edit.return-round.workbooks"),
    "/staff/returns/{fiscal_year}/feed": ("returns/feeding.py", "edit.return-round.feed"),
    "/staff/returns/{fiscal_year}/feed/notes/{association_id}/{about}": (
        "returns/return_notes.py",
        "edit.return-note.done",
    ),
    "/staff/returns/{fiscal_year}/approve": ("returns/deciding.py", "edit.return."),
    "/staff/returns/{fiscal_year}/letters.pdf": ("returns/codes.py", "edit.return.code"),
    "/staff/returns/{fiscal_year}/letters/mail": ("returns/deciding.py", "edit.return.remind"),
    "/staff/returns/{fiscal_year}/letters/phone": ("returns/deciding.py", "edit.return.remind"),
    "/staff/returns/{fiscal_year}/letters/sent": ("returns/deciding.py", "edit.return.send"),
    "/staff/returns/{fiscal_year}/labels.pdf": ("return_labels.py", "edit.return.labels"),
    "/staff/returns/{fiscal_year}/labels.csv": ("return_labels.py", "edit.return.labels"),
    "/staff/returns/{fiscal_year}/of/{association_id}": ("returns/answering.py", "edit.return.receive"),
    "/staff/returns/{fiscal_year}/of/{association_id}/approve": ("returns/deciding.py", "edit.return."),
    "/staff/returns/{fiscal_year}/of/{association_id}/check": ("returns/deciding.py", "edit.return."),
    "/staff/returns/{fiscal_year}/of/{association_id}/send-back": ("returns/deciding.py", "edit.return."),
    "/staff/returns/{fiscal_year}/of/{association_id}/code": ("returns/codes.py", "edit.return.code"),
    "/staff/inquiries": ("inquiries/rounds.py", "inquiry.start"),
    "/staff/inquiries/upload": ("inquiries/answers.py", "inquiry.answer"),
    "/staff/inquiries/{inquiry_id}/state": ("inquiries/rounds.py", "inquiry."),
    "/staff/inquiries/{inquiry_id}/marks": ("inquiries/rounds.py", "inquiry."),
    "/staff/inquiries/{inquiry_id}/{department_id}/accept": ("inquiries/deciding.py", "inquiry.accept"),
    "/staff/inquiries/{inquiry_id}/{department_id}/{item_no}": ("inquiries/answers.py", "inquiry.answer"),
    "/staff/inquiries/{inquiry_id}/{department_id}/{item_no}/accept": (
        "inquiries/deciding.py",
        "inquiry.accept",
    ),
    "/staff/evaluation": ("evaluations.py", "evaluation.save"),
    "/staff/evaluation/scale": ("evaluations.py", "evaluation.scale"),
    "/staff/evaluation/initiatives/{no}": ("evaluations.py", "evaluation.save"),
    "/staff/evaluation/indicators/{indicator_id}": ("evaluations.py", "evaluation.save"),
    "/staff/successor": ("successors.py", "successor.in-force"),
    "/staff/records/import": ("dataset_uploads.py", "{target}.upload"),
    "/staff/records/import/{upload_id}/check": ("dataset_uploads.py", "{target}.check"),
    "/staff/records/import/{upload_id}/discard": ("dataset_uploads.py", "{target}.discard"),
    "/staff/records/import/{upload_id}/keep": ("record_files/storing.py", "records.import"),
    **{
        f"/staff/{register}{path}": ("edits/records.py", "edit.{kind.noun}.")
        for register, one in (("meetings/entries", "{meeting_id}"), ("documents", "{document_id}"))
        for path in ("", "/table", f"/{one}", f"/{one}/withdraw")
    },
    "/staff/meetings/links": ("calendar_links.py", "calendar-link.issue"),
    "/staff/meetings/links/{link_id}/revoke": ("calendar_links.py", "calendar-link.revoke"),
    "/staff/documents/rule": ("sent_documents.py", "document-rule.change"),
    "/staff/documents/indicator": ("progress.py", "progress."),
    # sent in tests/api/test_centres.py
    **{
        f"/staff/{path}": ("edits/records.py", "edit.{kind.noun}.{action}")
        for path in (
            "consultations",
            "consultations/table",
            "consultations/{consultation_id}",
            "consultations/{consultation_id}/withdraw",
            "events",
            "events/table",
            "events/{event_id}",
            "events/{event_id}/withdraw",
            "at-risk/new",
            "at-risk/{case_id}",
            "at-risk/{case_id}/withdraw",
            "at-risk/{case_id}/visits",
            "at-risk/{case_id}/dispatches",
            "at-risk/{case_id}/visits/{visit_id}",
            "at-risk/{case_id}/visits/{visit_id}/withdraw",
        )
    },
    "/staff/events/{event_id}/participants": ("edits/attendance.py", "edit.event.attend"),
    "/staff/event-figures": ("edits/figures.py", "edit.figures.save"),
    "/staff/tickets/{no}/erase": ("tickets/erasing.py", "ticket.erase"),
    "/staff/tickets/{no}/note": ("tickets/changing.py", "ticket.note"),
    "/staff/tickets/{no}/state": ("tickets/changing.py", "ticket.state"),
    **{
        f"/staff/facilities/scenarios{path}": ("scenarios.py", "scenario.save")
        for path in (
            "",
            "/import",
            "/{scenario_id}",
            "/{scenario_id}/actions",
            "/{scenario_id}/actions/{no}",
            "/{scenario_id}/actions/{no}/remove",
            "/{scenario_id}/table",
            "/{scenario_id}/restore",
        )
    },
    "/staff/cases/photos": ("edits/cases.py", "photo"),
    **{
        f"/staff/cases/{{case_id}}{path}": ("edits/cases.py", f'"{deed}"')
        for path, deed in (
            ("/consents", "consent"),
            ("/consents/{no}/end", "consent-end"),
            ("/photos/{no}", "photo-words"),
            ("/photos/{no}/remove", "photo-gone"),
            ("/state", "edit.case.state"),
        )
    },
    **{
        f"/staff/cases{path}": ("edits/records.py", "edit.{kind.noun}.{action}")
        for path in ("", "/{case_id}", "/{case_id}/withdraw")
    },
    "/staff/facilities/scenarios/{scenario_id}/publish": ("scenarios.py", "scenario.publish"),
    "/staff/facilities/scenarios/{scenario_id}/withdraw": ("scenarios.py", "scenario.withdraw"),
}
"""Forms of other parts, whose own tests send them: the file of `geodata` that writes their entry, and its action."""


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def first(client: TestClient, page: str, pattern: str) -> str:
    found = re.search(pattern, client.get(page).text)
    assert found is not None, (page, pattern)
    return found[1]


def walk(client: TestClient) -> list[tuple[str, Callable[[], object]]]:
    """(route, how a browser sends it so that something changes), in an order in which each finds what it needs."""
    edit = {"version": "", "name": "別名町内会"}
    project = lambda: first(client, "/staff/projects?fiscal_year=2026", r'href="(/staff/projects/p\w+)"')  # noqa: E731
    record = lambda: first(client, PLAN, rf'action="{PLAN}/(\d+)"')  # noqa: E731
    area = lambda: first(client, f"{ASSIGNMENT}?district=1", r'name="area" value="([^"]+)"')  # noqa: E731
    version = lambda: draft_version(client, "associations")  # noqa: E731
    pasted = "事業の名前,地区,年度\n見守り,3,2026"
    officers = "地区,担当,課\n3,専任職員,第一課"
    return [
        ("/staff/plans/{no}", lambda: post(client, PLAN, PLAN, **STATE)),
        ("/staff/plans/{no}/{record_no}", lambda: post(client, f"{PLAN}/{record()}", PLAN, **{**STATE, "note": "直し"})),
        ("/staff/plans/{no}/{record_no}/withdraw", lambda: post(client, f"{PLAN}/{record()}/withdraw", PLAN)),
        ("/staff/projects", lambda: send(client, "/staff/projects", **PROJECT)),
        ("/staff/projects/table", lambda: send(client, "/staff/projects/table", rows=pasted, act="save")),
        ("/staff/projects/{project_id}", lambda: post(client, path := project(), path, **{**PROJECT, "title": "改"})),
        ("/staff/projects/{project_id}/withdraw", lambda: post(client, (path := project()) + "/withdraw", path)),
        ("/staff/records/{kind}", lambda: send(client, OFFICERS, **OFFICER)),
        ("/staff/records/{kind}/table", lambda: send(client, f"{OFFICERS}/table", rows=officers, act="save")),
        ("/staff/records/{kind}/{record_id}",
         lambda: post(client, path := path_of(client), path, **{**OFFICER, "person_name": "別の人"})),
        ("/staff/records/{kind}/{record_id}/withdraw", lambda: post(client, (path := path_of(client)) + "/withdraw", path)),
        ("/staff/facilities/costs/assumptions",
         lambda: send(client, f"{COSTS}/assumptions", **costs_form(client, "assumptions", price_index="1.2"))),
        ("/staff/facilities/costs/{rule_set}",
         lambda: send(client, f"{COSTS}/60-year", **costs_form(client, "60-year", **{"large-0": "1"}))),
        ("/staff/figures", lambda: sheet(client, v2="3")),
        ("/staff/associations/{association_id}/contacts", lambda: send(client, f"{ASSOCIATION}/contacts", **CONTACT)),
        ("/staff/associations/{association_id}/contacts/{number}", lambda: _contact(client, "", **CONTACT | {"published": ""})),
        ("/staff/associations/{association_id}/contacts/{number}/withdraw", lambda: _contact(client, "/withdraw")),
        ("/staff/associations/{association_id}", lambda: master(client, **edit | {"version": _mark(client)})),
        ("/staff/drafts/{scope}/take-out",
         lambda: send(client, "/staff/drafts/associations/take-out", draft_version=version(), change="associations/a11")),
        ("/staff/drafts/{scope}/discard", lambda: _discarded(client)),
        ("/staff/assignment",
         lambda: send(client, ASSIGNMENT, area=area(), district_no="2", confidence="official")),
        ("/staff/drafts/{scope}/activate", lambda: activate(client, "assignment")[1]),
    ]  # fmt: skip


def _mark(client: TestClient) -> str:
    return first(client, ASSOCIATION, r'name="version" value="([^"]+)"')


def _contact(client: TestClient, end: str, **fields: str):
    html = client.get(ASSOCIATION).text
    number, mark = re.findall(r'/contacts/(\d+)".*?name="version" value="([^"]+)"', html, re.DOTALL)[-1]
    return send(client, f"{ASSOCIATION}/contacts/{number}{end}", version=mark, **fields)


def _discarded(client: TestClient):
    master(client, name="捨てる町内会")
    version = draft_version(client, "associations")
    return send(client, "/staff/drafts/associations/discard", draft_version=version)


def entries(town: DatabaseUrls) -> list[tuple[str, str]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute("SELECT actor, action FROM kyodo.audit ORDER BY entry_no").fetchall()


def test_every_form_that_changes_something_leaves_an_entry_under_its_sender(
    staff: TestClient, town: DatabaseUrls
) -> None:
    walked = walk(staff)
    posts = {path for method, path in access.ACCESS if method == "POST" and path.startswith("/staff/")}
    assert posts == {route for route, _ in walked} | set(KEEPS_NOTHING) | set(ELSEWHERE), (
        "a new form has its place here"
    )
    for name, action in ELSEWHERE.values():
        assert action in (ROOT / "geodata" / name).read_text(encoding="utf-8"), (name, action)
    for route, do in walked:
        before = entries(town)
        answer = do()
        assert answer.status_code == 303, (route, answer.text)
        fresh = entries(town)[len(before) :]
        assert fresh, f"{route} leaves no entry"
        assert {actor for actor, _ in fresh} == {"admin"}, route
    page = staff.get("/staff/audit")
    assert page.headers["cache-control"] == "private, no-store"
    text = page.text
    for words in (
        "地域づくり計画：2 ",
        "下書きを有効にした",
        "備考・理由",
        "職員の名前",
        "地区の求めで出席した会議",
    ):
        assert words in text, words
    assert "別の人" not in text and "盛岡花子" not in text, "names of persons are in no entry"
    assert not re.search(r"<strong>[a-z.-]+</strong>", text), "every action has words"
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(text)
    assert parser.errors == []
    taken = staff.get("/staff/audit.csv?topic=figures")
    assert (
        "地区の求めで出席した会議" in taken.text
        and "edit.figures.save" in taken.text
        and "edit.plan" not in taken.text
    )
    assert entries(town)[-1] == ("admin", "audit.export"), "that it was taken is an entry too"


def test_filters_pages_and_who_may_read_what(staff: TestClient, town: DatabaseUrls) -> None:
    post(staff, PLAN, PLAN, **{**STATE, "note": HOSTILE})
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.audit (municipality_code, actor, action, target, details, at) SELECT '03201', 'hana', "
            "'edit.project.add', 'project/p' || n, '{}', '2025-04-01T00:30+09' FROM generate_series(1, 60) n"
        )
    page = staff.get("/staff/audit?actor=hana&topic=records&first=2025-04-01&last=2025-04-01").text
    assert "60 件のうち 50 件" in page and "project/p60" not in page and "/staff/projects/p60" in page
    older = re.search(r'href="(/staff/audit\?[^"]*before=\d+)"', page)
    assert older is not None
    assert "60 件のうち 10 件" in staff.get(older[1].replace("&amp;", "&")).text
    assert "0 件" in staff.get("/staff/audit?actor=hana&last=2025-03-31").text, "days are Japan's"
    assert "<script>alert" not in staff.get("/staff/audit?topic=plans").text
    assert "サインイン" in staff.get("/staff/audit?topic=accounts").text
    for strange in ("topic=nix", "first=soon", "before=0", "x=1"):
        assert staff.get(f"/staff/audit?{strange}").status_code == 400, strange


def test_planners_read_of_records_and_not_of_accounts(visitor: TestClient) -> None:
    sign_in_as(visitor, Role.PLANNER)
    page = visitor.get("/staff/audit")
    assert page.status_code == 200 and "sign-in" not in page.text and "user.add" not in page.text
    assert "あてはまる記録はありません" in visitor.get("/staff/audit?topic=accounts").text
    assert visitor.get("/staff/audit.csv").status_code == 403
