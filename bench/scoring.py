"""Answers as a table, and the shared scoring program run on it."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from kyodo_geo.addresses import Match, NationalMatch, Status

COLUMNS = ("outcome", "municipality", "town", "koaza")
OUTCOMES = {
    Status.FOUND: "one",
    Status.SEVERAL: "several",
    Status.MANY: "several",
    Status.OUTSIDE: "outside_city",
    Status.UNKNOWN: "not_understood",
}


def answer(match: Match, municipality: str) -> tuple[str, ...]:
    """A row of the answers: the town where there is one."""
    towns = {reading.town for reading in match.readings}
    if match.status is Status.FOUND or (match.status is Status.MANY and len(towns) == 1):
        reading = match.readings[0]
        return "one", municipality, reading.town or "", reading.koaza or ""
    return OUTCOMES[match.status], municipality if match.status is Status.SEVERAL else "", "", ""


def national_answer(found: NationalMatch) -> tuple[str, ...]:
    """The same for any municipality."""
    place = found.municipality.full_name if found.municipality else ""
    outcome = "one" if found.town is not None else OUTCOMES[found.match.status]
    return outcome, place, found.town or "", ""


def write(path: Path, rows: Iterable[Iterable[str]]) -> None:
    """The answers as the scoring program reads them."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


def score(tool: Path, truth: Path, answers: Path, *options: str) -> str:
    """What the scoring program prints."""
    command = [sys.executable, str(tool), str(truth), str(answers), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def as_written(by_class: str) -> str:
    """Exact ones of the addresses as the city writes them, of all of them."""
    found = re.search(r"^as_written (\{.*\})$", by_class, re.MULTILINE)
    if found is None:
        return "–"
    counts = {name: int(number) for name, number in re.findall(r"'(\w+)': (\d+)", found[1])}
    return f"{counts.get('exact', 0)}/{sum(counts.values())}"
