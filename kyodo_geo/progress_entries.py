"""What staff may enter of the plan's progress: values that cannot be are refused, unlikely ones asked about."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from kyodo_geo.errors import InputError
from kyodo_geo.indicators import SHARE

JUMP_POINTS = 10.0
"""A share that differs by more than this many points from the nearest known year is asked about."""
JUMP_SHARE = 0.5
JUMP_LEAST = 5
"""A count that differs by more than half of the nearest known year's, and by at least this many."""
MAX_COUNT = 10_000_000
MAX_SAMPLE = 10_000_000
MAX_RECORD = 2_000
MAX_SOURCE = 200
MAX_LINK = 500
MAX_NUMBER = 100
MAX_DOCUMENTS = 10
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_WHOLE = re.compile(r"\d{1,12}")


@dataclass(frozen=True, slots=True)
class ValueEntry:
    """An indicator's value of one fiscal year as it shall be kept."""

    fiscal_year: int
    value: float
    sample_size: int | None
    low: float | None
    high: float | None
    source: str
    quality: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document behind a record: on the web, or in the files under a number, or both."""

    title: str
    url: str | None = None
    number: str | None = None

    def __str__(self) -> str:
        """題名（番号） https://…"""
        number = f"（{self.number}）" if self.number else ""
        return f"{self.title}{number}" + (f" {self.url}" if self.url else "")


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """What was done for an initiative in one fiscal year."""

    fiscal_year: int
    record: str
    evidence: tuple[Document, ...]
    source: str | None
    quality: str


def number_of(text: str, field: str, label: str) -> float | None:
    """A number as people write it (full-width, thousands separators, a trailing %); None for an empty field."""
    plain = _plain(text).removesuffix("%")
    if not plain:
        return None
    if not _NUMBER.fullmatch(plain):
        raise InputError(f"{label}は数で入力してください（例 48.5）。", field=field)
    return float(plain)


def whole_of(text: str, field: str, label: str) -> int | None:
    """A whole number from 0; None for an empty field."""
    plain = _plain(text)
    if not plain:
        return None
    if not _WHOLE.fullmatch(plain):
        raise InputError(f"{label}は 0 以上の整数で入力してください。", field=field)
    return int(plain)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(",", "").replace("−", "-").strip()


def check_value(entry: ValueEntry, *, unit: str, baseline_year: int, baseline: float, this_year: int) -> None:
    """Raise InputError naming the field for a value that cannot be true."""
    check_year(entry.fiscal_year, baseline_year, this_year)
    if not math.isfinite(entry.value):
        raise InputError("値は数で入力してください。", field="value")
    if unit == SHARE:
        if not 0 <= entry.value <= 100:
            raise InputError("割合は 0 から 100 の間で入力してください。", field="value")
    elif not 0 <= entry.value <= MAX_COUNT or entry.value != int(entry.value):
        raise InputError(f"{unit}の数は 0 以上の整数で入力してください。", field="value")
    if entry.fiscal_year == baseline_year and entry.value != baseline:
        raise InputError(
            f"基準年度の値は計画書のとおり {baseline:g} です。回答者数や出典だけを書き足せます。",
            field="value",
        )
    _check_survey(entry, unit)
    if not entry.source:
        raise InputError("出典を入力してください（調査の名前と年など）。", field="source")


def _check_survey(entry: ValueEntry, unit: str) -> None:
    if entry.sample_size is not None and not 1 <= entry.sample_size <= MAX_SAMPLE:
        raise InputError("回答者数は 1 以上の整数で入力してください。", field="sample_size")
    if (entry.low is None) != (entry.high is None):
        raise InputError("区間は下端と上端の両方を入力するか、両方とも空にしてください。", field="low")
    if entry.low is not None and entry.high is not None and not entry.low <= entry.value <= entry.high:
        raise InputError("区間は、下端 ≦ 値 ≦ 上端 になるように入力してください。", field="low")
    if unit == SHARE and ((entry.low or 0) < 0 or (entry.high or 0) > 100):
        raise InputError("割合の区間は 0 から 100 の間で入力してください。", field="low")


def check_year(fiscal_year: int, first: int, this_year: int) -> None:
    """Raise InputError for a year before the baseline's or one that has not begun."""
    if this_year < first:
        raise InputError(f"この計画の年度（{first} 年度から）は、まだ始まっていません。", field="fiscal_year")
    if not first <= fiscal_year <= this_year:
        raise InputError(
            f"年度は {first} 年度から {this_year} 年度までの間で選んでください。", field="fiscal_year"
        )


def jump(entry: ValueEntry, unit: str, known: Iterable[tuple[int, float]]) -> tuple[int, float] | None:
    """(year, value) of the nearest other year when the entry differs so much that it may be a slip, else None."""
    others = [(year, value) for year, value in known if year != entry.fiscal_year]
    if not others:
        return None
    # The earlier of two years that are equally near: figures are mostly entered in order.
    year, value = min(others, key=lambda item: (abs(item[0] - entry.fiscal_year), item[0]))
    change = abs(entry.value - value)
    if unit == SHARE:
        return (year, value) if change > JUMP_POINTS else None
    return (year, value) if change >= JUMP_LEAST and change > JUMP_SHARE * abs(value) else None


def check_record(entry: RecordEntry, *, first: int, this_year: int) -> None:
    """Raise InputError naming the field."""
    check_year(entry.fiscal_year, first, this_year)
    if not entry.record:
        raise InputError("実績を入力してください。", field="record")
    if len(entry.record) > MAX_RECORD:
        raise InputError(f"実績は {MAX_RECORD} 文字以内にしてください。", field="record")
    if len(entry.evidence) > MAX_DOCUMENTS:
        raise InputError(f"資料は {MAX_DOCUMENTS} 件までです。", field="record")


def check_document(document: Document, at: int) -> None:
    """Raise InputError naming the field of the form's line `at`."""
    if not document.title:
        raise InputError(f"資料 {at} の題名を入力してください。", field=f"evidence_title_{at}")
    if document.url is None and document.number is None:
        raise InputError(
            f"資料 {at} のアドレスか文書番号のどちらかを入力してください。", field=f"evidence_url_{at}"
        )
    if document.url is not None and web_link(document.url) is None:
        raise InputError(
            f"資料 {at} のアドレスは https:// または http:// で始まるものを入力してください。",
            field=f"evidence_url_{at}",
        )
    for name, text, most in (("title", document.title, MAX_SOURCE), ("number", document.number, MAX_NUMBER)):
        if len(text or "") > most:
            what = "題名" if name == "title" else "文書番号"
            raise InputError(
                f"資料 {at} の{what}は {most} 文字以内にしてください。", field=f"evidence_{name}_{at}"
            )


def web_link(address: str | None) -> str | None:
    """The address if it is one that a page may lead to (http or https with a host), else None."""
    if not address or len(address) > MAX_LINK or re.search(r"[\s\x00-\x1f\x7f\\]", address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and host and "@" not in parts.netloc else None
