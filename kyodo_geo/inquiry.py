"""The yearly inquiry (照会): what a department is asked about an item, and how its answers stand beside what is kept.

An answer is a `Content`: field → value, where `evidence` is a list of {title, url, number}. {} is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from kyodo_geo.dates import date_label
from kyodo_geo.errors import InputError
from kyodo_geo.progress_entries import MAX_DOCUMENTS, MAX_RECORD, MAX_SOURCE, Document, check_document
from kyodo_geo.records import Field, typed_of, value

Content = dict[str, Any]
SELF_EVALUATIONS = (
    ("ahead", "計画より進んだ"), ("as_planned", "計画どおり"), ("late", "計画より遅れた"), ("not_done", "実施しなかった"),
)  # fmt: skip
MAX_WORDS = 1_000
MAX_QUESTIONS = 5
LEAST_LINES = 3
"""Lines for documents on a sheet, unless more are kept already."""
EVIDENCE = "evidence"
DOCUMENT_PARTS = (("title", "題名"), ("number", "文書番号"), ("url", "アドレス"))

_INITIATIVE = (
    Field(
        "record",
        "実績",
        "words",
        most=MAX_RECORD,
        hint="したこと。件数や人数があれば一緒に。個人の名前は書かない",
    ),
    Field(EVIDENCE, "資料", "line"),
    Field("self_evaluation", "自己評価", "choice", options=SELF_EVALUATIONS),
    Field("difficulties", "難しかったこと", "words", most=MAX_WORDS),
    Field("next_year", "次の年度の予定", "words", most=MAX_WORDS),
)
_INDICATOR = (
    Field("value", "値", "figure", hint="分からなければ空のまま（0 とは違います）"),
    Field("sample_size", "回答者数（調査のとき）", "whole", most=10_000_000, unit="人"),
    Field("low", "95 % 区間の下端（調査のとき）", "figure"),
    Field("high", "95 % 区間の上端（調査のとき）", "figure"),
    Field("source", "出典", most=MAX_SOURCE, hint="調査や資料の名前"),
    Field("as_of", "いつの時点の値か", "day", hint="例：令和8年3月31日。出典に書き足します"),
)
_QUESTION = (Field("answer", "回答", "words", most=MAX_WORDS),)
FIELDS: Mapping[str, tuple[Field, ...]] = {
    "initiative": _INITIATIVE,
    "indicator": _INDICATOR,
    "question": _QUESTION,
}
NOT_KEPT = frozenset({"as_of"})
"""Asked for, and kept within another field."""


def kind_of(item: str) -> str:
    """initiative, indicator or question: of r3-r7/initiative/9 or question/1."""
    return item.split("/")[-2]


def kept_fields(kind: str) -> tuple[Field, ...]:
    """The fields an answer is compared by."""
    return tuple(field for field in FIELDS[kind] if field.name not in NOT_KEPT)


def lines_for(content: Content) -> int:
    """How many documents a sheet has room for: those that are kept, one more, and three at least."""
    return min(MAX_DOCUMENTS, max(LEAST_LINES, len(content.get(EVIDENCE) or []) + 1))


def read(kind: str, typed: Callable[[str], str], lines: int = MAX_DOCUMENTS) -> Content:
    """An answer as it was typed, {} for one that was left empty; raises InputError with `field`.

    `typed` gives the text of a field; documents are evidence_title_1, evidence_number_1, evidence_url_1 …
    """
    found: Content = {}
    for field in FIELDS[kind]:
        found[field.name] = (
            _documents(typed, lines) if field.name == EVIDENCE else value(field, typed(field.name), {})
        )
    if not any(found.values()) and found.get("value") is None:
        return {}
    if kind == "initiative" and found["record"] is None:
        raise InputError("実績を入力してください。なければ「なし」と書いてください。", field="record")
    if kind == "indicator":
        _check_indicator(found)
        day = found.pop("as_of")
        if day is not None:
            found["source"] = f"{found['source']}（{date_label(day)}時点）"
    return found


def _check_indicator(found: Content) -> None:
    if found["value"] is None:
        raise InputError(
            "値を入力してください。分からなければ、この指標の欄をすべて空にしてください。", field="value"
        )
    if found["source"] is None:
        raise InputError("出典を入力してください（調査の名前と年など）。", field="source")
    if (found["low"] is None) != (found["high"] is None):
        raise InputError("区間は下端と上端の両方を入力するか、両方とも空にしてください。", field="low")


def _documents(typed: Callable[[str], str], lines: int) -> list[dict[str, str | None]]:
    found = []
    for at in range(1, lines + 1):
        said = {name: " ".join(typed(f"evidence_{name}_{at}").split()) for name, _ in DOCUMENT_PARTS}
        if any(said.values()):
            document = Document(said["title"], said["url"] or None, said["number"] or None)
            check_document(document, at)
            found.append(asdict(document))
    return found


def texts(kind: str, content: Content) -> dict[str, str]:
    """An answer as it stands in the fields of a form or sheet."""
    found = {
        field.name: typed_of(field, content.get(field.name))
        for field in FIELDS[kind]
        if field.name != EVIDENCE
    }
    for at, document in enumerate(content.get(EVIDENCE) or [], start=1):
        for name, _ in DOCUMENT_PARTS:
            found[f"evidence_{name}_{at}"] = document.get(name) or ""
    return found


def said(field: Field, held: Any) -> str:
    """A field of an answer for reading; empty where nothing was said."""
    if held in (None, "", []):
        return ""
    if field.name == EVIDENCE:
        return "\n".join(str(Document(**document)) for document in held)
    if field.form == "choice":
        return dict(field.options).get(held, str(held))
    if field.form == "figure":
        return f"{held:,.10g}"
    return f"{held:,}" if isinstance(held, int) else str(held)


class ItemState(StrEnum):
    """Where an item of a sheet stands."""

    NONE = "none"
    READY = "ready"
    CONFLICT = "conflict"
    ACCEPTED = "accepted"

    @property
    def label(self) -> str:
        """In words."""
        return {"none": "未回答", "ready": "回答あり", "conflict": "食い違い", "accepted": "記録に入れた"}[
            self.value
        ]


@dataclass(frozen=True, slots=True)
class Sides:
    """One field of an item: what went out, what is kept now, what the answers say (answer number → value).

    `open`: somebody has to choose, because the answers differ or the kept value changed after the sheet went out.
    """

    field: Field
    prefilled: Any
    now: Any
    answers: Mapping[int, Any]
    open: bool

    @property
    def choices(self) -> dict[str, Any]:
        """now or an answer's number → value, equal ones once: the first that says it."""
        found: dict[str, Any] = {"now": self.now}
        for number, answered in self.answers.items():
            if answered not in found.values():
                found[str(number)] = answered
        return found


def sides(kind: str, prefilled: Content, now: Content, answers: Mapping[int, Content]) -> list[Sides]:
    """The fields of an item side by side; `answers`: the open ones by number."""
    found = []
    for field in kept_fields(kind):
        out, kept = prefilled.get(field.name) or None, now.get(field.name) or None
        if field.form == "figure" or field.form == "whole":
            out, kept = prefilled.get(field.name), now.get(field.name)
        answered = {number: _plain(content.get(field.name)) for number, content in answers.items()}
        different: list[Any] = []
        for one in answered.values():
            if one not in different:
                different.append(one)
        changed = kept != out and any(one != kept for one in different)
        found.append(Sides(field, out, kept, answered, len(different) > 1 or changed))
    return found


def _plain(answered: Any) -> Any:
    return None if answered in ("", []) else answered


def state_of(
    prefilled: Content, now: Content, kind: str, answers: Mapping[int, Content], *, accepted: bool
) -> ItemState:
    """Of an item with these open answers; `accepted`: one was accepted before."""
    if not answers:
        return ItemState.ACCEPTED if accepted else ItemState.NONE
    found = sides(kind, prefilled, now, answers)
    return ItemState.CONFLICT if any(side.open for side in found) else ItemState.READY


def merged(found: Sequence[Sides], chosen: Callable[[str], str]) -> Content:
    """What is to be kept: field by field the chosen side; where nobody has to choose, what the answers say.

    Raises InputError for a field that is open and not chosen, or chosen as something that is not there.
    """
    content: Content = {}
    for side in found:
        choice = chosen(side.field.name)
        if not choice and not side.open:
            agreed = next(iter(side.answers.values()), side.now)
            choice = next((key for key, held in side.choices.items() if held == agreed), "now")
        if choice not in side.choices:
            raise InputError(
                f"{side.field.label}は、どれを記録に入れるか選んでください。", field=side.field.name
            )
        content[side.field.name] = side.choices[choice]
    return content
