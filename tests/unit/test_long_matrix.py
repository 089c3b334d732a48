"""The list of what is left to the long matrix names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.long_matrix import LEFT, is_left

TESTS = Path(__file__).resolve().parents[1]
LINES = [line for lines in LEFT.values() for line in lines]


@pytest.mark.parametrize("line", LINES)
def test_a_line_names_tests_of_ours(line: str) -> None:
    module, _, rest = line.partition("::")
    files = [
        path for path in TESTS.rglob("test_*.py") if re.fullmatch(module, path.relative_to(TESTS).as_posix())
    ]
    assert files, "a file that is gone"
    if not rest.startswith("test_"):
        return
    named = rest.partition(r"\[")[0]
    functions = re.findall(r"^ *def (test_\w+)\(", "".join(path.read_text() for path in files), re.MULTILINE)
    stems = re.match(r"test_(?:\(([^)]*)\)\S*|(.*))$", named)
    assert stems is not None
    for stem in (stems[1] or stems[2]).split("|"):
        assert any(name.startswith(f"test_{stem.partition('.*')[0]}") for name in functions), stem


def test_what_stands_for_the_others_stays() -> None:
    assert not is_left("tests/api/test_up.py::test_an_empty_folder_becomes_a_service")
    assert not is_left("tests/browser/test_every_page.py::test_check_06_axe_finds_nothing[/lookup]")
    assert is_left("tests/browser/test_every_page.py::test_check_06_axe_finds_nothing[/maps]")
