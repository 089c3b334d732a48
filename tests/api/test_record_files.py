"""Files of records at the page: looked at, stored whole or not at all, by those whose work it is."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.jobs import upload_process
from api.jobs.dataset_uploads import run_uploads
from geodata.record_files.kinds import RECORD_KINDS
from kyodo_geo.roles import Role
from tests.api.conftest import HOST
from tests.api.dataset_pages import enter, one, press, work
from tests.api.signing import token_of
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/records/import"
YEARS = "施設,年度,利用者数,指定管理料,開館日数\nf1,R5,1200,3000000,300\nf1,R6,1300,,301\nf1,R6,9,,9\nzz,R6,1,,1\nf2,R6,多い,,1\n"


@pytest.fixture
def keeper(serve, town: DatabaseUrls) -> TestClient:
    return enter(serve(), Role.FACILITY_STAFF)


def send(client: TestClient, kind: str, text: str, name: str = "利用.csv", **fields: str) -> httpx.Response:
    token = token_of(client.get(BASE).text)
    return client.post(
        BASE, data={"csrf_token": token, "kind": kind, **fields}, files=[("files", (name, text.encode("cp932")))],
        headers={"origin": HOST},
    )  # fmt: skip


def looked_at(client: TestClient, kind: str, text: str, **fields: str) -> str:
    answer = send(client, kind, text, **fields)
    assert answer.status_code == 303, answer.text
    assert work(client) == 1
    return answer.headers["location"]


def years(town: DatabaseUrls) -> Any:
    return one(town, "SELECT count(*) FROM kyodo.facility_year WHERE source = '月報'")


def test_from_the_file_to_the_sheet_of_the_facility(keeper: TestClient, town: DatabaseUrls) -> None:
    path = looked_at(keeper, "facility-years", YEARS, source="月報")
    preview = keeper.get(path)
    assert preview.headers["cache-control"] == "private, no-store"
    for words in (
        "変わる内容の確認",
        "f1",
        "令和5年度",
        "指定管理料・委託料：3,000,000",
        "同じ行がすでにあります",
        "「zz」という施設",
        "「多い」",
    ):
        assert words in preview.text, words
    assert years(town) == 0, "nothing is stored yet"
    file = keeper.get(f"{path}/left-out.csv")
    assert file.text.splitlines()[0].endswith("ファイル,行,列,理由") and len(file.text.splitlines()) == 4
    assert ",6,利用者数," in file.text, "row and column of the cell that is no number"

    assert press(keeper, path, "keep").headers["location"] == path
    assert work(keeper) == 1 and years(town) == 2
    assert "保存しました" in keeper.get(path).text
    assert one(town, "SELECT count(*) FROM kyodo.dataset_upload_piece WHERE part = 'input'") == 0, (
        "the files go at once"
    )
    keeper.app.state.services.live.wait("03201")  # type: ignore[attr-defined]
    assert "3,000,000" in keeper.get("/facilities/f1").text
    log = enter(keeper, Role.ADMINISTRATOR).get("/staff/audit?topic=files").text
    assert "記録のファイルを保存した" in log and "施設の利用と費用（年度）" in log and "追加（件）" in log


def test_what_others_changed_meanwhile_is_not_overwritten_unseen(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    path = looked_at(keeper, "facility-years", YEARS, source="月報")
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.facility_year (municipality_code, facility_id, fiscal_year, users) VALUES ('03201', 'f1', 2023, 5)"
        )
    press(keeper, path, "keep")
    assert work(keeper) == 0 and years(town) == 0
    refused = keeper.get(path).text
    assert "確認のあとに、記録がほかの人によって変わりました" in refused
    press(keeper, path, "check", kind="facility-years", source="月報", quality="real")
    work(keeper)
    assert "利用者数：5 → 1,200" in keeper.get(path).text
    press(keeper, path, "keep")
    assert work(keeper) == 1 and years(town) == 2


def test_a_child_that_dies_leaves_nothing_half_written(
    keeper: TestClient, town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound of memory ends the child; the page says so, and no row is stored."""
    answer = send(keeper, "facility-years", YEARS, source="月報")
    services = keeper.app.state.services  # type: ignore[attr-defined]

    def small(database: Any, taken: Any, stop: threading.Event) -> bool:
        return upload_process.in_child(database, taken, stop, memory=150 << 20)

    assert run_uploads(services.database, threading.Event(), small) == 0
    page = keeper.get(answer.headers["location"]).text
    assert "途中でやめました。何も保存していません" in page and "kyodo-geo records import" in page
    assert years(town) == 0
    assert run_uploads(services.database, threading.Event()) == 0
    press(keeper, answer.headers["location"], "check", kind="facility-years", source="月報", quality="real")
    assert run_uploads(services.database, threading.Event(), upload_process.in_child) == 1, (
        "in a child of its own"
    )
    press(keeper, answer.headers["location"], "discard")
    assert one(town, "SELECT count(*) FROM kyodo.dataset_upload") == 0


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("facility-years", "施設,年度\n", "データの行がありません"),
        ("facility-years", "なぞ,年度\nf1,R5\n", "施設"),
        ("groups", "施設,団体番号,曜日,開始,終了,人数\nzz,1,月,9:00,10:00,5\n", "読み込める行がありません"),
        (
            "groups",
            "施設,団体番号,曜日,開始,終了,人数\nzz,1,月,9:00,10:00,5\nyy,1,月,9:00,10:00,5\n",
            "3 行目",
        ),
    ],
)
def test_a_file_that_says_nothing_usable_is_refused_with_a_sentence(
    keeper: TestClient, kind: str, text: str, words: str
) -> None:
    answer = send(keeper, kind, text)
    assert work(keeper) == 0
    page = keeper.get(answer.headers["location"]).text
    assert "このままでは読み込めません" in page and words in page and "--map" not in page


def test_the_form_names_the_columns_of_every_kind(keeper: TestClient) -> None:
    page = keeper.get(BASE).text
    for spec in RECORD_KINDS.values():
        words = "、".join(
            f"{column.label}{'＊' if column.required else ''} <code>{column.name}</code>"
            for column in spec.fields
        )
        assert f"<dt>{spec.label}</dt><dd>{words}</dd>" in page


def test_the_form_refuses_in_words(keeper: TestClient) -> None:
    answer = send(keeper, "towns", YEARS)
    assert answer.status_code == 400 and "記録の種類を選んでください" in answer.text
    empty = send(keeper, "facility-years", "")
    assert empty.status_code == 422 and "空のファイル" in empty.text
    assert keeper.get(BASE, params={"x": "1"}).status_code == 400
    assert keeper.get(f"{BASE}/{'0' * 24}").status_code == 404


def test_only_those_whose_work_it_is_may_load_records_and_no_page_of_datasets_shows_them(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    path = looked_at(keeper, "facility-years", YEARS)
    for role in Role:
        expected = 200 if role in {Role.PLANNER, Role.FACILITY_STAFF, Role.ADMINISTRATOR} else 403
        if role is not Role.PUBLIC and role is not Role.PARTNER:
            visitor = enter(keeper, role)
            assert {visitor.get(BASE).status_code, visitor.get(path).status_code} == {expected}, role
    planner = enter(keeper)
    identifier = path.rpartition("/")[2]
    assert identifier not in planner.get("/staff/datasets").text
    assert planner.get(f"/staff/datasets/uploads/{identifier}").status_code == 404
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET ROLE kyodo_staff")
        ended = conn.execute("SELECT kyodo.end_record_upload('03201', %s, 1)", (identifier,)).fetchone()
        assert ended == (False,), "the function ends only what a worker is storing"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT * FROM kyodo.dataset_upload")


def test_a_web_worker_loads_none_of_the_readers_libraries() -> None:
    heavy = ("pandas", "geopandas", "openpyxl", "scipy", "sqlalchemy", "procrastinate", "folium", "pyproj")
    code = (
        f"import sys, api.app, api.routes.staff_record_files; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
