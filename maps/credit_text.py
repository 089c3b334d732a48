"""The credit that a file of tiles carries, made safe: text, and links to https pages. Anything else is dropped."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from markupsafe import Markup

from maps.escape import safe_text

MAX_CREDIT = 300
"""Characters of text that are shown."""


class _Reader(HTMLParser):
    """Collects words and links; what stands in script and style is no text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[tuple[str, str | None]] = []
        self._link: str | None = None
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self._silent += 1
        elif tag == "a":
            self._link = _https(dict(attrs).get("href"))
        elif tag == "br":
            self.parts.append((" ", None))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._link = None

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append((data, self._link))


def _https(address: str | None) -> str | None:
    """The address if it leads to an ordinary page of the web."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return None
    return address if parts.scheme == "https" and parts.hostname and len(address or "") <= 300 else None


def credit(text: str) -> Markup:
    """Plain text or HTML of unknown origin → HTML that may go to a page. Empty when nothing readable is left."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    made = []
    left = MAX_CREDIT
    for words, link in reader.parts:
        shown = " ".join(words.split())[:left]
        left -= len(shown)
        if not shown:
            made.append(Markup(" ") if words else Markup(""))
            continue
        inner = Markup(safe_text(shown))  # noqa: S704 - safe_text escapes
        before = Markup(" ") if words[0].isspace() else Markup("")
        after = Markup(" ") if words[-1].isspace() else Markup("")
        if link:
            inner = Markup('<a href="{}">{}</a>').format(Markup(safe_text(link)), inner)  # noqa: S704
        made.append(before + inner + after)
    return Markup("").join(made).strip()
