"""/staff/associations, /staff/assignment and their drafts: words to rules, areas to districts, and private contacts."""

from __future__ import annotations

import re

import html5lib
import psycopg
import pytest
from starlette.testclient import TestClient

from kyodo_geo.roles import Role
from tests.api.conftest import HOST, JSON, PAGE
from tests.api.ogc_writer import Writer
from tests.api.signing import become_admin, caught_up, token_of
from tests.api.test_staff_plans import HOSTILE, audit_of, post, sign_in_as, version_of, wait_for
from tests.fixtures_db import DatabaseUrls

ASSOCIATION = "/staff/associations/a11"
ASSIGNMENT = "/staff/assignment"
PATHS = (
    "/staff/associations", ASSOCIATION, ASSIGNMENT, "/staff/assignment/map.js", "/staff/drafts/associations",
    "/staff/drafts/assignment", "/staff/drafts/facilities", "/staff/drafts/districts",
)  # fmt: skip
SECRET = ("非公開 太郎", "019-999-9999")


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def send(client: TestClient, path: str, **fields: str | list[str]):
    """A form without a mark of its own, such as the draft's."""
    data = {"csrf_token": token_of(client.get("/account").text), **fields}
    return caught_up(client, client.post(path, data=data, headers={**PAGE, "origin": HOST}))


def master(client: TestClient, **fields: str):
    """The association's form as it is shown, with some fields typed over."""
    html = client.get(ASSOCIATION).text
    rules = re.search(r'<textarea id="master-rules".*?>\n(.*?)</textarea>', html, re.DOTALL)
    assert rules is not None
    shown = {"name": "1-1町内会", "kana": "ちょうないかい", "area_text": "", "rules": rules[1], "act": "save"}
    return post(client, ASSOCIATION, ASSOCIATION, **{**shown, **fields})


def draft_version(client: TestClient, scope: str) -> str:
    found = re.search(r'name="draft_version" value="(\d+)"', client.get(f"/staff/drafts/{scope}").text)
    assert found is not None
    return found[1]


def activate(client: TestClient, scope: str):
    version = draft_version(client, scope)
    compared = send(client, f"/staff/drafts/{scope}/compare", draft_version=version)
    assert compared.status_code == 200
    number = re.search(r'name="generation_no" value="(\d+)"', compared.text)
    assert number is not None
    return compared.text, send(
        client,
        f"/staff/drafts/{scope}/activate",
        draft_version=version,
        generation_no=number[1],
        note="見直し",
    )


def test_visitors_and_other_roles_are_kept_out(visitor: TestClient) -> None:
    for path in PATHS:
        assert visitor.get(path).status_code == 303
    sign_in_as(visitor, Role.DISTRICT_OFFICER)
    for path in PATHS:
        assert visitor.get(path).status_code == 403
    for path in (ASSOCIATION, f"{ASSOCIATION}/contacts", ASSIGNMENT, "/staff/drafts/assignment/activate"):
        assert send(visitor, path).status_code == 403


@pytest.mark.parametrize(
    "path",
    [ASSOCIATION, f"{ASSOCIATION}/contacts", f"{ASSOCIATION}/contacts/1", f"{ASSOCIATION}/contacts/1/withdraw", ASSIGNMENT,
     *(f"/staff/drafts/assignment/{act}" for act in ("compare", "activate", "discard", "take-out"))],
)  # fmt: skip
def test_every_form_needs_its_token_and_our_origin(staff: TestClient, path: str) -> None:
    assert (
        staff.post(path, data={"csrf_token": "x" * 43}, headers={**PAGE, "origin": HOST}).status_code == 403
    )
    token = token_of(staff.get("/account").text)
    answer = staff.post(path, data={"csrf_token": token}, headers={**PAGE, "origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_name_over_an_area_that_waits_keeps_the_area(staff: TestClient, town: DatabaseUrls) -> None:
    session = Writer(staff, staff.get("/ogc", headers=JSON).headers["x-csrf-token"])
    path, drafted = "associations/items/a11", "associations/items/a11?draft=true"
    ring = [[141.101, 39.701], [141.103, 39.701], [141.103, 39.703], [141.101, 39.701]]
    area = {"type": "Polygon", "coordinates": [ring]}
    tag = session.get(path).headers["etag"]
    assert session.send("PATCH", path, {"geometry": area}, if_match=tag).status_code == 202
    shape = session.get(drafted).json()["geometry"]
    assert master(staff, name="改名町内会").headers["location"] == f"{ASSOCIATION}?done=draft"
    now = session.get(drafted)
    assert now.json()["geometry"] == shape and now.json()["properties"]["name"] == "改名町内会"
    activate(staff, "associations")
    wait_for(staff, lambda: session.get(path).json()["geometry"] == shape)
    tag = session.get(path).headers["etag"]
    assert session.send("DELETE", path, if_match=tag).status_code == 202
    refused = master(staff, name="別の名前")
    assert refused.status_code == 400 and "廃止することになっています" in refused.text
    assert session.get(drafted).status_code == 404


# -- associations --------------------------------------------------------------------------------------------------


def test_a_name_and_rules_in_words_become_a_generation(staff: TestClient, town: DatabaseUrls) -> None:
    answer = master(staff, name="改名町内会", rules="試験町1丁目1番～8番、15番")
    assert answer.headers["location"] == f"{ASSOCIATION}?done=draft"
    page = staff.get(ASSOCIATION).text
    assert "試験町一丁目1番〜8番、15番。" in page, "echoed in the normal form"
    assert "まだ公開されていません" in page
    public = staff.get("/api/v1/associations/a11").json()
    assert public["properties"]["name"] == "1-1町内会", "a draft is not public"
    compared, answer = activate(staff, "associations")
    assert "町内会・自治会の住所の範囲" in compared
    assert "前の内容に戻す" not in compared, "there is nothing before the first generation"
    assert re.search(r"新しく重なります.*?1-1町内会 と 1-2町内会：試験町一丁目 ?15番", compared, re.DOTALL), (
        compared
    )
    assert answer.headers["location"] == "/staff/drafts/associations?done=activated"
    wait_for(
        staff, lambda: staff.get("/api/v1/associations/a11").json()["properties"]["name"] == "改名町内会"
    )
    wait_for(
        staff,
        lambda: "改名町内会" in staff.get("/api/v1/lookup", params={"address": "試験町一丁目15番"}).text,
    )
    told = audit_of(town, "edit.activate")
    assert {target for _, target, _ in told} == {"associations/a11", "association-rules/a11"}
    page = staff.get(ASSOCIATION).text
    assert "世代 2" in page and "改名町内会" in page
    drafts = staff.get("/staff/drafts/associations").text
    assert 'href="/staff/datasets/rollback">前の内容に戻す（確認へ）' in drafts
    assert "第 1 世代の内容に戻す" in staff.get("/staff/datasets/rollback").text


def test_an_untouched_form_changes_nothing(staff: TestClient, town: DatabaseUrls) -> None:
    answer = master(staff)
    assert answer.headers["location"] == f"{ASSOCIATION}?done=same"
    assert audit_of(town, "edit.") == []


def test_what_cannot_be_read_is_shown_with_its_place_and_nothing_is_lost(staff: TestClient) -> None:
    answer = master(staff, name="改名町内会", rules="試験町一丁目1番から\n、試験町三十丁目1番")
    assert answer.status_code == 400
    assert "2 行 1 文字目" in answer.text and 'value="改名町内会"' in answer.text
    assert "試験町三十丁目1番</textarea>" in answer.text
    assert "まだ公開されていません" not in staff.get(ASSOCIATION).text


def test_what_becomes_no_rule_is_saved_only_when_that_is_said(staff: TestClient) -> None:
    vague = "試験町一丁目1番〜3番、試験町二丁目の一部"
    answer = master(staff, rules=vague)
    assert (
        answer.status_code == 400
        and "このまま保存する" in answer.text
        and "試験町一丁目1番〜3番。" in answer.text
    )
    assert master(staff, rules=vague, accept="yes").headers["location"] == f"{ASSOCIATION}?done=draft"
    assert "試験町一丁目1番〜3番。</textarea>" in staff.get(ASSOCIATION).text


def test_trying_stores_nothing(staff: TestClient, town: DatabaseUrls) -> None:
    answer = master(staff, act="check", rules="試験町一丁目全域", name="試しの名前")
    assert answer.status_code == 200
    assert "すべて読み取れました" in answer.text and 'value="試しの名前"' in answer.text
    assert audit_of(town, "edit.") == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": " "}, "name"), ({"name": "あ" * 201}, "name"), ({"website": "http://example.jp/"}, "website"),
     ({"website": "javascript:alert(1)", "consent": "yes"}, "website"), ({"fee": "月 300 円"}, "consent"),
     ({"kana": "a\x00"}, "kana"), ({"rules": "試" * 2501}, "rules")],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(
    staff: TestClient, fields: dict[str, str], field: str
) -> None:
    answer = master(staff, **fields)
    assert answer.status_code == 400
    assert f'href="#master-{field}"' in answer.text


def test_a_profile_needs_consent_and_is_published_with_the_draft(staff: TestClient) -> None:
    master(staff, fee="月 300 円", website="https://example.jp/", consent="yes")
    activate(staff, "associations")
    wait_for(staff, lambda: "月 300 円" in staff.get("/associations/a11").text)


def test_two_editors_of_one_association(staff: TestClient) -> None:
    html = staff.get(ASSOCIATION).text
    seen = {"csrf_token": token_of(html), "version": version_of(html)}
    master(staff, name="先の名前")
    late = {
        **seen,
        "name": "後の名前",
        "rules": "試験町一丁目全域",
        "area_text": "消えてはいけない",
        "act": "save",
    }
    answer = staff.post(ASSOCIATION, data=late, headers={**PAGE, "origin": HOST})
    assert answer.status_code == 409
    assert (
        "先の名前" in answer.text
        and 'value="後の名前"' in answer.text
        and "消えてはいけない</textarea>" in answer.text
    )
    assert master(staff, name="先の名前").headers["location"].endswith("same"), (
        "the first one's change stands"
    )


def test_hostile_words_stay_words(staff: TestClient) -> None:
    master(staff, name=HOSTILE[:60], area_text=HOSTILE, fee=HOSTILE, consent="yes")
    for path in (
        ASSOCIATION,
        "/staff/drafts/associations",
        "/staff/associations/a41",
        "/staff/associations?name=%3Cimg",
    ):
        text = staff.get(path).text
        assert "<script>alert" not in text and "<img src=x" not in text
        parser = html5lib.HTMLParser(strict=False)
        parser.parse(text)
        assert parser.errors == []


# -- contacts ------------------------------------------------------------------------------------------------------

CONTACT = {"role": "president", "name": SECRET[0], "phone": "019-888-7777", "email": "", "address": ""}


def public_pages(client: TestClient) -> str:
    paths = ("/associations/a11", "/api/v1/associations/a11", "/api/v1/lookup?address=試験町一丁目5番")
    cookies, client.cookies = client.cookies, {}  # type: ignore[assignment]
    try:
        return "".join(client.get(path).text for path in paths)
    finally:
        client.cookies = cookies


def test_a_private_contact_never_leaves_the_staffs_page_until_it_is_published(
    staff: TestClient, town: DatabaseUrls
) -> None:
    page = staff.get(ASSOCIATION)
    assert SECRET[1] in page.text and page.headers["cache-control"] == "private, no-store"
    post(staff, f"{ASSOCIATION}/contacts/2", ASSOCIATION, **CONTACT, version=mark(page.text, 2))
    assert "019-888-7777" in staff.get(ASSOCIATION).text
    assert not any(word in public_pages(staff) for word in (*SECRET, "019-888-7777"))
    fields = {**CONTACT, "published": "yes", "version": mark(staff.get(ASSOCIATION).text, 2)}
    assert post(staff, f"{ASSOCIATION}/contacts/2", ASSOCIATION, **fields).status_code == 303
    wait_for(staff, lambda: "019-888-7777" in public_pages(staff))
    hidden = {**CONTACT, "version": mark(staff.get(ASSOCIATION).text, 2)}
    assert post(staff, f"{ASSOCIATION}/contacts/2", ASSOCIATION, **hidden).status_code == 303
    wait_for(staff, lambda: "019-888-7777" not in public_pages(staff))
    told = audit_of(town, "edit.contact.")
    assert told[0][2]["touched"] == ["phone"] and told[1][2]["changes"] == {
        "published": {"before": False, "after": True}
    }
    assert not any(word in str(told) for word in (*SECRET, "019-888-7777")), "the log keeps no personal facts"


def mark(html: str, number: int) -> str:
    found = re.search(
        rf'action="{ASSOCIATION}/contacts/{number}".*?name="version" value="(\w+)"', html, re.DOTALL
    )
    assert found is not None
    return found[1]


def test_contacts_are_added_and_removed_and_two_editors_meet(staff: TestClient, town: DatabaseUrls) -> None:
    send(staff, f"{ASSOCIATION}/contacts", role="office", name="新しい事務局", phone="019-123-4567")
    html = staff.get(ASSOCIATION).text
    assert "新しい事務局" in html
    old = mark(html, 3)
    post(staff, f"{ASSOCIATION}/contacts/3", ASSOCIATION, role="office", name="変えた事務局", version=old)
    late = post(
        staff, f"{ASSOCIATION}/contacts/3", ASSOCIATION, role="office", name="遅れた事務局", version=old
    )
    assert late.status_code == 409 and "変えた事務局" in late.text and 'value="遅れた事務局"' in late.text
    assert post(staff, f"{ASSOCIATION}/contacts/3/withdraw", ASSOCIATION, version=old).status_code == 409
    fresh = mark(staff.get(ASSOCIATION).text, 3)
    assert post(staff, f"{ASSOCIATION}/contacts/3/withdraw", ASSOCIATION, version=fresh).status_code == 303
    gone = post(
        staff, f"{ASSOCIATION}/contacts/3", ASSOCIATION, role="office", name="消えた後の訂正", version=fresh
    )
    assert gone.status_code == 409 and "<td>消えた後の訂正</td>" in gone.text
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute(
            "SELECT count(*) FROM kyodo.association_contact WHERE contact_no = 3"
        ).fetchone() == (0,)
        assert "事務局" not in str(conn.execute("SELECT details FROM kyodo.audit").fetchall())


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phone": "<b>"}, "phone"),
        ({"email": "a@b"}, "email"),
        ({"role": "king"}, "role"),
        ({"name": "", "phone": ""}, "name"),
    ],
)
def test_contacts_that_cannot_be(staff: TestClient, fields: dict[str, str], field: str) -> None:
    answer = send(staff, f"{ASSOCIATION}/contacts", **{**CONTACT, **fields})
    assert answer.status_code == 400 and f'id="contact-{field}-error"' in answer.text


# -- small areas -----------------------------------------------------------------------------------------------------


def test_an_area_goes_to_another_district(staff: TestClient) -> None:
    page = staff.get(f"{ASSIGNMENT}?district=2").text
    assert 'value="032010002:2"' in page
    answer = send(staff, ASSIGNMENT, area=["032010002:2"], district_no="3", confidence="official")
    assert answer.headers["location"] == f"{ASSIGNMENT}?saved=1"
    page = staff.get(f"{ASSIGNMENT}?district=2").text
    assert 'value="032010002:3"' in page and "1 か所の変更" in page
    compared, answer = activate(staff, "assignment")
    assert "3,000 → <strong>5,000</strong>" in compared and "2,000 人" in compared
    assert answer.headers["location"] == "/staff/drafts/assignment?done=activated"
    wait_for(staff, lambda: staff.get("/api/v1/districts/3").json()["properties"]["population"] == 5000)


def test_the_second_editor_of_an_area_sees_the_firsts(staff: TestClient) -> None:
    send(staff, ASSIGNMENT, area=["032010002:2"], district_no="3", confidence="official")
    answer = send(
        staff, ASSIGNMENT, area=["032010002:2", "032010001:1"], district_no="1", confidence="official"
    )
    assert answer.status_code == 409
    assert "町2" in answer.text and "3 第3" in answer.text and "1 第1" in answer.text
    assert re.search(r'data-key="032010001" checked', answer.text), "what was chosen is still chosen"
    again = send(staff, ASSIGNMENT, area=["032010002:3"], district_no="1", confidence="official")
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"area": []}, "1 つ以上"), ({"area": ["999999999:1"]}, "今の小地域にない"), ({"area": ["<b>:1"]}, "開き直して"),
     ({"district_no": ""}, "新しい地区"), ({"district_no": "88"}, "新しい地区"), ({"confidence": "maybe"}, "確からしさ"),
     ({"area": [f"03201{n:04d}:1" for n in range(301)]}, "300 か所まで")],
)  # fmt: skip
def test_assignments_that_cannot_be(
    staff: TestClient, fields: dict[str, str | list[str]], words: str
) -> None:
    answer = send(
        staff, ASSIGNMENT, **{"area": ["032010002:2"], "district_no": "3", "confidence": "official", **fields}
    )
    assert answer.status_code == 400 and words in answer.text


def test_a_draft_that_has_changed_is_not_activated_unseen(staff: TestClient) -> None:
    send(staff, ASSIGNMENT, area=["032010002:2"], district_no="3", confidence="official")
    version = draft_version(staff, "assignment")
    send(staff, ASSIGNMENT, area=["032010001:1"], district_no="4", confidence="official")
    for act in ("compare", "activate", "discard", "take-out"):
        answer = send(
            staff, f"/staff/drafts/assignment/{act}", draft_version=version, generation_no="1",
            change="district-assignment/032010002",
        )  # fmt: skip
        assert answer.status_code == 409 and "ほかの人が下書きを変えました" in answer.text, act
    fresh = draft_version(staff, "assignment")
    answer = send(
        staff, "/staff/drafts/assignment/activate", draft_version=fresh, generation_no="99", note="書いた理由"
    )
    assert answer.status_code == 409 and "もう一度比べて" in answer.text
    assert 'name="note" value="書いた理由"' in answer.text, "the reason goes with the new comparison"
    answer = send(
        staff, "/staff/drafts/assignment/compare", draft_version=fresh, generation_no="99", note="書いた理由"
    )
    assert answer.status_code == 200 and 'value="書いた理由" maxlength' in answer.text
    send(
        staff,
        "/staff/drafts/assignment/take-out",
        draft_version=fresh,
        change="district-assignment/032010002",
    )
    fresh = draft_version(staff, "assignment")
    answer = send(staff, "/staff/drafts/assignment/discard", draft_version=fresh)
    assert answer.headers["location"] == "/staff/drafts/assignment?done=discarded"
    assert send(staff, "/staff/drafts/assignment/discard", draft_version=fresh).status_code == 409


@pytest.mark.parametrize("version", ["", "x", "1" * 40, "-1"])
def test_strange_versions_are_refused(staff: TestClient, version: str) -> None:
    assert send(staff, "/staff/drafts/assignment/discard", draft_version=version).status_code == 400


def test_the_script_may_be_kept_under_its_version_only(staff: TestClient) -> None:
    page = staff.get(ASSIGNMENT).text
    address = re.search(r'src="(/staff/assignment/map\.js\?v=[^"]+)"', page)
    assert address is not None
    assert staff.get(address[1]).headers["cache-control"] == "private, max-age=31536000, immutable"
    answer = staff.get("/staff/assignment/map.js?v=other")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "<img" not in answer.text and "&lt;img" in answer.text.replace("\\u003c", "<").replace(
        "\\u0026", "&"
    )
