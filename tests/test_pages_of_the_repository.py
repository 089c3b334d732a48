"""README and docs: what they link to is there, and nothing was left to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_OPEN = re.compile(r"@[A-Z_]{2,}@|\bTODO\b|\bTBD\b|\bFIXME\b")


def faults(page: Path, text: str) -> list[str]:
    """Local links that lead nowhere, and places that were to be filled in."""
    links = (link.split("#")[0] for link in _LINK.findall(text) if not re.match(r"[a-z]+:", link))
    missing = [link for link in links if link and not (page.parent / link).exists()]
    return [*missing, *_OPEN.findall(text)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_nothing_is_left_open(page: Path) -> None:
    assert faults(page, page.read_text(encoding="utf-8")) == []


def test_planted_faults_are_found() -> None:
    text = "![x](docs/images/no.png) [y](docs/STATUS.md#top) [z](https://example.org/a) @TEST@"
    assert faults(ROOT / "README.md", text) == ["docs/images/no.png", "@TEST@"]


def test_every_picture_of_the_docs_is_shown_somewhere() -> None:
    shown = {Path(link).name for page in PAGES for link in _LINK.findall(page.read_text(encoding="utf-8"))}
    assert [path.name for path in (ROOT / "docs" / "images").rglob("*.*") if path.name not in shown] == []
