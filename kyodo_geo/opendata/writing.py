"""Values as the standard writes them: kana, days of the week, times, addresses, and what its columns have no place for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time

from kyodo_geo.quality import LABELS, Quality

WEEKDAYS = "月火水木金土日"
Hours = tuple[int, time, time]
"""Weekday (1 Monday … 7 Sunday), opens, closes."""

_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_OF_PREFECTURE = re.compile(r"(東京都|北海道|(?:京都|大阪)府|..県|...県)")
_OTHER_PLACE = re.compile(r"[^0-9０-９]{1,5}?[市郡]")
_FACT = re.compile(r"([^：／]{1,10})：([^／]{1,200})")


def katakana(text: str | None) -> str:
    """The reading in full-width katakana; empty when there is none."""
    return (text or "").translate(_TO_KATAKANA)


def degrees(value: float) -> str:
    """A longitude or latitude at six digits (about 0.1 m)."""
    return f"{value:.6f}"


def address_parts(address: str | None, prefecture: str, city: str) -> tuple[str, str, str]:
    """(joined address, 都道府県, 市区町村) of an address as published.

    One that names neither a prefecture nor a city is the city's own and gets both in front; one that names another
    prefecture or city stays as it is, its parts unknown.
    """
    if not address:
        return "", "", ""
    rest = address.removeprefix(prefecture).lstrip(" 　")
    if rest.startswith(city):
        return f"{prefecture}{rest}", prefecture, city
    if rest != address or _OF_PREFECTURE.match(address) or _OTHER_PLACE.match(address):
        return address, "", ""
    return f"{prefecture}{city}{address}", prefecture, city


def same_address(one: str | None, other: str | None, prefecture: str, city: str) -> bool:
    """Whether two addresses differ at most by the prefecture and city in front."""
    return address_parts(one, prefecture, city)[0] == address_parts(other, prefecture, city)[0]


def opening(hours: Iterable[Hours]) -> tuple[str, str, str, str]:
    """利用可能曜日, 開始時間, 終了時間, 利用可能時間特記事項; all empty when nothing is known.

    Start and end are given only where they are the same on every day; otherwise the remark says them day by day.
    """
    by_day: dict[int, list[tuple[time, time]]] = {}
    for weekday, opens, closes in sorted(hours):
        by_day.setdefault(weekday, []).append((opens, closes))
    if not by_day:
        return "", "", "", ""
    days = "".join(WEEKDAYS[day - 1] for day in by_day)
    first = next(iter(by_day.values()))
    if len(first) == 1 and all(spans == first for spans in by_day.values()):
        return days, _clock(first[0][0]), _clock(first[0][1]), ""
    groups: dict[tuple[tuple[time, time], ...], str] = {}
    for day, spans in by_day.items():
        groups[tuple(spans)] = groups.get(tuple(spans), "") + WEEKDAYS[day - 1]
    said = (
        f"{names} {'・'.join(f'{_clock(opens)}-{_clock(closes)}' for opens, closes in spans)}"
        for spans, names in groups.items()
    )
    return days, "", "", "、".join(said)


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


def facts(items: Mapping[str, object]) -> str:
    """Facts for which the standard has no column, as 「名前：値／名前：値」 in 説明; None is left out.

    A value with a separator of its own in it is left out too: it could not be read back.
    """
    said = []
    for name, value in items.items():
        text = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
        if text and not re.search(r"[：／]", text):
            said.append(f"{name}：{text}")
    return "／".join(said)


def facts_of(text: str, names: Sequence[str]) -> dict[str, str]:
    """What `facts` wrote; nothing at all when the text is somebody's own words."""
    found = {}
    for part in text.split("／"):
        match = _FACT.fullmatch(part.strip())
        if match is None or match[1] not in names:
            return {}
        found[match[1]] = match[2]
    return found


def remark(*qualities: Quality | str | None) -> str:
    """The mark for 備考 of a row that is not published data throughout: invented, or estimated by this service."""
    given = {Quality(quality) for quality in qualities if quality}
    for quality in (Quality.SAMPLE, Quality.UNOFFICIAL):
        if quality in given:
            return LABELS[quality]
    return ""
