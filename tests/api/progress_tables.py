"""The tables of a progress page as dictionaries: key of the row → column → text, read from `data-column`."""

from __future__ import annotations

from collections import defaultdict
from html.parser import HTMLParser

Rows = dict[str, dict[str, str]]


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Rows] = defaultdict(dict)
        self._sheet: str | None = None
        self._row: dict[str, str] | None = None
        self._column: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "table":
            self._sheet = given.get("data-sheet")
        elif tag == "tr" and self._sheet and given.get("data-key"):
            self._row = self.found[self._sheet].setdefault(str(given["data-key"]), {})
        elif self._row is not None and given.get("data-column"):
            name = str(given["data-column"])
            self._row[name] = given.get("data-text") or ""
            # A link's own words are not the cell's.
            self._column = None if given.get("data-text") else (name, tag)

    def handle_endtag(self, tag: str) -> None:
        if self._column and tag == self._column[1]:
            self._column = None
        elif tag == "tr":
            self._row = None
        elif tag == "table":
            self._sheet = None

    def handle_data(self, data: str) -> None:
        if self._column and self._row is not None:
            self._row[self._column[0]] += data


def tables_of(html: str) -> dict[str, Rows]:
    """Sheets of a page by name."""
    parser = _Tables()
    parser.feed(html)
    return dict(parser.found)
