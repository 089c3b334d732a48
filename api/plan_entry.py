"""What an editor says of a district's plan → a record that may be kept: from the staff's form and from /ogc alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from api.clock import today
from api.edit_forms import QUALITY_CHOICES
from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import InputError
from kyodo_geo.plan_states import PlanRecord, PlanState
from kyodo_geo.quality import Quality

STATES = [(state.value, state.label) for state in PlanState]


def plan_entry(typed: Callable[[str], str]) -> PlanRecord:
    """The record; raises InputError with `field`."""
    quality = entries.choice(
        typed("quality"), "quality", "記録の種類", [value for value, _ in QUALITY_CHOICES]
    )
    begins = entries.day(typed("valid_from"), "valid_from", "始まりの日")
    stated = entries.day(typed("stated_on"), "stated_on", "資料の基準日")
    _refuse_future(begins, stated)
    return PlanRecord(
        record_no=0,
        state=PlanState(entries.choice(typed("state"), "state", "状態", [value for value, _ in STATES])),
        title=entries.line(typed("title"), "title", "計画の名前"),
        document_url=entries.link(typed("document_url"), "document_url", "計画書のリンク"),
        stated_on=stated,
        note=entries.words(typed("note"), "note", "備考"),
        valid_from=begins,
        quality=Quality(quality).value,
        source=entries.line(typed("source"), "source", "出典", most=300),
    )


def _refuse_future(begins: date | None, stated: date | None) -> None:
    """A decision for the next fiscal year may be entered; a day further off, or a paper of tomorrow, is a slip."""
    last = date(fiscal_year_of(today()) + 2, 3, 31)
    if begins is not None and begins > last:
        raise InputError(
            f"始まりの日が先すぎます。来年度の終わり（{last.isoformat()}）までの日付にしてください。",
            field="valid_from",
        )
    if stated is not None and stated > today():
        raise InputError("資料の基準日が、今日より後になっています。", field="stated_on")
