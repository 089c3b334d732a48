"""Offices are invited from a list, sign in, are counted as themselves, and hand their accounts over."""

from __future__ import annotations

import csv
import html
import io
import re

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HOST, another
from tests.api.signing import PASSWORD, audit, become_admin, send, token_of
from tests.fixtures_db import DatabaseUrls

LIST = "事業所番号,事業所名,電話,メール,担当者,利用者名\r\nA1,北店,,,花子,a1.hana\r\nA1,北店,,,次郎,a1.jiro\r\nB1,=南店,,,,b1\r\n"


def upload(client: TestClient, content: bytes, **fields: str):
    token = token_of(client.get("/staff/offices").text)
    values = {"csrf_token": token, "partner_id": "fudosan", "partner": "不動産協会", **fields}
    return client.post(
        "/staff/offices",
        data=values,
        files={"file": ("list.csv", content, "text/csv")},
        headers={"origin": HOST},
    )


def invited(client: TestClient, text: str = LIST) -> dict[str, str]:
    """Login → link, of a list the administrator sends."""
    answer = upload(client, text.encode("cp932"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    rows = list(csv.reader(io.StringIO(saved(client, answer.text).content.decode("utf-8-sig"))))
    return {row[3]: row[4] for row in rows[1:]}


def saved(client: TestClient, page: str, **changes: str):
    """The file behind the button of the page with the links."""
    found = re.search(r'name="links" value="([^"]+)"', page)
    assert found is not None
    values = {"csrf_token": token_of(page), "links": html.unescape(found[1]), **changes}
    return client.post("/staff/offices/links.csv", data=values, headers={"origin": HOST})


def take_up(client: TestClient, link: str) -> None:
    path = link.removeprefix(HOST)
    token = path.partition("token=")[2]
    answer = send(client, "/welcome", form=path, token=token, password=PASSWORD, password_again=PASSWORD)
    assert answer.status_code == 303, answer.text


@pytest.fixture
def office(visitor: TestClient) -> TestClient:
    """A browser signed in as 花子 of office A1; `visitor` is the administrator."""
    become_admin(visitor)
    links = invited(visitor)
    client = another(visitor)
    take_up(client, links["a1.hana"])
    return client


def test_a_list_makes_offices_and_links_that_nobody_sees_again(
    town: DatabaseUrls, visitor: TestClient
) -> None:
    become_admin(visitor)
    links = invited(visitor)
    assert sorted(links) == ["a1.hana", "a1.jiro", "b1"]
    page = visitor.get("/staff/offices").text
    assert "北店" in page and "token=" not in page
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute(
            "SELECT login, office_id, (SELECT array_agg(role) FROM kyodo.user_role r WHERE r.user_id = u.user_id) "
            "FROM kyodo.app_user u WHERE office_id IS NOT NULL ORDER BY 1"
        ).fetchall()
    assert rows == [("a1.hana", "A1", ["partner"]), ("a1.jiro", "A1", ["partner"]), ("b1", "B1", ["partner"])]
    assert ("admin", "office.enter") in audit(town)


def test_the_same_list_again_makes_nobody_new(visitor: TestClient) -> None:
    become_admin(visitor)
    invited(visitor)
    again = upload(visitor, LIST.encode())
    assert "新しいアカウントはありません" in again.text


def test_the_page_says_what_was_entered_and_gives_the_same_links_as_the_file(visitor: TestClient) -> None:
    become_admin(visitor)
    page = upload(visitor, LIST.encode())
    assert "「不動産協会」（fudosan）の新しいアカウントは 3 件です。" in page.text
    shown = re.findall(r'<code class="secret">([^<]+)</code>', page.text)
    file = saved(visitor, page.text)
    assert (
        file.headers["content-type"].startswith("text/csv")
        and "attachment" in file.headers["content-disposition"]
    )
    assert file.headers["cache-control"] == "private, no-store"
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row[4] for row in rows[1:]] == [html.unescape(link) for link in shown]
    assert rows[3][1] == "'=南店", "no text runs as a formula"


@pytest.mark.parametrize("links", ["", "<b>x</b>", "事業所番号\r\nA1\r\n"])
def test_only_a_list_of_links_comes_back_as_a_file(visitor: TestClient, links: str) -> None:
    become_admin(visitor)
    page = upload(visitor, LIST.encode()).text
    assert saved(visitor, page, links=links).status_code == 400
    assert saved(visitor, page, csrf_token="x").status_code == 403


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("事業所番号,事業所名\r\nA1,北店\r\n", "列「利用者名」がありません"),
        (LIST + "C1,西店,,,,admin\r\n", "ほかの人が使っています"),
        (LIST + "C1,,,,,c1\r\n", "5 行目: 事業所名がありません"),
        ("", "選んでください"),
    ],
)
def test_a_bad_list_enters_nothing(town: DatabaseUrls, visitor: TestClient, content: str, said: str) -> None:
    become_admin(visitor)
    answer = upload(visitor, content.encode())
    assert (answer.status_code, said in answer.text) == (400, True), answer.text
    assert 'value="fudosan"' in answer.text and 'value="不動産協会"' in answer.text, "typed once is enough"
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.partner_office").fetchone() == (0,)


def test_every_row_that_cannot_be_entered_is_named_at_once(town: DatabaseUrls, visitor: TestClient) -> None:
    """Whoever sends two hundred offices mends the list in one go."""
    become_admin(visitor)
    assert upload(visitor, LIST.encode()).status_code == 200
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.partner (municipality_code, partner_id, name) VALUES ('03201', 'q', '別')"
        )
        conn.execute("UPDATE kyodo.partner_office SET partner_id = 'q' WHERE office_id = 'B1'")
    rows = ["A1,北店,,,,admin", "C1,西店,,,,a1.hana", "B1,=南店,,,,b1", "D1,東店,,,,d1"]
    answer = upload(visitor, (LIST.splitlines()[0] + "\r\n" + "\r\n".join(rows)).encode())
    assert answer.status_code == 400
    for said in ("利用者名「admin」", "利用者名「a1.hana」", "事業所番号「B1」は、ほかの団体"):
        assert said in answer.text
    assert "利用者名「d1」" not in answer.text
    with psycopg.connect(town.superuser) as conn:
        found = conn.execute(
            "SELECT count(*) FROM kyodo.partner_office WHERE office_id IN ('C1', 'D1')"
        ).fetchone()
    assert found == (0,), "nothing is entered in part"


def test_of_a_long_list_of_faults_the_first_are_named_and_the_rest_counted(visitor: TestClient) -> None:
    become_admin(visitor)
    rows = "".join(f"C{at},西店{at},,,,admin{' ' * 0}{'!' if at < 24 else ''}{at}\r\n" for at in range(25))
    answer = upload(visitor, (LIST.splitlines()[0] + "\r\n" + rows).encode())
    assert answer.status_code == 400
    assert answer.text.count("行目: ") == 20 and "ほか 4 行" in answer.text


def test_a_list_without_token_or_from_elsewhere_is_refused(visitor: TestClient) -> None:
    become_admin(visitor)
    files = {"file": ("l.csv", LIST.encode(), "text/csv")}
    assert visitor.post("/staff/offices", files=files, headers={"origin": HOST}).status_code == 403
    token = token_of(visitor.get("/staff/offices").text)
    foreign = visitor.post(
        "/staff/offices", data={"csrf_token": token}, files=files, headers={"origin": "https://x.example"}
    )
    assert foreign.status_code == 403


def test_an_office_sees_its_people_and_not_the_citys_pages(office: TestClient) -> None:
    page = office.get("/partner").text
    assert "北店" in page and "a1.jiro" in page and not re.search(r"[^?=0-9a-f]b1\b", page)
    for path in (
        "/staff",
        "/staff/offices",
        "/staff/agreement",
        "/staff/unresolved",
        "/api/v1/vacant-houses",
    ):
        assert office.get(path).status_code == 403, path


def test_a_lookup_of_a_signed_in_office_is_counted_as_its_own(town: DatabaseUrls, office: TestClient) -> None:
    answer = office.post("/lookup", data={"address": "試験町一丁目5番"}, headers={"origin": HOST})
    assert answer.status_code == 200
    office.app.state.services.counters.flush()
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute(
            "SELECT channel, office_id, town, district_no, lookups FROM kyodo.lookup_count WHERE office_id <> ''"
        ).fetchall()
    assert rows == [("partner", "A1", "試験町一丁目", 1, 1)]
    assert re.search(r"<th scope=\"row\">合計</th><td class=\"numeric\">1</td>", office.get("/partner").text)


def test_a_hand_over(office: TestClient, serve) -> None:
    made = send(office, "/partner/members", form="/partner", login="a1.new", name="新人")
    link = re.search(r'<code class="secret">([^<]+)</code>', made.text)
    assert made.status_code == 200 and link is not None
    assert "token=" not in office.get("/partner").text
    successor = serve()
    successor.headers["accept"] = "text/html"
    take_up(successor, link[1])
    stopped = send(successor, "/partner/members/stop", form="/partner", login="a1.hana")
    assert "停止しました" in stopped.text
    assert office.get("/partner").status_code == 303


@pytest.mark.parametrize(("login", "name"), [("花子", "花"), ("a1.x", ""), ("admin", "花"), ("", "花")])
def test_an_account_that_cannot_be_made_says_why(office: TestClient, login: str, name: str) -> None:
    answer = send(office, "/partner/members", form="/partner", login=login, name=name)
    assert answer.status_code == 400
    assert "できませんでした" in answer.text


@pytest.mark.parametrize(("login", "status"), [("b1", 404), ("admin", 404), ("a1.hana", 400)])
def test_nobody_stops_other_offices_people_or_oneself(office: TestClient, login: str, status: int) -> None:
    assert send(office, "/partner/members/stop", form="/partner", login=login).status_code == status


def test_an_office_that_leaves_is_out_at_once(
    town: DatabaseUrls, office: TestClient, visitor: TestClient
) -> None:
    answer = send(visitor, "/staff/offices/A1/close", form="/staff/offices")
    assert "停止したアカウント: 2" in answer.text
    assert office.get("/partner").status_code == 303
    assert ("admin", "office.close") in audit(town)
    assert send(visitor, "/staff/offices/nosuch/close", form="/staff/offices").status_code == 404
