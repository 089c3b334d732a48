"""What lists of associations say of persons: left out on entry, before anything else looks at the rows.

Reported are columns and how many values they had, never a value. Headings are quoted only when they consist of the
usual words: in a file without a heading row the first association's president would stand there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from geodata.readers.fields import folded
from geodata.readers.result import LoadReport

if TYPE_CHECKING:
    from geodata.readers.sources import Table

KINDS = frozenset({"associations", "association-rules", "association-districts"})
"""Kinds whose files are lists that cities keep with the presidents in them."""

_CATEGORIES = (
    ("氏名", r"会長|代表|氏名|役員|担当者|責任者|委員|理事|監事|会計|president|representative"),
    ("住所・所在地", r"住所|所在地|事務所|郵便|〒|address|自宅"),
    ("電話・連絡先", r"電話|携帯|連絡先|tel|fax|ファックス|phone"),
    ("メール", r"メール|mail"),
    ("生年月日など", r"生年|年齢|性別|就任|任期"),
)
_USUAL = re.compile(
    r"(?:町内会|自治会|町会|会長|副会長|代表者|代表|役員|担当者|責任者|委員|理事|監事|会計|事務局|事務所|主たる|氏名|名前|"
    r"名|住所|所在地|郵便番号|電話番号|電話|携帯|番号|連絡先|ファックス|fax|tel|メールアドレス|メール|アドレス|e?mail|"
    r"president|representative|address|phone|name|の|及び|と|自宅|生年月日|年齢|性別|就任|任期|年月日|日|"
    r"フリガナ|ふりがな|カナ|よみ|[0-9]|〒|、|/|\.)+"
)


def category_of(heading: str) -> str | None:
    """What a column of this heading says of a person, or None."""
    plain = folded(heading)
    return next((name for name, words in _CATEGORIES if re.search(words, plain)), None)


def shown(heading: str, place: int) -> str:
    """The heading, or where it stands when it could be somebody's name."""
    if _USUAL.fullmatch(folded(heading)):
        return heading[:40]
    return f"{place}列目（{category_of(heading)}）"


def leave_out(tables: Sequence[Table], report: LoadReport) -> None:
    """Drop the columns from the tables; lists (without geometry) quote no headings in errors from now on."""
    for table in tables:
        table.guarded = table.geometry is None
        for place, column in enumerate(list(table.frame.columns), start=1):
            heading = table.labels.get(str(column), str(column))
            if category_of(heading) is None:
                continue
            cells = sum(bool(str(cell).strip()) for cell in table.frame[column])
            report.leave_out(table.source, shown(heading, place), cells)
            table.frame = table.frame.drop(columns=[column])
