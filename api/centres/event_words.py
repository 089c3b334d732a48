"""An event in words, for pages, feed and files; and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from geodata.queries.datasets import active_datasets
from geodata.queries.events import EventRow
from kyodo_geo.centres.terms import EVENT_STATES, INITIATIVES
from kyodo_geo.quality import credit
from kyodo_geo.small_counts import THRESHOLD
from maps.text import day

STATES = dict(EVENT_STATES)
INITIATIVE = {int(key): label.partition(" ")[2] for key, label in INITIATIVES}


def when(row: EventRow) -> str:
    """Days and times: 2026年10月1日 13:30〜15:30."""
    days = day(row.starts_on) + (f"〜{day(row.ends_on)}" if row.ends_on else "")
    times = "〜".join(filter(None, (row.starts_at, row.ends_at)))
    if row.starts_at and not row.ends_at:
        times += "から"
    return f"{days} {times}".strip()


def where(row: EventRow) -> str:
    """The facility and what is said of the place; where nothing is said, it is still open or was not written down."""
    return " ".join(filter(None, (row.facility, row.place))) or ("未定" if row.state == "planned" else "不明")


def people(row: EventRow) -> str:
    """How many came; empty where it is unknown. Why a number is withheld (`small_counts.MARK`) is not told."""
    if row.withheld:
        return f"{THRESHOLD} 人未満等"
    return "" if row.participants is None else f"{row.participants:,} 人"


def summary(row: EventRow) -> str:
    """One line for a feed."""
    state = f"【{STATES[row.state]}】" if row.state == "cancelled" else ""
    parts = [
        when(row),
        where(row),
        row.audience and f"対象：{row.audience}",
        row.theme and f"テーマ：{row.theme}",
    ]
    if row.apply_until and row.state == "planned":
        parts.append(f"申込み：{day(row.apply_until)}まで")
    return state + "、".join(filter(None, parts))


def credit_of(reading: Any, rows: Iterable[EventRow]) -> dict[str, Any]:
    """The credit of records of the city, in the places of the active facilities and districts."""
    held = active_datasets(reading.conn, reading.ref)
    return credit(held, ("facilities", "districts"), values=(row.quality for row in rows))


def as_json(row: EventRow) -> dict[str, Any]:
    """The record of `/api/v1/events`; withheld participants are null as unknown ones are."""
    return {
        "id": row.id,
        "initiative_no": row.initiative_no,
        "initiative": INITIATIVE[row.initiative_no],
        "title": row.title,
        "fiscal_year": row.fiscal_year,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on and row.ends_on.isoformat(),
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "facility_id": row.facility_id,
        "facility": row.facility,
        "place": row.place,
        "lon": row.lon,
        "lat": row.lat,
        "district_no": row.district_no,
        "district": row.district,
        "audience": row.audience,
        "capacity": row.capacity,
        "apply_until": row.apply_until and row.apply_until.isoformat(),
        "apply_how": row.apply_how,
        "state": row.state,
        "theme": row.theme,
        "materials_url": row.materials_url,
        "participants": row.participants,
        "quality": row.quality,
        "source": row.source,
    }


COLUMNS = (
    ("name", "名前"), ("initiative", "取組"), ("when", "日時"), ("where", "会場"), ("district", "対象の地区"),
    ("audience", "対象の人"), ("capacity", "定員"), ("apply_until", "申込みの締切"), ("apply_how", "申込みの方法"),
    ("state", "状態"), ("theme", "講演のテーマ"), ("participants", "参加者数"), ("materials", "資料"),
    ("quality", "データの種類"),
    ("source", "出典"),
)  # fmt: skip
"""Columns of the CSV file."""


def as_row(row: EventRow) -> list[str | int]:
    """The cells of `COLUMNS`; what is unknown or withheld stays empty."""
    from kyodo_geo.quality import Quality

    return [
        row.title, f"{row.initiative_no} {INITIATIVE[row.initiative_no]}", when(row), where(row), district_of(row),
        row.audience or "", "" if row.capacity is None else row.capacity, row.apply_until.isoformat() if row.apply_until else "",
        row.apply_how or "", STATES[row.state], row.theme or "", "" if row.participants is None else row.participants,
        row.materials_url or "", Quality(row.quality).label, row.source or "",
    ]  # fmt: skip


def district_of(row: EventRow) -> str:
    """The district it is for, or the whole city."""
    return "市全体" if row.district_no is None else f"{row.district_no} {row.district or ''}".strip()
