"""`make bench-siting`: the location models and reach against their bars, beside spopt, access and a plain scipy model.

Needs ../shared. Times are CPU seconds of one process and one thread, so that a busy machine does not spoil them; each
model runs in a process of its own, whose largest memory is told. `--peers PYTHON` names an interpreter that has
bench/requirements-siting-peers.txt; without it such an environment is made, and the peers are left out where it cannot be.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from typing import Any

import numpy as np

from bench.orlib import FOLDER, pmed

HERE = Path(__file__).resolve().parent
TOOL = FOLDER.parents[1] / "tools" / "make_city_instance.py"
ZONES = ((300, 1.0), (600, 0.6), (800, 0.2))
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(*command: object) -> dict[str, Any] | None:
    """The JSON of the last line a program prints; None when it fails or takes too long."""
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, env=ONE_THREAD, timeout=1500, check=False, cwd=HERE.parent
        )  # fmt: skip
        found = json.loads(done.stdout.strip().splitlines()[-1])
        assert isinstance(found, dict)
        return found
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return None


def peers(given: Path | None) -> Path | None:
    """An interpreter that has the peers."""
    place = HERE.parent / ".cache" / "bench-siting-peers"
    python = given or place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        needed = HERE / "requirements-siting-peers.txt"
        if subprocess.run([python, "-m", "pip", "install", "-q", "-r", needed], check=False).returncode:
            return None
    return python


def write(folder: Path, costs: np.ndarray, weights: np.ndarray, **facts: object) -> None:
    np.save(folder / "costs.npy", costs)
    np.save(folder / "weights.npy", weights)
    (folder / "facts.json").write_text(json.dumps(facts))


def city(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(walking metres cells × sites, people) of the city-size instance; its hash is printed."""
    from kyodo_geo.reach import Network

    subprocess.run([sys.executable, TOOL, folder / "city.npz"], check=True, capture_output=True)
    data = np.load(folder / "city.npz")
    network = Network.of(data["e"], data["L"], nodes=len(data["xy"]))
    network.costs(data["dn"][:1], data["fn"][:1])
    times = []
    for _ in range(3):
        began = time.process_time()
        costs = network.costs(data["dn"], data["fn"])
        times.append(time.process_time() - began)
    print(f"\nways of 20,000 cells to 200 sites on {network.nodes:,} nodes: {min(times):.2f} s CPU")
    costs = costs.round()
    print(
        "city instance, sha256 of costs and people:",
        hashlib.sha256(costs.tobytes() + data["pop"].tobytes()).hexdigest()[:16],
    )
    return costs, data["pop"]


def ours(folder: Path, model: str, limit: float) -> None:
    """Run in a process of its own: one JSON line."""
    import scipy.optimize  # noqa: F401  (as long as the peers' imports are not counted either)

    from kyodo_geo import siting

    costs, weights = np.load(folder / "costs.npy"), np.load(folder / "weights.npy")
    facts = json.loads((folder / "facts.json").read_text())
    rules, control = siting.Rules(p=facts.get("p")), siting.Control.within(limit)
    began = time.process_time()
    if model == "p-median":
        answer = siting.p_median(costs, weights, rules, control)
    elif model == "p-center":
        answer = siting.p_center(costs, None, rules, control)
    elif model == "mclp":
        answer = siting.mclp(costs, facts["radius"], weights, rules, control)
    else:
        answer = siting.lscp(costs, facts["radius"], None, None, control)
        answer = answer.details.get("rest", answer)
    cpu = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"value": answer.objective, "bound": answer.bound, "gap": answer.gap, "status": answer.status.value,
                      "cpu": cpu, "wall": answer.seconds, "mb": peak}))  # fmt: skip


def orlib(problem: str, folder: Path, python: Path | None, limit: float, peer_nodes: int) -> None:
    """Table of one problem over the files of the shared half."""
    with (FOLDER / "index.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["problem"] == problem]
    print(
        f"\n| {problem} | n, p | optimum | found | status | CPU s | MB | spopt + HiGHS CPU s (value, its status) | ratio |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    ratios, proven, slowest = [], 0, 0.0
    for row in rows:
        name = Path(row["file"]).stem
        costs, p = pmed(FOLDER, name)
        write(folder, costs, np.ones(len(costs)), p=p)
        mine = run(sys.executable, "-m", "bench.siting", "--one", folder, problem, limit)
        assert mine is not None
        right = mine["value"] == float(row["optimum"])
        proven += right and mine["status"] == "optimal"
        slowest = max(slowest, mine["cpu"])
        their = (
            run(python, HERE / "peer_siting.py", folder, problem, limit)
            if python and len(costs) <= peer_nodes
            else None
        )
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
    print(f"proven and equal to the published optimum: {proven} of {len(rows)}; slowest {slowest:.2f} s")
    if ratios:
        mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
        print(f"geometric mean where spopt finishes ({len(ratios)}): {mean:,.0f} ×")


def city_models(
    folder: Path, costs: np.ndarray, people: np.ndarray, python: Path | None, peer_limit: float
) -> None:
    print(
        "\n| city, 20,000 × 200 | objective | status, gap | CPU s | MB | spopt + HiGHS CPU s (value, its status) |"
    )
    print("|---|---|---|---|---|---|")
    for model, limit in (("mclp", 60), ("lscp", 60), ("p-median", 60)):
        within = (costs <= 800).any(axis=1)
        part = costs[within] if model == "lscp" else costs
        write(folder, part, people[within] if model == "lscp" else people, p=40, radius=800)
        mine = run(sys.executable, "-m", "bench.siting", "--one", folder, model, limit)
        assert mine is not None
        their = (
            run(python, HERE / "peer_siting.py", folder, model, peer_limit)
            if python and model != "p-median"
            else None
        )
        theirs = f"{their['cpu']:.1f} ({their['value']}, {their['status']})" if their else ""
        print(f"| {model} | {mine['value']:,.0f} | {mine['status']}, {mine['gap']:.3%} | {mine['cpu']:.2f} | {mine['mb']:.0f} "
              f"| {theirs} |", flush=True)  # fmt: skip


def reach(folder: Path, costs: np.ndarray, people: np.ndarray, python: Path | None) -> None:
    from kyodo_geo.reach import Closing, Pairs, figures, floating_catchment, gaps, nearest, steps

    supply = np.full(costs.shape[1], 50.0)
    pairs, closing, (_, near) = Pairs.within(costs, 800), Closing(costs), nearest(costs)
    zones = steps(dict(ZONES))

    def best(ask: Any, rounds: int = 9) -> float:
        times = []
        for _ in range(rounds):
            began = time.process_time()
            for _ in range(3):
                ask()
            times.append((time.process_time() - began) / 3)
        return min(times) * 1000

    write(folder, costs, people, radius=800, zones=ZONES)
    their = run(python, HERE / "peer_siting.py", folder, "fca", 0) if python else None
    print("\n| reach, 20,000 × 200 | ms CPU | access | ratio | largest difference |")
    print("|---|---|---|---|---|")
    for name, decay in (("2sfca", None), ("e2sfca", zones)):
        spent = best(lambda decay=decay: floating_catchment(pairs, people, supply, decay))
        more = " | | | |"
        if their:
            answer = floating_catchment(pairs, people, supply, decay).access
            apart = float(np.abs(answer - np.load(folder / f"{name}.npy")).max())
            more = f" | {their[name] * 1000:.0f} | {their[name] * 1000 / spent:,.0f} × | {apart:.1e} |"
        print(f"| {name} | {spent:.2f}{more}")
    for name, ask in (
        ("pairs within 800 m (once)", lambda: Pairs.within(costs, 800)),
        ("two nearest (once)", lambda: Closing(costs)),
        ("closing each of 200", lambda: closing.effects(people, 800.0)),
        ("the same with capacities", lambda: closing.effects(people, 800.0, supply * 30)),
        ("shares, means, unreachable", lambda: figures(near, people)),
        ("reasons of gaps", lambda: gaps(costs, 800.0)),
    ):
        print(f"| {name} | {best(ask):.2f} | | | |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--limit", type=float, default=60, help="seconds per file")
    parser.add_argument("--peer-nodes", type=int, default=300, help="largest file given to spopt")
    parser.add_argument("--peer-limit", type=float, default=300, help="seconds of spopt on the city")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        ours(Path(given.one[0]), given.one[1], float(given.one[2]))
        return
    python = None if given.no_peers else peers(given.peers)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        orlib("p-median", folder, python, given.limit, given.peer_nodes)
        orlib("p-center", folder, python, given.limit, min(given.peer_nodes, 100))
        costs, people = city(folder)
        reach(folder, costs, people, python)
        city_models(folder, costs, people, python, given.peer_limit)


if __name__ == "__main__":
    main()
