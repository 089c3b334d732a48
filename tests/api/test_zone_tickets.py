"""Tickets from the public zone to the internal one and answers back: on two copies of the town, through the commands."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from api.app import create_app
from api.cli import app
from api.settings import Settings
from api.zones import NOT_TAKEN
from geodata.cluster import Cluster
from kyodo_geo.errors import InputError
from kyodo_geo.ticket_file import MAX_TICKETS, read
from tests.api import city
from tests.api.conftest import PAGE, client_of
from tests.fixtures_db import DatabaseUrls, copied

PHONE, NAME, QUESTION = "019-999-1234", "盛岡 花子", "会費はいくらですか。"


@pytest.fixture
def outside(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The public side: what the internal side alone has is taken away, as no package would bring it."""
    with copied(cluster, city_template) as found:
        with psycopg.connect(found.superuser) as conn:
            conn.execute("SET session_replication_role = replica")
            from geodata.publishing.decisions import CARRIED, NEVER

            for table in NEVER:
                conn.execute(f"DELETE FROM {table}".encode())
            for table, carried in CARRIED.items():
                conn.execute(f"DELETE FROM {table} WHERE NOT ({carried.published})".encode())
                for column in carried.never.split():
                    conn.execute(f"UPDATE {table} SET {column} = NULL".encode())
                for column, value in carried.replaced.items():
                    conn.execute(f"UPDATE {table} SET {column} = {value}".encode())
        yield found


def run(monkeypatch: pytest.MonkeyPatch, urls: DatabaseUrls, *command: str, zone: str, **more: str) -> Any:
    """A command of `kyodo-geo` on one side."""
    values = {
        "DATABASE_URL": urls.app,
        "OWNER_DATABASE_URL": urls.owner,
        "ZONE": zone,
        "MUNICIPALITY": city.CODE,
        **more,
    }
    with monkeypatch.context() as patch:
        for name, value in values.items():
            patch.setenv(f"KYODO_{name}", value)
        return CliRunner().invoke(app, list(command))


def asked(urls: DatabaseUrls, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(urls.superuser) as conn:
        return conn.execute(query.encode()).fetchall()


def enter(settings: Settings) -> None:
    """A resident's question and wish by the forms of the public zone."""
    with client_of(create_app(settings)) as client:
        for path, fields in (
            ("/referrals/new", {"question": QUESTION, "name": NAME, "phone": PHONE, "consent": "yes"}),
            (
                "/join/new",
                {"association": "a11", "name": NAME, "phone": PHONE, "address": "秘密町1", "consent": "yes"},
            ),
        ):
            form = client.get(path, headers=PAGE).text
            hidden = dict(re.findall(r'name="(csrf_token|form_id)" value="([^"]*)"', form))
            answer = client.post(path, data={**hidden, **fields}, headers=PAGE)
            assert answer.status_code == 200, answer.text


def partner_ticket(urls: DatabaseUrls) -> None:
    """An office on a side, with the same id on both."""
    with psycopg.connect(urls.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.partner (municipality_code, partner_id, name) VALUES (%s, 'p', 'P')",
            (city.CODE,),
        )
        conn.execute(
            "INSERT INTO kyodo.partner_office (municipality_code, office_id, partner_id, name) VALUES (%s, 'o1', 'p', 'O')",
            (city.CODE,),
        )


def test_tickets_go_in_once_and_answers_come_back(
    monkeypatch: pytest.MonkeyPatch,
    town: DatabaseUrls,
    outside: DatabaseUrls,
    settings_for: Callable[..., Settings],
    tmp_path: Path,
) -> None:
    for side in (town, outside):
        partner_ticket(side)
    enter(settings_for(outside, zone="public", public_tickets=["page"]))
    with psycopg.connect(outside.superuser) as conn:
        conn.execute(
            "INSERT INTO kyodo.referral (municipality_code, ticket_no, office_id, channel, question) "
            "VALUES (%s, 77, 'o1', 'partner', '物件の班はどこですか。')",
            (city.CODE,),
        )
        conn.execute(
            "INSERT INTO kyodo.ticket_event (municipality_code, ticket_no, event_no, actor, state) "
            "VALUES (%s, 77, 1, 'partner', 'received')",
            (city.CODE,),
        )

    file = tmp_path / "tickets.json"
    assert run(monkeypatch, town, "publish", "referrals-export", str(file), zone="internal").exit_code == 1
    made = run(monkeypatch, outside, "publish", "referrals-export", str(file), zone="public")
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert QUESTION in file.read_text(encoding="utf-8"), "plain text, to be looked through on the way"

    done = run(monkeypatch, town, "publish", "referrals-import", str(file), zone="internal")
    assert done.exit_code == 0, done.output
    again = run(monkeypatch, town, "publish", "referrals-import", str(file), zone="internal")
    assert "0 件を取り込みました（前に取り込んだもの 3 件）" in again.output
    assert asked(town, "SELECT customer_name, customer_phone, channel, state FROM kyodo.referral ORDER BY ticket_no") == [
        (NAME, PHONE, "page", "received"), (None, None, "partner", "received")
    ]  # fmt: skip
    assert asked(town, "SELECT name, address FROM kyodo.join_wish") == [(NAME, "秘密町1")]
    notes = asked(
        town, "SELECT note FROM kyodo.ticket_event WHERE note LIKE '公開の環境の受付番号 %%' ORDER BY note"
    )
    assert ("公開の環境の受付番号 77",) in notes

    receipt = done.output.split("受領番号:")[1].strip()
    wrong = run(monkeypatch, outside, "publish", "referrals-acknowledge", receipt[:-1] + "x", zone="public")
    assert wrong.exit_code == 1
    assert asked(outside, f"SELECT count(*) FROM kyodo.referral WHERE question = '{QUESTION}'") == [(1,)]
    told = run(monkeypatch, outside, "publish", "referrals-acknowledge", receipt, zone="public")
    assert "3 件" in told.output
    assert asked(
        outside, "SELECT question, customer_name, erased_at IS NOT NULL FROM kyodo.referral ORDER BY channel"
    ) == [("", None, True), ("（庁内の環境に渡し、この環境からは消しました）", None, False)]
    assert asked(outside, "SELECT name, phone, address, erased_at IS NOT NULL FROM kyodo.join_wish") == [
        (None, None, None, True)
    ]
    nothing = run(
        monkeypatch, outside, "publish", "referrals-export", str(tmp_path / "b.json"), zone="public"
    )
    assert nothing.exit_code == 1

    # The answer to the office travels in the next package.
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.referral SET state = 'answered', answer = '3 班です。' WHERE channel = 'partner'"
        )
        conn.execute("UPDATE kyodo.referral SET answer = '住民への回答' WHERE channel = 'page'")
    private, public, package = tmp_path / "k", tmp_path / "k.pub", tmp_path / "p.zip"
    steps = [
        (town, ("publish", "keygen", "--private", str(private), "--public", str(public)), "internal"),
        (town, ("publish", "export", str(package)), "internal"),
        (outside, ("publish", "show", str(package)), "public"),
        (outside, ("publish", "import", str(package)), "public"),
        (outside, ("publish", "check"), "public"),
    ]
    for side, command, zone in steps:
        keys = (
            {"PUBLISH_PRIVATE_KEY": str(private)}
            if zone == "internal"
            else {"PUBLISH_PUBLIC_KEYS": str(public)}
        )
        found = run(monkeypatch, side, *command, zone=zone, **keys)
        assert found.exit_code == 0, (command, found.output, found.exception)
    assert asked(outside, "SELECT state, answer FROM kyodo.referral WHERE channel = 'partner'") == [
        ("answered", "3 班です。")
    ]
    assert asked(outside, "SELECT count(*) FROM kyodo.referral WHERE answer LIKE '住民%%'") == [(0,)]
    refused = run(
        monkeypatch, town, "publish", "import", str(package), zone="internal", PUBLISH_PUBLIC_KEYS=str(public)
    )
    assert refused.exit_code == 1


def test_a_package_confirms_the_tickets_where_nobody_types_the_number(
    monkeypatch: pytest.MonkeyPatch, town: DatabaseUrls, outside: DatabaseUrls, settings_for: Callable[..., Settings],
    tmp_path: Path,
) -> None:  # fmt: skip
    enter(settings_for(outside, zone="public", public_tickets=["page"]))
    file, private, public, package = (tmp_path / name for name in ("t.json", "k", "k.pub", "p.zip"))
    for side, command, zone in (
        (outside, ("referrals-export", str(file)), "public"),
        (town, ("referrals-import", str(file)), "internal"),
        (town, ("keygen", "--private", str(private), "--public", str(public)), "internal"),
        (town, ("export", str(package)), "internal"),
        (outside, ("import", str(package)), "public"),
    ):
        keys = (
            {"PUBLISH_PRIVATE_KEY": str(private)}
            if zone == "internal"
            else {"PUBLISH_PUBLIC_KEYS": str(public)}
        )
        found = run(monkeypatch, side, "publish", *command, zone=zone, **keys)
        assert found.exit_code == 0, (command, found.output)
    with psycopg.connect(outside.superuser) as conn:
        left = conn.execute(
            "SELECT r::text FROM kyodo.referral r UNION ALL SELECT w::text FROM kyodo.join_wish w "
            "UNION ALL SELECT e::text FROM kyodo.ticket_event e UNION ALL SELECT a::text FROM kyodo.audit a"
        ).fetchall()
    assert not [row for row in left if any(value in str(row) for value in (NAME, PHONE, QUESTION, "秘密町1"))]


def test_offices_alone_may_be_taken(outside: DatabaseUrls, settings_for: Callable[..., Settings]) -> None:
    """With `partner` a resident's form stays shut, and offices can sign in."""
    with client_of(create_app(settings_for(outside, zone="public", public_tickets=["partner"]))) as client:
        assert "お電話ください" in client.get("/referrals/new", headers=PAGE).text
        refused = client.post("/referrals/new", headers=PAGE, data={"question": "x"})
        assert (refused.status_code, NOT_TAKEN in refused.text) == (403, True)
        assert client.get("/login", headers=PAGE).status_code == 200
        assert "会員店のサインイン" in client.get("/", headers=PAGE).text
        assert client.get("/partner/tickets", headers=PAGE).status_code in (303, 401)
        assert client.get("/staff", headers=PAGE).status_code == 404


@pytest.mark.parametrize("command", ["sample", "import", "records", "fetch", "dataset"])
def test_commands_that_bring_in_internal_data_are_refused_there(
    monkeypatch: pytest.MonkeyPatch, town: DatabaseUrls, command: str
) -> None:
    found = run(monkeypatch, town, command, "x", zone="public")
    assert isinstance(found.exception, InputError)
    assert "KYODO_ZONE=public" in found.exception.message


NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


def a_file(**change: Any) -> dict[str, Any]:
    ticket = {
        "id": "7b0dfc7a-3a52-4d4e-9c39-0d4c4f0e9b11", "kind": "referral", "number": 5, "channel": "page", "office": None,
        "asked_by": None, "association": None, "received_at": "2026-03-31T10:00:00+09:00", "consent_at": None,
        "name": None, "phone": None, "email": None, "question": "質問です。",
    }  # fmt: skip
    whole = {
        "format": "kyodo-geo tickets", "version": 1, "municipality": "03201",
        "batch": "0b0dfc7a-3a52-4d4e-9c39-0d4c4f0e9b11", "created": "2026-04-01T00:00:00+00:00",
        "tickets": [ticket | {k: v for k, v in change.items() if k in ticket}],
    }  # fmt: skip
    return whole | {k: v for k, v in change.items() if k not in ticket}


def test_the_file_is_read_as_it_is_written() -> None:
    found = read(json.dumps(a_file()).encode(), now=NOW)
    assert (found.items[0].number, found.items[0].entry.association_id) == (5, None)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{8}", found.receipt)


HOSTILE: dict[str, Any] = {
    "another format": a_file(format="x"),
    "another version": a_file(version=2),
    "a key more": a_file(extra=1),
    "tickets that are no list": a_file(tickets={}),
    "too many": a_file(tickets=[{}] * (MAX_TICKETS + 1)),
    "the same twice": a_file(tickets=a_file()["tickets"] * 2),
    "a kind of its own": a_file(kind="admin"),
    "an id that is none": a_file(id="../../etc/passwd"),
    "an id written otherwise": a_file(id="{7B0DFC7A-3A52-4D4E-9C39-0D4C4F0E9B11}"),
    "a number that is none": a_file(number=True),
    "a number out of range": a_file(number=1 << 40),
    "a channel of the staff": a_file(channel="counter"),
    "an office without its channel": a_file(office="o1"),
    "a partner without an office": a_file(channel="partner"),
    "a day without a zone": a_file(received_at="2026-03-31T10:00:00"),
    "a day to come": a_file(received_at=(NOW + timedelta(days=3)).isoformat()),
    "a question that is too long": a_file(question="あ" * 2001),
    "a question with control characters": a_file(question="a\x1b[31m"),
    "a question that is no text": a_file(question=["x"]),
    "no question": a_file(question=None),
    "personal fields without consent": a_file(name="花子"),
    "a telephone number that is none": a_file(
        phone="=cmd|' /C calc'!A0", consent_at="2026-03-31T10:00:00+09:00"
    ),
    "an address with a line break": a_file(
        email="a@b.jp\nBcc: x@y.jp", consent_at="2026-03-31T10:00:00+09:00"
    ),
    "an association of 41 characters": a_file(association="a" * 41),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_whole(what: str) -> None:
    with pytest.raises(InputError):
        read(json.dumps(HOSTILE[what]).encode(), now=NOW)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"[" * 100_000,
        b'{"format": "kyodo-geo tickets", "format": "x"}',
        b" " * 20_000_001,
    ],
)
def test_what_is_no_such_file_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        read(content, now=NOW)
