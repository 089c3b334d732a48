"""Forms that go out as a workbook and come back filled: what they ask, whose they are, and the seal that tells a change.

A form is for one `kind` (年度更新, 照会 …), `round` and `key` (whose it is); `mark` is the version of what it was prefilled
with. Each question carries its own seal over the cells that are locked, so that a changed one is told by its label; the form
carries one over whose it is, so that a file cannot be handed in for somebody else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kyodo_geo.errors import FileFormatError

FORM = "kyodo-form"
VERSION = 1
SEAL_LENGTH = 16
MAX_QUESTIONS = 1_500
MAX_ANSWER = 10_000
"""Characters of one answer; the questions themselves allow less."""
Value = str | int | date | None


@dataclass(frozen=True, slots=True)
class Question:
    """One row. `form`: line / words / whole / day / choice; `choices` are the words of the list.

    `held` stands beside the answer and is locked; `value` is in the answer's cell when the form goes out.
    """

    name: str
    label: str
    form: str = "line"
    held: str = ""
    value: Value = None
    hint: str = ""
    choices: tuple[str, ...] = ()
    most: int | None = None
    least: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Questions under one heading."""

    title: str
    lead: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """A whole form. `leads` are lines below the title; `held_head` and `answer_head` the headings of the columns."""

    kind: str
    round: str
    key: str
    mark: str
    title: str
    leads: tuple[str, ...]
    parts: tuple[Part, ...]
    held_head: str = "市の登録・前回"
    answer_head: str = "ご回答（ここに入力）"

    @property
    def questions(self) -> tuple[Question, ...]:
        return tuple(question for part in self.parts for question in part.questions)


@dataclass(frozen=True, slots=True)
class Row:
    """One question as it came back: the text of its three cells and the seal that stood beside them."""

    name: str
    seal: str
    label: str
    held: str
    answer: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A form that came back. `answers`: question → what stands in its cell, "" for an empty one."""

    kind: str
    round: str
    key: str
    mark: str
    answers: Mapping[str, str]


def identity(form: Form, secret: bytes) -> str:
    """What stands in the form's hidden cell."""
    said = {
        "form": FORM, "version": VERSION, "kind": form.kind, "round": form.round, "key": form.key, "mark": form.mark,
        "names": [question.name for question in form.questions],
    }  # fmt: skip
    return _written({**said, "seal": _seal(secret, said)})


def row_seal(form_key: Sequence[str], name: str, label: str, held: str, secret: bytes) -> str:
    """Seal of one question; `form_key` is (kind, round, key, mark)."""
    return _seal(secret, [*form_key, name, _plain(label), _plain(held)])


def checked(
    said: Mapping[str, Any],
    rows: Iterable[Row],
    secret: bytes,
    shown: str,
    labels: Mapping[str, str] | None = None,
) -> Filled:
    """A form whose seals hold. `labels`: question → its words, to tell rows that are gone by.

    Raises FileFormatError: of another city or round than the secret's, changed in its locked cells (told by label),
    questions that are missing or stand there twice.
    """
    bare = {name: value for name, value in said.items() if name != "seal"}
    if not _equal(str(said.get("seal", "")), _seal(secret, bare)):
        raise FileFormatError(
            f"{shown} は、この受け付けで配った用紙ではないか、用紙の番号が書き換えられています。"
            "配った用紙に記入し直してください。",
            file=shown,
        )
    kind, round_, key, mark = (str(said[name]) for name in ("kind", "round", "key", "mark"))
    answers: dict[str, str] = {}
    changed: list[str] = []
    for row in rows:
        if row.name in answers:
            raise FileFormatError(
                f"{shown} に「{_short(row.label)}」の行が 2 つあります。写した行を消してください。",
                file=shown,
            )
        answers[row.name] = row.answer
        expected = row_seal((kind, round_, key, mark), row.name, row.label, row.held, secret)
        if not _equal(row.seal, expected):
            changed.append(_short(row.label) or row.name)
    missing = [name for name in said["names"] if name not in answers]
    if missing or changed:
        told = changed[:3] + ([_gone(missing, labels or {})] if missing else [])
        raise FileFormatError(
            f"{shown} は、記入欄のほかが変わっています"
            f"（{'、'.join(told)}）。"
            "配った用紙の、色の付いた欄だけに記入してください。",
            file=shown,
        )  # fmt: skip
    return Filled(kind, round_, key, mark, {name: answers[name] for name in said["names"]})


def _gone(missing: Sequence[str], labels: Mapping[str, str]) -> str:
    known = [f"「{_short(labels[name])}」" for name in missing if name in labels][:3]
    if not known:
        return f"{len(missing)} 行がありません"
    more = f"など {len(missing)} 行" if len(missing) > len(known) else "の行"
    return f"{''.join(known)}{more}がありません"


def expect(filled: Filled, kind: str, round_: str, shown: str) -> None:
    """Raise FileFormatError for a form of something else (another year's, for instance)."""
    if (filled.kind, filled.round) != (kind, round_):
        raise FileFormatError(
            f"{shown} は、別の調べか別の年度（{filled.round}）の用紙です。年度を確かめてください。",
            file=shown,
        )


def _seal(secret: bytes, said: Any) -> str:
    return hmac.new(secret, _written(said).encode(), hashlib.sha256).hexdigest()[:SEAL_LENGTH]


def _equal(seal: str, expected: str) -> bool:
    """Whatever stands in the cell, and in a time that tells nothing."""
    return hmac.compare_digest(seal.encode("utf-8", "surrogatepass"), expected.encode())


def _written(said: Any) -> str:
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _plain(text: str) -> str:
    """Programs differ in how they keep line ends and spaces at the edges of a cell."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _short(text: str) -> str:
    plain = _plain(text)
    return plain if len(plain) <= 30 else plain[:29] + "…"
