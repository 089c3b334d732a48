"""Private pages: the common part is compressed, a form's token is not."""

from __future__ import annotations

import gzip

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.packed import packed, part

COMMON = part("<tr><td>仁王</td></tr>" * 20_000)
"""More than one window and one stored block of deflate."""


def asking(encoding: str) -> Request:
    return Request({"type": "http", "headers": [(b"accept-encoding", encoding.encode())]})


def page_with(token: str, behind: str = "終") -> HTMLResponse:
    html = f"<input value='{token}'>{COMMON.body.decode()}{behind}"
    return HTMLResponse(html, 409, {"Cache-Control": "private, no-store"})


@pytest.mark.parametrize("behind", ["", "終", "終" * 50_000])
def test_a_reader_gets_back_the_very_page(behind: str) -> None:
    page = page_with("t" * 40, behind)
    answer = packed(asking("br, gzip"), page, COMMON)
    assert gzip.decompress(answer.body) == page.body
    assert len(answer.body) < len(page.body) - 0.9 * len(COMMON.body)
    assert answer.status_code == 409
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_length_tells_nothing_of_the_token() -> None:
    """One that repeats what stands in the page is as long as one that does not."""
    sizes = {
        len(packed(asking("gzip"), page_with(token), COMMON).body)
        for token in ("<tr><td>" * 5, "0123456789abcdefghijklmnopqrstuvwxyzABCD", "a" * 40)
    }
    assert len(sizes) == 1


@pytest.mark.parametrize("encoding", ["", "br", "gzip;q=0"])
def test_who_takes_no_gzip_gets_the_page_as_it_is(encoding: str) -> None:
    page = page_with("t")
    assert packed(asking(encoding), page, COMMON) is page


def test_a_page_without_the_part_stays_as_it_is() -> None:
    page = HTMLResponse("<p>none</p>")
    assert packed(asking("gzip"), page, COMMON) is page
