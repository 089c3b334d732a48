"""Maps by association: staff see them, nobody else does, nothing is stored; and the rule for associations at risk."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import html5lib
import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS
from api.auth.sign_in import SignIn
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.at_risk import NAMES
from kyodo_geo.roles import STAFF, Role
from tests.api import city
from tests.api.conftest import HOST, PAGE
from tests.api.signing import token_of
from tests.api.test_pages import NS, rows_of_csv

PAGES = [
    "/staff/maps/membership",
    "/staff/maps/membership?fiscal_year=2020&compare_year=2019",
    "/staff/maps/at-risk?show=all",
    "/staff/maps/at-risk?show=all&fiscal_year=2020",
]
FILES = [
    f"/staff/maps/{name}.{kind}" for name in ("membership", "at-risk") for kind in ("js", "csv", "geojson")
]


def cookie_of(client: TestClient, role: Role) -> dict[str, str]:
    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, city.CODE, f"maps-{role.value}", role.label, {role}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    return {"cookie": f"kyodo_session={token}"}


@pytest.fixture(scope="module")
def planner(client: TestClient) -> dict[str, str]:
    return cookie_of(client, Role.PLANNER)


@pytest.mark.parametrize("path", [*PAGES, *FILES])
def test_staff_read_them_and_no_cache_keeps_them(
    client: TestClient, planner: dict[str, str], path: str
) -> None:
    answer = client.get(path, headers={**PAGE, **planner})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("role", sorted(set(Role) - STAFF - {Role.PUBLIC}))
def test_nobody_else_does(client: TestClient, role: Role) -> None:
    headers = cookie_of(client, role)
    for path in (*PAGES, *FILES):
        assert client.get(path, headers=headers).status_code == 403, path
        assert client.get(path).status_code == 401, path


def test_the_public_maps_know_nothing_of_them(client: TestClient, planner: dict[str, str]) -> None:
    """Drawn for staff first: the same names, asked for by everybody, still give districts or nothing."""
    client.get("/staff/maps/at-risk.js", headers=planner)
    assert client.get("/maps/at-risk.js").status_code == 404
    public = client.get("/maps/membership.js").text + client.get("/downloads/membership.geojson").text
    assert "1-1町内会" not in public
    assert client.get("/downloads/at-risk.csv").status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_page_map_and_files_say_the_same(client: TestClient, planner: dict[str, str], path: str) -> None:
    headers = {**PAGE, **planner}
    name, _, query = path.removeprefix("/staff/maps/").partition("?")
    root = html5lib.parse(client.get(path, headers=headers).text)
    table = next(t for t in root.iter(f"{NS}table") if t.get("id") == "figures")
    page = {
        row.get("data-key"): [(c.text or "") for c in row.findall(f"{NS}td")]
        for row in table.iter(f"{NS}tr") if row.get("data-key")
    }  # fmt: skip
    client.headers.update(planner)
    try:
        sheet = {
            row["番号"]: list(row.values()) for row in rows_of_csv(client, f"/staff/maps/{name}.csv?{query}")
        }
    finally:
        del client.headers["cookie"]
    file = client.get(f"/staff/maps/{name}.geojson?{query}", headers=planner).json()
    script = client.get(f"/staff/maps/{name}.js?{query}", headers=planner).text
    start = "geo_json_associations_add("
    line = next(x for x in script.splitlines() if x.startswith(start))
    drawn = {f["id"]: f["properties"] for f in json.loads(line[len(start) : -2])["features"]}
    assert set(page) == set(sheet) == {f["id"] for f in file["features"]} == set(drawn)
    assert len(page) == 8
    for key, cells in page.items():
        main = cells[1]
        assert main in drawn[key]["label"]
        written = sheet[key][3]
        assert main.removesuffix(" %") == (written.replace("-", "−") if main.startswith("−") else written)


def test_the_associations_at_risk_come_first_and_the_rest_is_one_step_away(
    client: TestClient, planner: dict[str, str]
) -> None:
    """Map, table and files hold what was chosen; what is hidden is counted."""

    def look(query: str) -> tuple[str, set[str], int]:
        found = client.get(f"/staff/maps/at-risk.geojson{query}", headers=planner).json()
        text = client.get(f"/staff/maps/at-risk{query}", headers={**PAGE, **planner}).text
        ids = {feature["id"] for feature in found["features"]}
        assert set(re.findall(r'<tr data-key="([^"]+)"', text)) == ids, "table and file"
        script = client.get(f"/staff/maps/at-risk.js{query}", headers=planner).text
        assert set(re.findall(r'"href": ?"/associations/([^"]+)"', script)) <= ids, "map"
        return text, ids, found["hidden"]

    text, everybody, hidden = look("?show=all")
    assert len(everybody) == 8 and hidden == 0 and "隠しています" not in text
    text, at_risk, hidden = look("")
    assert hidden == 8 - len(at_risk) > 0
    assert (
        f"条件に合わない {hidden} 団体は隠しています" in text
        and 'href="/staff/maps/at-risk?show=all"' in text
    )
    assert '<form class="chooser' in text and 'name="district"' in text, "without a script"
    parts = [look(f"?show={show}")[1] for show in ("at-risk", "unknown", "not")]
    assert sorted(id for part in parts for id in part) == sorted(everybody), "verdicts divide them"
    steps = [look(f"?show=signs-{signs}")[1] for signs in (1, 2, 3, 4)]
    assert steps[0] >= steps[1] >= steps[2] >= steps[3]
    assert look("?show=all&district=1")[1] == {"a11", "a12"} & everybody
    # A form sends what was left alone as empty texts.
    sent = client.get("/staff/maps/at-risk?show=not&district=", headers=planner)
    assert (sent.status_code, sent.headers["location"]) == (303, "/staff/maps/at-risk?show=not")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("at-risk?show=x", 400),
        ("at-risk?district=x", 400),
        ("at-risk?district=77", 404),
        ("membership?district=1", 400),
        ("membership?show=all", 400),
    ],
)
def test_what_cannot_be_chosen(client: TestClient, planner: dict[str, str], path: str, status: int) -> None:
    assert client.get(f"/staff/maps/{path}", headers=planner).status_code == status


def test_hostile_names_are_text(client: TestClient, planner: dict[str, str]) -> None:
    text = client.get("/staff/maps/membership", headers={**PAGE, **planner}).text
    assert "<img src=x" not in text and "&lt;img src=x" in text


def test_an_unknown_year_is_refused(client: TestClient, planner: dict[str, str]) -> None:
    for path in ("membership?fiscal_year=1999", "membership?compare_year=1999", "at-risk?fiscal_year=1999"):
        assert client.get(f"/staff/maps/{path}", headers=planner).status_code == 404
    assert client.get("/staff/maps/nosuch.js", headers=planner).status_code == 404


# -- the rule -----------------------------------------------------------------------------------------------------


@pytest.fixture
def rule(serve: Callable[..., TestClient]) -> Callable[..., object]:
    """Open the form as one of two planners, and send it with other values."""
    client = serve()
    people = {
        name: cookie_of(client, role) for name, role in (("a", Role.PLANNER), ("b", Role.ADMINISTRATOR))
    }

    class Rule:
        def open(self, who: str) -> dict[str, str]:
            text = client.get("/staff/maps/at-risk", headers={**PAGE, **people[who]}).text
            fields = dict(
                re.findall(r'id="rule-([a-z_]+)" name="[a-z_]+" type="text"[^>]*? value="([^"]*)"', text)
            )
            version = re.search(r'name="version" value="(\d+)"', text)
            assert version is not None
            return {"csrf_token": token_of(text), "version": version[1], **fields}

        def send(self, who: str, form: dict[str, str]):
            return client.post(
                "/staff/maps/at-risk", data=form, headers={**PAGE, **people[who], "origin": HOST}
            )

        def page(self, who: str = "a") -> str:
            return client.get("/staff/maps/at-risk", headers={**PAGE, **people[who]}).text

    return Rule()  # type: ignore[return-value]


def test_a_changed_threshold_shows_at_once_with_its_history(rule) -> None:
    form = rule.open("a")
    assert set(NAMES) <= set(form)
    assert "世帯数が 50 世帯未満" in rule.page()
    answer = rule.send(
        "a", {**form, "households_below": "３００", "signs_needed": "1", "note": "人口が減ったため"}
    )
    assert answer.status_code == 303, answer.text
    text = rule.page("b")
    assert "世帯数が 300 世帯未満" in text
    assert (
        "世帯数（これより少ない）：50 → 300" in text and "人口が減ったため" in text and "maps-planner" in text
    )
    assert "8 団体のうち 2 団体が「見守りが必要」" in text
    assert len(re.findall(r'<tr data-key="', text)) == 2 and "条件に合わない 6 団体は隠しています" in text


def test_two_editors_never_overwrite_each_other(rule) -> None:
    first, second = rule.open("a"), rule.open("b")
    assert rule.send("a", {**first, "households_below": "60"}).status_code == 303
    answer = rule.send("b", {**second, "households_below": "70", "note": "二人目の理由"})
    assert answer.status_code == 409
    assert "ほかの職員が先に" in answer.text
    assert '<td class="numeric">60</td>' in answer.text, "what holds"
    assert 'value="70"' in answer.text and 'value="二人目の理由"' in answer.text, "what was typed"
    again = re.search(r'name="version" value="(\d+)"', answer.text)
    assert again is not None and again[1] == "1", "sent once more it is a change of what holds now"
    resent = {**second, "version": "1", "households_below": "70", "csrf_token": token_of(answer.text)}
    assert rule.send("b", resent).status_code == 303
    assert "世帯数が 70 世帯未満" in rule.page()


BAD = [
    ("aged_percent", "101"),
    ("aged_percent", "4.5"),
    ("fall_points", "2.55"),
    ("fall_points", "NaN"),
    ("fall_points", "0"),
    ("fall_years", "x"),
    ("signs_needed", ""),
]


@pytest.mark.parametrize(("field", "typed"), BAD)
def test_a_threshold_out_of_reason_is_refused_at_its_field(rule, field: str, typed: str) -> None:
    answer = rule.send("a", {**rule.open("a"), field: typed})
    assert answer.status_code == 400
    assert f'href="#rule-{field}"' in answer.text
    assert re.search(rf'id="rule-{field}"[^>]*aria-invalid="true"', answer.text)


def test_others_of_the_staff_read_the_rule_and_cannot_change_it(client: TestClient) -> None:
    officer = cookie_of(client, Role.DISTRICT_OFFICER)
    text = client.get("/staff/maps/at-risk", headers={**PAGE, **officer}).text
    assert "きまりを保存する" not in text and "世帯が少ない" in text
    assert client.post("/staff/maps/at-risk", data={}, headers={**officer, "origin": HOST}).status_code == 403
    assert ACCESS[("POST", "/staff/maps/at-risk")] == {Role.PLANNER, Role.ADMINISTRATOR}
