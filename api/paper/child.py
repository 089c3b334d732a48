"""HTML on standard input → tagged PDF on standard output; run as `python -m api.paper.child` and ended afterwards.

A process of its own, so that the PDF library's memory never stays in a web worker, a page that cannot be laid out
can be ended, and nothing of the service (connections, settings, other visitors) is within its reach.
"""

from __future__ import annotations

import sys
from typing import Any

from api.bounded import bound, end_with_parent

MAX_CPU_S = 60
MAX_MEMORY = 2 << 30
PROFILE = "pdf/ua-1"
AS_DRAWN = 'data-fit="0"'
"""On the root of a sheet that has to stand on one page: while it does not, 1, 2 … `FITS` are tried in its place."""
FITS = 4
END = "end"
"""Id of the element at which a page of a roll is cut, `MARGIN_PX` below."""
MARGIN_PX = 24


def make_pdf(html: str) -> bytes:
    """The PDF: tagged, with title and language, text selectable. Nothing is fetched from anywhere.

    Raises whatever the library raises for a page it cannot lay out.
    """
    import weasyprint
    from weasyprint.urls import FatalURLFetchingError, URLFetcher

    class OwnDataOnly(URLFetcher):
        """Only what stands in the page itself (`data:`); files and hosts end the rendering."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith("data:image/svg+xml;base64,"):
                raise FatalURLFetchingError("a printed page holds all it needs")
            return super().fetch(url, headers)

    fetcher = OwnDataOnly(allowed_protocols={"data"}, allow_redirects=False)
    document = weasyprint.HTML(string=html, url_fetcher=fetcher).render(pdf_variant=PROFILE)
    for step in range(1, FITS + 1):
        tighter = html.replace(AS_DRAWN, f'data-fit="{step}"', 1)
        if len(document.pages) == 1 or tighter == html:
            break
        document = weasyprint.HTML(string=tighter, url_fetcher=fetcher).render(pdf_variant=PROFILE)
    for page in document.pages:
        if END in page.anchors:
            page.height = min(page.height, page.anchors[END][1] + MARGIN_PX)
    made: bytes = document.write_pdf(pdf_variant=PROFILE)
    return made


def main() -> None:
    """Read, render, write; a failure is told by the exit code and the error's class, never by its text."""
    end_with_parent()
    bound(MAX_MEMORY, MAX_CPU_S)
    html = sys.stdin.buffer.read().decode()
    try:
        made = make_pdf(html)
    except Exception as error:  # its text may quote the page
        sys.stderr.write(f"kyodo-paper: {type(error).__name__}\n")
        sys.exit(1)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
