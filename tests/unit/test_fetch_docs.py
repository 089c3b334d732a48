"""docs/FETCH.md says everything the command and its table can do."""

from __future__ import annotations

import dataclasses

import pytest

from api.cli import load_command
from geodata.fetch.sources import Check, Source, load_sources
from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "FETCH.md").read_text(encoding="utf-8")
OPTIONS = [
    option
    for parameter in load_command("fetch").params
    for option in parameter.opts + parameter.secondary_opts
]


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - {"--help", "--load"}))
def test_every_option_is_described(option: str) -> None:
    assert f"| `{option}" in TEXT


@pytest.mark.parametrize("source", [source.id for source in load_sources().sources])
def test_every_source_is_listed(source: str) -> None:
    assert f"| `{source}` |" in TEXT


@pytest.mark.parametrize(
    "name",
    [field.name for cls in (Source, Check) for field in dataclasses.fields(cls) if field.name != "check"],
)
def test_every_entry_of_the_table_is_described(name: str) -> None:
    assert name in TEXT.partition("## 取得元の表の書き方")[2]


def test_the_figures_held_against_the_census_are_those_of_the_table() -> None:
    (areas,) = load_sources().select(["small-areas"])
    for number in (areas.check.rows, areas.check.loaded_rows, *areas.check.totals.values()):
        assert f"{number:,} " in TEXT
