"""`make bench-national`: the synthetic country into a database of its own, and what it costs against its size.

Makes a private PostGIS in `--state-dir` (removed at the end unless `--keep`), fills it up to each of `--sizes`
municipalities, and writes one line per size. The first `--imports` municipalities go as files through the readers and
all their checks, the others as finished frames through the storing of datasets; all are activated by the product.
With `--parquet` the same country is written as GeoParquet by municipality instead, and nothing is loaded. Figures of CPU are of
`/proc`, the product's process and PostgreSQL together, so that a busy machine does not spoil them.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bench.lookup_http import cpu_seconds
from bench.national.country import MUNICIPALITIES, Place, country
from bench.national.exchange import write_part
from bench.national.ground import municipality
from bench.national.loading import activate_all, import_municipality, store_municipality
from bench.national.serving import lookups, service
from geodata import migrate
from geodata.cluster import Cluster
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.process import processes_in
from geodata.database import Database

LEAST_FREE = 25 * 2**30
STATE = """
    SELECT m.municipality_code, m.revision, (SELECT max(generation_no) FROM kyodo.generation g
        WHERE g.municipality_code = m.municipality_code) FROM kyodo.municipality m
"""


def write_parquet(folder: Path, places: Sequence[Place], seed: int) -> None:
    """The whole country as GeoParquet."""
    began, total, rows = time.process_time(), 0, 0
    for place in places:
        for kind, columns in municipality(place, seed).items():
            total += write_part(folder, kind, place.code, columns)
            rows += len(next(iter(columns.values())))
    spent = time.process_time() - began
    print(
        f"{len(places):,} municipalities, {rows:,} rows, {total / 1e6:,.0f} MB in {spent:.0f} s of CPU: {folder}"
    )


def fill(
    db: Database, places: Sequence[Place], imports: int, seed: int, data: Path, done: int
) -> dict[str, float]:
    """Load municipalities; rows a second of wall and of CPU, generation of the data not counted."""
    rows, wall, cpu = 0, 0.0, 0.0
    with tempfile.TemporaryDirectory() as files:
        for number, place in enumerate(places, start=done):
            kinds = municipality(place, seed)
            began = time.monotonic(), time.process_time(), cpu_seconds(list(processes_in(data)))
            if number < imports:
                rows += import_municipality(db, place, kinds, Path(files))[0]
            else:
                rows += store_municipality(db, place, kinds)[0]
            wall += time.monotonic() - began[0]
            cpu += time.process_time() - began[1] + cpu_seconds(list(processes_in(data))) - began[2]
    return {"rows": rows, "per_s": rows / wall if wall else 0, "per_cpu_s": rows / cpu if cpu else 0}


def activation(db: Database, superuser: str, place: Place, data: Path) -> tuple[float, float, int]:
    """CPU ms and wall ms of activating what is active already anew, and how many other municipalities it changed."""
    with psycopg.connect(superuser, autocommit=True) as conn:
        before = {row[0]: row[1:] for row in conn.execute(STATE)}
        ids = [
            row[0]
            for row in conn.execute(
                "SELECT dataset_id FROM kyodo.generation_dataset WHERE municipality_code = %s AND generation_no = %s",
                (place.code, before[place.code][1]),
            )
        ]
        began = time.monotonic(), time.process_time(), cpu_seconds(list(processes_in(data)))
        for _ in range(5):
            activate_all(db, place, ids)
        cpu = time.process_time() - began[1] + cpu_seconds(list(processes_in(data))) - began[2]
        wall = time.monotonic() - began[0]
        after = {row[0]: row[1:] for row in conn.execute(STATE)}
    touched = [code for code in before if before[code] != after[code] and code != place.code]
    return cpu * 200, wall * 200, len(touched)


def measure(
    db: Database, cluster: Cluster, places: Sequence[Place], requests: int, filled: dict[str, float]
) -> str:
    """One line of the table."""
    superuser, data = cluster.url("postgres", DATABASE), cluster.layout.data
    with psycopg.connect(superuser, autocommit=True) as conn:
        conn.execute("VACUUM ANALYZE")
        row = conn.execute("SELECT pg_database_size(current_database()) / 1e6").fetchone()
        assert row is not None
        size = float(row[0])
    asked = places[: min(20, len(places))]
    with service(cluster.layout.state_dir, data, places[0].code) as running:
        home = lookups(running, places[:1], requests)
        idle = running.cpu()
        time.sleep(20)
        polled = sum(b - a for a, b in zip(idle, running.cpu(), strict=True)) * 1000 / 4
        found = lookups(running, asked, requests)
        tags = {
            place.code: running.ask(f"/api/v1/districts?municipality={place.code}")[1]["etag"]
            for place in places[: min(100, len(places))]
        }
        cpu, wall, touched = activation(db, superuser, places[-1], data)
        time.sleep(1)
        kept = sum(
            running.ask(f"/api/v1/districts?municipality={code}", headers={"If-None-Match": tag})[0] == 304
            for code, tag in tags.items()
            if code != places[-1].code
        )
        asked_304 = len([code for code in tags if code != places[-1].code])
    return (
        f"| {len(places):,} | {filled['rows']:,.0f} | {filled['per_s']:,.0f} | {filled['per_cpu_s']:,.0f} | {size:,.0f} "
        f"| {cpu:.0f} ({wall:.0f}) | {touched} | {kept} of {asked_304} | {found['build_ms']:.0f} "
        f"| {home['service_ms'] + home['postgres_ms']:.2f} | {found['service_ms'] + found['postgres_ms']:.2f} "
        f"| {found['median_ms']:.2f} / {found['late_ms']:.2f} "
        f"| {home['pss_mb']:.0f} → {found['pss_mb']:.0f} | {polled:.1f} |"
    )


HEAD = """\
| municipalities | rows stored | rows/s | rows/CPU s | database MB | activation CPU ms (wall) | others changed | others' 304 \
| index build, CPU ms | lookup home, CPU ms | lookup of 20, CPU ms | waited, ms: median / 99 % | PSS MB home → 20 \
| one poll, CPU ms |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.national", description=__doc__)
    parser.add_argument(
        "--sizes", default="1,10,100,1741", help="municipalities at which is measured, rising"
    )
    parser.add_argument("--imports", type=int, default=10, help="so many go through the readers of files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--requests", type=int, default=1000, help="lookups per figure")
    parser.add_argument("--state-dir", type=Path, help="folder of the private PostGIS; by default a new one")
    parser.add_argument("--keep", action="store_true", help="leave the database for others")
    parser.add_argument("--parquet", type=Path, help="only write the country as GeoParquet into this folder")
    given = parser.parse_args()
    sizes = sorted({min(int(part), MUNICIPALITIES) for part in given.sizes.split(",")})
    places = country(given.seed)[: sizes[-1]]
    if given.parquet:
        write_parquet(given.parquet, places, given.seed)
        return
    folder = given.state_dir or Path(tempfile.mkdtemp(prefix="kyodo-geo-national-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)  # the database's own account passes through
    if sizes[-1] > 100 and shutil.disk_usage(folder).free < LEAST_FREE:
        raise SystemExit("25 GB of free disk are wanted for the whole country.")
    cluster = Cluster(folder)
    cluster.ensure()
    db = Database(cluster.url("kyodo_app", DATABASE), max_size=2)
    try:
        migrate.upgrade(cluster.url("kyodo_owner", DATABASE))
        print(HEAD, flush=True)
        with db.read() as conn:
            done = len(conn.execute("SELECT FROM municipality").fetchall())
        for size in sizes:
            if size < done:
                continue
            filled = fill(db, places[done:size], given.imports, given.seed, cluster.layout.data, done)
            done = size
            print(measure(db, cluster, places[:size], given.requests, filled), flush=True)
    finally:
        db.close()
        if not given.keep:
            cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
