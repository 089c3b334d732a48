"""Fields of the staff's forms → values that may be kept. Each raises InputError with `field`, in words for the editor."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from urllib.parse import urlsplit

from kyodo_geo.dates import parse_date
from kyodo_geo.errors import InputError

MAX_LINE = 200
MAX_WORDS = 1_000
MAX_LINK = 500
EARLIEST, LATEST = date(1950, 1, 1), date(2200, 12, 31)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_WHOLE = re.compile(r"[0-9]{1,12}")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,18})?|[0-9](?:\.[0-9]{1,18})?e-[0-9]{1,2}")


def line(text: str, field: str, label: str, *, most: int = MAX_LINE, required: bool = False) -> str | None:
    """One line: spaces collapsed; None when left empty."""
    found = " ".join(_readable(text, field, label).split())
    return _bounded(found, field, label, most, required)


def words(text: str, field: str, label: str, *, most: int = MAX_WORDS, required: bool = False) -> str | None:
    """Several lines as written; None when left empty."""
    lines = _readable(text, field, label).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _bounded("\n".join(part.rstrip() for part in lines).strip(), field, label, most, required)


def link(text: str, field: str, label: str) -> str | None:
    """An https address with a host and no name or password in it; None when left empty."""
    found = _readable(text, field, label).strip()
    if not found:
        return None
    wrong = InputError(f"{label}は、https:// で始まるアドレスを入力してください。", field=field)
    if len(found) > MAX_LINK:
        raise InputError(f"{label}は {MAX_LINK} 文字以内で入力してください。", field=field)
    if re.search(r"[\s\\<>\"'`{}|^]", found):
        raise wrong
    try:
        parts = urlsplit(found)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme != "https" or not host or "." not in host or "@" in parts.netloc:
        raise wrong
    return found


def day(text: str, field: str, label: str) -> date | None:
    """A day in the Western calendar or an era, from 1950 to 2200; None when left empty."""
    found = unicodedata.normalize("NFKC", _readable(text, field, label)).strip()
    if not found:
        return None
    try:
        known = parse_date(found)
    except InputError:
        raise InputError(
            f"{label}は、2024-04-01 や 令和6年4月1日 のように入力してください。", field=field
        ) from None
    if not EARLIEST <= known <= LATEST:
        raise InputError(f"{label}は 1950 年から 2200 年までの日付にしてください。", field=field)
    return known


def whole(text: str, field: str, label: str, *, most: int, unit: str = "") -> int | None:
    """A whole number from 0, as people write it (1,200 / １２００, also with its unit); None when left empty (不明, not 0)."""
    found = unicodedata.normalize("NFKC", _readable(text, field, label)).replace(",", "").strip()
    found = found.removesuffix(unit).strip() if unit else found
    if not found:
        return None
    if not _WHOLE.fullmatch(found):
        raise InputError(f"{label}は 0 以上の整数で入力してください。不明なら空のままにします。", field=field)
    if int(found) > most:
        raise InputError(f"{label}が大きすぎます。{most:,} までで入力してください。", field=field)
    return int(found)


def amount(text: str, field: str, label: str, *, most: int, unit: str = "") -> float | None:
    """A number above 0, perhaps with a fraction; None when left empty."""
    found = unicodedata.normalize("NFKC", _readable(text, field, label)).replace(",", "").strip()
    found = found.removesuffix(unit).strip() if unit else found
    if not found:
        return None
    if not _AMOUNT.fullmatch(found) or not 0 < float(found) <= most:
        raise InputError(f"{label}は 0 より大きく {most:,} 以下の数で入力してください。", field=field)
    return float(found)


def figure(text: str, field: str, label: str, *, most: int) -> float | None:
    """A number from 0, perhaps with a fraction, as people write it; None when left empty."""
    found = unicodedata.normalize("NFKC", _readable(text, field, label)).replace(",", "").strip()
    if not found:
        return None
    if not _AMOUNT.fullmatch(found) or float(found) > most:
        raise InputError(f"{label}は 0 以上 {most:,} 以下の数で入力してください（例 48.5）。", field=field)
    return float(found)


def choice(text: str, field: str, label: str, allowed: Collection[str]) -> str:
    """One of the values that the form offers."""
    if text not in allowed:
        raise InputError(f"{label}を選んでください。", field=field)
    return text


def _readable(text: str, field: str, label: str) -> str:
    if _CONTROL.search(text):
        raise InputError(f"{label}に、使えない文字（制御文字など）が含まれています。", field=field)
    return unicodedata.normalize("NFC", text)


def _bounded(found: str, field: str, label: str, most: int, required: bool) -> str | None:
    if len(found) > most:
        raise InputError(
            f"{label}は {most:,} 文字以内で入力してください（いまは {len(found):,} 文字）。", field=field
        )
    if required and not found:
        raise InputError(f"{label}を入力してください。", field=field)
    return found or None
