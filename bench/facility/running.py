"""Programs of a run: ours in a process of its own, the peers in an environment of theirs, both on one thread.

Times are CPU seconds of one process, so that a busy machine does not spoil them.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PEER = HERE / "peer.py"
ONE_THREAD = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
MOST_SECONDS = 1500


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the issue's table: what must be, what is here, and whether it is met (None: not measured in this run)."""

    what: str
    must: str
    here: str
    met: bool | None


def run(*command: object) -> dict[str, Any] | None:
    """The JSON of the last line a program prints; None when it fails or takes too long."""
    try:
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, env=ONE_THREAD, timeout=MOST_SECONDS, check=False, cwd=ROOT
        )  # fmt: skip
        found = json.loads(done.stdout.strip().splitlines()[-1])
        assert isinstance(found, dict)
        return found
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return None


def peers(given: Path | None) -> Path | None:
    """An interpreter that has the peers."""
    place = ROOT / ".cache" / "bench-facility-peers"
    python = given or place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        needed = HERE / "requirements-peers.txt"
        if subprocess.run([python, "-m", "pip", "install", "-q", "-r", needed], check=False).returncode:
            return None
    return python


def write(folder: Path, costs: np.ndarray, weights: np.ndarray, **facts: object) -> None:
    np.save(folder / "costs.npy", costs)
    np.save(folder / "weights.npy", weights)
    (folder / "facts.json").write_text(json.dumps(facts))


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
