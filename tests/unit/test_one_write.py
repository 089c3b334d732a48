"""Head and body of an answer leave in one piece, and nothing is held back or put out of order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.one_write import SMALL, Joined

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


class Written:
    """A transport that remembers."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.pieces.append(data)

    def writelines(self, data: tuple[bytes, ...]) -> None:
        self.write(b"".join(data))

    def close(self) -> None:
        self.closed = True

    get_extra_info = is_closing = pause_reading = resume_reading = abort = lambda self: "theirs"


def after_a_turn(scene: Callable[[Joined], object]) -> Written:
    """In a thread of its own: Playwright keeps a loop running in the main thread once a browser test has begun."""
    found = Written()

    async def turn() -> None:
        scene(Joined(found, asyncio.get_running_loop()))  # type: ignore[arg-type]
        await asyncio.sleep(0)

    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, turn()).result()
    return found


@pytest.mark.parametrize("body", [b"", b"x" * 10, b"x" * (SMALL + 1)], ids=["empty", "small", "large"])
def test_head_and_body_are_one_piece(body: bytes) -> None:
    assert after_a_turn(lambda to: (to.write(HEAD), to.write(body))).pieces == [HEAD + body]


def test_a_head_whose_body_takes_its_time_leaves_with_the_turn_of_the_loop() -> None:
    assert after_a_turn(lambda to: to.write(HEAD)).pieces == [HEAD]


def test_answers_and_chunks_keep_their_order() -> None:
    pieces = [HEAD, b"1", b"2", HEAD, b"3", HEAD, HEAD, b"4"]
    found = after_a_turn(lambda to: [to.write(piece) for piece in pieces])
    assert found.pieces == [HEAD + b"1", b"2", HEAD + b"3", HEAD + HEAD, b"4"]


def test_a_connection_that_is_closed_sends_its_head_first() -> None:
    found = after_a_turn(lambda to: (to.write(HEAD), to.close()))
    assert found.pieces == [HEAD]
    assert found.closed


def test_everything_else_is_the_transports() -> None:
    found = after_a_turn(lambda to: [to.abort(), to.is_closing(), to.get_extra_info()])
    assert found.pieces == []
