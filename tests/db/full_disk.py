"""A disk that fills up, in a mount namespace of its own: `python -m tests.db.full_disk SCENARIO`, started by `unshare`.

A tmpfs of a few MB is mounted over a new folder, which holds a tablespace, a dump's shelf or a backup; nothing outside
sees it. Prints what happened as JSON. Works as root, and as anybody whose kernel lets users have namespaces.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from geodata.cluster import Cluster
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.layout import Account
from kyodo_geo.errors import KyodoError
from tests.fixtures_db import memory_with_room, new_state_dir, remove_cluster, urls


def mount_tmpfs(folder: Path, megabytes: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, f"size={megabytes}m,mode=0777".encode())
    if done:
        raise OSError(ctypes.get_errno(), "mount")


def told(work: Callable[[], Any]) -> str:
    """Class and message of what a piece of work ends with; "" when it is done."""
    try:
        work()
    except KyodoError as error:
        return f"{type(error).__name__}: {error.message}"
    return ""


def fill(folder: Path, leave: int = 0) -> Path:
    """A file that takes all the room but `leave` bytes."""
    ballast = folder / "ballast"
    with ballast.open("wb") as out:
        free = shutil.disk_usage(folder).free - leave
        try:
            while free > 0:
                free -= out.write(b"\0" * min(free, 1 << 20))
            out.flush()
        except OSError:
            pass
    return ballast


def contents(url: str) -> dict[str, Any]:
    from psycopg.rows import dict_row

    from geodata.backup.contents import counted, tables

    with psycopg.connect(url, row_factory=dict_row) as conn:
        return counted(conn, tables(conn)[0])


def tablespace(folder: Path) -> dict[str, Any]:
    """Loads, edits and uploads with the tables on a disk without room; then room is made."""
    import io

    from geodata import dataset_uploads as uploads
    from geodata.database import Audience, Database
    from geodata.datasets import load_many
    from geodata.generations import activate
    from tests.db.kill_program import WORKS, associations
    from tests.factories import CODE, meta, morioka, result

    account = Account.for_server()
    space = folder / "space"
    space.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(space, account.uid, account.gid)
    state = new_state_dir(memory_with_room())
    cluster = Cluster(state, durable=False)
    found: dict[str, Any] = {}
    try:
        cluster.ensure()
        town = urls(cluster, DATABASE)
        from geodata.migrate import upgrade

        upgrade(town.owner)
        with psycopg.connect(town.superuser, autocommit=True) as admin:
            admin.execute(f"CREATE TABLESPACE small LOCATION '{space}'".encode())
            admin.execute("GRANT CREATE ON TABLESPACE small TO PUBLIC")
        db = Database(town.app, max_size=2)
        morioka(db)
        WORKS["load"](db, 1, lambda *_: None, folder)
        db.close()
        with psycopg.connect(cluster.url("postgres", "postgres"), autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {DATABASE} SET TABLESPACE small".encode())
        ballast = fill(folder, 48 << 10)
        before = contents(town.superuser)
        db = Database(town.app, max_size=2)

        def load() -> None:
            rows = [row for no in range(40) for row in associations(no)]
            for number, row in enumerate(rows):
                row["association_id"] = f"B{number}"
            stored = load_many(db, CODE, [(result("associations", rows), meta())])
            activate(db, CODE, [item.dataset_id for item in stored], by="test")

        def receive() -> None:
            with db.write(Audience.LOADER) as conn:
                uploads.add(
                    conn, CODE, "f" * 24, [("t.csv", io.BytesIO(os.urandom(900_000)))], kind="towns", size=900_000,
                    options={}, meta={}, by="test",
                )  # fmt: skip

        def edit() -> None:
            from geodata.edits.contacts import Contact, add

            for number in range(3000):
                with db.write(Audience.STAFF) as conn:
                    add(
                        conn,
                        CODE,
                        f"A{number % 40}",
                        Contact("member-desk", name="字" * 300 + str(number)),
                        actor="test",
                    )
                if number >= 400:
                    return

        found["load"], found["upload"] = told(load), told(receive)
        found["same"] = contents(town.superuser) == before
        with db.read() as conn:
            row = conn.execute("SELECT count(*) AS n FROM association_area").fetchone()
        found["reads"] = row["n"] if row else 0
        fill(folder)
        found["edit"] = told(edit)
        with psycopg.connect(town.superuser) as conn:
            counts = conn.execute(
                "SELECT (SELECT count(*) FROM kyodo.association_contact), "
                "(SELECT count(*) FROM kyodo.audit WHERE target LIKE 'contacts/%')"
            ).fetchone()
        found["edits and entries"] = list(counts or ())
        ballast.unlink()
        found["afterwards"] = [told(load), told(receive)]
        db.close()
    finally:
        remove_cluster(state)
    return found


def whole_cluster(folder: Path) -> dict[str, Any]:
    """The server's own disk, its log included, runs full in the middle of loads: it ends, and comes back with room."""
    from geodata.database import Database
    from tests.db.kill_program import WORKS
    from tests.factories import morioka

    folder.chmod(0o711)
    state = folder / "state"
    cluster = Cluster(state)
    found: dict[str, Any] = {}
    acked: list[Any] = []
    try:
        cluster.ensure()
        town = urls(cluster, DATABASE)
        from geodata.migrate import upgrade

        upgrade(town.owner)
        db = Database(town.app, max_size=2, timeout_s=2)
        morioka(db)
        ballast = fill(folder, 3 << 20)
        for number in range(400):
            said = told(
                lambda number=number: WORKS["load"](db, number, lambda *ack: acked.append(ack), folder)
            )  # type: ignore[misc]
            if said:
                break
        found["said"], found["acknowledged"] = said, len(acked)
        db.close()
        ballast.unlink()
        import time

        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if not cluster.status().running:
                cluster.start()
            try:
                psycopg.connect(town.superuser).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.1)
        with psycopg.connect(town.superuser) as conn:
            datasets = {row[0] for row in conn.execute("SELECT dataset_id FROM kyodo.dataset")}
            generations = {row[0] for row in conn.execute("SELECT generation_no FROM kyodo.generation")}
            half = conn.execute(
                "SELECT count(*) FROM kyodo.dataset d WHERE kind = 'associations' AND row_count <> "
                "(SELECT count(*) FROM kyodo.association_area a WHERE a.dataset_id = d.dataset_id)"
            ).fetchone()
        found["lost"] = [
            ack for ack in acked
            if (ack[0] == "datasets" and not set(ack[1]) <= datasets) or (ack[0] == "generation" and ack[1] not in generations)
        ]  # fmt: skip
        found["half"] = half[0] if half else None
        db = Database(town.app, max_size=2)
        found["afterwards"] = told(lambda: WORKS["load"](db, 999, lambda *_: None, folder))
        db.close()
    finally:
        remove_cluster(state)
    return found


def files(folder: Path) -> dict[str, Any]:
    """A dump and a backup onto a full disk: refused with a sentence, nothing half left, made when there is room."""
    from geodata.backup import Plan, make
    from geodata.exports.shelf import Shelf
    from tests.api import city

    state = new_state_dir(memory_with_room())
    cluster = Cluster(state, durable=False)
    found: dict[str, Any] = {}
    try:
        cluster.ensure()
        town = urls(cluster, DATABASE)
        from geodata.migrate import upgrade

        upgrade(town.owner)
        with psycopg.connect(town.superuser) as conn:
            city.build(conn)
        shelf = Shelf(folder / "dumps", 1 << 30)

        def write(beside: Path) -> dict[str, Any]:
            (beside / "a.csv").write_bytes(b"x" * 300_000)
            return {"files": [{"name": "a.csv", "sha256": "0"}], "made_at": "x"}

        def dump() -> None:
            shelf.fill(shelf.folder("03201", 1, 10), write)

        def backup() -> None:
            make(Plan(town.owner, folder / "backups", "1"))

        (folder / "backups").mkdir()
        (folder / "dumps").mkdir()
        ballast = fill(folder, 24 << 10)
        found["dump"], found["backup"] = told(dump), told(backup)
        found["left"] = sorted(
            str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path != ballast
        )
        ballast.unlink()
        found["afterwards"] = [told(dump), told(backup)]
    finally:
        remove_cluster(state)
    return found


SCENARIOS = {"tablespace": (tablespace, 64), "cluster": (whole_cluster, 260), "files": (files, 32)}


def main() -> None:
    work, megabytes = SCENARIOS[sys.argv[1]]
    folder = new_state_dir()
    try:
        mount_tmpfs(folder, megabytes)
        print(json.dumps(work(folder), ensure_ascii=False))
    finally:
        ctypes.CDLL(None).umount2(os.fsencode(folder), 2)
        folder.rmdir()


if __name__ == "__main__":
    main()
