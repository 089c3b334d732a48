"""Readings (よみ) of district names that no source confirms: the common ones of the bundled table of facts."""

from __future__ import annotations

import csv
from functools import lru_cache
from importlib.resources import files

TABLE_OF = "03201"


@lru_cache(maxsize=1)
def _unconfirmed() -> frozenset[tuple[int, str]]:
    # Not by geodata.sample.facts, which brings the readers and with them pandas into every web worker.
    text = (files("geodata.sample") / "districts.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return frozenset(
        (int(row["district_no"]), row["kana"])
        for row in csv.DictReader(lines)
        if row["kana_confirmed"] == "0"
    )


def confirmed(municipality: str, no: int, kana: str | None, *, official: bool) -> bool | None:
    """Whether a district's reading is confirmed; None without one. What an official file says (`official`) is."""
    if kana is None:
        return None
    return official or municipality != TABLE_OF or (no, kana) not in _unconfirmed()
