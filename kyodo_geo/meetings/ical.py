"""Meetings as iCalendar (RFC 5545): what a calendar program subscribes to or opens. Text only; nothing is read here.

Written by hand, because it is little and must not weigh on a web worker; the tests read it back with the library icalendar.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from kyodo_geo.meetings.meeting import Meeting

CALENDAR = "text/calendar; charset=utf-8; method=PUBLISH"
ZONE = "Asia/Tokyo"
STATUS = {"planned": "TENTATIVE", "fixed": "CONFIRMED", "cancelled": "CANCELLED"}
LINE_BYTES = 75
"""Longest line without its end; a letter of UTF-8 is never cut in two (RFC 5545, 3.1)."""
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TIMEZONE = (
    "BEGIN:VTIMEZONE", f"TZID:{ZONE}", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0900",
    "TZOFFSETTO:+0900", "TZNAME:JST", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


def calendar(name: str, municipality: str, meetings: Iterable[Meeting], at: datetime) -> bytes:
    """The file: one VEVENT per meeting, cancelled ones too, so that they vanish from the calendars that have them.

    `at`: the moment for meetings whose last change nobody knows; aware. A UID is the meeting's for ever, its SEQUENCE the
    number of its corrections.
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//kyodo-geo//meetings//JA", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"NAME:{text(name)}", f"X-WR-CALNAME:{text(name)}", f"X-WR-TIMEZONE:{ZONE}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H", *_TIMEZONE,
    ]  # fmt: skip
    for meeting in meetings:
        lines += _event(meeting, municipality, at)
    lines.append("END:VCALENDAR")
    return "".join(part + "\r\n" for line in lines for part in folded(line)).encode()


def _event(meeting: Meeting, municipality: str, at: datetime) -> Iterator[str]:
    changed = _instant(meeting.changed_at or at)
    yield "BEGIN:VEVENT"
    yield f"UID:{meeting.id}@{municipality}.kyodo-geo"
    yield f"DTSTAMP:{changed}"
    yield f"LAST-MODIFIED:{changed}"
    yield f"SEQUENCE:{meeting.changes}"
    yield f"STATUS:{STATUS[meeting.state]}"
    if meeting.starts is None:
        yield f"DTSTART;VALUE=DATE:{meeting.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{meeting.day + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART;TZID={ZONE}:{_local(meeting.day, meeting.starts)}"
        if meeting.ends is not None:
            yield f"DTEND;TZID={ZONE}:{_local(meeting.day, meeting.ends)}"
    title = meeting.title if meeting.held else f"【中止】{meeting.title}"
    yield f"SUMMARY:{text(title)}"
    if meeting.place:
        yield f"LOCATION:{text(meeting.place)}"
    if meeting.note:
        yield f"DESCRIPTION:{text(meeting.note)}"
    yield f"CATEGORIES:{text(meeting.department)}"
    # Optional meetings do not block a day in programs that know the difference.
    yield f"TRANSP:{'OPAQUE' if meeting.required and meeting.held else 'TRANSPARENT'}"
    yield "END:VEVENT"


def text(value: str) -> str:
    """A value of type TEXT (3.3.11): backslash, semicolon and comma escaped, line ends as \\n."""
    plain = _UNREADABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """A line in pieces of at most 75 bytes; each but the first begins with a blank."""
    room, piece, size = LINE_BYTES, "", 0
    for letter in line:
        bytes_ = len(letter.encode())
        if size + bytes_ > room:
            yield piece
            piece, size = " ", 1
        piece += letter
        size += bytes_
    yield piece


def _local(day: date, at: time) -> str:
    return f"{day:%Y%m%d}T{at:%H%M%S}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
