"""The city-size instance of ../shared: ways, location models, closing, floating catchments, beside scipy, spopt and access."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.facility.orlib import FOLDER
from bench.facility.running import PEER, Bar, run, write

TOOL = FOLDER.parents[1] / "tools" / "make_city_instance.py"
ZONES = ((300, 1.0), (600, 0.6), (800, 0.2))


def instance(folder: Path) -> tuple[dict[str, np.ndarray], str]:
    """The arrays of the instance and the hash that its maker prints."""
    made = subprocess.run(
        [sys.executable, TOOL, folder / "city.npz"], check=True, capture_output=True, text=True
    )
    with np.load(folder / "city.npz") as data:
        return dict(data), made.stdout.strip().split()[-1]


def ways(folder: Path, rounds: int = 3) -> tuple[np.ndarray, np.ndarray, list[Bar]]:
    """(walking metres cells × sites, people, bars); the hashes of the instance are printed."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    from kyodo_geo.reach import Network

    data, edges = instance(folder)
    network = Network.of(data["e"], data["L"], nodes=len(data["xy"]))
    network.costs(data["dn"][:1], data["fn"][:1])
    plain = csr_matrix((data["L"], (data["e"][:, 0], data["e"][:, 1])), shape=(len(data["xy"]),) * 2)
    ours, bare = [], []
    for _ in range(rounds):
        began = time.process_time()
        costs = network.costs(data["dn"], data["fn"])
        ours.append(time.process_time() - began)
        began = time.process_time()
        dijkstra(plain, directed=False, indices=data["fn"])
        bare.append(time.process_time() - began)
    costs = costs.round()
    print(f"\ncity instance: edges sha256 {edges}; costs and people sha256 "
          f"{hashlib.sha256(costs.tobytes() + data['pop'].tobytes()).hexdigest()[:16]}")  # fmt: skip
    here = f"{min(ours):.2f} s CPU ({min(ours) / min(bare):.2f} × scipy's bare dijkstra, {min(bare):.2f} s)"
    print(f"ways of {len(data['dn']):,} cells to {len(data['fn'])} sites on {network.nodes:,} nodes: {here}")
    bar = Bar("OD 200 × 20,000 on 40,000 nodes", "≤ 1.1 s (stretch 0.8)", here, min(ours) <= 1.1)
    return costs, data["pop"], [bar]


def city_models(
    folder: Path,
    costs: np.ndarray,
    people: np.ndarray,
    python: Path | None,
    peer_limit: float,
    limit: float = 60,
) -> list[Bar]:
    """The models of the whole city. spopt gets MCLP and LSCP; it makes no model of the p-median in this memory."""
    print(
        "\n| city, 20,000 × 200 | objective | status, gap | CPU s | MB | spopt + HiGHS CPU s (value, its status) |"
    )
    print("|---|---|---|---|---|---|")
    bars = []
    for model, must, most in (
        ("mclp", "≤ 0.4 s (stretch 0.2)", 0.4), ("lscp", "≤ 0.75 s (stretch 0.4)", 0.75),
        ("p-median", "≤ 0.5 % in 60 s, ≤ 2 GB (stretch 0.1 %)", None),
    ):  # fmt: skip
        within = (costs <= 800).any(axis=1)
        part = costs[within] if model == "lscp" else costs
        write(folder, part, people[within] if model == "lscp" else people, p=40, radius=800)
        mine = run(sys.executable, "-m", "bench.facility", "--one", folder, model, limit)
        assert mine is not None
        their = run(python, PEER, folder, model, peer_limit) if python and model != "p-median" else None
        theirs = f"{their['cpu']:.1f} ({their['value']}, {their['status']})" if their else ""
        print(f"| {model} | {mine['value']:,.0f} | {mine['status']}, {mine['gap']:.3%} | {mine['cpu']:.2f} | {mine['mb']:.0f} "
              f"| {theirs} |", flush=True)  # fmt: skip
        ratio = ""
        if their and their["value"] is not None:
            ratio = f", {their['cpu'] / mine['cpu']:,.0f} × spopt ({their['cpu']:.0f} s, {their['status']})"
        if most is None:
            here = f"{mine['gap']:.2%} after {mine['cpu']:.0f} s CPU, {mine['mb']:.0f} MB"
            met = mine["gap"] <= 0.005 and mine["mb"] <= 2048
        else:
            here, met = f"{mine['cpu']:.2f} s CPU{ratio}", mine["cpu"] <= most and mine["status"] == "optimal"
        bars.append(Bar(f"{model.upper() if most else model}, city 20,000 × 200", must, here, met))
    return bars


def reach(folder: Path, costs: np.ndarray, people: np.ndarray, python: Path | None) -> list[Bar]:
    """Closing each facility and floating catchments, the latter beside access on the same pairs."""
    from kyodo_geo.reach import Closing, Pairs, figures, floating_catchment, gaps, nearest, steps

    supply = np.full(costs.shape[1], 50.0)
    pairs, closing, (_, near) = Pairs.within(costs, 800), Closing(costs), nearest(costs)
    zones = steps(dict(ZONES))
    bars: list[Bar] = []

    def best(ask: Any, rounds: int = 9) -> float:
        times = []
        for _ in range(rounds):
            began = time.process_time()
            for _ in range(3):
                ask()
            times.append((time.process_time() - began) / 3)
        return min(times) * 1000

    write(folder, costs, people, radius=800, zones=ZONES)
    their = run(python, PEER, folder, "fca", 0) if python else None
    print("\n| reach, 20,000 × 200 | ms CPU | access | ratio | largest difference |")
    print("|---|---|---|---|---|")
    for name, decay in (("2sfca", None), ("e2sfca", zones)):
        spent = best(lambda decay=decay: floating_catchment(pairs, people, supply, decay))
        more = " | | | |"
        here, met = f"{spent:.2f} ms CPU, no peer", None
        if their:
            answer = floating_catchment(pairs, people, supply, decay).access
            apart = float(np.abs(answer - np.load(folder / f"{name}.npy")).max())
            ratio = their[name] * 1000 / spent
            here = f"{spent:.2f} ms CPU, {ratio:,.0f} × access, largest difference {apart:.1e}"
            met = ratio >= 10 and apart <= 1e-12
            more = f" | {their[name] * 1000:.0f} | {their[name] * 1000 / spent:,.0f} × | {apart:.1e} |"
        print(f"| {name} | {spent:.2f}{more}")
        bars.append(Bar(name.upper(), "≥ 10 × access, equal to 1e-12", here, met))
    for name, ask in (
        ("pairs within 800 m (once)", lambda: Pairs.within(costs, 800)),
        ("two nearest (once)", lambda: Closing(costs)),
        ("closing each of 200", lambda: closing.effects(people, 800.0)),
        ("the same with capacities", lambda: closing.effects(people, 800.0, supply * 30)),
        ("shares, means, unreachable", lambda: figures(near, people)),
        ("reasons of gaps", lambda: gaps(costs, 800.0)),
    ):
        spent = best(ask)
        print(f"| {name} | {spent:.2f} | | | |")
        if name == "closing each of 200":
            bars.append(Bar(name, "≤ 1 ms after preparation", f"{spent:.2f} ms CPU", spent <= 1))
    return bars
