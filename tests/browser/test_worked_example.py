"""The worked example is true: its buttons exist, its pictures are there and small, and its way leads to the report."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from geodata.cluster import Cluster
from geodata.database import Database
from tests.browser.conftest import ARGUMENTS, CHROMIUM, served
from tests.browser.worked_example import MAX_BYTES, Walk, add_planner, membership_file, walk
from tests.fixtures_db import DatabaseUrls, copied

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "WORKED_EXAMPLE.md").read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "images" / "worked-example"
KEEP = os.environ.get("KYODO_WORKED_EXAMPLE")
"""Folder for new pictures (`make worked-example`)."""


def buttons() -> list[str]:
    """Words in bold: what the text tells to press, in order."""
    return re.findall(r"\*\*(.+?)\*\*", TEXT)


def shown() -> list[str]:
    """Names of the pictures in the order of the text."""
    return re.findall(r"!\[[^\]]+\]\(images/worked-example/([0-9a-z-]+)\.png\)", TEXT)


def test_what_the_text_tells_to_press_stands_in_the_pages() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in [*(ROOT / "api").rglob("*.html"), ROOT / "api" / "routes" / "progress.py"]
    )
    assert len(buttons()) > 8
    assert [words for words in buttons() if words not in sources] == []


def test_every_picture_is_shown_once_and_is_small() -> None:
    files = {path.stem: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert shown() == sorted(files), "in the order of their numbers"
    assert {name: size for name, size in files.items() if size >= MAX_BYTES} == {}


@pytest.fixture
def desk(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[tuple[str, DatabaseUrls, Database]]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app, max_size=3)
        add_planner(database)
        with served(urls) as address:
            yield address, urls, database
        database.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A browser whose own words (the button of a file field) are Japanese too."""
    path = str(CHROMIUM)
    browser = chromium.browser_type.launch(
        executable_path=path, args=[*ARGUMENTS, "--lang=ja"], env={**os.environ, "LANGUAGE": "ja"}
    )
    context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 860})
    context.set_default_timeout(30_000)
    yield context.new_page()
    browser.close()


@pytest.mark.full
def test_the_way_leads_from_the_table_to_the_report(desk, page: Page, tmp_path: Path) -> None:
    address, urls, database = desk
    way = Walk(page, address, database, Path(KEEP) if KEEP else None)
    walk(way, membership_file(urls, tmp_path), tmp_path)
    assert way.pressed == buttons()
    assert way.taken == shown()
