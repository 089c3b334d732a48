"""Dated records of the centres' work: consultations, events, cases of associations at risk, advisers. All invented."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws

Row = dict[str, Any]

TOPICS = (
    "役員のなり手",
    "加入と退会",
    "会計と規約",
    "行事と活動",
    "集会所と設備",
    "近所の困りごと",
    "団体の立ち上げ",
)
"""Of the sample; a city enters its own."""
_ASKERS = ("association", "association", "district-organisation", "npo", "resident", "resident")
_WAYS = ("visit", "phone", "phone", "mail")
_RESULTS = ("answered", "answered", "passed-on", "going-on")
CONSULTATIONS = 120
FIRST_DAY = date(2025, 4, 7)
_CHANGED = datetime(2026, 4, 1, tzinfo=UTC)

# (id, initiative, title, first day, time, district, state, for whom, theme, participants)
_EVENTS = (
    ("sample-event-1", "3", "【見本】町内会・自治会基礎講座", date(2025, 6, 14), ("10:00", "12:00"), None, "held",
     "役員になったばかりの人", "会計のきほん（架空）", 34),
    ("sample-event-2", "26", "【見本】地域活動担い手養成講座 第1回", date(2025, 9, 6), ("13:30", "15:30"), None, "held",
     "地域の活動に関心のある人", "はじめての地域活動（架空）", 22),
    ("sample-event-3", "27", "【見本】コミュニティリーダー研修会", date(2025, 11, 15), ("13:30", "16:00"), None, "held",
     "地区の組織の役員", "話し合いの進め方（架空）", 41),
    ("sample-event-4", "22", "【見本】地域活動情報交換会", date(2026, 2, 21), ("14:00", "16:00"), 6,
     "cancelled", None, None, None),
    ("sample-event-5", "26", "【見本】地域活動担い手養成講座 第2回", date(2027, 1, 23), ("13:30", "15:30"), None, "planned",
     "地域の活動に関心のある人", "広報紙のつくり方（架空）", None),
    ("sample-event-6", "23", "【見本】地域活動事例発表会", date(2027, 2, 20), ("13:00", "16:00"), None,
     "planned", None, None, None),
)  # fmt: skip
_CAME = {
    "sample-event-2": {1: 4, 5: 6, 6: 5, 11: 3, 14: 4},
    "sample-event-3": {2: 7, 5: 9, 6: 8, 12: 6, 19: 11},
}
"""Event → district → people; nobody has entered those of the first."""


def centre_records(
    seed: int, centres: list[str], associations: list[str], facilities: list[str]
) -> dict[str, list[Row]]:
    """Rows by table; the arguments are ids of the sample's centres, associations and facilities."""
    cases, visits, sent = _cases(associations)
    return {
        "consultation_topic": [
            {
                "topic_id": f"sample-topic-{number}", "label": label, "sort_order": 10 * number, "valid_from": None,
                "valid_to": None, **SAMPLE,
            }
            for number, label in enumerate(TOPICS, start=1)
        ],
        "consultation": _consultations(seed, centres),
        "event": [_event(number, facilities) for number in range(len(_EVENTS))],
        "event_attendance": [
            {"event_id": event, "district_no": no, "participants": people}
            for event, came in _CAME.items()
            for no, people in came.items()
        ],
        "risk_case": cases,
        "risk_visit": visits,
        "adviser_dispatch": sent,
    }  # fmt: skip


def _consultations(seed: int, centres: list[str]) -> list[Row]:
    draws = Draws(seed, "consultations")
    rows = []
    for number in range(1, CONSULTATIONS + 1):
        asker = draws.pick(_ASKERS)
        topics = draws.some(range(1, len(TOPICS) + 1), 2 if draws.chance(0.2) else 1)
        # Some topics are asked about seldom, so that the page has something to withhold.
        main = 7 if draws.chance(0.02) else min(topics[0], 6)
        second = topics[1] if len(topics) > 1 and topics[1] not in (main, 7) else None
        rows.append(
            {
                "consultation_id": f"sample-consultation-{number:03}", "body_id": draws.pick(centres),
                "held_on": FIRST_DAY + timedelta(days=draws.whole(0, 560)), "asker": asker, "association_id": None,
                "district_no": draws.whole(1, 30) if asker != "npo" else None, "way": draws.pick(_WAYS),
                "topic_id": f"sample-topic-{main}", "topic_2": f"sample-topic-{second}" if second else None, "topic_3": None,
                "minutes": 5 * draws.whole(2, 12), "content": None, "result": draws.pick(_RESULTS), "passed_to": None,
                "file_no": None, **SAMPLE,
            }
        )  # fmt: skip
    return rows


def _event(number: int, facilities: list[str]) -> Row:
    key, initiative, title, day, (start, end), district, state, audience, theme, people = _EVENTS[number]
    return {
        "event_id": key, "initiative_no": initiative, "title": title, "starts_on": day, "ends_on": None, "starts_at": start,
        "ends_at": end, "facility_id": facilities[number % len(facilities)], "place": "大会議室", "district_no": district,
        "audience": audience, "capacity": 50, "apply_until": day - timedelta(days=8), "apply_how": "電話 000-000-0000（架空）",
        "state": state, "theme": theme, "materials_url": None, "participants": people, "published": True,
        "changed_at": _CHANGED, **SAMPLE,
    }  # fmt: skip


def _cases(associations: list[str]) -> tuple[list[Row], list[Row], list[Row]]:
    first, second, third = associations[:3]
    blank = {
        "figures": None,
        "person_name": None,
        "closed_on": None,
        "outcome": None,
        **SAMPLE,
    }
    cases: list[Row] = [
        {"case_id": "sample-case-1", "association_id": first, "opened_on": date(2025, 6, 2), "state": "open",
         "reason": "役員のなり手がなく、会計が続けられない（架空の見本）。", **blank},
        {"case_id": "sample-case-2", "association_id": second, "opened_on": date(2025, 10, 1), "state": "watching",
         "reason": "世帯が減り、行事をやめた（架空の見本）。", **blank},
        {"case_id": "sample-case-3", "association_id": third, "opened_on": date(2025, 4, 10), "state": "closed",
         "reason": "集会所の修繕の相談（架空の見本）。", **blank, "closed_on": date(2025, 12, 20),
         "outcome": "となりの町内会と行事を一緒に行うことになった（架空の見本）。"},
    ]  # fmt: skip
    visits = [
        _visit(
            1,
            "sample-case-1",
            date(2025, 6, 10),
            "visit",
            "役員は 3 人で、平均は 70 代（架空）。",
            date(2025, 9, 10),
        ),
        _visit(
            2,
            "sample-case-1",
            date(2026, 5, 12),
            "advice",
            "会計の分担を助言した（架空）。",
            date(2026, 10, 1),
        ),
        _visit(
            3, "sample-case-2", date(2026, 6, 3), "phone", "秋にまた様子を聞く（架空）。", date(2027, 4, 5)
        ),
        _visit(4, "sample-case-3", date(2025, 7, 1), "meeting", "合同の話し合いに出席した（架空）。", None),
    ]
    sent = [
        {
            "dispatch_id": f"sample-dispatch-{number}", "dispatched_on": day, "adviser": "見本NPO（架空）", "theme": theme,
            "hours": 2.0, "cost_yen": 20_000, "district_no": district, "association_id": association, "case_id": case,
            "result": None, **SAMPLE,
        }
        for number, (day, theme, district, association, case) in enumerate(
            (
                (date(2025, 7, 20), "会計の引き継ぎ（架空）", None, first, "sample-case-1"),
                (date(2025, 10, 12), "防災マップづくり（架空）", 5, None, None),
                (date(2026, 6, 28), "見守りのしくみ（架空）", 14, None, None),
            ),
            start=1,
        )
    ]  # fmt: skip
    return cases, visits, sent


def _visit(number: int, case: str, day: date, way: str, heard: str, again: date | None) -> Row:
    return {
        "visit_id": f"sample-visit-{number}", "case_id": case, "visited_on": day, "way": way, "person_name": None,
        "heard": heard, "advice": None, "next_step": None, "next_on": again,
    }  # fmt: skip
