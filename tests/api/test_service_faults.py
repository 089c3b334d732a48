"""What the service says while its database is slow, full, held, cut off or gone silent, and that the rest goes on."""

from __future__ import annotations

import errno
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.places import Places
from api.settings import Settings
from geodata.database import Audience, Database, WriteBounds
from geodata.edits import drafts, publish
from geodata.edits.active import active_facts
from geodata.queries.generation import resolve
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import KyodoError, StorageFullError, UnavailableError
from tests.api import city
from tests.api.conftest import client_of
from tests.api.dataset_pages import BASE, enter, hidden
from tests.api.signing import token_of
from tests.api.test_jobs import play
from tests.api.test_live import within
from tests.db.kill_proxy import Proxy
from tests.fixtures_db import DatabaseUrls, new_state_dir

QUESTION = {"lon": 141.105, "lat": 39.702}
UNKEPT = "/api/v1/associations?as_of={}"
"""Not in any memory: each day is read anew."""


def busy(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"


def looked_up(client: TestClient) -> None:
    answer = client.post("/api/v1/lookup", json=QUESTION)
    assert answer.status_code == 200
    assert answer.json()["associations"][0]["name"] == "1-1町内会"


@contextmanager
def app_on(
    urls: DatabaseUrls, *, app_url: str | None = None, size: int = 2, timeout_s: float = 0.5, **bounds: Any
) -> Iterator[TestClient]:
    """An application with a small pool that waits briefly."""
    settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=size)
    database = Database(app_url or urls.app, max_size=size, timeout_s=timeout_s, **bounds)
    with client_of(create_app(settings, database=database, poll_s=0.2)) as client:
        yield client


@contextmanager
def held(urls: DatabaseUrls, statement: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.superuser) as other:
        other.execute(statement.encode())
        yield other
        other.rollback()


def at_work(urls: DatabaseUrls) -> int:
    """Statements of the service that run on the server now."""
    with psycopg.connect(urls.superuser) as conn:
        row = conn.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'kyodo_app' "
            "AND state = 'active'"
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_with_every_connection_held_pages_say_come_again_and_lookups_go_on(town: DatabaseUrls) -> None:
    with app_on(town) as client:
        kept = client.get("/api/v1/districts")
        assert kept.status_code == 200
        pool = client.app.state.services.database.open()
        with pool.connection(), pool.connection():
            busy(client.get(UNKEPT.format("2030-01-01")))
            looked_up(client)
            assert client.get("/api/v1/districts").content == kept.content, "what is kept is answered"
            assert client.get("/healthz").status_code == 200
        assert client.get(UNKEPT.format("2030-01-01")).status_code == 200


def test_whoever_waits_too_long_for_a_place_is_told() -> None:
    import anyio
    from anyio.to_thread import run_sync

    async def both() -> None:
        places = Places(1, wait_s=0.05)
        release = threading.Event()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: run_sync(release.wait, limiter=places))  # type: ignore[arg-type]
            await anyio.sleep(0.02)
            with pytest.raises(UnavailableError):
                await run_sync(str, limiter=places)  # type: ignore[arg-type]
            release.set()
        assert await run_sync(lambda: 7, limiter=places) == 7  # type: ignore[arg-type]

    play(both())


def test_a_slow_read_is_ended_on_the_server_and_the_others_go_on(town: DatabaseUrls) -> None:
    with app_on(town, statement_timeout_ms=300) as client:
        with held(town, "LOCK TABLE kyodo.association_area IN ACCESS EXCLUSIVE MODE"):
            answers: list[httpx.Response] = []
            asking = threading.Thread(target=lambda: answers.append(client.get(UNKEPT.format("2030-01-01"))))
            asking.start()
            assert within(60, lambda: at_work(town) == 1)
            looked_up(client)
            assert client.get("/api/v1/facilities?as_of=2030-01-01").status_code == 200, (
                "another table's page"
            )
            asking.join(60)
            busy(answers[0])
            assert "時間" in answers[0].json()["detail"]
            assert within(60, lambda: at_work(town) == 0), "cancelled there, not only given up here"
        assert client.get(UNKEPT.format("2030-01-01")).status_code == 200


def test_the_limits_are_those_of_the_settings(
    town: DatabaseUrls, settings_for: Callable[..., Settings]
) -> None:
    from api.services import build

    settings = settings_for(town, statement_timeout_s=3, write_timeout_s=7, lock_timeout_s=2)
    database = build(settings).database
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

    def seen(conn: Any) -> list[str]:
        return [conn.execute(f"SHOW {name}").fetchone()[name] for name in names]

    try:
        with database.read() as conn:
            assert seen(conn)[0] == "3s"
        with database.write(Audience.STAFF) as conn:
            assert seen(conn) == ["7s", "2s", "5min"]
    finally:
        database.close()
    jobs = Database(town.app, bounds=settings.job_bounds())
    try:
        with jobs.write(Audience.LOADER) as conn:
            assert seen(conn)[:2] == ["10min", "10min"], "a job may take longer"
    finally:
        jobs.close()


def test_an_edit_that_waits_for_another_one_gives_up_and_changes_nothing(town: DatabaseUrls) -> None:
    database = Database(town.app, bounds=WriteBounds(lock_ms=200))
    try:
        with (
            held(town, "LOCK TABLE kyodo.audit IN EXCLUSIVE MODE"),
            pytest.raises(UnavailableError, match="ほかの変更"),
        ):
            write_audit(database)
        write_audit(database)
    finally:
        database.close()


def write_audit(database: Database) -> None:
    from geodata.audit import record

    with database.write(Audience.STAFF) as conn:
        record(conn, city.CODE, "test", "test.write")


def test_a_transaction_whose_program_fell_silent_is_ended_with_its_locks(town: DatabaseUrls) -> None:
    database = Database(town.app, bounds=WriteBounds(idle_ms=100))
    try:
        with pytest.raises(UnavailableError), database.write(Audience.STAFF) as conn:
            conn.execute("SELECT pg_advisory_xact_lock(77)")
            with psycopg.connect(town.superuser) as other:
                other.execute("SELECT pg_advisory_xact_lock(77)")  # comes when the server has ended the first
            conn.execute("SELECT 1")
        write_audit(database)
    finally:
        database.close()


@pytest.mark.parametrize("state", ["53100", "25006", "40P01", "55P03", "57P01"])
def test_what_the_server_says_becomes_what_a_person_can_do(town: DatabaseUrls, state: str) -> None:
    database = Database(town.app)
    try:
        with pytest.raises(KyodoError) as told, database.write(Audience.STAFF) as conn:
            conn.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{state}'; END $$".encode())
        assert isinstance(told.value, StorageFullError) == (state == "53100")
        assert isinstance(told.value, UnavailableError)
    finally:
        database.close()


def test_a_full_disk_is_507_for_people_and_programs(
    town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/x")

    with app_on(town) as client:
        monkeypatch.setattr("api.routes.districts.run_sync", full, raising=False)
        monkeypatch.setattr("geodata.queries.associations.associations", full, raising=False)
        monkeypatch.setattr(Database, "read", full)
        answer = client.get(UNKEPT.format("2031-01-01"))
        assert answer.status_code == 507
        assert answer.headers["retry-after"] == "60"
        assert answer.json()["title"] == "保存する場所がいっぱいです"
        page = client.get("/associations/a12", headers={"accept": "text/html"})
        assert page.status_code == 507 and "空きがない" in page.text and "/tmp/x" not in page.text
    import api.cli

    monkeypatch.setattr(api.cli, "app", full)
    with pytest.raises(SystemExit) as ended:
        api.cli.main()
    assert ended.value.code == 1
    assert "空きがない" in capsys.readouterr().err


# -- the line to the database


@pytest.fixture
def proxied(town: DatabaseUrls) -> Iterator[tuple[Proxy, TestClient]]:
    folder = new_state_dir()
    server = Path(psycopg.conninfo.conninfo_to_dict(town.app)["host"])
    proxy = Proxy(folder / "p", server)
    try:
        with app_on(town, app_url=proxy.url("kyodo_app", town.name)) as client:
            yield proxy, client
    finally:
        proxy.close()
        (folder / "p" / ".s.PGSQL.5432").unlink(missing_ok=True)
        (folder / "p").rmdir()
        folder.rmdir()


def test_a_line_that_is_cut_is_made_anew(proxied: tuple[Proxy, TestClient]) -> None:
    proxy, client = proxied
    for day in range(1, 6):
        assert proxy.cut() > 0
        looked_up(client)
        assert within(60, lambda day=day: client.get(UNKEPT.format(f"2030-02-0{day}")).status_code == 200)  # type: ignore[misc]


def test_a_silent_line_holds_up_nobody_who_does_not_need_it(proxied: tuple[Proxy, TestClient]) -> None:
    """Nothing comes through and nobody is told: questions from memory go on, the others end when the line does."""
    proxy, client = proxied
    proxy.black_hole = True
    answers: list[httpx.Response] = []
    asking = threading.Thread(target=lambda: answers.append(client.get(UNKEPT.format("2030-03-01"))))
    asking.start()
    for _ in range(20):
        looked_up(client)
    assert not answers
    proxy.cut()  # on a network: keepalives and tcp_user_timeout, within 20 s
    asking.join(60)
    busy(answers[0])
    proxy.black_hole = False
    proxy.cut()
    assert within(60, lambda: client.get(UNKEPT.format("2030-03-01")).status_code == 200)


def test_a_server_that_takes_calls_and_says_nothing_is_given_up_soon() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        database = Database(
            f"postgresql://kyodo_app@127.0.0.1:{silent.getsockname()[1]}/x?sslmode=disable", timeout_s=0.5
        )
        began = time.monotonic()
        with pytest.raises(UnavailableError), database.read():
            pass
        assert time.monotonic() - began < 10
        database.close()


def test_connections_are_told_to_notice_a_machine_that_is_gone(town: DatabaseUrls) -> None:
    database = Database(town.app + "&keepalives_idle=9")
    try:
        with database.open().connection() as conn:
            told = conn.info.get_parameters()
        assert (told["keepalives_idle"], told["keepalives_count"], told["tcp_user_timeout"]) == (
            "9",
            "3",
            "10000",
        )
    finally:
        database.close()


# -- ten at once


def at_once(number: int, work: Callable[[int], Any]) -> list[Any]:
    """What each of `number` threads got; they begin at the same moment."""
    start, found = threading.Barrier(number), [None] * number

    def run(at: int) -> None:
        start.wait()
        try:
            found[at] = work(at)
        except Exception as error:
            found[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_ten_administrators_who_activate_at_once_one_does_and_nine_are_told(town: DatabaseUrls) -> None:
    with app_on(town, size=12, timeout_s=30) as client:
        ten_administrators(client, town)


def ten_administrators(client: TestClient, town: DatabaseUrls) -> None:
    numbers = plans_of(town, 10)
    browsers = [enter(client, name=f"admin{n}") for n in range(10)]
    forms = []
    for browser, number in zip(browsers, numbers, strict=True):
        html = browser.get(f"{BASE}/{number}/activate").text
        forms.append({"csrf_token": token_of(html), **hidden(html), "note": f"第{number}案"})

    def press(at: int) -> httpx.Response:
        path = f"{BASE}/{numbers[at]}/activate"
        return browsers[at].post(path, data=forms[at], headers={"origin": "http://127.0.0.1:8000"})

    before = generation(town)
    answers = at_once(10, press)
    assert sorted(answer.status_code for answer in answers) == [303, *[409] * 9]
    assert generation(town) == before + 1
    for answer in answers:
        if answer.status_code == 409:
            assert (
                "まだ何も変えていません" in answer.text
                and f"世代 {before + 1} を有効にしました" in answer.text
            )


def plans_of(town: DatabaseUrls, number: int) -> list[int]:
    """Datasets in which every association has another name, none of them active."""
    found = []
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        row = conn.execute("SELECT min(dataset_id) FROM association_area").fetchone()
        assert row is not None
        for no in range(number):
            found.append(city.Builder(conn).dataset("associations", "sample"))
            conn.execute(
                "INSERT INTO association_area (municipality_code, dataset_id, association_id, name, kind, geom) "
                "SELECT municipality_code, %s::int, association_id, %s, kind, geom FROM association_area "
                "WHERE municipality_code = %s AND dataset_id = %s",
                (found[-1], f"第{no}案", city.CODE, row[0]),
            )
    return found


def generation(town: DatabaseUrls) -> int:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT max(generation_no) FROM kyodo.generation").fetchone()
    assert row is not None
    return int(row[0])


def test_a_draft_that_ten_issue_at_once_becomes_one_generation(town: DatabaseUrls) -> None:
    database = Database(town.app, max_size=10)
    try:
        with database.write(Audience.STAFF) as conn:
            drafts.lock(conn, city.CODE, "associations")
            ref = resolve(conn, city.CODE)
            active = active_facts(conn, ref, "associations", ["a12"])["a12"]
            wanted = {**active, "name": "新しい名前"}
            items = [("associations", "a12", active, wanted)]
            drafts.enter(conn, city.CODE, "associations", items, version=stamp(1), seen=1, actor="hana")
            draft = drafts.open_draft(conn, city.CODE, "associations")
        assert draft is not None

        def issue(at: int) -> Any:
            return publish.activate(
                database, city.CODE, "associations", version=draft.version, generation_no=ref.generation_no,
                actor=f"user{at}",
            )  # fmt: skip

        found = at_once(10, issue)
        assert sum(not isinstance(item, Exception) for item in found) == 1
        assert all(isinstance(item, KyodoError) for item in found if isinstance(item, Exception)), found
        assert generation(town) == ref.generation_no + 1
    finally:
        database.close()


def test_of_ten_who_correct_the_same_contact_one_is_kept_and_nine_see_what_it_became(
    town: DatabaseUrls,
) -> None:
    from geodata.edits import contacts

    database = Database(town.app, max_size=10)
    try:
        with database.read(Audience.STAFF) as conn:
            old = contacts.contacts(conn, city.CODE, "a11")[1]
        seen = stamp(contacts.seen(old))

        def correct(at: int) -> None:
            with database.write(Audience.STAFF) as conn:
                new = contacts.Contact(old.role, name=f"窓口{at}", published=True)
                contacts.correct(conn, city.CODE, "a11", 1, new, version=seen, actor=f"user{at}")

        found = at_once(10, correct)
        assert sum(item is None for item in found) == 1
        assert sum(isinstance(item, EditConflictError) for item in found) == 9
        with database.read(Audience.STAFF) as conn:
            assert contacts.contacts(conn, city.CODE, "a11")[1].name == f"窓口{found.index(None)}"
    finally:
        database.close()
