"""会長あて送付文書の数: which documents count for the plan's reference indicator, under a rule that the city may change.

The plan says 「会長あて送付文書の数」, 116 in R1 by the city's own survey, and no more of how it was counted. The rule the
program brings along counts titles on paper, not copies: one title to all presidents is one, whichever department sent it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kyodo_geo.documents.document import ADDRESSEES, KINDS, WAYS, Document
from kyodo_geo.errors import InputError

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class CountRule:
    """What counts. `same_within`: the same title of the same department again within so many days is no further one.

    0: every sending counts.
    """

    addressees: tuple[str, ...] = ("presidents", "associations")
    ways: tuple[str, ...] = ("post", "koho", "hand")
    kinds: tuple[str, ...] = ("request", "notice", "survey", "circulation")
    same_within: int = 31

    def __post_init__(self) -> None:
        for name, label, known in (
            ("addressees", "宛先", ADDRESSEES), ("ways", "送り方", WAYS), ("kinds", "種類", KINDS),
        ):  # fmt: skip
            chosen = getattr(self, name)
            keys = [key for key, _ in known]
            if not chosen or not set(chosen) <= set(keys):
                raise InputError(f"数える{label}を、1 つ以上選んでください。", field=name)
            object.__setattr__(self, name, tuple(key for key in keys if key in chosen))
        if not 0 <= self.same_within <= MOST_DAYS:
            raise InputError(f"日数は 0〜{MOST_DAYS} にしてください。", field="same_within")

    @property
    def sentences(self) -> tuple[str, ...]:
        """The definition in words, as it stands on the page and in the file."""
        said = [
            f"宛先：{_labels(self.addressees, ADDRESSEES)}",
            f"送り方：{_labels(self.ways, WAYS)}",
            f"種類：{_labels(self.kinds, KINDS)}",
            "部数ではなく、題名を数えます。1 つの題名を全員に送っても 1 件です。",
        ]
        said.append(
            f"同じ課が同じ題名（文書番号があれば同じ番号）の文書を、{self.same_within} 日以内にもう一度送ったときは、"
            "合わせて 1 件です。"
            if self.same_within
            else "同じ題名でも、送るたびに 1 件と数えます。"
        )
        return tuple(said)


@dataclass(frozen=True, slots=True)
class Counted:
    """A document and whether it counts; `why` says why not, "" when it does."""

    document: Document
    why: str = ""

    @property
    def counts(self) -> bool:
        return not self.why


def counted(documents: Iterable[Document], rule: CountRule, first: date, last: date) -> list[Counted]:
    """The documents sent from `first` to `last`, by day. Give the days before too: what began then is not counted again."""
    newest: dict[tuple[str, str, str], tuple[date, date]] = {}
    found = []
    for one in sorted(documents, key=lambda one: (one.sent_on, one.id)):
        why = _left_out(one, rule)
        if not why and rule.same_within:
            mark = (plain(one.department), plain(one.title), plain(one.number or ""))
            before = newest.get(mark)
            if before is not None and (one.sent_on - before[1]).days <= rule.same_within:
                why = f"同じ題名を {before[0].month}月{before[0].day}日に数えています"
                newest[mark] = (before[0], one.sent_on)
            else:
                newest[mark] = (one.sent_on, one.sent_on)
        if first <= one.sent_on <= last:
            found.append(Counted(one, why))
    return found


def _left_out(one: Document, rule: CountRule) -> str:
    if one.addressees not in rule.addressees:
        return "宛先が、数えるものではありません"
    if one.way not in rule.ways:
        return "送り方が、数えるものではありません"
    if one.kind not in rule.kinds:
        return "種類が、数えるものではありません"
    return ""


def plain(text: str) -> str:
    """A title as it is compared: full and narrow letters alike, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _labels(keys: Iterable[str], known: Iterable[tuple[str, str]]) -> str:
    words = dict(known)
    return "、".join(words[key] for key in keys)
