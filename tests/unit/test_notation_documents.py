"""Areas in words of the sample, and the examples of the page for staff, read as they are meant."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from kyodo_geo.addresses import Gazetteer
from kyodo_geo.notation import FindingKind, normal_form, read_notation
from tests.unit.lookup_world import town
from tests.unit.sample_world import lookup, rows, rules

PAGE = (Path(__file__).parents[2] / "docs" / "AREA_NOTATION.md").read_text(encoding="utf-8")
TOWNS = [
    *(town(f"{name}{number}丁目") for name in ("青山", "若林", "みたけ", "仙北") for number in "一二三四五六"),
    *(town(f"下飯岡第{number}地割") for number in (8, 9, 10)), town("渋民"), town("渋民", "鶴塚"), town("渋民", "岩鼻"),
]  # fmt: skip
EXAMPLES = Gazetteer(TOWNS)


@cache
def sample_gazetteer() -> Gazetteer:
    return Gazetteer(lookup().snapshot.towns, "03201")


def examples(section: str) -> list[str]:
    table = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return [row.split(" | ")[0] for row in re.findall(r"^\| (.+) \|$", table, re.MULTILINE)][1:]


def test_every_area_of_the_sample_reads_back_as_its_rules() -> None:
    by_association: dict[str, set] = {}
    for rule in rules():
        by_association.setdefault(rule.association_id, set()).add(rule)
    unread = []
    for row in rows("associations"):
        key, text = row["association_id"], row["area_text"] or ""
        found = read_notation(text, association_id=key, gazetteer=sample_gazetteer())
        assert set(found.rules) == by_association.get(key, set()), text
        unread += [text for finding in found.findings if finding.kind is not FindingKind.UNCERTAIN]
        assert bool(found.findings) == ("一部" in text), text
    assert unread == []


@pytest.mark.parametrize("text", [e for e in examples("書けること") if "若林（" not in e] + ["若林"])
def test_what_the_page_says_can_be_written_can_be_written(text: str) -> None:
    # 5番8号以下 stands there without its town, for what is said before it.
    found = read_notation(text.replace("、5番8号以下", "、みたけ三丁目5番8号以下"), gazetteer=EXAMPLES)
    assert found.rules and not found.findings, [finding.text_ja() for finding in found.findings]
    assert read_notation(normal_form(found.rules)).rules == found.rules


@pytest.mark.parametrize("text", examples("除く範囲"))
def test_what_the_page_says_is_taken_out_is_taken_out(text: str) -> None:
    found = read_notation(text, gazetteer=EXAMPLES)
    assert [rule.kind for rule in found.rules][-1] == "except" and not found.findings


def test_what_the_page_calls_uncertain_unknown_or_unreadable_is() -> None:
    for text, kind in [
        ("みたけ三丁目の一部", "uncertain"), ("みたけ三丁目国道より東", "uncertain"), ("みたげ三丁目", "unknown"),
        ("みたけ九丁目", "unknown"), ("みたけ三丁目5番から", "error"), ("みたけ三丁目1-3", "error"),
        ("みたけ三丁目10番から5番", "error"), ("みたけ三丁目1番から10番、5番、6番を除く", "uncertain"),
    ]:  # fmt: skip
        found = read_notation(text, gazetteer=EXAMPLES)
        assert found.rules == () and {finding.kind.value for finding in found.findings} == {kind}, text
