"""Whatever shows a vacant house to whoever may see it leaves an entry: who, when, which house; never where it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS
from kyodo_geo.roles import VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import another
from tests.api.test_privacy import links
from tests.api.test_vacant_houses import GOOD, again, house
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

HOUSES = ("watched-house-1", "watched-house-2")
PLACES = ("見張り町九丁目", "141.13517", "39.70513")
TRACES = (*HOUSES, *PLACES)
BASE = "/staff/facilities/vacant-houses"
START = (
    f"{BASE}/disclosures",
    "/staff", "/facilities", "/facilities/siting", BASE, f"{BASE}?show=all&distance=1200&by=straight", f"{BASE}/map.js?show=all",
    f"{BASE}.csv?show=all", f"{BASE}/{HOUSES[0]}/sheet.pdf", f"{BASE}/nosuch/sheet.pdf", "/api/v1/vacant-houses",
    "/ogc/collections/vacant-houses", "/ogc/collections/vacant-houses/queryables", "/ogc/collections/vacant-houses/schema",
    f"/ogc/collections/vacant-houses/items/{HOUSES[1]}", f"/ogc/collections/vacant-houses/items/{HOUSES[1]}?f=html",
    "/ogc/collections/vacant-houses/items?limit=1", "/ogc/collections/vacant-houses/tiles", "/staff/datasets",
    "/staff/datasets/history", "/staff/audit", "/staff/maps/at-risk",
    *(f"/ogc/collections/vacant-houses/items?f={form}" for form in ("html", "json", "geojson", "geojsonseq", "csv", "kml")),
)  # fmt: skip


@pytest.fixture(scope="module")
def planted(shared_town: DatabaseUrls) -> int:
    """Two houses in a dataset of their own; returns its number."""
    with psycopg.connect(shared_town.superuser) as conn:
        town = again(conn)
        town.dataset("vacant-houses", "sample")
        for number, key in enumerate(HOUSES):
            facts = {**GOOD, "address": f"見張り町九丁目{number + 1}番"}
            house(town, key, 141.13517, 39.70513, **facts)
        town.activate()
        return town.ids["vacant-houses"]


@pytest.fixture
def reader(client: TestClient, planted: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr("api.paper.serve.render", str.encode)  # a PDF as what it is made of
    found = another(client)
    sign_in(found, Role.ADMINISTRATOR, login="kanshi")
    yield found


def looks(town: DatabaseUrls, after: int) -> list[tuple[int, str, str | None, dict[str, Any]]]:
    with psycopg.connect(town.superuser) as conn:
        return conn.execute(
            "SELECT entry_no, actor, target, details FROM kyodo.audit WHERE entry_no > %s "
            "AND action = 'vacant-houses.view' AND action_kind = 'view' ORDER BY entry_no", (after,),
        ).fetchall()  # fmt: skip


def last(town: DatabaseUrls) -> int:
    with psycopg.connect(town.superuser) as conn:
        row = conn.execute("SELECT coalesce(max(entry_no), 0) FROM kyodo.audit").fetchone()
    assert row is not None
    return int(row[0])


def named(answer: Any) -> set[str]:
    """Houses that the answer shows by number."""
    text = answer.content.decode("utf-8", "replace")
    return {key for key in HOUSES if key in text}


def test_every_answer_that_shows_a_house_is_written_down(
    reader: TestClient, shared_town: DatabaseUrls, planted: int
) -> None:
    """From the doors of an administrator along every link below them; also each dataset of houses."""
    todo = dict.fromkeys(
        [
            *START,
            *(f"/staff/datasets/{planted}{end}" for end in ("", "/compare", "/changes.csv", "/faults.csv")),
        ]
    )
    seen: set[str] = set()
    shown = 0
    while left := [path for path in todo if path not in seen]:
        path = left[0]
        seen.add(path)
        before = last(shared_town)
        answer = reader.get(path, headers={"accept": "text/html" if "f=" not in path else "*/*"})
        assert answer.status_code < 500, path
        text = answer.content.decode("utf-8", "replace")
        entries = looks(shared_town, before)
        if any(trace in text for trace in TRACES) and not path.startswith("/staff/audit"):
            shown += 1
            assert entries, f"{path} shows a house and leaves no entry"
            assert {actor for _, actor, _, _ in entries} == {"kanshi"}
            told = {key for *_, details in entries for key in details["houses"]}
            assert named(answer) <= told, path
        if "html" in answer.headers.get("content-type", "") and len(seen) < 150:
            inside = ("vacant", "siting", "/staff/datasets", "collections/vacant-houses")
            todo |= dict.fromkeys(
                link for link in sorted(links(answer.text))
                if any(part in link for part in inside) and not re.search(r"(gpkg|fgb|parquet)$|\.css|sortby|cursor", link)
            )  # fmt: skip
    assert shown >= 15, "the walk saw houses"
    with psycopg.connect(shared_town.superuser) as conn:
        whole = json.dumps(
            conn.execute("SELECT to_jsonb(a) FROM kyodo.audit a").fetchall(), ensure_ascii=False, default=str
        )
    assert not any(place in whole for place in PLACES), "which, not where"


def test_the_page_of_ended_disclosures_writes_down_which_houses_it_showed(
    reader: TestClient, shared_town: DatabaseUrls, planted: int
) -> None:
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE kyodo_vacant.vacant_house SET state = 'consented', consented_to = '{宅建協会}', consented_on = '2025-01-01' "
            "WHERE dataset_id = %s AND house_id = %s",
            (planted, HOUSES[0]),
        )
    before = last(shared_town)
    answer = reader.get(f"{BASE}/disclosures", headers={"accept": "text/html"})
    assert HOUSES[0] in answer.text
    (entry,) = looks(shared_town, before)
    assert HOUSES[0] in entry[3]["houses"] and named(answer) <= set(entry[3]["houses"])
    assert entry[3]["rows"] == len(entry[3]["houses"])


def test_every_route_for_readers_of_vacant_houses_is_walked() -> None:
    """A new one has its place in `START`."""
    theirs = {
        path for (method, path), roles in ACCESS.items()
        if method == "GET" and roles == frozenset(VACANT_HOUSE_READERS) and "vacant" in path
    }  # fmt: skip
    walked = {path.replace(HOUSES[0], "{house_id}").partition("?")[0] for path in START}
    assert theirs - walked == {f"{BASE}/terms", f"{BASE}/runs/{{run_id}}"}, (
        "no house in the first; runs: test_vacant_sample"
    )


def test_taking_houses_out_on_the_command_line_names_them(
    shared_town: DatabaseUrls, planted: int, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from api.cli import app as program

    monkeypatch.setenv("KYODO_DATABASE_URL", shared_town.app)
    before = last(shared_town)
    done = CliRunner().invoke(
        program, ["export", "vacant-houses", "--out", str(tmp_path / "h.csv"), "--staff", "--format", "csv"]
    )
    assert done.exit_code == 0, done.output
    (entry,) = looks(shared_town, before)
    assert entry[3]["houses"] == list(HOUSES) and entry[3]["by"] == "export"
    assert city.CODE
