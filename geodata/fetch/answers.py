"""What an HTTP answer means for a download, and the sentences for people when it means the end."""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from geodata.fetch.sources import MEGABYTE, Source
from kyodo_geo.errors import FileFormatError, NotFoundError, UnavailableError

_TRANSIENT = frozenset(
    {
        httpx.codes.REQUEST_TIMEOUT,
        httpx.codes.TOO_EARLY,
        httpx.codes.TOO_MANY_REQUESTS,
        httpx.codes.INTERNAL_SERVER_ERROR,
        httpx.codes.BAD_GATEWAY,
        httpx.codes.SERVICE_UNAVAILABLE,
        httpx.codes.GATEWAY_TIMEOUT,
    }
)
_GONE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})
_PAGE = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE)


class TryAgainError(Exception):
    """This attempt failed in a way that may pass. `retry_after` in seconds when the server (or we) know it."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class Verdict(enum.Enum):
    """How to go on with an answer."""

    WHOLE = enum.auto()
    CONTINUED = enum.auto()
    COMPLETE = enum.auto()
    NOT_MODIFIED = enum.auto()
    CANNOT_CONTINUE = enum.auto()


def judge(source: Source, response: httpx.Response, offset: int) -> Verdict:
    """What the answer is, when the part file holds `offset` bytes (0: nothing, a whole file was asked for).

    Raises `TryAgainError`, `NotFoundError` or `UnavailableError`.
    """
    status = response.status_code
    if status == httpx.codes.NOT_MODIFIED and not offset:
        return Verdict.NOT_MODIFIED
    if status == httpx.codes.PARTIAL_CONTENT and offset:
        begins = re.match(r"bytes ([0-9]{1,15})-", response.headers.get("content-range", ""))
        return Verdict.CONTINUED if begins and int(begins[1]) == offset else Verdict.CANNOT_CONTINUE
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
        whole = response.headers.get("content-range") == f"bytes */{offset}"
        return Verdict.COMPLETE if whole else Verdict.CANNOT_CONTINUE
    if status == httpx.codes.OK:
        return Verdict.WHOLE
    if status in _TRANSIENT:
        raise TryAgainError(
            f"提供元が一時的に答えられません（HTTP {status}）", retry_after=_retry_after(response)
        )
    if status in _GONE:
        raise NotFoundError(
            f"{source.title} が見つかりません（HTTP {status}）: {source.url}\n{_elsewhere(source)}",
            source=source.id,
        )
    raise UnavailableError(
        f"{source.title} の取得を断られました（HTTP {status}）: {source.url}\n"
        "庁内のプロキシの設定（HTTPS_PROXY）と、提供元の案内を確かめてください。",
        source=source.id,
    )


def _elsewhere(source: Source) -> str:
    page = f"（{source.page}）" if source.page else ""
    return (
        f"提供元がファイルを移したようです。提供元のページ{page}で新しいアドレスを確かめ、"
        "取得元の表を写して直し、--sources で指定してください。"
    )


def _retry_after(response: httpx.Response) -> float | None:
    """Retry-After in seconds from now, from a number or a date; None when there is none that can be read."""
    given = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", given):
        return float(given)
    try:
        when = parsedate_to_datetime(given)
    except (ValueError, TypeError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def page_instead(source: Source) -> FileFormatError:
    return FileFormatError(
        f"{source.title} の代わりに Web ページが返されました: {source.url}\n"
        f"庁内のプロキシがサインインを求めているか、アドレスが変わったようです。{_elsewhere(source)}",
        file=source.filename,
    )


def looks_like_page(response: httpx.Response, first: bytes) -> bool:
    """Whether the answer is a web page (an error or sign-in page) instead of the file."""
    return response.headers.get("content-type", "").lower().startswith("text/html") or is_page(first)


def is_page(head: bytes) -> bool:
    """Whether the first bytes are those of an HTML page."""
    return _PAGE.match(head[:1024]) is not None


def refuse_redirect(source: Source, origin: httpx.URL, goal: httpx.URL) -> None:
    """Raise `UnavailableError` for a redirect to anything but http(s), or from https to http."""
    if goal.scheme not in ("https", "http") or (origin.scheme == "https" and goal.scheme == "http"):
        raise UnavailableError(
            f"{source.title} が、暗号化されていないか使えないアドレス（{goal}）へ転送されました。安全のため中止しました。",
            source=source.id,
        )


def too_many_redirects(source: Source, limit: int) -> UnavailableError:
    return UnavailableError(
        f"{source.title} のアドレスが {limit} 回を超えて転送されました: {source.url}\n{_elsewhere(source)}",
        source=source.id,
    )


def too_large(source: Source) -> UnavailableError:
    return UnavailableError(
        f"{source.title} が、予定の上限 {source.max_bytes / MEGABYTE:,.0f} MB を超えたため中止しました。"
        "内容を確かめ、正しければ取得元の表の max_bytes を増やして、--sources で指定してください。",
        source=source.id,
    )


def too_slow(source: Source, size: int) -> UnavailableError:
    return UnavailableError(
        f"{source.title} の取得が、上限の {source.max_seconds:,} 秒で終わりませんでした"
        f"（{size / MEGABYTE:,.1f} MB まで）。もう一度実行すると、できるときは続きから受け取ります。",
        source=source.id,
    )


def given_up(source: Source, error: TryAgainError) -> UnavailableError:
    wait = error.retry_after
    later = f"約 {wait / 60:,.0f} 分後に" if wait and wait > 60 else "しばらくしてから"
    return UnavailableError(
        f"{source.title} を取得できませんでした: {error}\n{source.url}\n"
        f"ネットワークの設定を確かめ、{later}もう一度実行してください。受け取れた分は残っています。",
        source=source.id,
    )


def transport(source: Source, error: httpx.TransportError) -> Exception:
    """`TryAgainError` for a broken or silent connection; `UnavailableError` for what waiting does not mend."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return UnavailableError(
            f"{source.title} の提供元の証明書を確かめられません: {source.url}\n"
            "庁内の機器が通信を検査しているときは、その証明書を SSL_CERT_FILE で指定してください。",
            source=source.id,
        )
    if isinstance(error, httpx.UnsupportedProtocol):
        return UnavailableError(f"{source.title} のアドレスを使えません: {source.url}", source=source.id)
    if isinstance(error, httpx.TimeoutException):
        return TryAgainError("提供元から応答がありません")
    if isinstance(error, httpx.ConnectError | httpx.ProxyError):
        return TryAgainError("提供元に接続できません")
    return TryAgainError("通信が途中で切れました")
