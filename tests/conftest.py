"""Fixtures shared by every test folder."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

from tests.long_matrix import is_left

# `make test` draws the same examples every time, so that a change is judged by what it changed; `make test-full`
# (hypothesis's own profile) draws new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)

pytest_plugins = ["tests.fixtures_db", "tests.fixtures_replica", "tests.fixtures_sample"]


@pytest.hookimpl(tryfirst=True)  # before `-m` is looked at
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_left(item.nodeid):
            item.add_marker(pytest.mark.full)


ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with the real public files; they stand beside the checkout and are never part of it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real public files are not beside this checkout")
    return folder
