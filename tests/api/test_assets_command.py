"""`kyodo-geo assets level` on tables of works: an answer with its proof, or a sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.commands.assets import app
from kyodo_geo.errors import KyodoError

HEAD = "工事,希望年,費用,年数,最早年,最遅年\n"


def run(folder: Path, rows: str, *more: str, ceiling: str = "100", head: str = HEAD) -> Any:
    file = folder / "works.csv"
    file.write_text(head + rows, encoding="utf-8-sig")
    asked = ["level", "--works", str(file), "--ceiling", ceiling, "--base", "2026", "--horizon", "10", *more]
    found = CliRunner().invoke(app, asked)
    if found.exception is not None and not isinstance(found.exception, SystemExit):
        raise found.exception
    return found.stdout


def test_two_works_of_a_year_are_set_apart_at_the_least_cost(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "甲,2028,80,1,,\n乙,2028,60,2,,\n", "--json"))
    assert (found["status"], found["objective"], found["bound"], found["gap"]) == ("optimal", 60, 60, 0)
    begins = {work["name"]: work["begins"] for work in found["works"]}
    assert begins == {"甲": 2028, "乙": 2029}
    assert max(found["by_year"].values()) <= 100 and sum(found["by_year"].values()) == 140
    said = run(tmp_path, "甲,2028,80,1,,\n乙,2028,60,2,,\n")
    assert "最適（証明済み）" in said and "乙: 2028年 → 2029年" in said and "開設" not in said


def test_what_cannot_be_done_is_said_so_and_is_an_answer(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "甲,2028,80,1,2028,2028\n乙,2028,60,1,2028,2028\n", "--json"))
    assert found["status"] == "infeasible" and found["reasons"] and "works" not in found
    assert "解なし（証明済み）" in run(tmp_path, "甲,2028,180,1,,\n")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("甲,2020,80,1,,\n", "2 行目"), ("甲,2028,-5,1,,\n", "費用"), ("甲,2028,5,0,,\n", "年数"),
        ("甲,2028,,1,,\n", "費用"), ("甲,2028,5,1,2030,2029\n", "最早年"), ("", "行がありません"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(KyodoError) as refused:
        run(tmp_path, rows)
    assert words in refused.value.message


def test_a_missing_heading_and_a_wrong_ceiling(tmp_path: Path) -> None:
    with pytest.raises(KyodoError, match="費用"):
        run(tmp_path, "甲,2028\n", head="工事,希望年\n")
    with pytest.raises(KyodoError, match="ceiling"):
        run(tmp_path, "甲,2028,80,1,,\n", ceiling="nan")
