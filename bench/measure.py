"""Times and memory. Times are CPU seconds of this process, so that a busy machine does not spoil them."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.gazetteers import SHARED, morioka_matcher
from kyodo_geo.lookup_types import Town


def per_second(ask: Callable[[str], object], texts: Sequence[str], rounds: int = 5) -> float:
    """Lookups per CPU second, the best of some rounds after one to warm up."""
    for text in texts:
        ask(text)
    best = 0.0
    for _ in range(rounds):
        began = time.process_time()
        for text in texts:
            ask(text)
        best = max(best, len(texts) / (time.process_time() - began))
    return best


def worst(ask: Callable[[str], object], inputs: Iterable[tuple[str, str]]) -> tuple[float, str]:
    """Milliseconds of CPU of the slowest single input (the better of two tries each), and its kind."""
    slowest = (0.0, "")
    for kind, text in inputs:
        tries = []
        for _ in range(2):
            began = time.process_time()
            ask(text)
            tries.append((time.process_time() - began) * 1000)
        slowest = max(slowest, (min(tries), kind))
    return slowest


def pss_mb() -> float:
    """Proportional set size of this process."""
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text()
    line = next(line for line in text.splitlines() if line.startswith("Pss:"))
    return int(line.split()[1]) / 1024


def memory_mb(what: str, towns: Sequence[Town] = ()) -> float:
    """Growth of the PSS of a fresh process by rows and index; `what` is `morioka` or `national`."""
    rows = json.dumps([asdict(row) | {"valid_to": None, "former_names": ()} for row in towns])
    done = subprocess.run(
        [sys.executable, "-m", "bench.measure", what], input=rows, check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def _grown(what: str) -> float:
    before = pss_mb()
    if what == "morioka":
        # What reading the rows leaves behind is counted too: an upper bound.
        items = json.load(sys.stdin)
        rows = tuple(Town(**item | {"aliases": tuple(item["aliases"]), "former_names": ()}) for item in items)
        del items
        matcher = morioka_matcher(rows)
        matcher.match("みたけ3-12-1")
        return pss_mb() - before
    from geodata.town_folder import TownFolder
    from kyodo_geo.addresses import NationalMatcher

    folder = TownFolder(SHARED / "data" / "national" / "towns")
    national = NationalMatcher(folder.municipalities, folder.towns)
    for municipality in national.municipalities:
        national.reader(municipality)
    return pss_mb() - before


if __name__ == "__main__":
    print(_grown(sys.argv[1]))
