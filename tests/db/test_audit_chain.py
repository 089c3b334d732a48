"""The audit log as a chain: nobody of the application changes it, and whoever else does is found."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from api.cli import app as program
from geodata import audit_chain, migrate
from geodata.audit import record
from geodata.audit_chain import Head, verify
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from tests.fixtures_db import DatabaseUrls, copied

CODE = "03201"
MORE = "13101"
ROLES = (
    "kyodo_public",
    "kyodo_staff",
    "kyodo_loader",
    "kyodo_partner",
    "kyodo_auth",
    "kyodo_app",
    "kyodo_owner",
)


@pytest.fixture(scope="module")
def written(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database with ten entries of one municipality and one of another."""
    with copied(cluster, template) as found:
        with psycopg.connect(found.superuser) as conn:
            for code in (CODE, MORE):
                conn.execute("INSERT INTO kyodo.municipality VALUES (%s, '市', '県', 6678)", (code,))
            conn.execute(
                "INSERT INTO kyodo.district (municipality_code, district_no) VALUES (%s, 1)",
                (CODE,),
            )
        database = Database(found.app)
        for number in range(10):
            enter(database, f"edit.project.{number}")
        enter(database, "elsewhere", code=MORE)
        database.close()
        yield found


@pytest.fixture
def log(cluster: Cluster, written: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy for a test that tampers."""
    with copied(cluster, written) as found:
        yield found


def enter(database: Database, action: str, *, code: str = CODE, audience: Audience = Audience.STAFF) -> None:
    with database.write(audience) as conn:
        record(conn, code, "花子", action, "t,1:", {"前": 1.50, "後": None, "name": "盛岡\u3000市"})


def walked(urls: DatabaseUrls, *against: Head, code: str = CODE) -> audit_chain.Finding:
    with psycopg.connect(urls.superuser, row_factory=dict_row) as conn:
        conn.execute("SET search_path = kyodo")
        return verify(conn, code, against=against)


def head(urls: DatabaseUrls) -> Head:
    with psycopg.connect(urls.superuser, row_factory=dict_row) as conn:
        conn.execute("SET search_path = kyodo")
        return audit_chain.head(conn, CODE)


def tamper(urls: DatabaseUrls, *statements: str) -> None:
    """As a superuser who switches every trigger off."""
    with psycopg.connect(urls.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        for statement in statements:
            conn.execute(statement)


def test_every_entry_stands_in_the_chain_of_its_municipality(written: DatabaseUrls) -> None:
    found = walked(written)
    assert (found.broken, found.entries, found.head.chain_no) == (None, 10, 10)
    assert found.head.hash == head(written).hash
    assert walked(written, code=MORE).entries == 1
    assert walked(written, code="99999") == audit_chain.Finding(0, Head(0, bytes(32)))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", ["audit", "audit_chain"])
def test_no_role_rewrites_it(written: DatabaseUrls, role: str, table: str) -> None:
    with psycopg.connect(written.superuser) as conn:
        conn.execute(f"SET ROLE {role}")
        for statement in (
            f"UPDATE kyodo.{table} SET entry_no = 7",
            f"DELETE FROM kyodo.{table}",
            f"TRUNCATE kyodo.{table}",
            f"DELETE FROM kyodo.{table} WHERE set_config('kyodo.audit_purge', '1', false) = '1'",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.GeneratedAlways)):
                conn.execute(statement)
            conn.rollback()
            conn.execute(f"SET ROLE {role}")
        conn.rollback()


@pytest.mark.parametrize("role", ["kyodo_staff", "kyodo_loader", "kyodo_auth"])
def test_who_writes_an_entry_says_neither_when_nor_where_it_stands(written: DatabaseUrls, role: str) -> None:
    with psycopg.connect(written.superuser) as conn:
        for statement in (
            "INSERT INTO kyodo.audit (municipality_code, actor, action, details, at) VALUES ('03201', 'x', 'y', '{}', now())",
            "INSERT INTO kyodo.audit_chain VALUES ('03201', 11, 99, decode(repeat('00', 32), 'hex'))",
            "SELECT kyodo.chain_entry(a) FROM kyodo.audit a",
        ):
            conn.execute(f"SET ROLE {role}")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                conn.execute(statement)
            conn.rollback()


@pytest.mark.parametrize(
    ("statements", "told", "place", "before"),
    [
        (["UPDATE kyodo.audit SET actor = '太郎' WHERE entry_no = 5"], "内容か順番", 5, 4),
        (["UPDATE kyodo.audit SET at = at + interval '1 microsecond' WHERE entry_no = 5"], "内容か順番", 5, 4),
        (["UPDATE kyodo.audit SET target = NULL WHERE entry_no = 5"], "内容か順番", 5, 4),
        (["UPDATE kyodo.audit SET details = details || '{\"後\": \"\"}' WHERE entry_no = 1"], "内容か順番", 1, 0),
        (["DELETE FROM kyodo.audit WHERE entry_no = 5"], "消されています", 5, 4),
        (
            ["DELETE FROM kyodo.audit WHERE entry_no = 5", "DELETE FROM kyodo.audit_chain WHERE chain_no = 5"],
            "抜けています",
            5,
            4,
        ),
        (
            [
                "DELETE FROM kyodo.audit WHERE entry_no = 5",
                "DELETE FROM kyodo.audit_chain WHERE chain_no = 5",
                "UPDATE kyodo.audit_chain SET chain_no = chain_no - 1 WHERE chain_no > 5 AND municipality_code = '03201'",
            ],
            "内容か順番",
            5,
            4,
        ),
        (
            [
                "DELETE FROM kyodo.audit WHERE entry_no = 1",
                "DELETE FROM kyodo.audit_chain WHERE chain_no = 1 AND municipality_code = '03201'",
            ],
            "はじめの記録",
            1,
            0,
        ),
        (
            [
                "INSERT INTO kyodo.audit (municipality_code, actor, action, details) VALUES ('03201', 'x', 'planted', '{}')"
            ],
            "入っていない",
            None,
            10,
        ),
    ],
)  # fmt: skip
def test_what_a_superuser_did_is_found_at_its_place(
    log: DatabaseUrls, statements: list[str], told: str, place: int | None, before: int
) -> None:
    tamper(log, *statements)
    found = walked(log)
    assert found.broken is not None
    assert told in found.broken
    assert (found.chain_no, found.entries) == (place, before)
    assert walked(log, code=MORE).broken is None


def test_entries_that_changed_places_are_found(log: DatabaseUrls) -> None:
    tamper(
        log,
        "UPDATE kyodo.audit_chain SET entry_no = -entry_no WHERE chain_no IN (4, 5) AND municipality_code = '03201'",
        "UPDATE kyodo.audit_chain SET entry_no = 9 + entry_no WHERE entry_no < 0",  # -4 → 5, -5 → 4
    )
    found = walked(log)
    assert (found.chain_no, found.entry_no, found.entries) == (4, 5, 3)


def test_a_tail_that_was_cut_off_is_found_by_a_head_kept_elsewhere_alone(log: DatabaseUrls) -> None:
    kept = head(log)
    tamper(
        log,
        "DELETE FROM kyodo.audit WHERE entry_no = 10",
        "DELETE FROM kyodo.audit_chain WHERE chain_no = 10",
    )
    assert walked(log).broken is None, "inside the database nothing is left that tells"
    found = walked(log, kept)
    assert found.broken is not None and "控え" in found.broken
    assert found.chain_no == 10


def test_a_chain_written_anew_is_found_by_a_head_kept_elsewhere_alone(log: DatabaseUrls) -> None:
    kept = head(log)
    tamper(
        log,
        "UPDATE kyodo.audit SET actor = '太郎' WHERE entry_no = 5",
        "DELETE FROM kyodo.audit_chain WHERE municipality_code = '03201'",
        "DO $$ DECLARE e kyodo.audit; BEGIN FOR e IN SELECT * FROM kyodo.audit WHERE municipality_code = '03201' "
        "ORDER BY entry_no LOOP PERFORM kyodo.chain_entry(e); END LOOP; END $$",
    )
    assert walked(log).broken is None
    found = walked(log, kept)
    assert found.broken is not None and "控え" in found.broken


def test_writers_at_the_same_moment_make_one_chain(log: DatabaseUrls) -> None:
    """Each holds its transaction open until all have written: the chain is decided when they end, and none waits in a circle.

    Half of them change a plan too, before or after the entry: `touch_revision` locks the same row at commit.
    """
    database = Database(log.app, max_size=8)
    together = threading.Barrier(8, timeout=30)
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(4):
                with database.write(Audience.STAFF) as conn:
                    body = f"{number}-{turn}"
                    statement = (
                        "INSERT INTO project (municipality_code, project_id, district_no, fiscal_year, title) "
                        "VALUES (%s, %s, 1, 2026, 'x')"
                    )
                    if number % 4 == 0:
                        conn.execute(statement, (CODE, body))
                    record(conn, CODE, "x", "edit", body)
                    record(conn, CODE, "x", "edit.again", body)
                    if number % 4 == 1:
                        conn.execute(statement, (CODE, body))
                    together.wait()
        except BaseException as error:
            faults.append(error)
            together.abort()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    database.close()
    assert not faults, faults
    found = walked(log)
    assert (found.broken, found.entries) == (None, 10 + 8 * 4 * 2)


def test_an_entry_that_is_undone_leaves_no_gap(log: DatabaseUrls) -> None:
    database = Database(log.app)
    with pytest.raises(ZeroDivisionError), database.write(Audience.STAFF) as conn:
        record(conn, CODE, "x", "edit")
        raise ZeroDivisionError
    enter(database, "later")
    database.close()
    found = walked(log)
    assert (found.broken, found.head.chain_no) == (None, 11)


def age(urls: DatabaseUrls, up_to: int) -> None:
    """Make the first entries two years old: a whole chain written by those who may."""
    tamper(
        urls,
        f"UPDATE kyodo.audit SET at = at - interval '2 years' WHERE entry_no <= {up_to}",
        "DELETE FROM kyodo.audit_chain WHERE municipality_code = '03201'",
        "DO $$ DECLARE e kyodo.audit; BEGIN FOR e IN SELECT * FROM kyodo.audit WHERE municipality_code = '03201' "
        "ORDER BY entry_no LOOP PERFORM kyodo.chain_entry(e); END LOOP; END $$",
    )


def shorten(urls: DatabaseUrls, days: int = 400, *, really: bool = True) -> int:
    database = Database(urls.app)
    try:
        with database.write(Audience.AUTH) as conn:
            return audit_chain.purge(conn, CODE, keep_days=days, by="job", really=really)
    finally:
        database.close()


def test_a_chain_that_was_shortened_in_time_still_holds(log: DatabaseUrls) -> None:
    age(log, 4)
    kept = head(log)
    assert shorten(log, really=False) == 4
    assert walked(log).entries == 10, "nothing was removed"
    assert shorten(log) == 4
    found = walked(log, kept)
    assert (found.broken, found.entries, found.removed, found.head.chain_no) == (None, 7, 4, 11)
    assert shorten(log) == 0
    with psycopg.connect(log.superuser) as conn:
        assert conn.execute("SELECT count(*) FROM kyodo.audit WHERE entry_no <= 4").fetchone() == (0,)
        assert conn.execute(
            "SELECT actor, details->>'rows' FROM kyodo.audit WHERE action = 'audit.purge'"
        ).fetchone() == ("job", "4")


def test_more_taken_than_was_written_down_is_found(log: DatabaseUrls) -> None:
    age(log, 4)
    shorten(log)
    tamper(
        log, "DELETE FROM kyodo.audit WHERE entry_no = 5", "DELETE FROM kyodo.audit_chain WHERE chain_no = 5"
    )
    found = walked(log)
    assert found.broken is not None and "はじめの記録" in found.broken


def test_the_newest_entry_always_stays_and_a_year_is_the_least(log: DatabaseUrls) -> None:
    age(log, 10)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="a year at least"):
        shorten(log, 300)
    assert shorten(log) == 9
    found = walked(log)
    assert (found.broken, found.entries) == (None, 2)


@pytest.mark.parametrize("role", ["kyodo_public", "kyodo_staff", "kyodo_loader", "kyodo_partner"])
def test_only_the_role_of_the_jobs_shortens_it(written: DatabaseUrls, role: str) -> None:
    with psycopg.connect(written.superuser) as conn:
        conn.execute(f"SET ROLE {role}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT kyodo.purge_audit('03201', now() - interval '400 days', 'x', true)")


FORGED = (
    "INSERT INTO kyodo.audit (municipality_code, actor, action, details) VALUES "
    "('03201', 'x', 'audit.purge', '{\"chain_no\": %d, \"hash\": \"00\"}')"
)


@pytest.mark.parametrize("role", ["kyodo_staff", "kyodo_loader", "kyodo_auth", "kyodo_owner"])
def test_nobody_says_that_entries_were_removed_but_who_removes_them(written: DatabaseUrls, role: str) -> None:
    """The check builds on that word: a forged one would break the chain for good."""
    with psycopg.connect(written.superuser) as conn:
        for before in ("SELECT 1", "SELECT set_config('kyodo.audit_purge', '1', false)"):
            conn.execute(f"SET ROLE {role}")
            conn.execute(before)
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="purge_audit alone"):
                conn.execute(FORGED % 3)
            conn.rollback()


@pytest.mark.parametrize("said", [0, 3, 99])
def test_a_word_of_a_removal_that_never_was_changes_nothing(log: DatabaseUrls, said: int) -> None:
    with psycopg.connect(log.superuser) as conn:
        conn.execute("ALTER TABLE kyodo.audit DISABLE TRIGGER no_purge_but_by_purge")
        conn.execute(FORGED % said)
    found = walked(log)
    assert (found.broken, found.entries, found.removed) == (None, 11, 0)


def test_entries_from_before_are_chained_by_the_migration(blank_database: DatabaseUrls) -> None:
    migrate.upgrade(blank_database.owner, "0040")
    with psycopg.connect(blank_database.owner) as conn:
        for code in (CODE, MORE):
            conn.execute("INSERT INTO kyodo.municipality VALUES (%s, '市', '県', 6678)", (code,))
        conn.execute(
            "INSERT INTO kyodo.audit (municipality_code, actor, action, details) "
            "SELECT CASE WHEN n % 3 = 0 THEN '13101' ELSE '03201' END, 'x', 'y', '{}' FROM generate_series(1, 30) n"
        )
    migrate.upgrade(blank_database.owner)
    assert (walked(blank_database).broken, walked(blank_database).entries) == (None, 20)
    assert walked(blank_database, code=MORE).entries == 10
    migrate.downgrade(blank_database.owner, "0040")
    migrate.upgrade(blank_database.owner)
    assert walked(blank_database).broken is None


def test_on_the_command_line(log: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for name in [name for name in os.environ if name.startswith("KYODO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KYODO_DATABASE_URL", log.app)
    run = lambda *words: CliRunner().invoke(program, ["audit", *words])  # noqa: E731
    told = run("head")
    kept = told.stdout.strip()
    assert audit_chain.read_head(kept).chain_no == 10
    (tmp_path / "heads").write_text(f"2026-11-26T00:00:00+09:00 03201 {kept}\n")
    assert run("verify", "--head", kept, "--heads", str(tmp_path / "heads"), "--note").exit_code == 0
    assert "11 件" in run("verify").output, "the check is an entry too"
    assert run("verify", "--head", "x").exit_code == 1
    tamper(log, "UPDATE kyodo.audit SET actor = '太郎' WHERE entry_no = 5")
    broken = run("verify")
    assert broken.exit_code == 1
