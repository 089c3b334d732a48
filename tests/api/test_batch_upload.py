"""The upload page: file in, column chosen, worked through by the worker, result out to its owner alone, then gone."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import logging
import re
import threading
from collections.abc import Callable

import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from api.auth.sign_in import SignIn
from api.jobs import batches
from api.jobs.app import run
from api.jobs.purging import purge
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.lookup.answers import Outcome
from kyodo_geo.lookup.columns import COLUMNS
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.signing import token_of
from tests.api.test_jobs import play
from tests.api.test_live import within
from tests.fixtures_db import DatabaseUrls

PAGE = "/partner/batch"
ADDRESS = "試験町一丁目5番1号"
TABLE = f"番号,住所\r\n1,{ADDRESS}\r\n2,試験町一丁目\r\n".encode("cp932")
Browser = Callable[..., TestClient]


@pytest.fixture
def town(shared_town: DatabaseUrls) -> DatabaseUrls:
    """The module's town without any file, task or count of an earlier test."""
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("DELETE FROM kyodo.batch_job")
        conn.execute("DELETE FROM kyodo.lookup_count")
        conn.execute("SET LOCAL search_path = kyodo_jobs; DELETE FROM procrastinate_jobs")
        conn.execute(
            "INSERT INTO kyodo.partner (municipality_code, partner_id, name) VALUES ('03201', 'p', 'P') "
            "ON CONFLICT DO NOTHING"
        )
        for office in ("o1", "o2"):
            conn.execute(
                "INSERT INTO kyodo.partner_office (municipality_code, office_id, partner_id, name) "
                "VALUES ('03201', %s, 'p', 'O') ON CONFLICT DO NOTHING",
                (office,),
            )
    return shared_town


_numbers = itertools.count(1)


@pytest.fixture
def entered(client: TestClient, town: DatabaseUrls) -> Browser:
    """`entered("hanako", office="o1")`: the browser of a signed-in user who is new."""
    services = client.app.state.services

    def enter(login: str, *, office: str | None = None, role: Role = Role.PARTNER) -> TestClient:
        login = f"{login}-{next(_numbers)}"
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, city.CODE, login, login, {role}, by="test")
            conn.execute("UPDATE app_user SET office_id = %s WHERE user_id = %s", (office, user.user_id))
            token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
        found = TestClient(client.app, base_url=HOST, follow_redirects=False)
        found.headers["accept"] = "text/html"
        found.cookies.set("kyodo_session", token)
        return found

    return enter


def upload(client: TestClient, content: bytes = TABLE, name: str = "顧客.csv"):
    token = token_of(client.get(PAGE).text)
    return client.post(
        PAGE, data={"csrf_token": token}, files={"file": (name, content)}, headers={"origin": HOST}
    )


def press(client: TestClient, path: str, action: str, **fields: str):
    token = token_of(client.get(path).text)
    return client.post(f"{path}/{action}", data={"csrf_token": token, **fields}, headers={"origin": HOST})


def started(client: TestClient, content: bytes = TABLE, name: str = "顧客.csv", column: str = "1") -> str:
    """Upload and choose; returns the job's page."""
    path = upload(client, content, name).headers["location"]
    assert press(client, path, "start", column=column).status_code == 303
    return path


def work(client: TestClient) -> int:
    services = client.app.state.services
    return batches.run_batches(services.database, services.settings, threading.Event())


def stored(town: DatabaseUrls) -> dict[str, int]:
    with psycopg.connect(town.superuser) as conn:
        rows = conn.execute("SELECT part, count(*) FROM kyodo.batch_piece GROUP BY part").fetchall()
    return dict(rows)


def test_from_the_file_to_the_result_and_away(entered: Browser, town: DatabaseUrls, caplog) -> None:
    client = entered("hanako", office="o1")
    with caplog.at_level(logging.DEBUG):
        answer = upload(client)
        path = answer.headers["location"]
        assert (answer.status_code, bool(re.fullmatch(r"/partner/batch/[0-9a-f]{24}", path))) == (303, True)
        choose = client.get(path)
        assert ADDRESS in choose.text and "（2 行）" in choose.text
        assert re.search(r'value="1" id="column-1" required checked', choose.text), "住所 is suggested"
        assert choose.headers["cache-control"] == "private, no-store"
        assert press(client, path, "start", column="1").headers["location"] == path
        waiting = client.get(path).text
        assert "順番を待っています" in waiting and ADDRESS not in waiting
        assert "http-equiv" not in waiting, "the page is looked at again by a link, not by itself"
        assert client.get(f"{path}/state").json() == {
            "state": "waiting",
            "running": True,
            "done": 0,
            "rows": 2,
        }
        assert work(client) == 1
        ready = client.get(path).text
        assert "結果ができました" in ready
        assert [name for name in (*COLUMNS, *Outcome) if name not in ready] == [], (
            "columns and codes are explained"
        )
        result = client.get(f"{path}/result")
    assert result.headers["content-disposition"].endswith("%E9%A1%A7%E5%AE%A2_%E7%B5%90%E6%9E%9C.csv")
    assert result.headers["cache-control"] == "private, no-store"
    assert int(result.headers["content-length"]) == len(result.content)
    rows = list(csv.DictReader(io.StringIO(result.content.decode("cp932"), newline="")))
    assert list(rows[0]) == ["番号", "住所", *COLUMNS]
    assert [row["outcome"] for row in rows] == ["one", "several"]
    assert all("見本データ" in row["message"] for row in rows)
    assert stored(town) == {"result": 1}, "the uploaded table is deleted as soon as the result is there"
    assert press(client, path, "delete").headers["location"] == PAGE
    assert stored(town) == {}
    assert client.get(path).status_code == client.get(f"{path}/result").status_code == 404
    assert "試験町" not in caplog.text and "顧客" not in caplog.text
    with psycopg.connect(town.superuser) as conn:
        audit = conn.execute(
            "SELECT action, details::text FROM kyodo.audit WHERE action LIKE 'batch.%%' AND target = %s",
            (path.rpartition("/")[2],),
        ).fetchall()
        counted = conn.execute(
            "SELECT outcome, lookups FROM kyodo.lookup_count WHERE channel = 'batch'"
        ).fetchall()
    assert [action for action, _ in audit] == [
        "batch.upload",
        "batch.start",
        "batch.download",
        "batch.delete",
    ]
    assert "試験町" not in str(audit) and "顧客" not in str(audit)
    assert sorted(counted) == [("one", 1), ("several", 1)]


def test_a_workbook_comes_back_as_a_workbook(entered: Browser) -> None:
    client = entered("hanako")
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["所在地", "数"], [ADDRESS, -5]):
        book.active.append(row)
    book.save(content)
    path = started(client, content.getvalue(), "表.xlsx", column="0")
    assert work(client) == 1
    answer = client.get(f"{path}/result")
    assert "spreadsheetml" in answer.headers["content-type"]
    header, row = openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert header == ("所在地", "数", *COLUMNS)
    assert row[:3] == (ADDRESS, -5, "one")


def test_only_the_owner_and_the_same_office_reach_a_file(entered: Browser) -> None:
    owner, colleague = entered("owner", office="o1"), entered("colleague", office="o1")
    others = [
        entered("other", office="o2"), entered("nobody"), entered("planner", role=Role.PLANNER),
        entered("admin", role=Role.ADMINISTRATOR),
    ]  # fmt: skip
    path = started(owner)
    work(owner)
    assert colleague.get(f"{path}/result").status_code == 200
    assert "顧客.csv" in colleague.get(PAGE).text
    for other in others:
        token = token_of(other.get(PAGE).text)
        assert "顧客.csv" not in other.get(PAGE).text
        for tail in ("", "/state", "/result"):
            assert other.get(path + tail).status_code == 404
        for action in ("start", "delete"):
            answer = other.post(
                f"{path}/{action}", data={"csrf_token": token, "column": "0"}, headers={"origin": HOST}
            )
            assert answer.status_code == 404
    stranger = TestClient(owner.app, base_url=HOST, follow_redirects=False)
    assert stranger.get(path, headers={"accept": "text/html"}).headers["location"].startswith("/login")
    assert stranger.get(f"{path}/result").status_code == 401
    assert owner.get(f"{path}/result").status_code == 200


def test_users_without_an_office_do_not_share_by_having_none(entered: Browser) -> None:
    path = started(entered("one"))
    assert entered("two").get(path).status_code == 404


@pytest.mark.parametrize("role", [Role.COUNTER, Role.ASSOCIATION_OFFICER, Role.FEDERATION, Role.ADVISORY])
def test_other_roles_have_no_upload_page(entered: Browser, role: Role) -> None:
    assert entered("x", role=role).get(PAGE).status_code == 403


def test_forms_need_their_token_and_our_own_page(entered: Browser, town: DatabaseUrls) -> None:
    client = entered("hanako")
    token = token_of(client.get(PAGE).text)
    files = {"file": ("a.csv", TABLE)}
    assert client.post(PAGE, files=files, headers={"origin": HOST}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert client.post(PAGE, data={"csrf_token": token}, files=files, headers=foreign).status_code == 403
    path = upload(client).headers["location"]
    for action in ("start", "delete"):
        assert (
            client.post(f"{path}/{action}", data={"column": "1"}, headers={"origin": HOST}).status_code == 403
        )
    assert stored(town) == {"input": 1, "preview": 1}


@pytest.mark.parametrize(
    ("content", "name", "status", "told"),
    [
        (b"", "a.csv", 400, "ファイルが空です"),
        ("番号,住所\n1,試験町一丁目5番\n".encode(), "bad.xlsx", 422, "Excel のブックとして読めません"),
        (b"\x89PNG\0", "a.csv", 422, "文字の表"),
        ("住所\n".encode(), "a.csv", 422, "行がありません"),
        (b"\xd0\xcf\x11\xe0", "a.xls", 422, "古い Excel"),
        (b"PK\x03\x04 not a zip", "a.xlsx", 422, "壊れています"),
        (("住所\n" + "a\n" * 100_001).encode(), "a.csv", 422, "上限 100,000 行"),
        (b"a," * 300 + b"\n1\n", "<img src=x>.csv", 422, "列が多すぎます"),
    ],
)  # fmt: skip
def test_bad_files_get_a_clear_sentence(
    entered: Browser, town: DatabaseUrls, content, name, status, told
) -> None:
    answer = upload(entered("hanako"), content, name)
    assert answer.status_code == status
    assert told in answer.text and 'role="alert"' in answer.text
    assert "<img" not in answer.text
    assert stored(town) == {}


def test_a_form_without_a_file_and_with_two(entered: Browser) -> None:
    client = entered("hanako")
    token = token_of(client.get(PAGE).text)
    assert client.post(PAGE, data={"csrf_token": token}, headers={"origin": HOST}).status_code == 400
    two = [("file", ("a.csv", TABLE)), ("file", ("b.csv", TABLE))]
    assert (
        client.post(PAGE, data={"csrf_token": token}, files=two, headers={"origin": HOST}).status_code == 400
    )


def test_only_this_page_takes_a_large_body_and_not_a_larger_one(entered: Browser) -> None:
    client = entered("hanako")
    row = f"{ADDRESS},{'x' * 300}\r\n".encode()
    large = "住所,x\r\n".encode() + row * 50_000
    assert 15_000_000 < len(large) < 20_000_000
    path = upload(client, large).headers["location"]
    assert "（50,000 行）" in client.get(path).text
    assert upload(client, large + large).status_code == 413
    assert client.post(f"{path}/delete", content=b"x" * 100_000).status_code == 413
    assert client.post("/login", content=b"x" * 100_000).status_code == 413


def test_nobody_who_is_not_signed_in_sends_a_file(client: TestClient, town: DatabaseUrls) -> None:
    answer = client.post(
        PAGE, files={"file": ("a.csv", TABLE)}, headers={"origin": HOST, "accept": "text/html"}
    )
    assert answer.status_code == 401
    assert stored(town) == {}


@pytest.mark.parametrize("column", ["", "2", "-1", "x", "１", "99999"])
def test_a_column_that_is_not_there(entered: Browser, column: str) -> None:
    client = entered("hanako")
    path = upload(client).headers["location"]
    answer = press(client, path, "start", column=column)
    assert answer.status_code == 400
    assert "住所の列を選んでください" in answer.text


@pytest.mark.parametrize(
    ("job", "status"),
    [("x", 400), ("0" * 24, 404), ("0" * 23, 400), ("%2e%2e", 400), ("0" * 24 + "'", 400)],
)
def test_files_that_do_not_exist(entered: Browser, job: str, status: int) -> None:
    assert entered("hanako").get(f"{PAGE}/{job}").status_code == status


def test_a_file_is_started_once_and_five_are_the_most(entered: Browser) -> None:
    client = entered("hanako")
    path = started(client)
    token = token_of(client.get(path).text)
    again = client.post(f"{path}/start", data={"csrf_token": token, "column": "0"}, headers={"origin": HOST})
    assert again.status_code == 303
    for _ in range(4):
        assert upload(client).status_code == 303
    refused = upload(client)
    assert (refused.status_code, "5 個まで" in refused.text) == (409, True)
    assert upload(entered("other")).status_code == 303, "the bound is each user's own"


def test_a_name_is_only_a_name(entered: Browser) -> None:
    client = entered("hanako")
    path = upload(client, TABLE, '../../etc/"><script>.csv').headers["location"]
    text = client.get(path).text
    assert "&lt;script&gt;.csv" in text and "etc" not in text and "<script>.csv" not in text


def test_what_is_past_its_time_is_gone_and_purged(entered: Browser, town: DatabaseUrls) -> None:
    client = entered("hanako")
    path, kept = started(client), started(client)
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.batch_job SET expires_at = now() - interval '1 second' WHERE job_id = %s",
            (path.rpartition("/")[2],),
        )
    assert client.get(path).status_code == 404
    assert work(client) == 1, "only the other one is looked up"
    services = client.app.state.services
    assert purge(services.database, services.settings, often_only=True)["batches"] == 1
    assert stored(town) == {"result": 1}
    assert client.get(kept).status_code == 200


def test_the_times_files_are_kept(entered: Browser, town: DatabaseUrls) -> None:
    """An hour to choose the column; then what the setting says."""

    def minutes_left() -> int:
        with psycopg.connect(town.superuser) as conn:
            row = conn.execute(
                "SELECT extract(epoch FROM expires_at - now()) / 60 FROM kyodo.batch_job"
            ).fetchone()
        return round(row[0])

    client = entered("hanako")
    path = upload(client).headers["location"]
    assert minutes_left() == 60
    press(client, path, "start", column="1")
    assert minutes_left() == 24 * 60


# -- the worker


def test_deleting_stops_the_work(
    entered: Browser, town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = entered("hanako")
    path = started(client, ("住所\n" + f"{ADDRESS}\n" * 2000).encode(), column="0")
    monkeypatch.setattr(batches, "SAY_EVERY_S", 0.0)
    token = token_of(client.get(path).text)
    original = batches.batch_jobs.touch
    said: list[int] = []

    def touch(conn, taken, done):
        said.append(done)
        if len(said) == 2:
            client.post(f"{path}/delete", data={"csrf_token": token}, headers={"origin": HOST})
        return original(conn, taken, done)

    monkeypatch.setattr(batches.batch_jobs, "touch", touch)
    assert work(client) == 0
    assert said == [200, 400]
    assert stored(town) == {}


def test_a_worker_that_must_end_gives_the_file_back(
    entered: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = entered("hanako")
    path = started(client, ("住所\n" + f"{ADDRESS}\n" * 2000).encode(), column="0")
    services, stop = client.app.state.services, threading.Event()
    monkeypatch.setattr(batches._Progress, "say", lambda self, done: stop.set())
    assert batches.run_batches(services.database, services.settings, stop) == 0
    assert client.get(f"{path}/state").json() == {
        "state": "waiting",
        "running": True,
        "done": 0,
        "rows": 2000,
    }
    monkeypatch.undo()
    assert work(client) == 1
    assert client.get(f"{path}/state").json()["state"] == "done"


def test_a_file_whose_worker_died_is_taken_up_again_but_not_for_ever(
    entered: Browser, town: DatabaseUrls
) -> None:
    client = entered("hanako")
    path = started(client)

    def dies() -> None:
        """A worker takes the file and is never heard of again."""
        with client.app.state.services.database.write(Audience.AUTH) as conn:
            assert batches.batch_jobs.claim(conn) is not None
        with psycopg.connect(town.superuser) as conn:
            conn.execute("UPDATE kyodo.batch_job SET touched_at = now() - interval '3 minutes'")

    with client.app.state.services.database.write(Audience.AUTH) as conn:
        assert batches.batch_jobs.claim(conn) is not None
    assert work(client) == 0, "the other worker is at it"
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.batch_job SET touched_at = now() - interval '3 minutes'")
    dies()
    dies()
    assert work(client) == 0
    failed = client.get(path)
    assert "調べられませんでした" in failed.text and "問題が起きました" in failed.text
    assert stored(town) == {}


def test_a_file_lost_in_a_crash_is_told(entered: Browser, town: DatabaseUrls) -> None:
    """A crash of the database server empties the unlogged table."""
    client = entered("hanako")
    path, unchosen = started(client), upload(client).headers["location"]
    with psycopg.connect(town.superuser) as conn:
        conn.execute("TRUNCATE kyodo.batch_piece")
    work(client)
    for page in (path, unchosen):
        assert "もう一度アップロードしてください" in client.get(page).text


def test_the_bytes_are_in_no_write_ahead_log(town: DatabaseUrls) -> None:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute(
            "SELECT relpersistence::text FROM pg_class WHERE oid = 'kyodo.batch_piece'::regclass"
        ).fetchone()
    assert row == ("u",)


@pytest.mark.parametrize("audience", ["kyodo_public", "kyodo_partner", "kyodo_staff", "kyodo_loader"])
@pytest.mark.parametrize("table", ["batch_job", "batch_piece"])
def test_no_audience_of_data_reaches_the_tables(town: DatabaseUrls, audience: str, table: str) -> None:
    with psycopg.connect(town.superuser) as conn:
        may = conn.execute(
            "SELECT bool_or(has_table_privilege(%s, %s, r)) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) r",
            (audience, f"kyodo.{table}"),
        ).fetchone()
    assert may == (False,)


def test_starting_wakes_the_worker_once(entered: Browser, town: DatabaseUrls) -> None:
    client = entered("hanako")
    started(client)
    started(client)
    with psycopg.connect(town.superuser) as conn:
        tasks = conn.execute("SELECT task_name FROM kyodo_jobs.procrastinate_jobs").fetchall()
    assert tasks == [(batches.TASK,)]


def test_the_real_worker_runs_it(entered: Browser) -> None:
    client = entered("hanako")
    path = started(client)

    async def scene() -> None:
        stop = asyncio.Event()
        working = asyncio.create_task(run(client.app.state.services.settings, stop=stop))
        done = await asyncio.to_thread(
            within, 30, lambda: client.get(f"{path}/state").json()["state"] == "done"
        )
        stop.set()
        await asyncio.wait_for(working, 15)
        assert done

    play(scene())


def test_a_full_shelf_takes_no_more_and_loses_nothing(
    entered: Browser, town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KYODO_BATCH_STORE_MB counts what everybody has here together."""
    client = entered("hanako", office="o1")
    services = client.app.state.services
    # Less than the setting itself allows, so that the test need not write 20 MB.
    monkeypatch.setattr(services, "settings", services.settings.model_copy(update={"batch_store_mb": 2}))
    assert upload(client).status_code == 303
    with psycopg.connect(town.superuser) as conn:
        (held,) = conn.execute("SELECT job_id FROM kyodo.batch_job").fetchone() or ("",)
        conn.execute(
            "INSERT INTO kyodo.batch_piece (municipality_code, job_id, part, piece_no, content) "
            "SELECT '03201', %s, 'result', n, convert_to(repeat('x', 1 << 20), 'UTF8') FROM generate_series(1, 2) n",
            (held,),
        )
    refused = upload(entered("taro", office="o2"), name="次.csv")
    assert refused.status_code == 507 and "預かる場所がいっぱいです" in refused.text
    assert "時間をおいて" in refused.text and "次.csv" not in refused.text
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.batch_job").fetchone() == (1,)
    assert press(client, f"{PAGE}/{held}", "delete").status_code == 303
    assert upload(entered("taro", office="o2"), name="次.csv").status_code == 303
