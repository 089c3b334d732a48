"""The least a tile can cost: pgbench with the very statement of the service, prepared, and nothing around it.

`python -m bench.tile_floor --state FOLDER` on the database of `bench.server` (after it has run once) prints processor
milliseconds of PostgreSQL per tile, for each row of its tables of tiles.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from pathlib import Path

import psycopg

from bench.server.data import City
from bench.server.processes import cpu_seconds, postgres_pids
from bench.server.scenarios import tile_numbers
from bench.server.tiles import ROWS
from geodata.cluster import Cluster
from geodata.features.tile_layers import tile_query

PROGRAM = "/usr/lib/postgresql/15/bin/pgbench"
SECONDS = 4


def script(city: City, dataset: int, zoom: int, numbers: list[tuple[int, int]], *, sample: bool) -> str:
    """A pgbench script that asks for the tiles in random order."""
    cases = " ".join(f"when :n = {i} then {x * 10_000_000 + y}" for i, (x, y) in enumerate(numbers))
    names = {"1": f"'{city.code}'", "2": str(dataset), "3": str(zoom), "4": ":x", "5": ":y"}
    query = re.sub(r"\$(\d)", lambda found: names[found[1]], tile_query("associations", sample=sample))
    return (
        f"\\set n random(0, {len(numbers) - 1})\n\\set both case {cases} else 0 end\n"
        "\\set x :both / 10000000\n\\set y :both % 10000000\n" + " ".join(query.split()) + ";\n"
    )


def floor_ms(cluster: Cluster, text: str) -> float:
    """Processor milliseconds of PostgreSQL per transaction."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(text)
        file.flush()
        before = cpu_seconds(postgres_pids(cluster.layout.data))
        process = subprocess.Popen(
            [PROGRAM, "-n", "-M", "prepared", "-c", "1", "-T", str(SECONDS), "-f", file.name, cluster.url("kyodo_owner")],
            stdout=subprocess.PIPE, text=True,
            env={"PGOPTIONS": "-c search_path=kyodo,public -c plan_cache_mode=force_generic_plan -c jit=off"},
        )  # fmt: skip
        spent = _last_reading(cluster, process)
        told = process.communicate()[0]
    done = int(re.search(r"transactions actually processed: (\d+)", told)[1])  # type: ignore[index]
    return (spent - before) / done * 1000


def _last_reading(cluster: Cluster, process: subprocess.Popen[str]) -> float:
    """Processor seconds while the backend of pgbench was still there: they go with it."""
    latest = 0.0
    while process.poll() is None:
        latest = max(latest, cpu_seconds(postgres_pids(cluster.layout.data)))
    return latest


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True)
    options = parser.parse_args()
    cluster = Cluster(options.state, durable=False)
    cluster.ensure()
    try:
        for _, title, city, zoom, most, *_ in ROWS:
            with psycopg.connect(cluster.url("postgres")) as conn:
                row = conn.execute(
                    "SELECT max(dataset_id) FROM kyodo.dataset WHERE municipality_code = %s AND kind = 'associations'",
                    (city.code,),
                ).fetchone()
            assert row is not None
            text = script(city, row[0], zoom, tile_numbers(zoom, most), sample=zoom == 8)
            print(f"{title}: {floor_ms(cluster, text):.2f} ms")
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
