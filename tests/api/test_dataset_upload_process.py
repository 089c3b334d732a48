"""The reading of an upload is bounded: a file that needs too much ends its own process, is told, and harms nobody."""

from __future__ import annotations

import functools
import threading
import time

import pytest
from starlette.testclient import TestClient

from api.jobs import upload_process
from api.jobs.dataset_uploads import run_uploads
from geodata import dataset_uploads as uploads
from geodata.database import Audience, Database
from tests.api.dataset_pages import enter, one, upload
from tests.fixtures_db import DatabaseUrls

FILE = ("施設.csv", "施設番号,名称,種別,経度,緯度\nn1,北館,公民館,141.105,39.705\n".encode("cp932"))
SWOLLEN = (
    "大きい.csv",
    "施設番号,名称,種別,経度,緯度\n".encode() + b"".join(b"f%d,x,y,141.1,39.7\n" % n for n in range(400_000)),
)


@pytest.fixture
def keeper(serve, town: DatabaseUrls) -> TestClient:
    return enter(serve())


def database_of(keeper: TestClient) -> Database:
    found: Database = keeper.app.state.services.database
    return found


def test_a_file_that_needs_too_much_is_told_and_the_next_one_is_read(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    swollen = upload(keeper, "facilities", SWOLLEN).headers["location"]
    small = upload(keeper, "facilities", FILE).headers["location"]
    tight = functools.partial(upload_process.in_child, memory=800 << 20)
    assert run_uploads(database_of(keeper), threading.Event(), tight) == 1
    told = keeper.get(swollen).text
    assert "このままでは読み込めません" in told and "読み取りに使えるメモリか時間を超えた" in told
    assert "何も保存していません" in told and "kyodo-geo import" in told
    assert "読み取った内容の確認" in keeper.get(small).text
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 1, "the active one"


def test_a_child_that_dies_without_a_word_is_told_for(keeper: TestClient, monkeypatch) -> None:
    path = upload(keeper, "facilities", FILE).headers["location"]
    # So little memory that not even its libraries can be loaded.
    nothing = functools.partial(upload_process.in_child, memory=64 << 20)
    assert run_uploads(database_of(keeper), threading.Event(), nothing) == 0
    assert "読み取りに使えるメモリか時間を超えた" in keeper.get(path).text


def test_a_worker_that_is_stopped_gives_the_file_back_within_moments(
    keeper: TestClient, town: DatabaseUrls, monkeypatch, tmp_path
) -> None:
    path = upload(keeper, "facilities", FILE).headers["location"]
    database, stop = database_of(keeper), threading.Event()
    with database.write(Audience.LOADER) as conn:
        taken = uploads.claim(conn)
    assert taken is not None
    monkeypatch.setattr(upload_process, "GRACE_S", 0.1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    stop.set()
    began = time.monotonic()
    assert not upload_process.in_child(database, taken, stop)
    assert time.monotonic() - began < 5
    assert one(town, "SELECT state FROM kyodo.dataset_upload") == "waiting"
    assert "順番を待っています" in keeper.get(path).text
    assert not list(tmp_path.iterdir())


def test_neither_arguments_nor_environment_of_the_child_show_anything(monkeypatch) -> None:
    seen: dict = {}

    class Spy:
        def __init__(self, arguments, **options) -> None:
            seen.update(arguments=arguments, **options)
            raise OSError("no process")

    monkeypatch.setattr(upload_process.subprocess, "Popen", Spy)
    monkeypatch.setenv("KYODO_SECRET", "geheim")
    given: list = []
    monkeypatch.setattr(upload_process, "give_back", lambda database, taken: given.append(taken))
    taken = uploads.Claim("03201", "a" * 24, "facilities", ["名簿.csv"], {}, {}, "check", 1, "hanako")
    assert not upload_process.in_child(Database("postgresql://secret@/x"), taken, threading.Event())
    assert given == [taken], "no process to be had: somebody else begins again"
    assert not any("secret" in text or "名簿" in text for text in seen["arguments"])
    assert "KYODO_SECRET" not in seen["env"]
