"""The staff's form: fields as typed, as entries, as they are shown beside what is kept, and as lines of the history."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.datastructures import FormData

from api.progress.report import Indicator, Initiative
from api.progress.tables import amount, figure
from geodata.progress import Change, Kept, content_of
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError
from kyodo_geo.progress_entries import (
    MAX_DOCUMENTS,
    MAX_SOURCE,
    Document,
    RecordEntry,
    ValueEntry,
    check_document,
    check_record,
    check_value,
    jump,
    number_of,
    whole_of,
)
from kyodo_geo.quality import LABELS, Quality
from kyodo_geo.ticket_entries import paragraphs

Item = Indicator | Initiative
QUALITIES = [(quality.value, label) for quality, label in LABELS.items()]
ACTIONS = {"enter": "入力", "correct": "訂正", "withdraw": "取り下げ", "restore": "入れ直し"}
MAX_REASON = 200
MOST = 20_000
"""Characters looked at in one field: what is longer is refused for its length all the same."""
# What databases cannot hold, and what nobody types: control characters other than tab and line ends, lone surrogates.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FIELDS = ("value", "sample_size", "low", "high", "record", "source", "quality", "reason")
MOST_FIELDS = 60
"""Of a form: three for each document beside the others."""


@dataclass(frozen=True, slots=True)
class Line:
    """A document's line of the form as typed."""

    title: str = ""
    url: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it is shown again: texts as typed."""

    year: int
    version: int
    value: str = ""
    sample_size: str = ""
    low: str = ""
    high: str = ""
    record: str = ""
    evidence: tuple[Line, ...] = ()
    source: str = ""
    quality: str = "real"
    reason: str = ""
    sure: bool = False
    withdraw: bool = False

    def with_version(self, version: int) -> Filled:
        """The same against another version; a confirmation counts for what was seen then."""
        return replace(self, version=version, sure=False)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines for documents: those filled, and empty ones up to the most that can be kept."""
        return (*self.evidence, *(Line() for _ in range(MAX_DOCUMENTS - len(self.evidence))))

    def with_texts(self, texts: Mapping[str, Any]) -> Filled:
        """The same with other texts in its fields."""
        return replace(self, **texts)


def line(text: str) -> str:
    """One line with blanks run together; letters stay as wide as they were typed: a source is quoted as it is named."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def filled(form: FormData) -> Filled:
    """The form's fields; raises InputError for hidden ones that no honest form has."""

    def typed(name: str) -> str:
        value = form.get(name)
        return _UNREADABLE.sub("", value[:MOST]) if isinstance(value, str) else ""

    def number(name: str) -> int:
        text = typed(name)
        if not (text.isascii() and text.isdigit() and len(text) < 9):
            raise InputError("画面を開き直して、もう一度操作してください。", field=name)
        return int(text)

    found = Filled(
        number("fiscal_year"),
        number("version"),
        sure=typed("sure") == "yes",
        withdraw=typed("action") == "withdraw",
    )
    lines = [
        Line(*(typed(f"evidence_{name}_{at}") for name in ("title", "url", "number")))
        for at in range(1, MAX_DOCUMENTS + 1)
    ]
    texts: dict[str, Any] = {name: typed(name) for name in _FIELDS}
    texts["evidence"] = tuple(one for one in lines if any(map(line, (one.title, one.url, one.number))))
    return found.with_texts(texts)


def of_kept(row: Kept | None, year: int) -> Filled:
    """The form for what is kept; empty for a year without anything."""
    if row is None:
        return Filled(year, 0)
    texts: dict[str, Any] = {name: _typed(value) for name, value in row.content.items() if name != "evidence"}
    if "evidence" in row.content:
        texts["evidence"] = tuple(
            Line(**{name: text or "" for name, text in one.items()}) for one in row.content["evidence"]
        )
    return Filled(year, row.version).with_texts(texts)


def _typed(value: object) -> str:
    if isinstance(value, float):
        return figure(value).replace(",", "")
    return "" if value is None else str(value)


def entry_of(form: Filled, item: Item, *, first: int, this_year: int) -> ValueEntry | RecordEntry:
    """The entry a form states; raises InputError naming the field."""
    if form.quality not in set(Quality):
        raise InputError("データの品質を選んでください。", field="quality")
    source = line(form.source)
    if len(source) > MAX_SOURCE:
        raise InputError(f"出典は {MAX_SOURCE} 文字以内にしてください。", field="source")
    _check_reason(form)
    if isinstance(item, Initiative):
        record = RecordEntry(
            form.year, paragraphs(form.record), _documents(form), source or None, form.quality
        )
        check_record(record, first=first, this_year=this_year)
        return record
    value = number_of(form.value, "value", "値")
    if value is None:
        raise InputError("値を入力してください。", field="value")
    entry = ValueEntry(
        form.year,
        value,
        whole_of(form.sample_size, "sample_size", "回答者数"),
        number_of(form.low, "low", "区間の下端"),
        number_of(form.high, "high", "区間の上端"),
        source,
        form.quality,
    )
    goal = item.goal
    check_value(
        entry,
        unit=goal.unit,
        baseline_year=goal.baseline_year,
        baseline=goal.baseline,
        this_year=this_year,
    )
    return entry


def _documents(form: Filled) -> tuple[Document, ...]:
    documents = []
    for at, one in enumerate(form.evidence, start=1):
        document = Document(line(one.title), line(one.url) or None, line(one.number) or None)
        check_document(document, at)
        documents.append(document)
    return tuple(documents)


def check_withdrawal(form: Filled, item: Item) -> None:
    """Raise InputError unless a reason is given, and for the baseline, which is printed in the plan."""
    if isinstance(item, Indicator) and form.year == item.goal.baseline_year:
        raise InputError("基準年度の値は計画書に載っているため、取り下げられません。", field="reason")
    if not line(form.reason):
        raise InputError("取り下げるときは、理由を入力してください。", field="reason")
    _check_reason(form)


def _check_reason(form: Filled) -> None:
    if len(line(form.reason)) > MAX_REASON:
        raise InputError(f"理由は {MAX_REASON} 文字以内にしてください。", field="reason")


def changes(entry: ValueEntry | RecordEntry, row: Kept) -> bool:
    """Whether an entry says anything else than what is kept."""
    return content_of(entry) != row.content


def doubt(entry: ValueEntry | RecordEntry, item: Item, rows: Iterable[Kept]) -> str | None:
    """The question about a value that may be a slip of the pen, else None."""
    if not isinstance(item, Indicator) or not isinstance(entry, ValueEntry):
        return None
    known = [(row.fiscal_year, float(row.content["value"])) for row in rows if not row.withdrawn]
    found = jump(entry, item.goal.unit, known)
    if found is None:
        return None
    year, value = found
    unit = item.goal.unit
    return (
        f"{fiscal_year_label(year)}の {amount(value, unit)} から大きく変わっています"
        f"（入力は {amount(entry.value, unit)}）。桁や単位を確かめてください。"
    )


LABELS_OF = {
    "value": "値",
    "sample_size": "回答者数",
    "low": "区間の下端",
    "high": "区間の上端",
    "record": "実績",
    "evidence": "資料",
    "source": "出典",
    "quality": "データの品質",
}


def beside(row: Kept | None, form: Filled, item: Item) -> list[tuple[str, str, str]]:
    """What is kept beside what was typed, as (label, now, typed); fields that are empty in both are left out."""
    content = {} if row is None or row.withdrawn else row.content
    names = [name for name in LABELS_OF if name in content or getattr(form, name)]
    pairs = []
    for name in names:
        mine = getattr(form, name)
        if name == "evidence":
            mine = "\n".join(
                str(Document(line(one.title), line(one.url), line(one.number))) for one in form.evidence
            )
        if name == "quality" and mine in set(Quality):
            mine = LABELS[Quality(mine)]
        if content.get(name) or mine:
            pairs.append((LABELS_OF[name], _words(name, content.get(name), item), mine or "なし"))
    return pairs


def _words(name: str, value: Any, item: Item) -> str:
    if value is None or value == "" or value == []:
        return "なし"
    if name == "evidence":
        return "\n".join(str(Document(**one)) for one in value)
    if name == "quality":
        return LABELS[Quality(value)]
    if name == "sample_size":
        return f"{value:,} 人"
    if isinstance(item, Indicator) and name in ("value", "low", "high"):
        return amount(value, item.goal.unit)
    return str(value)


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the history: `lines` are (label, before, after) of what changed."""

    change: Change
    action: str
    year: str
    lines: list[tuple[str, str, str]]


def told(change: Change, item: Item) -> Told:
    """A change in words."""
    before, after = change.before or {}, change.after or {}
    lines = [
        (
            label,
            _words(name, before.get(name), item) if before else "－",
            _words(name, after.get(name), item) if after else "－",
        )
        for name, label in LABELS_OF.items()
        if (name in before or name in after) and before.get(name) != after.get(name)
    ]
    return Told(
        change, ACTIONS.get(change.action, change.action), fiscal_year_label(change.fiscal_year), lines
    )
