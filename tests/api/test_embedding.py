"""Who may frame what: nobody unless the setting says so, and then only the pages that were made for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from api.access import routes_of
from api.app import create_app
from api.embedding import FRAMED, MAPS, outward
from api.security import security_headers
from api.settings import Settings
from tests.api.conftest import PAGE

CITY = "https://www.city.example.lg.jp"
OTHER = "https://kyodo.example.jp:8443"


def policy(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in parts}


def test_without_the_setting_nothing_can_be_framed(client: TestClient) -> None:
    for path in sorted(FRAMED):
        answer = client.get(path, headers=PAGE)
        assert answer.status_code == 404
        assert answer.headers["x-frame-options"] == "DENY"
        assert policy(answer)["frame-ancestors"] == "'none'"
    assert client.post("/embed/lookup", data={"address": "内丸"}).status_code == 404
    for path in ("/lookup", "/maps/membership"):
        page = client.get(path, headers=PAGE)
        assert "iframe" not in page.text and page.headers["x-frame-options"] == "DENY"


def test_only_the_pages_made_for_it_may_be_framed_and_by_these_sites_alone(
    serve: Callable[..., TestClient],
) -> None:
    client = serve(embed_origins=f"{CITY}, {OTHER}")
    for path in sorted(FRAMED):
        answer = client.get(path, headers=PAGE)
        assert answer.status_code == 200, path
        assert policy(answer)["frame-ancestors"] == f"'self' {CITY} {OTHER}"
        assert "x-frame-options" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert "geolocation=()" in answer.headers["permissions-policy"]
        for directive in ("script-src", "form-action", "base-uri", "style-src"):
            assert policy(answer)[directive] == policy(client.get("/", headers=PAGE))[directive]
    posted = client.post("/embed/lookup", data={"address": "内丸1"}, headers=PAGE)
    assert policy(posted)["frame-ancestors"] == f"'self' {CITY} {OTHER}"


def test_every_other_route_stays_shut(serve: Callable[..., TestClient]) -> None:
    client = serve(embed_origins=CITY)
    for entry in routes_of(client.app):
        if entry.method != "GET" or entry.path.startswith("/embed/"):
            continue
        path = re.sub(r"\{[^}]*\}", "1", entry.path)
        answer = client.get(path, headers=PAGE)
        assert answer.headers["x-frame-options"] == "DENY", path
        assert policy(answer)["frame-ancestors"] == "'none'", path


@pytest.mark.parametrize(
    "path",
    [
        "/embed/maps/unknown", "/embed/maps/halls", "/embed/maps/", "/embed/lookup/", "/embed/login", "/embed/../staff",
        "/Embed/lookup", "/embed/maps/membership/../../../staff",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_framed_page_is_refused(serve: Callable[..., TestClient], path: str) -> None:
    answer = serve(embed_origins=CITY).get(path, headers=PAGE)
    assert answer.status_code != 200
    assert answer.headers["x-frame-options"] == "DENY"


def test_faults_in_a_frame_are_short_pages_of_their_own(serve: Callable[..., TestClient]) -> None:
    client = serve(embed_origins=CITY)
    wrong = client.get("/embed/maps/membership?colour=red", headers=PAGE)
    assert wrong.status_code == 400 and "site-header" not in wrong.text
    empty = client.post("/embed/lookup", data={"address": ""}, headers=PAGE)
    assert empty.status_code == 400 and 'aria-invalid="true"' in empty.text
    foreign = client.post(
        "/embed/lookup", data={"address": "内丸"}, headers={**PAGE, "sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403


def test_a_session_does_not_matter_in_a_frame(serve: Callable[..., TestClient]) -> None:
    """On a site of the same domain browsers do send cookies into frames: they are not looked at."""
    client = serve(embed_origins=CITY)
    plain = client.post("/embed/lookup", data={"address": "内丸1"}, headers=PAGE)
    client.cookies.set("kyodo_session", "x" * 43)
    signed = client.post("/embed/lookup", data={"address": "内丸1"}, headers=PAGE)
    assert signed.content == plain.content
    assert "csrf" not in signed.text and "サインイン" not in signed.text
    assert signed.headers["cache-control"] == "private, no-store"


def test_every_link_opens_a_tab_that_knows_nothing_of_the_frame(serve: Callable[..., TestClient]) -> None:
    client = serve(embed_origins=CITY)
    pages = [client.get(path, headers=PAGE).text for path in sorted(FRAMED)]
    pages.append(client.post("/embed/lookup", data={"address": "内丸1"}, headers=PAGE).text)
    for page in pages:
        assert '<base target="_blank">' in page
        anchors = re.findall(r"<a\b[^>]*>", page)
        assert anchors
        for anchor in anchors:
            if 'href="#' in anchor:
                assert 'target="_self"' in anchor
            else:
                assert 'target="_blank"' in anchor and 'rel="noopener noreferrer"' in anchor
        for form in re.findall(r"<form\b[^>]*>", page):
            assert 'target="_self"' in form and 'action="/embed/lookup"' in form
        assert "site-header" not in page and "site-nav" not in page and "/login" not in page
        assert "出典と利用条件" in page and "データについての注意" in page


def test_the_snippet_names_the_page_as_it_was_asked_for(serve: Callable[..., TestClient]) -> None:
    client = serve(embed_origins=CITY, base_url="https://map.example.lg.jp", trusted_hosts=["127.0.0.1"])
    page = client.get("/maps/facility-coverage?radius=500", headers=PAGE).text
    (found,) = re.findall(r'<textarea id="embed-code"[^>]*>(.*?)</textarea>', page, re.S)
    code = unescape(found)
    assert 'src="https://map.example.lg.jp/embed/maps/facility-coverage?radius=500"' in code
    for needed in (
        'title="盛岡市 活動施設の到達圏"',
        'loading="lazy"',
        'sandbox="allow-scripts allow-same-origin',
    ):
        assert needed in code
    assert "allow-top-navigation" not in code
    framed = client.get("/embed/maps/facility-coverage?radius=500", headers=PAGE).text
    assert 'href="/maps/facility-coverage?radius=500"' in framed
    lookup = unescape(client.get("/lookup", headers=PAGE).text)
    assert 'src="https://map.example.lg.jp/embed/lookup"' in lookup
    for name in MAPS:
        assert f"/embed/maps/{name}" in unescape(client.get(f"/maps/{name}", headers=PAGE).text)


def test_links_are_rewritten_once_and_keep_what_they_say() -> None:
    html = (
        '<a class="x" href="/a?b=1&amp;c=2" rel="noreferrer" download>甲</a>'
        '<a href="#t">乙</a><a target="_top" href="/z">丙</a>'
    )
    assert outward(html) == (
        '<a class="x" href="/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">甲</a>'
        '<a href="#t" target="_self">乙</a><a target="_top" href="/z">丙</a>'
    )


@pytest.mark.parametrize(
    "value",
    [
        "http://www.city.example.lg.jp", "https://www.city.example.lg.jp/page", "https://*.example.lg.jp", "*", "'self'",
        "https://a.example;script-src *", "https://a.example https://b.example", "https://user@a.example", "null",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_when_the_service_starts(value: str) -> None:
    with pytest.raises(ValidationError):
        Settings(database_url="postgresql://nobody/nothing", embed_origins=value)


def test_origins_are_written_as_browsers_write_them() -> None:
    found = Settings(database_url="postgresql://nobody/nothing", embed_origins=f"{CITY.upper()}/,{CITY}")
    assert found.embed_origins == [CITY]
    assert security_headers(found)["X-Frame-Options"] == "DENY"
    assert create_app(found)
