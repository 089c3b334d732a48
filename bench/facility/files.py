"""The shared half of the OR-Library's p-median files: proven optima, memory, and the ratio to spopt."""

from __future__ import annotations

import csv
import math
import sys
from pathlib import Path

import numpy as np

from bench.facility.orlib import FOLDER, pmed
from bench.facility.running import PEER, Bar, run, write

ALL, PROVEN, RATIO, MB = 20, 17, 100.0, 400.0


def orlib(
    problem: str,
    folder: Path,
    python: Path | None,
    limit: float,
    peer_nodes: int,
    most_files: int | None = None,
) -> list[Bar]:
    """Table of one problem over the files of the shared half; spopt gets those of at most `peer_nodes` nodes."""
    with (FOLDER / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["problem"] == problem][:most_files]
    print(
        f"\n| {problem} | n, p | optimum | found | status | CPU s | MB | spopt + HiGHS CPU s (value, its status) | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    ratios: list[float] = []
    found = proven = tried = 0
    slowest = most_mb = 0.0
    for row in rows:
        name = Path(row["file"]).stem
        costs, p = pmed(FOLDER, name)
        write(folder, costs, np.ones(len(costs)), p=p)
        mine = run(sys.executable, "-m", "bench.facility", "--one", folder, problem, limit)
        assert mine is not None
        right = mine["value"] == float(row["optimum"])
        found += right
        proven += right and mine["status"] == "optimal"
        slowest, most_mb = max(slowest, mine["cpu"]), max(most_mb, mine["mb"])
        their = run(python, PEER, folder, problem, limit) if python and len(costs) <= peer_nodes else None
        tried += their is not None
        ratio = ""
        if (
            their
            and their["value"] is not None
            and abs(their["value"] - float(row["optimum"])) < 0.5
            and their["cpu"] < limit
        ):
            ratios.append(their["cpu"] / mine["cpu"])
            ratio = f"{ratios[-1]:,.0f} ×"
        theirs = f"{their['cpu']:.1f} ({their['value']}, {their['status']})" if their else ""
        print(f"| {name} | {len(costs)}, {p} | {row['optimum']} | {mine['value']:.0f} | {mine['status']} | {mine['cpu']:.2f} "
              f"| {mine['mb']:.0f} | {theirs} | {ratio} |", flush=True)  # fmt: skip
    here = f"{found} of {len(rows)} found, {proven} proven, slowest {slowest:.1f} s, {most_mb:.0f} MB"
    print(here)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None
    if mean is not None:
        print(f"geometric mean where spopt finishes ({len(ratios)} of {tried} given to it): {mean:,.0f} ×")
    whole = len(rows) == ALL
    if problem == "p-center":
        return [
            Bar(
                "p-center, shared half",
                "all equal (stretch: each < 25 s)",
                here,
                found == len(rows) if whole else None,
            )
        ]
    met = found == len(rows) and proven >= PROVEN and most_mb < MB
    ratio = (
        None
        if mean is None
        else f"{mean:,.0f} × over {len(ratios)} files (largest given to spopt: {peer_nodes} nodes)"
    )
    must = f"all found, ≥ {PROVEN} of {ALL} proven, < {MB:.0f} MB (stretch: all)"
    against = mean >= RATIO if whole and mean is not None else None
    return [
        Bar("pmed, shared half", must, here, met if whole else None),
        Bar("the same against spopt", f"≥ {RATIO:.0f} ×", ratio or "not measured", against),
    ]
