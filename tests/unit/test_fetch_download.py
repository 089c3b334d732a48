"""Bringing one file from servers that are slow, cut off, forgetful or wrong. Real HTTP on 127.0.0.1."""

from __future__ import annotations

import dataclasses
import gzip
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from geodata.fetch.download import Limits, Received, download
from geodata.fetch.part import Part, Validators
from geodata.fetch.sources import Source
from kyodo_geo.errors import FileFormatError, NotFoundError, UnavailableError
from tests import fetch_server
from tests.fetch_server import Server, endless, in_turn, redirect, status, whole

CONTENT = bytes(range(256)) * 400  # 102,400 bytes
QUICK = Limits(attempts=4, first_wait_s=0.01, longest_wait_s=0.05, connect_s=10, silence_s=10)
NOBODY = Validators()


class Told:
    """Everything a watch is told."""

    def __init__(self) -> None:
        self.starts: list[tuple[int, int | None]] = []
        self.received = 0
        self.words: list[str] = []

    def started(self, source: Source, already: int, size: int | None) -> None:
        self.starts.append((already, size))

    def advanced(self, source: Source, count: int) -> None:
        self.received += count

    def said(self, text: str) -> None:
        self.words.append(text)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with fetch_server.running() as found:
        yield found


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "a.bin"


def source_at(url: str, **more: object) -> Source:
    about = {
        "id": "a",
        "kind": "towns",
        "title": "試験のファイル",
        "source": "s",
        "licence": "l",
        "authority": "a",
    }
    return dataclasses.replace(Source(**about, url=url, filename="a.bin"), **more)  # type: ignore[arg-type]


def bring(
    server: Server,
    target: Path,
    *,
    known: Validators = NOBODY,
    limits: Limits = QUICK,
    watch: Told | None = None,
    **more: object,
) -> Received | None:
    with limits.client() as client:
        return download(
            client,
            source_at(server.url("/a"), **more),
            target,
            known=known,
            limits=limits,
            watch=watch or Told(),
        )


def received(target: Path) -> bytes:
    return Part(target).path.read_bytes()


def test_a_whole_file_arrives_under_the_name_of_its_part(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT)
    told = Told()
    got = bring(server, target, watch=told)
    assert got is not None
    assert (got.size, got.resumed, got.validators.etag) == (len(CONTENT), False, '"v1"')
    assert received(target) == CONTENT
    assert not target.exists()
    assert told.starts == [(0, len(CONTENT))]
    assert told.received == len(CONTENT)


def test_what_is_still_current_is_not_sent_again(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT)
    assert bring(server, target, known=Validators(etag='"v1"')) is None
    assert bring(server, target, known=Validators(etag='"old"')) is not None


def test_a_cut_off_file_is_continued_where_it_ended(server: Server, target: Path) -> None:
    server.routes["/a"] = in_turn(
        whole(CONTENT, cut_after=40_000), whole(CONTENT, cut_after=10_000), whole(CONTENT)
    )
    told = Told()
    got = bring(server, target, watch=told)
    assert got is not None
    assert got.resumed
    assert received(target) == CONTENT
    assert told.received == len(CONTENT)
    asked = server.asked("/a")
    assert [headers.get("Range") for headers in asked] == [None, "bytes=40000-", "bytes=50000-"]
    assert asked[1]["If-Range"] == '"v1"'
    assert len(told.words) == 2
    assert "試験のファイル" in told.words[0]


def test_a_later_run_continues_what_an_earlier_one_left(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT, cut_after=1)
    with pytest.raises(UnavailableError):  # one byte per attempt until the time is up
        bring(server, target, max_seconds=1)
    left = Part(target).size
    assert left > 0
    server.routes["/a"] = whole(CONTENT)
    got = bring(server, target)
    assert got is not None
    assert received(target) == CONTENT
    assert server.asked("/a")[-1]["Range"] == f"bytes={left}-"


def test_a_settled_date_serves_where_there_is_no_etag(server: Server, target: Path) -> None:
    old = formatdate(time.time() - 3600, usegmt=True)
    server.routes["/a"] = in_turn(
        whole(CONTENT, etag=None, last_modified=old, cut_after=40_000),
        whole(CONTENT, etag=None, last_modified=old),
    )
    assert bring(server, target) is not None
    assert received(target) == CONTENT
    assert server.asked("/a")[1]["If-Range"] == old


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_an_exact_mark_a_cut_file_starts_again(
    server: Server, target: Path, etag: str | None
) -> None:
    server.routes["/a"] = in_turn(whole(CONTENT, etag=etag, cut_after=40_000), whole(CONTENT, etag=etag))
    got = bring(server, target)
    assert got is not None
    assert not got.resumed
    assert received(target) == CONTENT
    assert "Range" not in server.asked("/a")[1]


def test_a_server_that_ignores_ranges_is_taken_from_the_start(server: Server, target: Path) -> None:
    server.routes["/a"] = in_turn(whole(CONTENT, cut_after=40_000), whole(CONTENT, ranges=False))
    got = bring(server, target)
    assert got is not None
    assert not got.resumed
    assert received(target) == CONTENT


def test_a_file_that_changed_in_between_is_not_glued_together(server: Server, target: Path) -> None:
    other = CONTENT[::-1]
    server.routes["/a"] = in_turn(whole(CONTENT, cut_after=40_000), whole(other, etag='"v2"'))
    got = bring(server, target)
    assert got is not None
    assert received(target) == other
    assert got.validators.etag == '"v2"'


def test_a_server_that_continues_something_else_is_noticed_by_its_etag(server: Server, target: Path) -> None:
    def careless(handler: fetch_server.Handler) -> None:
        del handler.headers["If-Range"]
        whole(CONTENT[::-1], etag='"v2"')(handler)

    server.routes["/a"] = in_turn(whole(CONTENT, cut_after=40_000), careless)
    assert bring(server, target) is not None
    assert received(target) == CONTENT[::-1]


def test_a_range_from_the_wrong_place_is_not_used(server: Server, target: Path) -> None:
    wrong = status(
        206, CONTENT[100:], Content_Range=f"bytes 100-{len(CONTENT) - 1}/{len(CONTENT)}", ETag='"v1"'
    )
    server.routes["/a"] = in_turn(whole(CONTENT, cut_after=40_000), wrong, whole(CONTENT))
    assert bring(server, target) is not None
    assert received(target) == CONTENT


def test_a_part_that_was_already_complete_needs_no_byte_more(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT)
    bring(server, target)  # the program ended before it could move the file
    got = bring(server, target)
    assert got is not None
    assert got.size == len(CONTENT)
    assert received(target) == CONTENT


def test_a_part_longer_than_the_file_starts_again(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT)
    bring(server, target)
    with Part(target).path.open("ab") as file:
        file.write(b"x")
    assert bring(server, target) is not None
    assert received(target) == CONTENT


def test_a_part_of_another_address_is_not_continued(server: Server, target: Path) -> None:
    Part(target).restart("http://127.0.0.1/other", Validators(etag='"v1"')).write(b"other")
    server.routes["/a"] = whole(CONTENT)
    assert bring(server, target) is not None
    assert received(target) == CONTENT
    assert "Range" not in server.asked("/a")[0]


def test_a_busy_server_is_asked_again(server: Server, target: Path) -> None:
    server.routes["/a"] = in_turn(status(500), status(503), whole(CONTENT))
    told = Told()
    assert bring(server, target, watch=told) is not None
    assert len(server.asked("/a")) == 3
    assert "HTTP 500" in told.words[0]


def test_the_server_says_how_long_to_wait(server: Server, target: Path) -> None:
    server.routes["/a"] = in_turn(status(429, Retry_After="1"), whole(CONTENT))
    began = time.monotonic()
    assert bring(server, target) is not None
    assert time.monotonic() - began >= 1.0


def test_a_wait_longer_than_our_time_ends_at_once_and_says_when(server: Server, target: Path) -> None:
    server.routes["/a"] = status(503, Retry_After=formatdate(time.time() + 7200, usegmt=True))
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="約 120 分後"):
        bring(server, target)
    assert time.monotonic() - began < 30  # not two hours
    assert len(server.asked("/a")) == 1


def test_attempts_are_limited(server: Server, target: Path) -> None:
    server.routes["/a"] = status(502)
    with pytest.raises(UnavailableError, match="HTTP 502"):
        bring(server, target)
    assert len(server.asked("/a")) == QUICK.attempts


def test_a_server_that_always_cuts_at_the_same_place_is_given_up(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT, ranges=False, etag=None, cut_after=40_000)
    with pytest.raises(UnavailableError, match="切れ"):
        bring(server, target)
    assert len(server.asked("/a")) == QUICK.attempts + 1  # the first brought something


@pytest.mark.parametrize("code", [404, 410])
def test_what_is_not_there_is_said_at_once(server: Server, target: Path, code: int) -> None:
    server.routes["/a"] = status(code)
    with pytest.raises(NotFoundError, match=r"https://example\.jp/guide.*--sources"):
        bring(server, target, page="https://example.jp/guide")
    assert len(server.asked("/a")) == 1


@pytest.mark.parametrize("code", [401, 403, 407, 418])
def test_a_refusal_is_not_repeated(server: Server, target: Path, code: int) -> None:
    server.routes["/a"] = status(code)
    with pytest.raises(UnavailableError, match=f"HTTP {code}"):
        bring(server, target)
    assert len(server.asked("/a")) == 1


def test_a_redirect_is_followed_with_the_range(server: Server, target: Path) -> None:
    server.routes["/a"] = redirect("/b")
    server.routes["/b"] = in_turn(whole(CONTENT, cut_after=40_000), whole(CONTENT))
    assert bring(server, target) is not None
    assert received(target) == CONTENT
    assert server.asked("/b")[1]["Range"] == "bytes=40000-"


def test_a_redirect_loop_ends(server: Server, target: Path) -> None:
    server.routes["/a"] = redirect("/b")
    server.routes["/b"] = redirect("/a")
    with pytest.raises(UnavailableError, match="転送"):
        bring(server, target)
    assert len(server.seen) == QUICK.redirects + 1


@pytest.mark.parametrize("goal", ["file:///etc/hostname", "ftp://127.0.0.1/a"])
def test_a_redirect_away_from_the_web_is_refused(server: Server, target: Path, goal: str) -> None:
    server.routes["/a"] = redirect(goal)
    with pytest.raises(UnavailableError, match="安全のため"):
        bring(server, target)


@pytest.mark.parametrize(
    "answer",
    [
        status(200, b"<html><body>login</body></html>", Content_Type="text/html; charset=utf-8"),
        status(200, b"\xef\xbb\xbf\n <!DOCTYPE html><title>error</title>", Content_Type="application/zip"),
    ],
)
def test_a_web_page_instead_of_the_file_is_recognised(
    server: Server, target: Path, answer: fetch_server.Behaviour
) -> None:
    server.routes["/a"] = answer
    with pytest.raises(FileFormatError, match="Web ページ"):
        bring(server, target)
    assert Part(target).size == 0


def test_a_body_without_end_is_stopped_at_the_size(server: Server, target: Path) -> None:
    server.routes["/a"] = endless()
    with pytest.raises(UnavailableError, match="上限 1 MB"):
        bring(server, target, max_bytes=1_000_000)
    assert Part(target).size == 0


def test_an_announced_size_above_the_limit_is_refused_before_it_comes(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT)
    told = Told()
    with pytest.raises(UnavailableError, match="上限"):
        bring(server, target, watch=told, max_bytes=1000)
    assert told.received == 0


def test_a_trickle_is_stopped_at_the_time(server: Server, target: Path) -> None:
    server.routes["/a"] = endless(piece=b"PK", pause_s=0.05)
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="1 秒"):
        bring(server, target, max_seconds=1)
    assert time.monotonic() - began < 30


def test_a_slow_server_is_waited_for(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(CONTENT, pause_s=0.02, piece=10_000)
    assert bring(server, target) is not None
    assert received(target) == CONTENT


def test_silence_counts_as_a_failed_attempt(server: Server, target: Path) -> None:
    server.routes["/a"] = in_turn(whole(CONTENT, pause_s=4, piece=40_000), whole(CONTENT))
    impatient = dataclasses.replace(QUICK, silence_s=1)
    assert bring(server, target, limits=impatient) is not None
    assert received(target) == CONTENT
    assert server.asked("/a")[1]["Range"] == "bytes=40000-"


def test_nobody_listening_is_said_in_words(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with fetch_server.running() as gone:
        pass
    with pytest.raises(UnavailableError, match="接続できません"):
        bring(gone, target)


def test_packed_in_spite_of_our_wish_is_unpacked(server: Server, target: Path) -> None:
    server.routes["/a"] = whole(gzip.compress(CONTENT), headers={"Content-Encoding": "gzip"})
    assert bring(server, target) is not None
    assert received(target) == CONTENT
