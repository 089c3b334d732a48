"""Drawn requests to everything that no OpenAPI document describes: pages, forms, files, scripts, as every role.

Whatever stands in path, parameters or form, and in whatever combination: no 5xx, and a refusal says so as one (4xx). Forms
carry the right token, so that what is drawn reaches the code behind it. `make test-full` draws many more, new ones each time.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from api.access_table import ACCESS
from api.app import create_app
from api.auth.tokens import digest
from api.settings import Settings
from kyodo_geo.roles import VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.role_sessions import sessions
from tests.fixtures_db import DatabaseUrls

FEW = int(os.environ.get("KYODO_TEST_PAGE_EXAMPLES", "250"))
MANY = int(os.environ.get("KYODO_TEST_MANY_PAGE_EXAMPLES", "6000"))
LEFT_OUT = frozenset({"/logout", "/account/password"})
"""They end the session that asks."""
PROGRAMS = ("/api/v1/", "/ogc", "/opendata/", "/downloads/")
"""In the document (tests/api/test_schemathesis.py)."""

GOOD = (
    "1",
    "4",
    "a11",
    "a41",
    "f1",
    "v1",
    "rate",
    "membership",
    "2019",
    "2020-01-01",
    "03201",
    "planner",
    "yes",
    "now",
)
NASTY = (
    "", " ", "0", "-1", "1e999", "NaN", "99999999999999999999", "9" * 400, "x" * 3000, "\u0000", "a\u0000b", "\ud7ff\ufffe",
    "'; DROP TABLE kyodo.town; --", "%s%s%s%n", "{{7*7}}", "${jndi:x}", "../../etc/passwd", "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0", "１２３", "令和5年", "2023-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "true", "null", "[]",
    "141.1,39.7,141.2,39.8", "1,2,3,4,5", "nan,nan,nan,nan", "https://evil.example", "\u202e", "👩‍👩‍👧‍👦", "ｱｲｳ", "\r\nx: y",
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(GOOD), st.sampled_from(NASTY), st.integers(-5, 3000).map(str),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=12), st.dates().map(str),
    st.floats(allow_nan=True).map(str),
)  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One route: names of its parameters, and of the fields its forms are known to have."""

    method: str
    path: str
    names: tuple[str, ...]


FIELDS = (
    "version", "source", "note", "quality", "title", "state", "from", "to", "valid_from", "valid_to", "fiscal_year", "value",
    "association", "name", "phone", "email", "consent", "question", "address", "table", "house", "recipient", "how", "ends_on",
    "login", "password", "token", "next", "lon", "lat", "town", "kind", "office", "offices", "rate", "reason", "model", "k",
    "distance", "year", "district", "form_id", "website", "role", "confirm", "generation", "dataset", "key_code", "text",
)  # fmt: skip


def names_of(route: APIRoute) -> tuple[str, ...]:
    """Query parameters, those of models too."""
    found: list[str] = []
    for param in route.dependant.query_params:
        fields = getattr(param.field_info.annotation, "model_fields", None)
        found += [f.alias or n for n, f in fields.items()] if fields else [param.alias]
    return tuple(found)


def targets() -> list[Target]:
    app = create_app(Settings(database_url="postgresql://localhost/none"))
    found = []
    for context in iter_route_contexts(app.routes):
        route, path = context.original_route, context.path or ""
        for method in sorted((context.methods or {"GET"}) - {"HEAD"}):
            if path not in LEFT_OUT and not path.startswith(PROGRAMS) and (method, path) in ACCESS:
                found.append(Target(method, path, names_of(route) if isinstance(route, APIRoute) else ()))
    return found


TARGETS = targets()


@pytest.fixture(scope="module")
def who(client: TestClient, shared_town: DatabaseUrls) -> dict[Role, tuple[dict[str, str], str]]:
    """Headers and form token of everybody."""
    with psycopg.connect(shared_town.superuser) as conn:
        found = {}
        for role, headers in sessions(client, "a11").items():
            token = ""
            if headers:
                held = digest(headers["cookie"].partition("=")[2])
                row = conn.execute(
                    "SELECT csrf_token FROM kyodo.session WHERE session_hash = %s", (held,)
                ).fetchone()
                assert row is not None
                token = row[0]
            found[role] = (headers, token)
    return found


@st.composite
def asked(draw: st.DrawFn) -> tuple[Role, Target, str, dict[str, str], dict[str, str], bool]:
    """Who asks what: path, parameters, fields of a form, page or data."""
    target = draw(st.sampled_from(TARGETS))
    allowed = sorted(ACCESS[target.method, target.path])
    role = draw(st.one_of(st.sampled_from(allowed), st.sampled_from(sorted(Role))))
    path = target.path
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + quote(draw(VALUES), safe="") + rest.partition("}")[2]
    names = (
        st.one_of(st.sampled_from(target.names), st.sampled_from(FIELDS))
        if target.names
        else st.sampled_from(FIELDS)
    )
    query = {}
    if target.method == "GET" or draw(st.integers(0, 9)) == 0:
        known = st.sampled_from(target.names) if target.names and draw(st.integers(0, 4)) else names
        query = draw(st.dictionaries(known, VALUES, max_size=3))
    form = (
        draw(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8)) if target.method != "GET" else {}
    )
    return role, target, path, query, form, draw(st.booleans())


seen: Counter[str] = Counter()


def send(client: TestClient, who: dict[Role, tuple[dict[str, str], str]], drawn: Any) -> None:
    role, target, path, query, form, page = drawn
    headers, token = who[role]
    headers = {**headers, "accept": "text/html" if page else "application/json"}
    client.cookies.clear()
    if target.method == "GET":
        answer = client.get(path, params=query, headers=headers)
    else:
        data = {**form, "csrf_token": token}
        answer = client.request(
            target.method, path, params=query, data=data, headers={**headers, "origin": HOST}
        )
    # 503 with a reason is what a service without its data or a busy queue says; nothing of ours may break.
    assert answer.status_code < 500, (role, target, path, query, form, answer.status_code, answer.text[:300])
    assert "<script>alert(1)" not in answer.text
    if role not in VACANT_HOUSE_READERS:
        assert city.SECRET_ADDRESS not in answer.text
    seen[f"{answer.status_code // 100}xx"] += 1
    seen[target.method] += 1


@settings(max_examples=FEW, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=asked())
def test_no_drawn_request_breaks_a_page(
    client: TestClient, who: dict[Role, tuple[dict[str, str], str]], blank_paper: None, drawn: Any
) -> None:
    send(client, who, drawn)


@pytest.mark.full
@settings(max_examples=MANY, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=asked())
def test_no_drawn_request_of_many_breaks_a_page(
    client: TestClient, who: dict[Role, tuple[dict[str, str], str]], blank_paper: None, drawn: Any
) -> None:
    send(client, who, drawn)


def test_what_is_drawn_reaches_the_pages() -> None:
    """Not everything is refused before it is looked at; and nothing is left out unseen."""
    assert len(TARGETS) > 230
    assert sum(1 for target in TARGETS if target.method == "POST") > 70
    if seen:
        assert seen["2xx"] and seen["3xx"] and seen["4xx"] and seen["POST"], seen
