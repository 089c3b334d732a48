"""What every answer tells browsers and proxies: pages, data, files, sheets, frames, static files, refusals and faults alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle

import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS, EVERYBODY
from api.embedding import FRAMED
from api.routes.accounts import local
from kyodo_geo.roles import Role
from tests.api.conftest import JSON, PAGE
from tests.api.role_sessions import sessions
from tests.api.test_access import concrete

Serve = Callable[..., TestClient]

SITE = "https://frames.example.lg.jp"
GETS = sorted({concrete(path) for method, path in ACCESS if method == "GET"})
FURTHER = (
    "/nosuch", "/static/site.css", "/static/nosuch.css", "/leaflet/leaflet.js", "/map-static/map.js", "/districts/1",
    "/maps/membership.js", "/downloads/membership.csv", "/districts/x", "/api/v1/districts?nosuch=1", "/%00", "/ogc/nosuch",
)  # fmt: skip
EXACT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
}


def policy_of(header: str) -> dict[str, list[str]]:
    return {part.split()[0]: part.split()[1:] for part in header.split("; ")}


def check(path: str, answer: object, *, framed: bool, tls: bool) -> None:
    headers = answer.headers  # type: ignore[attr-defined]
    for name, value in EXACT.items():
        if framed and name == "permissions-policy":
            value = value.replace("(self)", "()")
        assert headers[name] == value, (path, name)
    policy = policy_of(headers["content-security-policy"])
    # Nothing inline at all: no nonce has to be guessed, and none can leak from a cache.
    assert policy["script-src"] == policy["style-src"] == policy["default-src"] == ["'self'"], path
    assert policy["object-src"] == policy["base-uri"] == ["'none'"] and policy["form-action"] == ["'self'"], (
        path
    )
    assert not re.search(
        r"unsafe-|\*|nonce-|blob:|https?:(?!//frames)", headers["content-security-policy"]
    ), path
    if framed:
        assert policy["frame-ancestors"] == ["'self'", SITE] and "x-frame-options" not in headers, path
    else:
        assert policy["frame-ancestors"] == ["'none'"] and headers["x-frame-options"] == "DENY", path
    assert ("strict-transport-security" in headers) == tls, path
    kept = headers["cache-control"]
    assert "no-store" in kept or (kept.startswith("public") and answer.status_code in (200, 204, 304)), (
        path,
        kept,
    )  # type: ignore[attr-defined]
    assert "set-cookie" not in headers or "no-store" in kept, path
    assert "server" not in headers and "x-powered-by" not in headers


@pytest.mark.parametrize("tls", [False, True])
def test_every_get_as_public_and_as_staff_carries_them(serve: Serve, blank_paper: None, tls: bool) -> None:
    """`tls`: as the address that people use says; not as a header of the request claims."""
    more = {"base_url": "https://127.0.0.1:8000"} if tls else {}
    client = serve(embed_origins=(SITE,), **more)
    planner = sessions(client)[Role.PLANNER]
    for path in (*GETS, *FURTHER):
        for headers in (PAGE, JSON, {**PAGE, **planner}) if not tls else (PAGE,):
            if not tls:
                headers = {**headers, "x-forwarded-proto": "https"}
            answer = client.get(path, headers=headers)
            check(path, answer, framed=path in FRAMED, tls=tls)
            staffs = planner.items() <= headers.items() and path.startswith("/staff")
            if staffs and answer.status_code == 200:
                assert answer.headers["cache-control"] == "private, no-store", path
            if "html" in answer.headers.get("content-type", ""):
                assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text), path
                assert not re.search(r"\s(?:on[a-z]+|style)=\"|<style|javascript:", answer.text), path
                assert not re.search(r"<(?:iframe|object|embed)\b|<base[^>]*href", answer.text), path


def test_what_fails_carries_them_too(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    client = serve()
    answers = [
        client.get("/districts/1", headers={**PAGE, "host": "evil.example"}),
        client.request("TRACE", "/"),
        client.post("/lookup", content=b"x" * 70_000, headers=PAGE),
        client.get("/ogc/collections", headers={"accept": "image/png"}),
    ]

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("api.routes.district_list.answer", broken)
    answers.append(client.get("/districts", headers=PAGE))
    assert [answer.status_code for answer in answers] == [400, 405, 413, 406, 500]
    for answer in answers:
        check(str(answer.url), answer, framed=False, tls=False)
        assert "boom" not in answer.text and "evil.example" not in answer.text


def test_cookies_over_tls_are_of_this_host_alone(serve: Serve) -> None:
    client = serve(base_url="https://127.0.0.1:8000")
    cookie = client.get("/login", headers=PAGE).headers["set-cookie"]
    assert cookie.startswith("__Host-kyodo_form=")
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    plain = serve()
    claimed = plain.get("/login", headers={**PAGE, "x-forwarded-proto": "https"}).headers["set-cookie"]
    assert claimed.startswith("kyodo_form=") and "secure" not in claimed.lower(), (
        "a header of the request decides nothing"
    )


ORIGINS = cycle(("https://evil.example", "null", "http://127.0.0.1:8000.evil.example"))


def test_other_sites_read_what_is_published_and_nothing_else(client: TestClient, blank_paper: None) -> None:
    from api.access_table import read_elsewhere

    for (method, template), roles in ACCESS.items():
        path = concrete(template)
        if method != "GET" or "{" in path:
            continue
        client.cookies.clear()
        origin = next(ORIGINS)
        answer = client.get(path, headers={**JSON, "origin": origin})
        allowed = answer.headers.get("access-control-allow-origin")
        assert allowed == ("*" if roles == EVERYBODY and read_elsewhere(template) else None), path
        assert "access-control-allow-credentials" not in answer.headers
        asked = client.options(path, headers={"origin": origin, "access-control-request-method": "GET"})
        assert asked.headers.get("access-control-allow-origin") in (allowed, None), path


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example", "127.0.0.1:8000:x/",
                                  "evil.example:8000", "[::1", "127.0.0.1\u00e9"])  # fmt: skip
def test_a_host_that_is_not_ours_is_refused(client: TestClient, host: str) -> None:
    answer = client.get("/login", headers={**PAGE, "host": host.encode("utf-8")})
    if host == "127.0.0.1:8000:x/":
        assert "127.0.0.1:8000:x/" not in answer.text
    else:
        assert answer.status_code == 400 and "set-cookie" not in answer.headers
    assert "evil.example" not in answer.text


NEXT = (
    "https://evil.example", "//evil.example", "/\\evil.example", "/%5cevil.example", "\\\\evil.example", "/\t/evil.example",
    "javascript:alert(1)", "data:text/html,x", "https:evil.example", "/login\r\nset-cookie:x=1", "///evil.example",
    ".evil.example", "@evil.example", "/..//evil.example", "", "%2f%2fevil.example",
)  # fmt: skip


@pytest.mark.parametrize("to", NEXT)
def test_after_signing_in_nobody_is_sent_elsewhere(client: TestClient, to: str) -> None:
    where = local(to)
    assert where.startswith("/") and not where.startswith(("//", "/\\")), where
    assert not re.search(r"[\s\\]", where)
    answer = client.get("/login", params={"next": to}, headers=PAGE)
    assert answer.status_code in (200, 400)
    assert 'href="https://evil' not in answer.text and 'action="https://evil' not in answer.text
