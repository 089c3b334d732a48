"""One file over HTTP: streamed to `*.part`, continued after a cut, retried with growing pauses, bounded in all."""

from __future__ import annotations

import contextlib
import random
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_any, stop_before_delay
from tenacity.stop import stop_base
from tenacity.wait import wait_base

from geodata.fetch import answers
from geodata.fetch.answers import TryAgainError
from geodata.fetch.part import Part, Validators
from geodata.fetch.sources import MEGABYTE, Source
from kyodo_geo.errors import UnavailableError

USER_AGENT = "kyodo-geo (public data for a municipal map service)"
_SPARE_BYTES = 50 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Patience of one download. `attempts` count only while no new byte arrives; times are seconds."""

    attempts: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    connect_s: float = 15.0
    silence_s: float = 30.0
    redirects: int = 5

    def client(self) -> httpx.Client:
        """A client with these time-outs; proxies and certificates come from the environment."""
        return httpx.Client(timeout=httpx.Timeout(self.silence_s, connect=self.connect_s))


class Watch(Protocol):
    """Who is told how a download goes: `started` once per answer, `advanced` per piece, `said` in words."""

    def started(self, source: Source, already: int, size: int | None) -> None: ...

    def advanced(self, source: Source, count: int) -> None: ...

    def said(self, text: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Received:
    """A complete file, still under the name of its part."""

    part: Part
    size: int
    validators: Validators
    resumed: bool


class _Transfer:
    """The attempts for one file."""

    def __init__(
        self,
        client: httpx.Client,
        source: Source,
        target: Path,
        known: Validators,
        limits: Limits,
        watch: Watch,
    ) -> None:
        assert source.url is not None
        self.client, self.source, self.url = client, source, source.url
        self.known, self.limits, self.watch = known, limits, watch
        self.part = Part(target)
        self.deadline = time.monotonic() + source.max_seconds
        self.fruitless = 0
        self.resumed = False

    def run(self) -> Received | None:
        retrying = Retrying(
            retry=retry_if_exception_type(TryAgainError),
            stop=stop_any(_Fruitless(self), stop_before_delay(self.source.max_seconds)),
            wait=_Wait(self),
            before_sleep=self._say,
            reraise=True,
        )
        try:
            return retrying(self._attempt)
        except TryAgainError as error:
            raise answers.given_up(self.source, error) from error

    def _say(self, retry_state: RetryCallState) -> None:
        failed = retry_state.outcome.exception() if retry_state.outcome else None
        self.watch.said(
            f"{self.source.title}: {failed}。{retry_state.upcoming_sleep:.0f} 秒後にもう一度試します。"
        )

    def _attempt(self) -> Received | None:
        before = self.part.size
        try:
            return self._ask()
        except httpx.TransportError as error:
            raise answers.transport(self.source, error) from error
        except OSError as error:
            raise UnavailableError(
                f"{self.part.path.name} に書けません（{error.strerror or error}）。空き容量と権限を確かめてください。"
            ) from error
        finally:
            self.fruitless = 0 if self.part.size > before else self.fruitless + 1

    def _ask(self) -> Received | None:
        offset = self.part.continue_from(self.url)
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
        if offset:
            headers |= {"Range": f"bytes={offset}-", "If-Range": str(self.part.validators.exact)}
        elif self.known.etag:
            headers["If-None-Match"] = self.known.etag
        elif self.known.last_modified:
            headers["If-Modified-Since"] = self.known.last_modified
        with self._answer(headers) as response:
            return self._take(response, offset)

    @contextlib.contextmanager
    def _answer(self, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The final answer after at most `redirects` redirects, none of them from https to http."""
        request = self.client.build_request("GET", self.url, headers=headers)
        for _ in range(self.limits.redirects + 1):
            response = self.client.send(request, stream=True, follow_redirects=False)
            try:
                if response.next_request is None:
                    yield response
                    return
                following = response.next_request
            finally:
                response.close()
            answers.refuse_redirect(self.source, request.url, following.url)
            request = following
        raise answers.too_many_redirects(self.source, self.limits.redirects)

    def _take(self, response: httpx.Response, offset: int) -> Received | None:
        validators = Validators.of(response.headers)
        match answers.judge(self.source, response, offset):
            case answers.Verdict.NOT_MODIFIED:
                return None
            case answers.Verdict.COMPLETE:
                return Received(self.part, offset, self.part.validators, True)
            case answers.Verdict.CANNOT_CONTINUE:
                self.part.discard()
                raise TryAgainError("続きから受け取れなかったため、最初から受け取り直します", retry_after=0)
            case answers.Verdict.CONTINUED if not _same(validators, self.part.validators):
                self.part.discard()
                raise TryAgainError("途中で内容が替わったため、最初から受け取り直します", retry_after=0)
            case answers.Verdict.CONTINUED:
                self.resumed, validators = True, self.part.validators
                file = self.part.append()
            case _:
                offset, self.resumed = 0, False
                file = self.part.restart(self.url, validators)
        with file:
            size = self._stream(response, file, offset)
        return Received(self.part, size, validators, self.resumed)

    def _stream(self, response: httpx.Response, file: IO[bytes], offset: int) -> int:
        length = response.headers.get("content-length", "")
        plain = "content-encoding" not in response.headers
        expected = offset + int(length) if plain and re.fullmatch(r"[0-9]{1,15}", length) else None
        self._refuse_size(expected or 0)
        if expected and shutil.disk_usage(self.part.path.parent).free < expected - offset + _SPARE_BYTES:
            raise UnavailableError(
                f"{self.source.title}（{expected / MEGABYTE:.1f} MB）を保存する空き容量がありません。"
            )
        self.watch.started(self.source, offset, expected)
        size = offset
        # Compressed in spite of our wish: unpacked while reading, and then not continuable.
        for piece in response.iter_raw() if plain else response.iter_bytes():
            if size == 0 and answers.looks_like_page(response, piece):
                self.part.discard()
                raise answers.page_instead(self.source)
            size += len(piece)
            self._refuse_size(size)
            file.write(piece)
            self.watch.advanced(self.source, len(piece))
            if time.monotonic() > self.deadline:
                raise answers.too_slow(self.source, size)
        if expected is not None and size < expected:
            raise TryAgainError("途中で切れました")
        if not plain:
            self.part.validators = Validators()
        return size

    def _refuse_size(self, size: int) -> None:
        if size > self.source.max_bytes:
            self.part.discard()
            raise answers.too_large(self.source)


class _Wait(wait_base):
    """What the server asked for (Retry-After), else twice as long after each attempt in vain, with jitter."""

    def __init__(self, transfer: _Transfer) -> None:
        self._transfer = transfer

    def __call__(self, retry_state: RetryCallState) -> float:
        failed = retry_state.outcome.exception() if retry_state.outcome else None
        if isinstance(failed, TryAgainError) and failed.retry_after is not None:
            return failed.retry_after
        limits = self._transfer.limits
        pause = limits.first_wait_s * (2**self._transfer.fruitless + random.random())  # noqa: S311 - no secret
        return min(pause, limits.longest_wait_s)


class _Fruitless(stop_base):
    """Stop after too many attempts in a row that brought nothing."""

    def __init__(self, transfer: _Transfer) -> None:
        self._transfer = transfer

    def __call__(self, retry_state: RetryCallState) -> bool:
        return self._transfer.fruitless >= self._transfer.limits.attempts


def _same(new: Validators, old: Validators) -> bool:
    """Whether an answer that continues is about the same bytes, as far as it says."""
    return (new.etag is None or new.etag == old.etag) and (
        new.last_modified is None or new.last_modified == old.last_modified
    )


def download(
    client: httpx.Client, source: Source, target: Path, *, known: Validators, limits: Limits, watch: Watch
) -> Received | None:
    """Bring `source` to the part file of `target`; None when the server says that `known` is still current.

    Raises `NotFoundError` (it is not there), `FileFormatError` (a web page instead of a file) and
    `UnavailableError` (no connection, refused, too large, too slow). What was received stays for the next run.
    """
    return _Transfer(client, source, target, known, limits, watch).run()
