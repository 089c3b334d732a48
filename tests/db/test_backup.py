"""A backup comes back the same, or is refused before anything is touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from api.cli import app as program
from geodata import migrate
from geodata.backup import Plan, make, restore
from geodata.backup.folder import DUMP, MANIFEST, Backup, check, finished
from geodata.backup.restore import _files, readable
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from kyodo_geo.errors import ConflictError, FileFormatError, InputError, UnavailableError
from tests.api import city
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls, blank, copied, new_state_dir, remove_cluster, urls

SECRET = "s3cr3t-of-the-environment"
RIGHTS = """
    SELECT 'table' AS what, c.oid::regclass::text AS name, pg_get_userbyid(c.relowner) AS owner,
           c.relacl::text AS acl, c.relrowsecurity::text AS more FROM pg_class c
    WHERE c.relnamespace::regnamespace::text LIKE 'kyodo%%' AND c.relkind IN ('r', 'p', 'v', 'S')
    UNION ALL SELECT 'column', attrelid::regclass::text || '.' || attname, '', attacl::text, '' FROM pg_attribute
    WHERE attacl IS NOT NULL AND attrelid::regclass::text LIKE 'kyodo%%'
    UNION ALL SELECT 'function', p.oid::regprocedure::text, pg_get_userbyid(p.proowner), p.proacl::text, md5(p.prosrc)
    FROM pg_proc p WHERE p.pronamespace::regnamespace::text LIKE 'kyodo%%'
    UNION ALL SELECT 'schema', nspname, pg_get_userbyid(nspowner), nspacl::text, '' FROM pg_namespace WHERE nspname LIKE 'kyodo%%'
    UNION ALL SELECT 'policy', polrelid::regclass::text || '.' || polname, '', polroles::regrole[]::text,
           translate(pg_get_expr(polqual, polrelid), '() ', '') FROM pg_policy
    UNION ALL SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, '', '', pg_get_triggerdef(oid)
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname, '', convalidated::text,
           translate(pg_get_constraintdef(oid), '() ', '')
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'kyodo%%'
    ORDER BY 1, 2, 5
"""


@pytest.fixture(scope="module")
def source(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The town of squares, somebody signed in, and a list of addresses that must not be kept."""
    with copied(cluster, template) as found:
        with psycopg.connect(found.superuser) as conn:
            city.build(conn)
            conn.execute(
                "INSERT INTO kyodo.app_user (municipality_code, login, display_name) VALUES ('03201', 'hana', '花')"
            )
            conn.execute(
                "INSERT INTO kyodo.session (municipality_code, session_hash, user_id, csrf_token, expires_at) "
                "SELECT '03201', decode(repeat('ab', 32), 'hex'), user_id, 'token-of-the-session', now() + interval '1 hour' "
                "FROM kyodo.app_user"
            )
            conn.execute(
                "INSERT INTO kyodo.audit (municipality_code, actor, action, details, action_kind) "
                "VALUES ('03201', 'first', 'test', '{}', 'change')"
            )
        yield found


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backups")


@pytest.fixture(scope="module")
def kept(source: DatabaseUrls, place: Path) -> Backup:
    """Made while somebody else writes: between the dump and the counting a dataset and a generation come."""
    holidays = place.parent / "holidays.csv"
    holidays.write_text("2026-01-01,元日\n", encoding="utf-8")
    with psycopg.connect(source.superuser, autocommit=True) as other:

        def write(step: str) -> None:
            assert other.execute(
                "INSERT INTO kyodo.audit (municipality_code, actor, action, details, action_kind) "
                "VALUES ('03201', 'other', %s, '{}', 'change')",
                (step,),
            ).rowcount

        found, gone = make(Plan(source.owner, place, "1.2.3", files=[("holidays.csv", holidays)]), write)
    assert gone == []
    return found


def value(url: str, query: str) -> Any:
    with psycopg.connect(url) as conn:
        row = conn.execute(query.encode()).fetchone()
        return row and row[0]


def test_everything_comes_back_with_its_owners_rights_and_policies(
    cluster: Cluster, source: DatabaseUrls, kept: Backup, tmp_path: Path
) -> None:
    with blank(cluster) as target:
        done = restore(kept, target.owner, login="kyodo_app", files_to=tmp_path / "back", by="test")

        assert done.lookups == 12 and done.rows > 100 and not done.upgrade_due
        assert [path.read_text(encoding="utf-8") for path in done.files] == ["2026-01-01,元日\n"]
        assert migrate.current(target.owner) == migrate.head()
        assert migrate.differences(target.owner) == []
        with psycopg.connect(source.superuser) as here, psycopg.connect(target.superuser) as there:
            mine, theirs = (conn.execute(RIGHTS).fetchall() for conn in (here, there))
        assert len(mine) > 300
        assert theirs == mine
        assert value(target.superuser, "SELECT count(*) FROM kyodo.session") == 0, "nobody stays signed in"
        assert value(target.superuser, "SELECT count(*) FROM kyodo.app_user") == 1
        assert [place["code"] for place in kept.manifest["audit"]["chains"]] == [city.CODE]
        entry = "SELECT details->>'seal' FROM kyodo.audit WHERE action = 'backup.restore'"
        assert value(target.superuser, entry) == kept.seal
        # It works: the service's role reads as the public does, and can go on writing without giving a number twice.
        database = Database(target.app, max_size=2)
        try:
            with database.read() as conn:
                assert conn.execute("SELECT count(*) AS n FROM association_area").fetchone() == {"n": 8}
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute("SELECT * FROM kyodo_vacant.vacant_house")
        finally:
            database.close()
        with psycopg.connect(target.superuser) as conn:
            new = city.Builder(conn).dataset("towns", "real")
        assert new == value(source.superuser, "SELECT max(dataset_id) FROM kyodo.dataset") + 1


def test_what_was_written_meanwhile_is_in_neither_the_dump_nor_the_manifest(
    source: DatabaseUrls, kept: Backup
) -> None:
    told = kept.manifest["tables"]["kyodo.audit"]["rows"]
    assert value(source.superuser, "SELECT count(*) FROM kyodo.audit") > told


def test_only_its_owner_reads_it_and_nothing_secret_stands_in_it(
    kept: Backup, monkeypatch: pytest.MonkeyPatch, source: DatabaseUrls, tmp_path: Path
) -> None:
    for path in [kept.folder, *kept.folder.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0, path
    unlogged = (
        "SELECT array_agg(relnamespace::regnamespace || '.' || relname) FROM pg_class "
        "WHERE relpersistence = 'u' AND relkind = 'r'"
    )
    assert set(kept.manifest["left_out"]) == {
        *value(source.superuser, unlogged),
        "kyodo.session",
        "kyodo.sign_in_link",
    }
    assert "kyodo.batch_piece" in kept.manifest["left_out"]
    monkeypatch.setenv("KYODO_SMTP_PASSWORD", SECRET)
    made, _ = make(Plan(source.owner, tmp_path, "1"))
    text = (
        subprocess.run(["pg_restore", "--file=-", str(made.dump)], capture_output=True, check=True).stdout
        + (made.folder / MANIFEST).read_bytes()
    )
    assert b"kyodo.association_area" in text
    for secret in (SECRET, "token-of-the-session", "abababab"):
        assert secret.encode() not in text


def test_a_database_that_is_not_empty_is_not_touched(
    source: DatabaseUrls, kept: Backup, tmp_path: Path
) -> None:
    before = value(source.superuser, "SELECT count(*) FROM kyodo.audit")
    with pytest.raises(ConflictError, match="空ではありません"):
        restore(kept, source.owner, login="kyodo_app", files_to=tmp_path / "back", by="test")
    assert value(source.superuser, "SELECT count(*) FROM kyodo.audit") == before
    assert not (tmp_path / "back").exists()


def copy_of(kept: Backup, folder: Path) -> Path:
    goal = folder / kept.folder.name
    subprocess.run(["cp", "-a", str(kept.folder), str(goal)], check=True)
    return goal


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda f: os.truncate(f / DUMP, 1000), "大きさが違います"),
        (lambda f: flip(f / DUMP, 5000), "内容が、作ったときと違います"),
        (lambda f: (f / "files" / "holidays.csv").unlink(), "ありません"),
        (lambda f: os.truncate(f / MANIFEST, 300), "壊れています"),
        (lambda f: (f / MANIFEST).unlink(), "バックアップではありません"),
    ],
)
def test_a_spoilt_backup_is_refused_before_anything_is_touched(
    kept: Backup, tmp_path: Path, spoil: Any, words: str
) -> None:
    folder = copy_of(kept, tmp_path)
    spoil(folder)
    with pytest.raises(FileFormatError, match=words):
        readable(folder)


def rewritten(folder: Path, **changes: Any) -> None:
    told = json.loads((folder / MANIFEST).read_bytes())
    (folder / MANIFEST).write_text(json.dumps({**told, **changes}))


def test_a_manifest_that_was_rewritten_is_found_by_the_seal_and_by_the_comparison(
    cluster: Cluster, kept: Backup, tmp_path: Path
) -> None:
    folder = copy_of(kept, tmp_path)
    tables = kept.manifest["tables"]
    changed = {**tables["kyodo.town"], "checksum": "0" * 32}
    rewritten(folder, tables={**tables, "kyodo.town": changed})
    with pytest.raises(FileFormatError, match="SHA-256"):
        check(folder, seal=kept.seal)
    with blank(cluster) as target, pytest.raises(FileFormatError, match=r"kyodo\.town"):
        restore(check(folder), target.owner, login="kyodo_app", files_to=tmp_path / "b", by="test")


def test_files_come_from_the_list_alone_and_never_through_a_link(kept: Backup, tmp_path: Path) -> None:
    folder = copy_of(kept, tmp_path)
    (folder / "files" / "planted").write_text("x")
    found = check(folder)
    assert [path.name for path in _files(found, tmp_path / "back")] == ["holidays.csv"]
    listed = folder / "files" / "holidays.csv"
    content = listed.read_bytes()
    listed.write_bytes(content + b"x")
    with pytest.raises(FileFormatError, match="変えられました"):
        _files(found, tmp_path / "changed")
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    listed.unlink()
    listed.symlink_to(secret)
    with pytest.raises(FileFormatError, match="変えられました"):
        _files(found, tmp_path / "link")
    assert not list((tmp_path / "link").iterdir())
    with pytest.raises(FileFormatError):
        check(folder)


@pytest.mark.parametrize("words", [[], ["--seal", "0" * 64, "--unsealed"]])
def test_a_backup_is_restored_with_its_seal_or_knowingly_without(
    kept: Backup, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str]
) -> None:
    """What stands in it is run with the owner's rights."""
    monkeypatch.setenv("KYODO_STATE_DIR", str(tmp_path / "state"))
    done = CliRunner().invoke(program, ["db", "restore", str(kept.folder), *words])
    assert done.exit_code == 1 and isinstance(done.exception, InputError | SystemExit)
    assert "--seal" in done.output + str(done.exception)
    assert not (tmp_path / "state").exists()


def test_a_newer_schema_and_a_path_that_leads_elsewhere_are_refused(kept: Backup, tmp_path: Path) -> None:
    folder = copy_of(kept, tmp_path)
    rewritten(folder, schema_revision="9999")
    with pytest.raises(ConflictError, match="9999"):
        readable(folder)
    rewritten(folder, files=[{"name": "files/../../x", "bytes": 1, "sha256": "0"}])
    with pytest.raises(FileFormatError):
        readable(folder)


def test_the_newest_are_kept_and_nothing_else_is_removed(source: DatabaseUrls, tmp_path: Path) -> None:
    mine = tmp_path / "kyodo-notes"
    mine.mkdir()
    (tmp_path / ".kyodo-20200101T000000Z.unfinished" / "files").mkdir(parents=True)  # of one that was killed
    names = []
    for _ in range(3):
        made, gone = make(Plan(source.owner, tmp_path, "1", keep=2))
        names.append(made.folder.name)
    assert gone == [names[0]]
    assert [path.name for path in finished(tmp_path)] == names[1:]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".lock", "kyodo-notes", *names[1:]])


def test_a_failure_leaves_no_half_backup(source: DatabaseUrls, tmp_path: Path) -> None:
    def end(step: str) -> None:
        if step == "内容の計算":
            with psycopg.connect(source.superuser, autocommit=True) as admin:
                admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                    "AND backend_xmin IS NOT NULL AND pid <> pg_backend_pid()"
                )

    with pytest.raises(UnavailableError):
        make(Plan(source.owner, tmp_path, "1"), end)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def command(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "db", *arguments],
        cwd=ROOT, env={**plain, **environment}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.full
def test_the_commands_from_a_database_of_ones_own_into_a_new_private_cluster(
    source: DatabaseUrls, tmp_path: Path
) -> None:
    own = {"KYODO_DATABASE_URL": source.app, "KYODO_OWNER_DATABASE_URL": source.owner}
    done = command(own, "backup", str(tmp_path), "--keep", "3")
    assert done.returncode == 0, done.stderr
    seal = done.stdout.split("SHA-256: ")[1].split()[0]
    assert (
        value(source.superuser, "SELECT details->>'seal' FROM kyodo.audit WHERE action = 'backup.make'")
        == seal
    )
    assert command(own, "backup", str(tmp_path), "--verify", "--seal", seal).returncode == 0
    wrong = command(own, "backup", str(tmp_path), "--verify", "--seal", "0" * 64)
    assert wrong.returncode == 1 and "書き換えられています" in wrong.stderr

    state = new_state_dir()
    try:
        back = command({"KYODO_STATE_DIR": str(state)}, "restore", str(tmp_path), "--seal", seal)
        assert back.returncode == 0, back.stderr
        assert "一致しました" in back.stdout
        again = command({"KYODO_STATE_DIR": str(state)}, "restore", str(tmp_path), "--unsealed")
        assert again.returncode == 1 and "空ではありません" in again.stderr
        cluster = Cluster(state)
        cluster.start()
        database = Database(urls(cluster, "kyodo").app, max_size=2)
        try:
            with database.read(Audience.PUBLIC) as conn:
                assert conn.execute("SELECT count(*) AS n FROM town").fetchone() == {"n": 4}
        finally:
            database.close()
    finally:
        remove_cluster(state)
