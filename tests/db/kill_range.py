"""Where programs and servers are killed: a durable cluster, the proxy before it, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from geodata.cluster import Cluster
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.process import processes_in
from geodata.database import Database
from geodata.kind_tables import KIND_TABLES
from tests.conftest import ROOT
from tests.db.kill_program import WORKS
from tests.db.kill_proxy import Proxy, Trigger, kill
from tests.factories import CODE, morioka
from tests.fixtures_db import DatabaseUrls, memory_with_room, new_state_dir, remove_cluster, urls

WATCHDOG_S = 60
VICTIMS = ("program", "backend", "postmaster")


@dataclass
class State:
    """All that must not be lost or half: generations with their sets, contents by dataset, contacts, uploads."""

    generations: dict[int, dict[str, int]]
    contents: dict[int, tuple[str, int, int, str]]
    """Dataset → kind, rows it should have, rows it has, checksum of their contents."""
    contacts: dict[str, str]
    contact_entries: int
    uploads: dict[str, tuple[str, list[int]]]
    pieces_of_nothing: int


@dataclass
class Outcome:
    """How a program ended, and what had been acknowledged to it by then."""

    code: int
    said: str
    acks: list[tuple[str, Any]]

    def of(self, what: str) -> list[Any]:
        return [value for name, value in self.acks if name == what]


@dataclass
class Range:
    cluster: Cluster
    proxy: Proxy
    programs: subprocess.Popen[str]
    folder: Path
    town: DatabaseUrls
    no: int = 0
    wounded: int | None = None
    totals: dict[str, int] = field(default_factory=dict)

    def run(self, work: str, trigger: Trigger | None = None) -> Outcome:
        """One piece of work in a process of its own, through the proxy."""
        self.no += 1
        acks = self.folder / f"acks-{self.no}"
        self.proxy.arm(trigger or Trigger())
        told = {
            "work": work, "no": self.no, "acks": str(acks), "folder": str(self.folder),
            "url": self.proxy.url("kyodo_app", DATABASE),
        }  # fmt: skip
        assert self.programs.stdin is not None and self.programs.stdout is not None
        self.programs.stdin.write(json.dumps(told) + "\n")
        self.programs.stdin.flush()
        json.loads(self.programs.stdout.readline())
        code = json.loads(self.programs.stdout.readline())["code"]
        if trigger is not None and 0 < trigger.at <= trigger.seen:
            assert trigger.over.wait(WATCHDOG_S)  # the program may end before the one who kills has done so
        lines = acks.read_text().splitlines() if acks.exists() else []
        acks.unlink(missing_ok=True)
        return Outcome(code, work, [tuple(json.loads(line)) for line in lines])

    def killing(self, victim: str) -> Any:
        def act(server: int, program: int) -> None:
            if victim != "program":
                self.wounded = self._checkpointer()
            if victim == "program":
                kill(program)
            elif victim == "backend":
                # Before the server has told its number nobody is there to be killed but the postmaster's child.
                kill(server) if server else self.kill_server()
            else:
                self.kill_server()

        return act

    def kill_server(self) -> None:
        """The postmaster and all its children, outright: nothing is written any more."""
        pid = self.cluster.status().pid
        assert pid is not None
        kill(pid)
        for child in processes_in(self.cluster.layout.data):
            kill(child)

    def _checkpointer(self) -> int:
        """Its number tells one life of the server from the next."""
        with psycopg.connect(self.town.superuser) as conn:
            row = conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
            ).fetchone()
        return row[0] if row else 0

    def back(self) -> None:
        """The server answers again: by itself after the end of one of its processes, else started as always."""
        deadline = time.monotonic() + WATCHDOG_S
        wounded, self.wounded = self.wounded, None
        while True:
            try:
                if not self.cluster.status().running:
                    self.cluster.start()
                if wounded is None or self._checkpointer() not in (0, wounded):
                    return
            except psycopg.OperationalError:
                pass
            assert time.monotonic() < deadline, "the server did not come back"
            time.sleep(0.02)

    def resume(self) -> None:
        """Time passes, and a job worker starts."""
        with psycopg.connect(self.town.superuser) as conn:
            conn.execute(
                "UPDATE kyodo.dataset_upload SET touched_at = now() - interval '1 hour' WHERE state = 'running'"
            )
        done = self.run("resume")
        assert done.code == 0

    def state(self) -> State:
        with psycopg.connect(self.town.superuser) as conn:
            sets: dict[int, dict[str, int]] = {}
            for no, kind, dataset in conn.execute(
                "SELECT g.generation_no, d.kind, d.dataset_id FROM kyodo.generation g "
                "LEFT JOIN kyodo.generation_dataset d USING (municipality_code, generation_no)"
            ):
                sets.setdefault(no, {})[kind] = dataset
            contents = {}
            for dataset, kind, rows in conn.execute(
                "SELECT dataset_id, kind, row_count FROM kyodo.dataset"
            ).fetchall():
                row = conn.execute(
                    f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) "
                    f"FROM {KIND_TABLES[kind].table} t WHERE dataset_id = %s AND municipality_code = %s",
                    (dataset, CODE),
                ).fetchone()
                assert row is not None
                contents[dataset] = (kind, rows, row[0], row[1])
            held = dict(conn.execute("SELECT association_id, name FROM kyodo.association_contact").fetchall())
            row = conn.execute(
                "SELECT (SELECT count(*) FROM kyodo.audit WHERE target LIKE 'contacts/%'), "
                "(SELECT count(*) FROM kyodo.dataset_upload_piece p WHERE NOT EXISTS (SELECT FROM kyodo.dataset_upload u "
                "WHERE u.upload_id = p.upload_id))"
            ).fetchone()
            assert row is not None
            uploads = {
                name: (state, datasets)
                for name, state, datasets in conn.execute(
                    "SELECT upload_id, state, dataset_ids FROM kyodo.dataset_upload"
                )
            }
            conn.execute("DELETE FROM kyodo.dataset_upload WHERE state IN ('done', 'refused', 'checked')")
            return State(sets, contents, held, row[0], uploads, row[1])

    def leftovers(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name.startswith("kyodo"))


@contextmanager
def kill_range() -> Iterator[Range]:
    """A durable server (in memory where there is room), the programs, and a town with six generations."""
    from geodata.migrate import upgrade

    memory = memory_with_room()
    state_dir, folder = new_state_dir(memory), new_state_dir(memory)
    cluster = Cluster(state_dir)
    programs = None
    proxy = None
    try:
        cluster.ensure()
        town = urls(cluster, DATABASE)
        upgrade(town.owner)
        db = Database(town.app, max_size=2)
        morioka(db)
        try:
            for no in range(6):
                WORKS["load"](db, -no, lambda *_: None, folder)
        finally:
            db.close()
        proxy = Proxy(folder / "proxy", cluster.layout.socket_dir)
        programs = subprocess.Popen(
            [sys.executable, "-m", "tests.db.kill_program"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert programs.stdout is not None and programs.stdout.readline() == "ready\n"
        yield Range(cluster, proxy, programs, folder, town)
    finally:
        if programs is not None:
            assert programs.stdin is not None
            programs.stdin.close()
            try:
                programs.wait(20)
            except subprocess.TimeoutExpired:
                programs.kill()
                programs.wait()
        if proxy is not None:
            proxy.close()
        remove_cluster(state_dir)
        subprocess.run(["rm", "-rf", str(folder)], check=False)
