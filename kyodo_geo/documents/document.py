"""A sent document as the rules see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

ADDRESSEES = (
    ("presidents", "町内会・自治会長"),
    ("associations", "町内会・自治会長（名前で選ぶ）"),
    ("circulation", "回覧担当者"),
    ("district-bodies", "コミュニティ推進地区組織"),
)
WAYS = (
    ("post", "郵送"),
    ("koho", "広報と一緒に配布"),
    ("mail", "電子メール"),
    ("web", "ホームページに掲載だけ"),
    ("hand", "手渡し"),
)
KINDS = (
    ("request", "依頼"),
    ("notice", "お知らせ・通知"),
    ("survey", "調査・照会"),
    ("circulation", "回覧の依頼"),
)
ON_PAPER = frozenset({"post", "koho", "hand"})
IN_ENVELOPES = frozenset({"post", "hand"})


@dataclass(frozen=True, slots=True)
class Document:
    """One document sent on one day. `copies` is None where nobody counted; `people`: whom it went to."""

    id: str
    department: str
    title: str
    sent_on: date
    addressees: str
    way: str
    kind: str
    number: str | None = None
    copies: int | None = None
    answer_by: date | None = None
    could_mail: bool = False
    quality: str = "real"
    people: frozenset[str] = frozenset()

    @property
    def of_presidents(self) -> bool:
        return self.addressees in ("presidents", "associations")
