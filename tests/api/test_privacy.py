"""Nothing of a vacant house leaves by any public or partner route; hostile names run nowhere."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS, EVERYBODY
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import PAGE, once_more

TRACES = (
    str(city.SECRET_LON),
    str(city.SECRET_LAT),
    city.SECRET_ADDRESS,
    "秘密町",
    '"v1"',
)
PATHS = {
    "/districts/{no}": [f"/districts/{no}" for no in range(1, 5)],
    "/api/v1/districts/{no}": [f"/api/v1/districts/{no}" for no in range(1, 5)],
    "/api/v1/districts/{no}/profile": [
        f"/api/v1/districts/{no}/profile?compare={other}" for no in range(1, 4) for other in ("city", "4")
    ],
    "/downloads/districts/{no}.csv": [f"/downloads/districts/{no}.csv?compare=city" for no in range(1, 5)],
    "/api/v1/associations/{association_id}": [
        f"/api/v1/associations/a{n}{h}" for n in range(1, 5) for h in (1, 2)
    ],
    "/maps/{name}.js": [
        "/maps/plan-adoption.js",
        "/maps/membership.js",
        "/maps/membership.js?compare_year=2019",
        "/maps/projects.js",
        "/maps/facility-coverage.js",
        "/maps/place.js?areas=a21,a22",
    ],
    "/downloads/{name}.csv": [
        f"/downloads/{n}.csv"
        for n in ("plan-adoption", "membership", "projects", "facility-coverage", "facilities")
    ],
    "/downloads/{name}.geojson": [
        f"/downloads/{n}.geojson"
        for n in ("plan-adoption", "membership", "projects", "facility-coverage", "facilities")
    ],
    "/api/v1/lookup": ["/api/v1/lookup?lon=141.113&lat=39.706", "/api/v1/lookup?address=秘密町一丁目9番9号"],
    "/associations/{association_id}": [f"/associations/a{n}{h}" for n in range(1, 5) for h in (1, 2)],
    "/welcome": ["/welcome?token=x"],
}


def public_addresses() -> Iterator[str]:
    """Every public GET address of the access table, and what its parameters can be."""
    for (method, template), roles in ACCESS.items():
        if method == "GET" and roles == EVERYBODY and "{path:path}" not in template:
            yield from PATHS.get(template, [template])


def links(text: str) -> set[str]:
    return {html.unescape(found) for found in re.findall(r'(?:href|src|action)="(/[^"#]*)', text)}


@pytest.fixture(scope="module")
def partner(client: TestClient) -> dict[str, str]:
    with client.app.state.services.database.write(Audience.AUTH) as conn:
        _, key = issue(conn, city.CODE, "試験", by="test")
    return {"authorization": f"Bearer {key}"}


ROUNDED = re.compile(r"141\.112[34]\d*\D{1,20}39\.707[89]\d*|39\.707[89]\d*\D{1,20}141\.112[34]\d*")
"""The place at four digits, in either order. One of the two numbers alone is on the edge of some area of the sample."""


def assert_clean(text: str, where: str) -> None:
    assert not ROUNDED.search(text), where
    for trace in TRACES:
        assert trace not in text, f"{trace} in {where}"


@pytest.fixture
def paper_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet is what it is made of: in a PDF, which is packed, nothing would be found."""
    monkeypatch.setattr("api.paper.serve.render", str.encode)


@pytest.mark.parametrize("who", ["public", pytest.param("partner", marks=pytest.mark.full)])
def test_no_vacant_house_by_any_route(
    client: TestClient, partner: dict[str, str], who: str, paper_as_text: None
) -> None:
    todo = set(public_addresses()) | {
        "/api/v1/datasets?active=false",
        "/api/v1/small-areas?bbox=141.11,39.70,141.12,39.71",
    }
    seen: set[str] = set()
    while todo - seen:
        path = (todo - seen).pop()
        seen.add(path)
        # A file says its form in the address; whatever is asked for in the header, it is the same.
        for accept in ("text/html", "application/json")[: 1 if "f=" in path else 2]:
            answer = client.get(path, headers={"accept": accept, **(partner if who == "partner" else {})})
            assert answer.status_code < 500, path
            if "秘密" not in path:
                assert_clean(answer.text, f"{path} as {who}")
            assert_clean(str(dict(answer.headers)), f"headers of {path}")
            if "html" in answer.headers.get("content-type", ""):
                todo |= {
                    link
                    for link in links(answer.text)
                    if not link.startswith(("/static", "/leaflet", "/map-static")) and not once_more(link)
                }
    assert len(seen) > 35, "the crawl went somewhere"


def test_the_planted_house_exists_for_staff(client: TestClient) -> None:
    """Otherwise the crawl above would prove nothing."""
    from api.auth.sign_in import SignIn
    from geodata import accounts

    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, city.CODE, "planner", "計画", {Role.PLANNER}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    for bad in ("as_of=x", "nosuch=1"):
        refused = client.get(f"/api/v1/vacant-houses?{bad}", headers={"cookie": f"kyodo_session={token}"})
        assert refused.status_code == 400, "whoever may ask is told what is wrong with the question"
    answer = client.get("/api/v1/vacant-houses", headers={"cookie": f"kyodo_session={token}"})
    assert answer.status_code == 200
    feature = answer.json()["features"][0]
    assert feature["geometry"]["coordinates"] == [city.SECRET_LON, city.SECRET_LAT]
    assert feature["properties"]["address"] == city.SECRET_ADDRESS
    assert answer.headers["cache-control"] == "private, no-store"
    with services.database.read(Audience.AUTH) as conn:
        seen = conn.execute("SELECT actor, details FROM audit WHERE action = 'vacant-houses.view'").fetchall()
    assert [row["actor"] for row in seen] == ["planner"]
    assert city.SECRET_ADDRESS not in str(seen)


@pytest.mark.parametrize("question", ["", "?as_of=x", "?nosuch=1", "?municipality=99999"])
def test_staff_routes_refuse_before_they_read(client: TestClient, question: str) -> None:
    """Who is not signed in learns that, and nothing of whether the question was a good one."""
    answer = client.get(f"/api/v1/vacant-houses{question}")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


SHOWN = ("/districts/4", "/associations/a41", "/maps/plan-adoption", "/maps/membership")
"""Pages that show the hostile names of district 4 and of association a41."""
DRAWN = ("/maps/plan-adoption.js", "/maps/membership.js")
"""Scripts that carry them."""


def test_hostile_names_are_text_on_every_page(client: TestClient) -> None:
    shown, drawn = set(), set()
    for path in public_addresses():
        answer = client.get(path, headers=PAGE)
        kind = answer.headers.get("content-type", "")
        if "html" in kind:
            assert "<img" not in answer.text, path
            written = answer.text.count("onerror=alert(1)")
            assert (
                answer.text.count("&lt;img src=x onerror=alert(1)&gt;&lt;/script&gt;${window.x=1}") == written
            ), path
            shown |= {path} if written else set()
        elif "javascript" in kind:
            assert "</script>" not in answer.text, path
            assert "<img" not in answer.text, path
            drawn |= {path} if "onerror=alert(1)" in answer.text else set()
            code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', answer.text)
            assert "${window" not in code, f"{path}: only ever inside a quoted string, never in a template"
    assert set(SHOWN) <= shown, f"not shown on {set(SHOWN) - shown}, but on {shown}"
    assert set(DRAWN) <= drawn, f"not drawn on {set(DRAWN) - drawn}, but on {drawn}"


def test_no_page_has_inline_script_or_style(client: TestClient) -> None:
    """The content security policy would refuse them."""
    for path in public_addresses():
        answer = client.get(path, headers=PAGE)
        if "html" in answer.headers.get("content-type", ""):
            assert not re.search(r"<script(?![^>]*\bsrc=)", answer.text), path
            assert not re.search(r"\son[a-z]+=\"", answer.text), path
            assert not re.search(r"<style|\sstyle=\"", answer.text), path
            assert (
                not re.search(r'(?:src|href)="(?:https?:)?//', answer.text) or "gsi.go.jp" in answer.text
            ), path
