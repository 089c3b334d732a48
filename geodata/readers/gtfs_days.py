"""Which services of a GTFS timetable run on a usual weekday, Saturday and Sunday."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.readers.reading import Reading
from geodata.readers.sources import Table
from geodata.readers.values import narrow
from kyodo_geo.errors import FileFormatError

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TYPES = ("weekday", "saturday", "sunday")
LABELS = {"weekday": "平日", "saturday": "土曜", "sunday": "日曜"}
MAX_DAYS = 800
_WEEKDAYS_JA = "月火水木金土日"


@dataclass(frozen=True, slots=True)
class Usual:
    """Services of each kind of day, the day taken for it (None: none runs), and the days the timetable holds for."""

    services: dict[str, frozenset[str]]
    days: dict[str, date | None]
    first: date
    last: date


def usual_days(reading: Reading, shown: str, tables: dict[str, Table], used: frozenset[str]) -> Usual:
    """Of all weekdays (Saturdays, Sundays) the set of services that runs most often; of equals the earliest.

    `used`: services that have trips. Holidays run like Sundays in the exceptions of a timetable: they are few among the
    weekdays and so are never the usual one. Raises `FileFormatError` for unreadable or missing days.
    """
    ranges = _ranges(tables.get("calendar"), used)
    extra, without = _exceptions(tables.get("calendar_dates"), used)
    known = [day for begin, end, _ in ranges.values() for day in (begin, end)] + sorted(extra)
    if not known:
        raise FileFormatError(f"{shown} に、運行する日が1日も書かれていません。", file=shown)
    first, last = min(known), max(known)
    until = min(last, first + timedelta(days=MAX_DAYS - 1))
    if until < last:
        reading.report.note(f"{shown}: 運行する日は、はじめの {MAX_DAYS} 日だけを見ました。")
    seen: dict[str, list[tuple[frozenset[str], date]]] = {kind: [] for kind in TYPES}
    for offset in range((until - first).days + 1):
        day = first + timedelta(days=offset)
        weekday = day.weekday()
        here = {s for s, (begin, end, on) in ranges.items() if begin <= day <= end and on[weekday]}
        here = (here | extra.get(day, set())) - without.get(day, set())
        seen[TYPES[max(0, weekday - 4)]].append((frozenset(here), day))
    services: dict[str, frozenset[str]] = {}
    days: dict[str, date | None] = {}
    for kind, found in seen.items():
        counts = Counter(running for running, _ in found)
        running, usual = _most_often(found, counts)
        services[kind], days[kind] = running, usual
        if usual is None:
            reading.report.note(f"{shown}: {LABELS[kind]}に運行する便がありません。")
        else:
            reading.report.note(
                f"{shown}: {LABELS[kind]}は {usual:%Y-%m-%d}（{_WEEKDAYS_JA[usual.weekday()]}）の運行としました"
                f"（同じ運行の日が {counts[running]:,} 日）。"
            )
    return Usual(services, days, first, last)


def _most_often(
    found: list[tuple[frozenset[str], date]], counts: Counter[frozenset[str]]
) -> tuple[frozenset[str], date | None]:
    if not found:
        return frozenset(), None
    running, day = min(found, key=lambda item: (-counts[item[0]], item[1]))
    return running, day if running else None


def cells(table: Table, *names: str) -> list[list[str]]:
    """Columns by their names in GTFS, which are required. Raises `FileFormatError`."""
    plain = {str(column).strip().casefold(): column for column in table.frame.columns}
    missing = [name for name in names if name not in plain]
    if missing:
        raise FileFormatError(
            f"{table.source} に {'、'.join(missing)} の列がありません。", file=table.source, column=missing[0]
        )
    return [[cell.strip() for cell in table.frame[plain[name]]] for name in names]


def _day(table: Table, row: int, column: str, cell: str) -> date:
    plain = narrow(cell)
    try:
        if len(plain) != 8 or not plain.isascii():
            raise ValueError
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:]))
    except ValueError:
        raise FileFormatError(
            f"{table.source} の {row} 行目「{column}」: 「{cell[:20]}」は日付（20260401 の形）ではありません。",
            file=table.source, row=row, column=column,
        ) from None  # fmt: skip


def _ranges(table: Table | None, used: frozenset[str]) -> dict[str, tuple[date, date, list[bool]]]:
    if table is None:
        return {}
    service, begin, end, *week = cells(table, "service_id", "start_date", "end_date", *WEEK)
    found = {}
    for place, (row, name) in enumerate(zip(table.frame.index, service, strict=True)):
        if name in used:
            found[name] = (
                _day(table, int(row), "start_date", begin[place]),
                _day(table, int(row), "end_date", end[place]),
                [day[place] == "1" for day in week],
            )
    return found


def _exceptions(
    table: Table | None, used: frozenset[str]
) -> tuple[dict[date, set[str]], dict[date, set[str]]]:
    extra: dict[date, set[str]] = {}
    without: dict[date, set[str]] = {}
    if table is None:
        return extra, without
    service, days, kinds = cells(table, "service_id", "date", "exception_type")
    for row, name, day, kind in zip(table.frame.index, service, days, kinds, strict=True):
        if name in used:
            of = extra if kind == "1" else without
            of.setdefault(_day(table, int(row), "date", day), set()).add(name)
    return extra, without
