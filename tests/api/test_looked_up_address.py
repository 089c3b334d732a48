"""An address that is looked up leaves no trace: every way to ask, then every place it could have stayed in."""

from __future__ import annotations

import gc
import logging
import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql
from starlette.testclient import TestClient

from api.cache import Answer as Kept
from api.jobs.batches import run_batches
from geodata.cluster import Cluster
from geodata.database import Audience
from geodata.partner_keys import issue
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST, another
from tests.api.signing import token_of
from tests.api.ticket_world import add_offices, fill, sign_in
from tests.fixtures_db import DatabaseUrls

ADDRESS = "試験町一丁目5番1号 秘密見張荘777号室"
WORD, ROOM = "秘密見張荘", "777号室"
SITE = "https://www.agent.example"
TRACES = tuple(
    trace
    for word in (WORD, ROOM)
    for trace in (
        word, quote(word), quote(word).lower(), word.encode().hex(), word.encode("cp932").hex(),
        word.encode("unicode_escape").decode(), quote(word.encode("cp932")),
    )
)  # fmt: skip
CONSENTED = {
    ("kyodo.referral", "a question somebody wrote to the city"),
    ("kyodo.join_wish", "where the household lives, with consent"),
}
"""Tables in which the people of this test want it to stand."""


def traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text]


def whole_database(town: DatabaseUrls) -> dict[str, str]:
    """Every row of every table as text, bytes in hexadecimal."""
    found = {}
    with psycopg.connect(town.superuser) as conn:
        tables = conn.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(tables) > 60
        for schema, table in tables:
            name = sql.Identifier(schema, table)
            rows = conn.execute(sql.SQL("SELECT t::text FROM {} t").format(name)).fetchall()
            found[f"{schema}.{table}"] = "\n".join(row[0] for row in rows)
    return found


def ask_every_way(client: TestClient, keys: dict[str, str]) -> list:
    """Answers of every way to look up the address, as the public, a program, another site's page, an office and the staff."""
    secret = {"authorization": f"Bearer {keys['secret']}"}
    widget = {"authorization": f"Bearer {keys['page']}", "origin": SITE}
    json, page = {"accept": "application/json"}, {"accept": "text/html"}
    answers = []
    for headers in (json, json | secret, json | widget):
        answers.append(client.post("/api/v1/lookup", json={"address": ADDRESS}, headers=headers))
    for headers in (json, json | secret):
        answers.append(client.get("/api/v1/lookup", params={"address": ADDRESS}, headers=headers))
        answers.append(
            client.get("/api/v1/lookup", params={"address": ADDRESS, "nosuch": "1"}, headers=headers)
        )
        answers.append(
            client.post(
                "/api/v1/lookup/batch", json={"rows": [{"id": 1, "address": ADDRESS}]}, headers=headers
            )
        )
    answers.append(client.post("/api/v1/lookup", content=b'{"address": "' + ADDRESS.encode(), headers=json))
    for role, office in ((None, None), (Role.PARTNER, "o1"), (Role.COUNTER, None), (Role.PLANNER, None)):
        visitor = another(client)
        sign_in(visitor, role, office)
        visitor.headers["referer"] = f"{HOST}/lookup"

        def send(path: str, visitor: TestClient = visitor, **data: str):
            return visitor.post(path, data=data, headers={"origin": HOST, **page})

        answers += [
            send("/lookup", address=ADDRESS), send("/embed/lookup", address=ADDRESS),
            send("/lookup/suggest", q=ADDRESS), send("/lookup/sheet.pdf", address=ADDRESS),
            visitor.get("/fax-sheet.pdf", headers=page), visitor.get("/associations/a11/fax-sheet.pdf", headers=page),
        ]  # fmt: skip
        if role is not None and role is not Role.COUNTER:
            token = token_of(visitor.get("/buildings", headers=page).text)
            answers.append(send("/buildings/search", q=ADDRESS, csrf_token=token))
            answers.append(send("/buildings/new", address=ADDRESS, csrf_token=token))
            answers.append(upload(visitor))
        answers.append(visitor.get("/lookup", params={"address": ADDRESS}, headers=page))
        answers.append(visitor.get(f"/{quote(ADDRESS)}", headers=page))
    return answers


def upload(visitor: TestClient):
    """A table with the address, worked through and deleted by its owner."""
    token = token_of(visitor.get("/partner/batch", headers={"accept": "text/html"}).text)
    file = ("表.csv", f"番号,住所\n1,{ADDRESS}\n".encode(), "text/csv")
    sent = visitor.post(
        "/partner/batch",
        data={"csrf_token": token},
        files={"file": file},
        headers={"origin": HOST, "accept": "text/html"},
    )
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    answer = visitor.post(
        f"{path}/start",
        data={"csrf_token": token, "column": "1"},
        headers={"origin": HOST, "accept": "text/html"},
    )
    services = visitor.app.state.services
    assert run_batches(services.database, services.settings, threading.Event()) == 1
    visitor.post(
        f"{path}/delete", data={"csrf_token": token}, headers={"origin": HOST, "accept": "text/html"}
    )
    return answer


def test_nothing_keeps_it(
    serve: Callable[..., TestClient], town: DatabaseUrls, cluster: Cluster, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str], blank_paper: None, tmp_path: Path,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    add_offices(town)
    client = serve(embed_origins=[SITE], log_level="debug", state_dir=tmp_path)
    services = client.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        keys = {
            "secret": issue(conn, city.CODE, "試験", by="test", office_id="o1")[1],
            "page": issue(conn, city.CODE, "試験", by="test", origins=[SITE])[1],
        }
    answers = ask_every_way(client, keys)
    assert sum(answer.status_code == 200 for answer in answers) > 20
    assert all(answer.status_code < 500 for answer in answers)
    for answer in answers:
        where = f"{answer.request.method} {re.sub('[?].*', '', str(answer.request.url))}"
        assert traces_in(str(dict(answer.headers))) == [], where
        told = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL)
        assert traces_in(told[1] if told else "") == [], f"title of {where}"
        links = " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', answer.text))
        assert traces_in(links) == [], f"an address in {where} would carry it on"
        if answer.status_code == 200 and answer.request.method == "POST":
            assert "no-store" in answer.headers["cache-control"], where
        assert answer.headers["referrer-policy"] == "same-origin", where
    services.counters.flush()
    held = {name: traces_in(text) for name, text in whole_database(town).items()}
    assert {name: found for name, found in held.items() if found} == {}
    kept = [bytes(item.body) for item in gc.get_objects() if isinstance(item, Kept)]
    assert all(traces_in(body.decode("utf-8", "replace")) == [] for body in kept), "kept answers"
    assert traces_in(str(list(services.counters._lookups))) == []
    assert traces_in(client.get("/metrics", headers={"accept": "text/plain"}).text) == []
    for ready in ("/readyz", "/healthz"):
        assert traces_in(client.get(ready).text) == []
    heard = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("kyodo"))
    err = capfd.readouterr().err
    assert "/api/v1/lookup" in heard
    assert traces_in(heard) == []
    assert traces_in(err) == [], "standard error of the service"
    logs = list(cluster.layout.log.glob("*"))
    assert logs
    for path in [*logs, *(path for path in tmp_path.rglob("*") if path.is_file())]:
        assert traces_in(path.read_text(encoding="utf-8", errors="replace")) == [], path


def test_the_search_finds_what_is_there(serve: Callable[..., TestClient], town: DatabaseUrls) -> None:
    """Where people want it to stand it stands, and there alone."""
    client = serve()
    client.headers["accept"] = "text/html"
    fill(client, "/referrals/new", question=f"{ADDRESS}の会費は")
    fill(
        client,
        "/join/new",
        association="a21",
        name="山田",
        phone="019-626-7535",
        consent="yes",
        address=ADDRESS,
    )
    held = {name for name, text in whole_database(town).items() if traces_in(text)}
    assert held == {table for table, _ in CONSENTED}
