"""`make bench-facility`: the issue's whole table in one run, beside spopt, access and scipy.

Needs ../shared. Times are CPU seconds of one process and one thread. `--peers PYTHON` names an interpreter that has
bench/facility/requirements-peers.txt; without it such an environment is made, and the peers are left out where it cannot be.
spopt is bounded: by the nodes of the files it gets, by seconds per file and by seconds on the city.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import tempfile
from pathlib import Path

from bench.facility import city, files, pages
from bench.facility.running import ROOT, Bar, ours, peers

PARTS = ("pmed", "p-center", "city", "pages")


def heading() -> str:
    """Which program, on what, when."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    load = os.getloadavg()[0]
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC, {commit}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, load {load:.1f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.facility", description=__doc__)
    parser.add_argument("--peers", type=Path, help="interpreter that has the peers")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--only", action="append", choices=PARTS, help="a part alone (repeatable)")
    parser.add_argument("--limit", type=float, default=60, help="seconds per file and model")
    parser.add_argument("--files", type=int, help="only so many files of each problem")
    parser.add_argument(
        "--peer-nodes", type=int, default=300, help="largest file given to spopt (p-center: 100 at most)"
    )
    parser.add_argument(
        "--peer-limit", type=float, default=300, help="seconds of spopt per model on the city"
    )
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        ours(Path(given.one[0]), given.one[1], float(given.one[2]))
        return
    parts = given.only or PARTS
    print(heading(), flush=True)
    python = None if given.no_peers else peers(given.peers)
    if python is None:
        print("without peers")
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if "pmed" in parts:
            bars += files.orlib("p-median", folder, python, given.limit, given.peer_nodes, given.files)
        if "p-center" in parts:
            bars += files.orlib(
                "p-center", folder, python, given.limit, min(given.peer_nodes, 100), given.files
            )
        if "city" in parts:
            costs, people, found = city.ways(folder)
            bars += found
            bars += city.reach(folder, costs, people, python)
            bars += city.city_models(folder, costs, people, python, given.peer_limit, given.limit)
    if "pages" in parts:
        bars += pages.measured()
    print("\n| what | must | here | met |\n|---|---|---|---|")
    for bar in bars:
        print(
            f"| {bar.what} | {bar.must} | {bar.here} | {'—' if bar.met is None else 'yes' if bar.met else 'no'} |"
        )


if __name__ == "__main__":
    main()
