"""The table of sources: the built-in one, and what is refused in one of the user's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geodata.fetch.sources import BUILT_IN, SourceTable, load_sources
from kyodo_geo.errors import InputError
from kyodo_geo.quality import Quality

ENTRY = """
municipality = "03201"
[[source]]
id = "a"
kind = "towns"
title = "t"
source = "s"
licence = "l"
authority = "a"
"""


def table(tmp_path: Path, text: str) -> SourceTable:
    path = tmp_path / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return load_sources(path)


@pytest.fixture(scope="module")
def built_in() -> SourceTable:
    return load_sources()


def test_the_built_in_table_holds_the_public_originals_of_morioka(built_in: SourceTable) -> None:
    assert built_in.municipality == "03201"
    assert [(source.id, source.kind) for source in built_in.sources] == [
        ("outline", "outline"),
        ("small-areas", "small-areas"),
        ("towns", "towns"),
        ("blocks", "blocks"),
        ("shelters", "facilities"),
        ("centres", "facilities"),
        ("district-assignment", "district-assignment"),
    ]


def test_every_address_is_https_of_the_publisher_and_unconfirmed(built_in: SourceTable) -> None:
    for source in built_in.sources:
        if source.bundled is None:
            assert source.url is not None
            assert source.page is not None
            assert source.url.startswith("https://")
            assert source.url.split("/")[2].endswith(".go.jp")
            assert not source.confirmed


def test_the_census_is_held_against_its_published_totals(built_in: SourceTable) -> None:
    (areas,) = built_in.select(["small-areas"])
    assert areas.check.totals == {"JINKO": 289_731, "SETAI": 131_110}
    assert areas.check.rows == 964
    assert areas.as_of == date(2020, 10, 1)


def test_only_the_district_assignment_is_unofficial(built_in: SourceTable) -> None:
    unofficial = [source.id for source in built_in.sources if source.quality is Quality.UNOFFICIAL]
    assert unofficial == ["district-assignment"]


@pytest.mark.parametrize("named", ["facilities", "shelters", "centres"])
def test_the_sources_of_one_kind_go_together(built_in: SourceTable, named: str) -> None:
    """A dataset replaces its kind whole: shelters alone would lose the centres."""
    assert [source.id for source in built_in.select([named])] == ["shelters", "centres"]


def test_sources_are_chosen_in_the_order_of_the_table(built_in: SourceTable) -> None:
    assert [source.id for source in built_in.select(["towns", "outline"])] == ["outline", "towns"]
    assert built_in.select([]) == built_in.sources


def test_an_unknown_name_is_refused_with_the_known_ones(built_in: SourceTable) -> None:
    with pytest.raises(InputError, match=r"maps.*outline、small-areas"):
        built_in.select(["maps"])


def test_a_minimal_entry_is_enough(tmp_path: Path) -> None:
    (only,) = table(tmp_path, ENTRY + 'url = "https://example.jp/a"\nmembers = ["*.csv"]').sources
    assert (only.filename, only.is_archive, only.confirmed) == ("a.zip", True, False)


def test_the_table_is_the_one_in_the_package() -> None:
    assert BUILT_IN.parent.name == "fetch"
    assert BUILT_IN.is_file()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "municipality"),
        ('municipality = "3201"', "municipality"),
        ('municipality = "03201"', r"\[\[source\]\]"),
        ("municipality = ", "読めません"),
        (ENTRY, "url か bundled"),
        (ENTRY + 'url = "https://e.jp/a"\nbundled = "b.csv"', "url か bundled"),
        (ENTRY + 'url = "file:///etc/passwd"', "https"),
        (ENTRY + 'url = "https:///a"', "https"),
        (ENTRY + "url = 1", "url は文字列"),
        (ENTRY + 'bundled = "../secret"', "bundled"),
        (ENTRY + 'bundled = "/etc/passwd"', "bundled"),
        (ENTRY + 'url = "https://e.jp/a"\nfilename = "../a"', "filename"),
        (ENTRY + 'url = "https://e.jp/a"\nsha256 = "00"', "sha256"),
        (ENTRY + 'url = "https://e.jp/a"\nmax_bytes = 0', "max_bytes は1以上"),
        (ENTRY + 'url = "https://e.jp/a"\nmax_seconds = "1"', "max_seconds"),
        (ENTRY + 'url = "https://e.jp/a"\nquality = "sample"', "quality"),
        (ENTRY + 'url = "https://e.jp/a"\nas_of = "2020"', "as_of は日付"),
        (ENTRY + 'url = "https://e.jp/a"\nconfirmed = "yes"', "confirmed"),
        (ENTRY + 'url = "https://e.jp/a"\nmembers = "*.csv"', "members"),
        (ENTRY + 'url = "https://e.jp/a"\ncolour = "red"', "colour"),
        (ENTRY + 'url = "https://e.jp/a"\ncheck = { sums = 1 }', "check"),
        (ENTRY + 'url = "https://e.jp/a"\ncheck = { totals = { a = "1" } }', "totals"),
        (ENTRY + 'url = "https://e.jp/a"\ncheck = { where = { a = 1 } }', "where"),
        (ENTRY + 'url = "https://e.jp/a"\ncheck = { rows = -1 }', "rows"),
        (ENTRY.replace("towns", "roads") + 'url = "https://e.jp/a"', "roads"),
        (ENTRY.replace('title = "t"', "") + 'url = "https://e.jp/a"', "title がありません"),
        (
            (ENTRY + 'url = "https://e.jp/a"\n') + ENTRY.split("\n", 2)[2] + 'url = "https://e.jp/b"',
            "同じ id",
        ),
    ],
)
def test_a_wrong_table_is_refused_with_the_reason(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        table(tmp_path, text)


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ありません"):
        load_sources(tmp_path / "none.toml")
