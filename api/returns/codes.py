"""Until when a code of a return works."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from api.clock import JAPAN, today

DAYS_AFTER_DUE = 30
"""Late answers are answers too."""


def code_until(due_on: date) -> datetime:
    """The end of a day: some time after the due day, and never less than that from today."""
    last = max(due_on, today()) + timedelta(days=DAYS_AFTER_DUE)
    return datetime.combine(last, time(23, 59), JAPAN)
