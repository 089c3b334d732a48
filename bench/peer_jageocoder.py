"""Run by the peer's own interpreter: build a dictionary, answer a table, print its figures as JSON.

peer_jageocoder.py TEXTS DB TRUTH.csv ANSWERS.csv
"""

from __future__ import annotations

import csv
import gc
import json
import sys
import time
from pathlib import Path

import jageocoder  # type: ignore[import-not-found]


def build(texts: Path, db: Path) -> None:
    """The dictionary, from text files in the converter's form."""
    from jageocoder_converter.data_manager import DataManager  # type: ignore[import-not-found]

    manager = DataManager(str(db), str(texts), ["03"])
    manager.register()
    manager.create_index()


def ask(db: Path, truth: Path, answers: Path, hostile: Path) -> None:
    """Answers to the table, and the figures on standard output."""
    before = _pss()
    jageocoder.init(db_dir=str(db))
    with truth.open(encoding="utf-8-sig", newline="") as file:
        written = [row["written"] for row in csv.DictReader(file)]
    rows = [_answer(text) for text in written]
    memory = _pss() - before
    began = time.process_time()
    for text in written:
        _answer(text)
    rate = len(written) / (time.process_time() - began)
    with answers.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("outcome", "municipality", "town", "koaza"))
        writer.writerows(rows)
    slowest = 0.0
    for text in json.loads(hostile.read_text()):
        began = time.process_time()
        _answer(text)
        slowest = max(slowest, time.process_time() - began)
    print(json.dumps({"per_second": rate, "worst_ms": slowest * 1000, "memory_mb": memory}))


def _answer(text: str) -> tuple[str, str, str, str]:
    try:
        found = jageocoder.search(text)["candidates"]
    except Exception:  # whatever it dies of, it gave no answer
        return "not_understood", "", "", ""
    names = found[0]["fullname"] if found else []
    if len(names) < 3:
        return "not_understood", "", "", ""
    numbered = len(names) > 3 and names[3].endswith(("丁目", "地割"))
    town = names[2] + (names[3] if numbered else "")
    koaza = names[3] if len(names) > 3 and not numbered else ""
    return ("one" if len(found) == 1 else "several"), names[1], town, koaza


def _pss() -> float:
    gc.collect()
    text = Path("/proc/self/smaps_rollup").read_text()
    return int(next(line for line in text.splitlines() if line.startswith("Pss:")).split()[1]) / 1024


if __name__ == "__main__":
    {"build": build, "ask": ask}[sys.argv[1]](*map(Path, sys.argv[2:]))
