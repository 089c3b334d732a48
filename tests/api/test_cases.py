"""Activity cases, handbooks and subsidies over HTTP: from the empty form to the feed, and gone again at once."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import psycopg
import pytest
from anyio import to_thread
from PIL import Image
from starlette.testclient import TestClient

from api.routes import staff_cases
from kyodo_geo.roles import Role
from tests.api.conftest import HOST, PAGE, another
from tests.api.signing import become_admin, token_of
from tests.api.test_staff_plans import HOSTILE, audit_of, post, sign_in_as, version_of
from tests.atom import problems
from tests.fixtures_db import DatabaseUrls

CASES = "/staff/cases"
CASE = {
    "title": "お茶会を始めた", "summary": "月に一度、だれでも来られる日", "theme": "care", "district_no": "2", "body": "甲町内会",
    "done_year": "2025", "story": "一つ目。\n\n二つ目。", "worked": "日を変えない", "hard": "", "place_name": "中央センター",
    "geom": "39.705, 141.115", "public_place": "yes", "keywords": "サロン", "quality": "real",
}  # fmt: skip
CONSENT = {
    "given_by": "同意 花子", "given_on": "2026-04-01", "way": "paper", "note": "秘密の綴り", "covers_text": "yes",
    "covers_photos": "yes",
}  # fmt: skip
SHOWN = {"alt": "輪になって座る人", "credit": "甲町内会", "faces": "none"}
EVERYWHERE = (
    "/cases", "/cases?q=お茶会", "/maps/cases.js", "/cases/feed.atom", "/api/v1/cases", "/downloads/cases.csv",
    "/downloads/cases.geojson", "/ogc/collections/activity-cases/items?f=json", "/districts/2", "/opendata/catalog.jsonld",
)  # fmt: skip
"""Where the words of a published case may stand."""


@pytest.fixture
def staff(visitor: TestClient) -> TestClient:
    become_admin(visitor)
    return visitor


def send(client: TestClient, path: str, files: Any = None, **fields: str):
    data = {"csrf_token": token_of(client.get("/account").text), **fields}
    return client.post(path, data=data, files=files, headers={**PAGE, "origin": HOST})


def jpeg(colour: str = "#2b8a5f") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    Image.new("RGB", (640, 400), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


def entered(client: TestClient, **other: str) -> str:
    answer = send(client, CASES, **{**CASE, **other})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def seen(client: TestClient, path: str) -> str:
    return version_of(client.get(path).text)


def to(client: TestClient, path: str, state: str, **fields: str):
    return send(client, f"{path}/state", state=state, version=seen(client, path), **fields)


def published(client: TestClient, **other: str) -> str:
    """A case with a photo that everybody may see; its page for staff."""
    path = entered(client, **other)
    case_id = path.rpartition("/")[2]
    answer = send(
        client, f"{CASES}/photos", {"photo": ("a.jpg", jpeg(), "image/jpeg")}, case_id=case_id, **SHOWN
    )
    assert answer.status_code == 303, answer.text
    text = re.search(
        r'action="[^"]+/consents">.*?name="version" value="([^"]+)"', client.get(path).text, re.DOTALL
    )
    assert text is not None
    assert send(client, f"{path}/consents", version=text[1], **CONSENT).status_code == 303
    answer = to(client, path, "published")
    assert answer.headers["location"] == f"{path}?done=published", answer.text
    return path


def test_a_case_goes_from_the_empty_form_to_every_public_form_and_away_at_once(
    staff: TestClient, town: DatabaseUrls
) -> None:
    anybody = another(staff)
    path = entered(staff)
    case_id = path.rpartition("/")[2]
    for address in EVERYWHERE:
        assert "お茶会を始めた" not in anybody.get(address).text, address
    assert anybody.get(f"/cases/{case_id}").status_code == 404
    refused = to(staff, path, "published")
    assert refused.status_code == 400 and "文章の公開への同意" in refused.text

    path = published(staff, title="お茶会をひらいた")
    case_id = path.rpartition("/")[2]
    for address in EVERYWHERE:
        answer = anybody.get(address)
        assert answer.status_code == 200, address
        found = "お茶会をひらいた" in answer.text or "お茶会をひらいた" in json.loads(
            f'"{_plain(answer.text)}"'
        )
        assert found or address.endswith(".jsonld"), address
        assert "同意 花子" not in answer.text and "秘密の綴り" not in answer.text, address
    page = anybody.get(f"/cases/{case_id}")
    assert page.status_code == 200 and '<p class="case-text">二つ目。</p>' in page.text
    assert 'alt="輪になって座る人"' in page.text and "srcset" in page.text and "019-626-7535" in page.text
    source = re.search(r'src="(/cases/[^"]+-960\.jpg\?v=[0-9a-f]{12})"', page.text)
    assert source is not None
    photo = anybody.get(source[1])
    assert (photo.headers["content-type"], photo.headers["x-content-type-options"]) == (
        "image/jpeg",
        "nosniff",
    )
    assert photo.headers["cache-control"] == "public, no-cache" and b"SECRETCAMERA" not in photo.content
    again = anybody.get(source[1], headers={"if-none-match": photo.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert anybody.get(source[1].replace("-960", "-961")).status_code == 404

    assert to(staff, path, "withdrawn").headers["location"].endswith("done=withdrawn")
    assert anybody.get(source[1], headers={"if-none-match": photo.headers["etag"]}).status_code == 404
    assert anybody.get(f"/cases/{case_id}").status_code == 404
    for address in EVERYWHERE:
        assert "お茶会をひらいた" not in anybody.get(address).text, address
    actions = [action for action, _, _ in audit_of(town, "edit.case.")]
    assert actions[1:] == [f"edit.case.{deed}" for deed in ("add", "photo", "consent", "state", "state")]
    assert "活動事例" in staff.get("/staff/audit").text


def test_the_text_of_a_published_case_is_changed_with_the_tick_that_publishing_asks_for(
    staff: TestClient,
) -> None:
    path = published(staff)
    anybody = another(staff)
    mark = re.search(
        r'<h2 id="text-heading">.*?name="version" value="([^"]+)"', staff.get(path).text, re.DOTALL
    )
    assert mark is not None
    other = {**CASE, "version": mark[1], "summary": "だれも同意していない文"}
    refused = send(staff, path, **other)
    assert refused.status_code == 400 and 'id="edit-within-error"' in refused.text
    assert 'value="だれも同意していない文"' in refused.text or ">だれも同意していない文<" in refused.text
    assert "だれも同意していない文" not in anybody.get("/cases").text
    assert send(staff, path, **other, within="yes").headers["location"] == f"{path}?done=correct"
    assert "だれも同意していない文" in anybody.get("/cases").text


def test_the_script_of_the_map_is_asked_about_before_each_use(staff: TestClient) -> None:
    published(staff)
    address = re.search(r'src="(/maps/cases\.js\?[^"]*v=[^"]+)"', staff.get("/cases").text)
    assert address is not None
    answer = staff.get(address[1].replace("&amp;", "&"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, no-cache")


def test_one_photo_at_a_time_is_made_anew(staff: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    path, places = entered(staff), []

    async def watched(work: Any, *, limiter: Any) -> Any:
        places.append(limiter.total_tokens)
        return await to_thread.run_sync(work, limiter=limiter)

    monkeypatch.setattr(staff_cases, "run_sync", watched)
    photo = {"photo": ("a.jpg", jpeg(), "image/jpeg")}
    assert send(staff, f"{CASES}/photos", photo, case_id=path.rpartition("/")[2], **SHOWN).status_code == 303
    assert places == [1]


def _plain(text: str) -> str:
    """A script's \\u escapes, to be read as a JSON string."""
    return re.sub(r'["\n\r\t]|\\(?!u)', "", text)


def test_a_hostile_text_is_text_on_pages_maps_feeds_and_files(staff: TestClient) -> None:
    path = published(
        staff, title=f"{HOSTILE[:50]}${{x}}", summary=HOSTILE, body="=1+1", story=HOSTILE, keywords=""
    )
    case_id = path.rpartition("/")[2]
    for address in ("/cases", f"/cases/{case_id}", path, f"{path}/preview", "/districts/2"):
        html = staff.get(address).text
        assert "<script>alert(1)" not in html and "<img src=x" not in html, address
    script = staff.get("/maps/cases.js").text
    assert "<script>" not in script and "<img" not in script
    assert problems(staff.get("/cases/feed.atom").content) == []
    rows = list(csv.DictReader(io.StringIO(staff.get("/downloads/cases.csv").content.decode("utf-8-sig"))))
    assert rows[0]["団体"] == "'=1+1", "no cell of a file runs as a formula"


def test_people_find_cases_by_words_theme_district_and_year(staff: TestClient) -> None:
    published(staff)
    published(
        staff,
        title="防災の地図",
        theme="safety",
        district_no="1",
        done_year="2023",
        geom="",
        public_place="",
        keywords="",
    )

    def found(query: str) -> list[str]:
        answer = staff.get(f"/api/v1/cases?{query}")
        assert answer.status_code == 200
        return [item["properties"]["title"] for item in answer.json()["features"]]

    assert found("") == ["お茶会を始めた", "防災の地図"]
    assert (
        found("q=ｻﾛﾝ")
        == found("q=さろん")
        == found("theme=care")
        == found("district=2")
        == ["お茶会を始めた"]
    )
    assert (
        found("year=2023") == found("q=地図 防災") == found("q=&theme=&district=&year=2023") == ["防災の地図"]
    )
    assert found("q=サロン&year=2023") == [] == found("q=同意")
    assert staff.get("/api/v1/cases").json()["features"][1]["geometry"] is None
    empty = staff.get("/cases?q=ありません").text
    assert "あてはまる事例はありません（全部で 2 件）" in empty and 'content="noindex"' in empty
    for wrong in ("theme=X!", "district=0", "year=1", "q=" + "あ" * 61, "q=%00", "sort=1"):
        assert staff.get(f"/cases?{wrong}").status_code == 400, wrong


def test_what_was_typed_stays_when_a_photo_is_refused(staff: TestClient) -> None:
    path = entered(staff)
    case_id = path.rpartition("/")[2]
    for body, words in ((b"GIF89a", "写真として読めません"), (b"\0\0\0\x18ftypheic", "HEIC"), (b"", "写真")):
        answer = send(
            staff, f"{CASES}/photos", {"photo": ("a.jpg", body, "image/jpeg")}, case_id=case_id, **SHOWN
        )
        assert answer.status_code == 400 and words in answer.text, body
        assert 'value="輪になって座る人"' in answer.text and 'id="photo-photo-error"' in answer.text
    assert send(staff, f"{CASES}/photos", case_id=case_id, **SHOWN).status_code == 400
    assert (
        send(staff, f"{CASES}/photos", {"photo": ("a.jpg", jpeg(), "x")}, case_id="nix", **SHOWN).status_code
        == 404
    )
    assert "写真（0 枚" in staff.get(path).text


def test_a_second_editor_is_told_and_nothing_is_published_unseen(staff: TestClient) -> None:
    path = entered(staff)
    old = staff.get(path).text
    mark = re.search(r'<h2 id="text-heading">.*?name="version" value="([^"]+)"', old, re.DOTALL)
    assert mark is not None
    text = mark[1]
    first = send(staff, path, **{**CASE, "version": text, "summary": "直した"})
    assert first.headers["location"] == f"{path}?done=correct"
    late = send(staff, path, **{**CASE, "version": text, "summary": "遅れた"})
    assert late.status_code == 409 and 'value="遅れた"' in late.text and "直した" in late.text
    assert send(staff, f"{path}/state", state="asked", version=version_of(old)).status_code == 409
    assert send(staff, f"{path}/consents", version=text, **CONSENT).status_code == 409
    wrong = send(staff, f"{path}/consents", version="x", **{**CONSENT, "given_on": "きのう"})
    assert (
        wrong.status_code == 400 and 'id="consent-given_on-error"' in wrong.text and "同意 花子" in wrong.text
    )


def test_a_published_case_is_not_deleted_and_a_draft_is_with_all_it_has(
    staff: TestClient, town: DatabaseUrls
) -> None:
    path = published(staff)
    text = re.search(
        r'<h2 id="text-heading">.*?name="version" value="([^"]+)"', staff.get(path).text, re.DOTALL
    )
    assert text is not None
    refused = send(staff, f"{path}/withdraw", version=text[1])
    assert refused.status_code == 400 and "先に「公開をやめる」" in refused.text
    assert to(staff, path, "withdrawn").status_code == 303
    assert send(staff, f"{path}/withdraw", version=text[1]).headers["location"] == f"{CASES}?done=withdraw"
    with psycopg.connect(town.superuser) as conn:
        for table in ("activity_case", "case_consent", "case_photo", "case_photo_file"):
            assert conn.execute(f"SELECT count(*) FROM kyodo.{table}").fetchone() == (0,), table
    assert staff.get(path).status_code == 404


def test_only_those_who_edit_see_drafts_and_consents(staff: TestClient) -> None:
    path = entered(staff)
    for role in (Role.PARTNER, Role.FACILITY_STAFF, Role.ASSOCIATION_OFFICER):
        other = another(staff)
        sign_in_as(other, role)
        for address in (CASES, path, f"{path}/preview", "/staff/subsidy-information"):
            assert other.get(address).status_code == 403, (role, address)
    assert staff.get(f"{path}/preview").headers["cache-control"] == "private, no-store"


def test_subsidies_stand_by_deadline_and_ended_ones_are_kept_beside(
    staff: TestClient, town: DatabaseUrls
) -> None:
    base = "/staff/records/subsidy-notices"
    notice = {
        "giver_kind": "national", "giver": "見本省", "applicants": "町内会", "purpose": "机をそろえる", "opens_on": "",
        "checked_on": "2020-01-01", "quality": "real", "themes": "防災・防犯", "link": "https://example.jp/a",
    }  # fmt: skip
    for title, last in (("終わった助成", "2021-03-31"), ("遠い助成", "2199-03-31"), ("随時の助成", "")):
        answer = send(staff, base, **{**notice, "title": title, "closes_after": last})
        assert answer.status_code == 303, answer.text
    page = staff.get("/subsidy-information").text
    assert page.index("遠い助成") < page.index("随時の助成") and "終わった助成" not in page
    assert "受付の終わったもの（1 件）" in page
    assert "終わった助成" in staff.get("/subsidy-information?past=true").text
    assert "遠い助成" not in staff.get("/subsidy-information?theme=care").text
    data = staff.get("/api/v1/subsidies").json()
    assert [(row["phase"], row["closes_on"]) for row in data["subsidies"]] == [
        ("open", "2199-03-31"), ("always", None), ("ended", "2021-03-31"),
    ]  # fmt: skip
    feed = staff.get("/subsidy-information/feed.atom")
    assert problems(feed.content) == [] and "終わった助成" not in feed.text and "遠い助成" in feed.text
    waiting = staff.get("/staff/subsidy-information").text
    assert "60 日以上だれも確かめていないもの（2 件）" in waiting


def test_a_handbook_that_has_a_newer_edition_says_so(staff: TestClient) -> None:
    base = "/staff/records/handbooks"
    book = {
        "title": "役員の手引き",
        "audience": "役員",
        "issued_on": "2024-04-01",
        "publisher": "課",
        "quality": "real",
    }
    assert send(staff, base, **{**book, "edition": "第1版"}).status_code == 303
    found = re.search(rf'href="{base}/(b[0-9a-f]+)"', staff.get(base).text)
    assert found is not None
    answer = send(
        staff, base, **{**book, "edition": "第2版", "issued_on": "2026-04-01", "replaces_id": found[1]}
    )
    assert answer.status_code == 303, answer.text
    page = staff.get("/handbooks").text
    assert "いま使うもの（1 件）" in page and "もう使わない手引き（1 件）" in page
    assert [row["old"] for row in staff.get("/api/v1/handbooks").json()["handbooks"]] == [False, True]
    feed = staff.get("/handbooks/feed.atom")
    assert problems(feed.content) == [] and "第2版" in feed.text and "第1版" not in feed.text
    path = f"{base}/{found[1]}"
    own = post(staff, path, path, **{**book, "edition": "第1版", "replaces_id": found[1]})
    assert own.status_code == 400 and "自分自身" in own.text


def test_feeds_name_the_host_they_are_asked_under_and_never_change_their_ids(staff: TestClient) -> None:
    published(staff)
    feed = staff.get("/cases/feed.atom")
    assert feed.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert f'href="{HOST}/cases/feed.atom"' in feed.text
    assert '<link rel="alternate" type="application/atom+xml"' in staff.get("/cases").text
