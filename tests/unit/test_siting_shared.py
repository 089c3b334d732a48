"""Published optima of the OR-Library files (Beasley 1985), where the shared folder is there."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from bench.facility.orlib import pmed
from kyodo_geo.siting import Rules, Status, p_center, p_median

pytestmark = pytest.mark.shared

#: Quick ones; `make bench-facility` runs them all.
QUICK = ("pmed1", "pmed3", "pmed5", "pmed7", "pmed9", "pmed13", "pmed19", "pmed25", "pmed37")


def optimum(folder: Path, problem: str, name: str) -> int:
    with (folder / "index.csv").open(newline="") as file:
        rows = csv.DictReader(file)
        return next(
            int(row["optimum"])
            for row in rows
            if (row["problem"], row["file"]) == (problem, f"pmed/{name}.txt")
        )


@pytest.mark.parametrize("name", QUICK)
def test_p_median(shared_data: Path, name: str) -> None:
    costs, p = pmed(shared_data / "orlib", name)
    answer = p_median(costs, rules=Rules(p=p))
    assert (answer.status, answer.objective) == (
        Status.OPTIMAL,
        optimum(shared_data / "orlib", "p-median", name),
    )
    assert answer.assignment is not None
    assert costs[np.arange(len(costs)), answer.assignment].sum() == answer.objective


@pytest.mark.parametrize("name", ("pmed1", "pmed5", "pmed9", "pmed15", "pmed19", "pmed25", "pmed29"))
def test_p_center(shared_data: Path, name: str) -> None:
    costs, p = pmed(shared_data / "orlib", name)
    answer = p_center(costs, rules=Rules(p=p))
    assert (answer.status, answer.objective) == (
        Status.OPTIMAL,
        optimum(shared_data / "orlib", "p-center", name),
    )


def test_the_last_of_two_lines_for_an_edge_wins(shared_data: Path) -> None:
    last, p = pmed(shared_data / "orlib", "pmed1")
    shortest, _ = pmed(shared_data / "orlib", "pmed1", last_wins=False)
    assert (p_median(last, rules=Rules(p=p)).objective, p_median(shortest, rules=Rules(p=p)).objective) == (
        5819,
        5718,
    )
