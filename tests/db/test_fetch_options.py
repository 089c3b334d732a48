"""Options of the command: lists, closed networks, and answers in words to wrong ones."""

from __future__ import annotations

import re

import pytest

from tests.fetch_program import FILES, Program, city, program, server
from tests.fetch_server import Server
from tests.fixtures_db import DatabaseUrls

__all__ = ["city", "program", "server"]


def test_no_load_needs_no_database(program: Program) -> None:
    program.urls = DatabaseUrls("none", *["postgresql://nobody@127.0.0.1:9/none"] * 3)
    done = program.fetch("--no-load", "--dir", str(program.folder / "carried"))
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (program.folder / "carried").iterdir()} >= {*FILES.values(), "fetched.json"}


def test_without_a_database_nothing_is_downloaded_for_it(program: Program, city: Server) -> None:
    program.urls = DatabaseUrls("none", *["postgresql://nobody@127.0.0.1:9/none"] * 3)
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert "データベースに接続できません" in done.stderr
    assert city.seen == []


def test_the_list_shows_which_addresses_have_worked_here(program: Program, city: Server) -> None:
    assert program.fetch("--no-load", "--only", "towns").returncode == 0
    shown = program.fetch("--list").stdout
    states = dict(re.findall(r"^([a-z-]+)（.+）: (.+)$", shown, re.MULTILINE))
    assert states == {
        "outline": "未確認", "small-areas": "未確認", "towns": "確認済み", "blocks": "未確認", "shelters": "未確認",
        "centres": "同梱", "district-assignment": "確認済み",
    }  # fmt: skip
    assert city.url("/blocks") in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--only", "roads"], "指定できる名前"),
        (["--no-load", "--activate"], "同時に指定できません"),
        (["--sources", "missing.toml"], "missing.toml がありません"),
        (["--offline", "--only", "towns"], "--no-load --dir"),
    ],
)
def test_a_wrong_option_is_answered_in_words(program: Program, options: list[str], said: str) -> None:
    done = program.fetch(*options)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_of_another_municipality_is_not_mixed_in(program: Program, city: Server) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(
        text.replace('municipality = "03201"', 'municipality = "22212"'), encoding="utf-8"
    )
    done = program.fetch()
    assert done.returncode == 1
    assert "22212" in done.stderr
    assert city.seen == []


def test_a_carried_folder_is_loaded_on_a_closed_network(program: Program, city: Server) -> None:
    carried = str(program.folder / "carried")
    assert program.fetch("--no-load", "--dir", carried).returncode == 0
    city.routes.clear()
    asked = len(city.seen)
    done = program.fetch("--offline", "--dir", carried, "--activate")
    assert done.returncode == 0, done.stderr
    assert len(city.seen) == asked
    assert len(program.active()) == 7
