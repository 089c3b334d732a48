"""docs/DATA_FORMATS.md tells what the readers read."""

from __future__ import annotations

from pathlib import Path

import pytest

from geodata.readers import FORMATS, WHOLE, module_of
from geodata.readers.gtfs_files import WANTED
from geodata.readers.town_files import TABLE_FIELDS
from geodata.record_files import RECORD_KINDS
from kyodo_geo.kinds import KINDS

DOCS = (Path(__file__).parents[3] / "docs" / "DATA_FORMATS.md").read_text(encoding="utf-8")


def section(kind: str) -> str:
    return DOCS.partition(f"\n### {kind} ")[2].partition("\n### ")[0]


def fields(kind: str):
    if kind == "towns":
        return TABLE_FIELDS
    if kind == "bus-timetable":
        return ()  # GTFS names its own files and columns, see below
    module = module_of(kind)
    if hasattr(module, "fields_of"):
        return module.fields_of(kind)
    return getattr(module, "FIELDS", None) or module.TABLE_FIELDS


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_documented_under_every_heading_it_is_read_from(kind):
    documented = {line for line in section(kind).splitlines() if line.startswith("| `")}
    for field in fields(kind):
        required = " **必須**" if field.required else ""
        assert (
            f"| `{field.name}` | {field.label}{required} | {'、'.join(field.headings) or '—'} |" in documented
        )


def test_the_files_of_a_timetable_that_are_read_are_documented():
    assert [name for name in WANTED if f"`{name}`" not in section("bus-timetable")] == []


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_documented(kind):
    for name in FORMATS[kind]:
        assert f"| `{name}` |" in section(kind)


def test_kinds_that_are_read_whole_are_named():
    (line,) = [
        line
        for line in DOCS.splitlines()
        if "1行でも読めなければ全体を断ります。" in line and line.startswith("- `")
    ]
    assert set(line.split("`")[1::2]) == WHOLE


@pytest.mark.parametrize("kind", RECORD_KINDS)
def test_every_column_of_a_record_file_is_documented(kind):
    spec = RECORD_KINDS[kind]
    part = DOCS.partition(f"\n### 記録 {kind} — {spec.label}\n")[2].partition("\n### ")[0]
    documented = {line for line in part.splitlines() if line.startswith("| `")}
    for field in spec.fields:
        required = " **必須**" if field.required else ""
        assert (
            f"| `{field.name}` | {field.label}{required} | {'、'.join(field.headings) or '—'} |" in documented
        )
