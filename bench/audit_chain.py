"""What the chain of the audit log costs: transactions with one entry each, with and without the trigger, and a verification.

Run in a database server of its own that is removed afterwards. Rounds with and without alternate; what is told is the
ratio of the medians, because the machine may be busy.

    python -m bench.audit_chain [--entries 2000]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from geodata.audit import record
from geodata.audit_chain import verify
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from geodata.migrate import upgrade

CODE = "03201"
ROUNDS = 7


def write(database: Database, number: int, threads: int) -> float:
    """Seconds for `number` transactions, shared by so many threads."""

    def work() -> None:
        for turn in range(number // threads):
            with database.write(Audience.STAFF) as conn:
                record(
                    conn,
                    CODE,
                    "bench",
                    "edit.project.change",
                    str(turn),
                    {"title": {"before": "x" * 40, "after": "y" * 40}},
                )

    began = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return time.perf_counter() - began


def main() -> int:
    reader = argparse.ArgumentParser()
    reader.add_argument("--entries", type=int, default=800)
    number = reader.parse_args().entries
    folder = Path(tempfile.mkdtemp(prefix="kyodo-geo-bench-"))
    folder.chmod(0o711)
    cluster = Cluster(folder, durable=False)  # what the disk does is not the question
    say = sys.stdout.write
    try:
        cluster.ensure()
        upgrade(cluster.url("kyodo_owner"))
        owner = psycopg.connect(cluster.url("kyodo_owner"), autocommit=True)
        owner.execute("INSERT INTO kyodo.municipality VALUES (%s, '市', '県', 6678)", (CODE,))
        database = Database(cluster.url("kyodo_app"), max_size=8)
        write(database, 50, 1)
        for threads in (1, 4):
            spent: dict[str, list[float]] = {"DISABLE": [], "ENABLE": []}
            for _ in range(ROUNDS):
                for state, times in spent.items():
                    owner.execute(f"ALTER TABLE kyodo.audit {state} TRIGGER chain_audit")
                    times.append(write(database, number // ROUNDS, threads) / (number // ROUNDS) * 1000)
            without, with_ = (statistics.median(times) for times in spent.values())
            say(
                f"{threads} writers: {without:.2f} ms without, {with_:.2f} ms with the chain ({with_ / without:.2f} ×)\n"
            )
        with psycopg.connect(cluster.url("postgres"), row_factory=dict_row) as conn:
            conn.execute("SET search_path = kyodo; SET session_replication_role = replica")
            conn.execute("DELETE FROM audit; DELETE FROM audit_chain; SET session_replication_role = DEFAULT")
            conn.execute(
                "INSERT INTO audit (municipality_code, actor, action, details) SELECT %s, 'bench', 'x', "
                "jsonb_build_object('n', n) FROM generate_series(1, 5000) n", (CODE,),
            )  # fmt: skip
            began = time.perf_counter()
            conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
            say(f"5,000 entries of one transaction chained in {time.perf_counter() - began:.2f} s\n")
            began = time.process_time()
            found = verify(conn, CODE)
            say(
                f"{found.entries:,} entries verified, {time.process_time() - began:.2f} s of CPU: {found.broken or 'holds'}\n"
            )
        database.close()
        owner.close()
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
