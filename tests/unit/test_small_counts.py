"""Small counts of people: withheld, and not to be had from what is shown."""

from __future__ import annotations

import itertools
import random

import pytest

from kyodo_geo.roles import Role
from kyodo_geo.small_counts import (
    MARK,
    THRESHOLD,
    sees_all,
    shown_lines,
    shown_parts,
    shown_total,
    withheld_lines,
)
from kyodo_geo.tickets import HANDLERS

NAMES = ("wishes", "joined", "declined", "waiting")


def line(joined: int, declined: int, waiting: int) -> dict[str, int]:
    return dict(zip(NAMES, (joined + declined + waiting, joined, declined, waiting), strict=True))


def total(lines) -> dict[str, int]:
    return {name: sum(row[name] for row in lines) for name in NAMES}


def test_a_line_with_a_small_figure_goes_whole_and_takes_another_with_it() -> None:
    lines = {"a": line(1, 5, 5), "b": line(9, 9, 9), "c": line(4, 4, 4), "d": line(0, 0, 0)}
    assert withheld_lines(lines) == {"a", "c"}, "b less a would be a; the smallest other one hides it"
    shown = shown_lines(lines)
    assert shown["a"] == shown["c"] == dict.fromkeys(NAMES, MARK)
    assert shown["b"] == lines["b"] and shown["d"] == lines["d"]


def test_nothing_small_nothing_withheld() -> None:
    lines = {"a": line(3, 4, 5), "b": line(0, 0, 7)}
    assert shown_lines(lines) == lines


def test_a_total_with_a_small_part_shows_the_whole_alone() -> None:
    assert shown_total(line(2, 9, 9), "wishes") == {
        "wishes": 20,
        "joined": MARK,
        "declined": MARK,
        "waiting": MARK,
    }
    assert shown_total(line(1, 0, 0), "wishes") == dict.fromkeys(NAMES, MARK)
    assert shown_total(line(3, 0, 9), "wishes") == line(3, 0, 9)


def test_associations_of_a_withheld_district_are_withheld() -> None:
    districts = {1: line(1, 0, 0), 2: line(5, 5, 5), 3: line(30, 30, 30)}
    parts = {
        1: {"a": line(1, 0, 0)},
        2: {"b": line(5, 5, 5)},
        3: {"c": line(10, 10, 10), "d": line(20, 20, 20)},
    }
    shown = shown_parts(districts, parts)
    assert shown[1]["a"] == shown[2]["b"] == dict.fromkeys(NAMES, MARK)
    assert shown[3] == parts[3]


@pytest.mark.parametrize("seed", range(300))
def test_no_small_figure_follows_from_what_is_shown(seed: int) -> None:
    """What can be subtracted: withheld lines from the total, by column; the figures of a line and of the total."""
    draw = random.Random(seed)
    sizes = (0, 0, 1, 2, 3, 5, 9) if seed % 2 else (0, 3, 4, 9, 20, 1)
    lines = {i: line(*(draw.choice(sizes) for _ in range(3))) for i in range(draw.randint(1, 7))}
    shown, sum_of_all = shown_lines(lines), shown_total(total(lines.values()), "wishes")
    for key, row in shown.items():
        assert MARK not in row.values() or set(row.values()) == {MARK}, "a line is shown whole or not at all"
        for name, number in row.items():
            assert number == MARK or number == lines[key][name]
            assert number == MARK or number == 0 or int(number) >= THRESHOLD
    for name in NAMES:
        hidden = [lines[key][name] for key, row in shown.items() if row[name] == MARK]
        known = sum_of_all[name] != MARK
        rest = sum(hidden)
        assert not known or rest == 0 or rest >= THRESHOLD, (name, lines)
        positive = [number for number in hidden if number]
        assert not known or len(positive) != 1 or positive[0] >= THRESHOLD, (name, lines)
    marks = [name for name in NAMES if sum_of_all[name] == MARK]
    assert len(marks) != 1 and (not marks or set(NAMES[1:]) <= set(marks))


def test_who_sees_all_figures() -> None:
    assert {role for role in Role if sees_all({role})} == HANDLERS


def test_every_pair_of_small_tables() -> None:
    """All tables of two lines of two figures: the small one never stands alone."""
    for a, b, c, d in itertools.product(range(5), repeat=4):
        lines = {"x": {"n": a, "m": b}, "y": {"n": c, "m": d}}
        hidden = withheld_lines(lines)
        for name in ("n", "m"):
            rest = sum(lines[key][name] for key in hidden)
            whole = lines["x"][name] + lines["y"][name]
            assert rest == 0 or rest >= THRESHOLD or rest == whole, lines
