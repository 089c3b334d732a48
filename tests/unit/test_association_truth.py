"""Addresses with their association, written from the sample by other means than the lookup's, and asked of the lookup.

The answer is the association, or honestly several that contain it; never another one.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import bench.address_styles
import bench.association_cases
import bench.association_truth
from bench.address_styles import Written, spell
from bench.association_cases import Case, cases, on_borders
from bench.association_truth import Truth, World, judge
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import Block
from tests.unit.sample_world import lookup, rows


@lru_cache(maxsize=1)
def world() -> World:
    return _world(rows("blocks") + [{**lot, "block": lot["lot"], "house": None} for lot in rows("lots")])


def _world(points: list[dict[str, Any]]) -> World:
    return World(rows("association-rules"), rows("associations"), rows("towns"), points)


def _verdicts(asked: list[Case]) -> tuple[Counter[tuple[str, str]], list[str]]:
    counted: Counter[tuple[str, str]] = Counter()
    wrong = []
    for case in asked:
        answer = lookup().by_address(case.text)
        verdict = judge(case.truth, answer.outcome.value, [found.id for found in answer.associations])
        counted[case.group, verdict] += 1
        if verdict == "wrong":
            wrong.append(f"{case.text} ({case.group}): {answer.outcome} {answer.message}")
    return counted, wrong


def test_no_written_address_leads_to_a_wrong_association() -> None:
    counted, wrong = _verdicts(list(cases(world(), every=11)))
    assert wrong == []
    groups = {group for group, _ in counted}
    assert groups == {
        "whole town", "end of a range", "one beyond", "shared block", "no number", "a number nobody has",
        "point of a block or lot", "no such block", "no such house", "zero",
    }  # fmt: skip
    # Several where one was possible is honest, but of no help: it stays rare.
    honest = sum(n for (_, verdict), n in counted.items() if verdict == "honest")
    assert honest <= 0.01 * counted.total()
    assert counted.total() > 1000


@pytest.mark.full
def test_no_address_of_the_whole_sample_leads_to_a_wrong_association() -> None:
    counted, wrong = _verdicts(list(cases(world())))
    assert wrong == []
    assert counted.total() > 12_000


def test_blocks_put_on_and_beside_borders() -> None:
    """A block of an association whose point is moved to its border with another, and 8 m to either side."""
    blocks = {(row["town"], row["block"]): row for row in rows("blocks") if row["house"] is None}
    towns = {row["name"]: row for row in rows("towns") if row["koaza"] is None}
    claims: dict[str, list[tuple[str, int]]] = {}
    for rule in rows("association-rules"):
        if rule["kind"] == "part" and rule["house_from"] is None and rule["town"] in towns:
            numbers = range(rule["block_from"], rule["block_to"] + 1)
            claims.setdefault(rule["association_id"], []).extend(
                (rule["town"], n) for n in numbers if (rule["town"], str(n)) in blocks
            )
    moved: dict[tuple[str, str], tuple[str, Any]] = {}
    for first, _, where, point in on_borders(world()):
        if free := claims.get(first["association_id"]):
            town, number = free.pop()
            if towns[town]["geom"].distance(point) > 0.02:
                continue  # a point outside the neighbourhood of its town is not believed
            moved[town, str(number)] = (
                where,
                {**blocks[town, str(number)], "geom": point, "accuracy_m": 12.0},
            )
    points = [
        moved[key][1] if (key := (row["town"], row["block"])) in moved else row for row in rows("blocks")
    ]
    by_hand = _world(points)
    placed = tuple(_block(row) for row in points)
    index = LookupIndex(replace(lookup().snapshot, blocks=placed))

    seen: Counter[tuple[str, str]] = Counter()
    for turn, ((town, number), (where, row)) in enumerate(moved.items()):
        truth = by_hand.truth(towns[town], int(number), 1)
        text = spell(Written("岩手県", "盛岡市", towns[town], int(number), 1), turn)
        answer = index.by_address(text)
        ids = [found.id for found in answer.associations]
        assert judge(truth, answer.outcome.value, ids) != "wrong", (text, where, truth, answer.message)
        at_point = index.by_point(row["geom"].x, row["geom"].y)
        if where == "border":
            assert answer.outcome.value == at_point.outcome.value == "several"
        elif where == "other":
            assert answer.outcome.value == "several"
        seen[where, answer.outcome.value] += 1
    assert seen["border", "several"] > 50
    assert seen["other", "several"] > 50
    assert seen["first", "one"] > 50


def _block(row: dict[str, Any]) -> Block:
    return Block(
        row["town"], row["koaza"], row["block"], row["house"], row["geom"].x, row["geom"].y, row["accuracy_m"]
    )


def test_the_generator_knows_nothing_of_the_lookup() -> None:
    for module in (bench.association_truth, bench.association_cases, bench.address_styles):
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        imported = {
            name
            for node in ast.walk(tree)
            for name in (
                [node.module or ""] if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            )
        }  # fmt: skip
        assert not {name for name in imported if name.startswith(("kyodo_geo", "geodata", "api", "maps"))}


@pytest.mark.parametrize(
    ("truth", "outcome", "ids", "verdict"),
    [
        (Truth(frozenset("A")), "one", ["A"], "right"),
        (Truth(frozenset("A")), "one", ["B"], "wrong"),
        (Truth(frozenset("A")), "several", ["B", "A"], "honest"),
        (Truth(frozenset("A")), "several", ["B"], "wrong"),
        (Truth(frozenset("A")), "none_here", [], "wrong"),
        (Truth(frozenset("AB"), open=True), "one", ["A"], "wrong"),
        (Truth(frozenset("AB")), "several", ["A", "B"], "right"),
        (Truth(frozenset("A"), located=True, inside=frozenset("B")), "one", ["A"], "wrong"),
        (Truth(frozenset("A"), located=True, inside=frozenset("AB"), on_border=True), "one", ["A"], "wrong"),
        (Truth(frozenset(), located=True, inside=frozenset("B")), "one", ["B"], "right"),
        (Truth(frozenset(), located=True, inside=frozenset("B"), listed=frozenset("B")), "one", ["B"], "wrong"),
        (Truth(frozenset()), "none_here", [], "right"),
        (Truth(frozenset()), "not_understood", [], "wrong"),
        (Truth(frozenset("A"), missing="block"), "one", ["A"], "wrong"),
        (Truth(frozenset("A"), missing="block"), "several", ["A"], "right"),
        (Truth(frozenset("A"), missing="block"), "several", ["B"], "wrong"),
        (Truth(frozenset("A"), missing="block"), "not_understood", [], "wrong"),
        (Truth(frozenset(), missing="block"), "not_understood", [], "right"),
        (Truth(frozenset(), missing="block"), "none_here", [], "wrong"),
        (Truth(frozenset("A"), missing="house"), "one", ["A"], "wrong"),
        (Truth(frozenset("A"), missing="house"), "several", ["A"], "right"),
        (Truth(frozenset(), missing="house"), "none_here", [], "right"),
        (Truth(frozenset("A"), missing="0"), "one", ["A"], "wrong"),
        (Truth(frozenset("A"), missing="0"), "several", ["A"], "wrong"),
        (Truth(frozenset("A"), missing="0"), "not_understood", [], "right"),
    ],
)  # fmt: skip
def test_what_counts_as_right(truth: Truth, outcome: str, ids: list[str], verdict: str) -> None:
    assert judge(truth, outcome, ids) == verdict
