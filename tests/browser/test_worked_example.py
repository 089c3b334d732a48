"""The worked examples are true: their buttons exist, their pictures are there and small, and their ways lead to the reports."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from geodata.cluster import Cluster
from geodata.database import Database
from tests.browser import facility_example, worked_example
from tests.browser.conftest import ARGUMENTS, CHROMIUM, served
from tests.browser.walking import MAX_BYTES, ROOT, Told, Walk
from tests.fixtures_db import DatabaseUrls, copied

MEETING = Told("WORKED_EXAMPLE.md", "worked-example")
FACILITIES = Told("FACILITY_EXAMPLE.md", "facility-example")
BOTH = pytest.mark.parametrize("told", [MEETING, FACILITIES], ids=lambda told: told.folder)
KEEP = os.environ.get("KYODO_WORKED_EXAMPLES")
"""Folder for the folders of new pictures (`make worked-example`)."""

Desk = tuple[str, DatabaseUrls, Database]


def as_written(words: str) -> str:
    """Words of a button as its source has them: what the page fills in stands for itself."""
    return re.sub(r"^「.+」も", "「{title}」も", re.sub(r"第\d+版", "第{{ item.version }}版", words))


@BOTH
def test_what_the_text_tells_to_press_stands_in_the_pages(told: Told) -> None:
    folder = ROOT / "api"
    programs = ("routes/progress.py", "scenario_pages/comparing.py", "scenario_pages/pages.py")
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in [*folder.rglob("*.html"), *(folder / name for name in programs)]
    )
    assert len(told.buttons()) > 8
    assert [words for words in told.buttons() if as_written(words) not in sources] == []


@BOTH
def test_every_picture_is_shown_once_and_is_small(told: Told) -> None:
    assert told.shown() == list(told.pictures()), "in the order of their numbers"
    assert {name: size for name, size in told.pictures().items() if size >= MAX_BYTES} == {}
    assert len(told.shown()) <= 25


@pytest.fixture
def desk(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Callable[..., Desk]]:
    """`desk(add)`: a service on its own copy of the sample with the user that `add` makes."""
    with ExitStack() as stack:

        def make(add: Callable[[Database], None]) -> Desk:
            urls = stack.enter_context(copied(cluster, sample_db_template))
            database = Database(urls.app, max_size=3)
            stack.callback(database.close)
            add(database)
            return stack.enter_context(served(urls)), urls, database

        yield make


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


def kept(told: Told) -> Path | None:
    """Where new pictures of an example go."""
    return Path(KEEP) / told.folder if KEEP else None


@pytest.mark.full
def test_the_way_leads_from_the_table_to_the_report(
    desk: Callable[..., Desk], page: Page, tmp_path: Path
) -> None:
    address, urls, database = desk(worked_example.add_planner)
    way = Walk(page, address, database, kept(MEETING))
    worked_example.walk(way, worked_example.membership_file(urls, tmp_path), tmp_path)
    assert way.pressed == MEETING.buttons()
    assert way.taken == MEETING.shown()
    assert [figure for figure in MEETING.figures() if figure not in way.seen] == []


@pytest.mark.full
def test_the_way_leads_from_the_network_to_the_scenario(
    desk: Callable[..., Desk], page: Page, tmp_path: Path
) -> None:
    address, urls, database = desk(facility_example.add_keeper)
    way = Walk(page, address, database, kept(FACILITIES))
    facility_example.walk(way, facility_example.network_file(urls, tmp_path), tmp_path)
    assert way.pressed == FACILITIES.buttons()
    assert way.taken == FACILITIES.shown()
    assert [figure for figure in FACILITIES.figures() if figure not in way.seen] == []
