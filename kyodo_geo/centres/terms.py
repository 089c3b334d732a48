"""Words of the centres' records: who asks and how, which events there are, how a case stands."""

from __future__ import annotations

from kyodo_geo.figure_sheets import EVENTS

Options = tuple[tuple[str, str], ...]

ASKERS: Options = (
    ("association", "町内会・自治会"), ("district-organisation", "地区の組織"), ("npo", "NPO・市民活動団体"),
    ("resident", "住民"), ("business", "事業者"), ("other", "そのほか"),
)  # fmt: skip
WAYS: Options = (("visit", "来所"), ("phone", "電話"), ("mail", "メール・手紙"), ("online", "オンライン"))
RESULTS: Options = (
    ("answered", "その場で答えた"), ("passed-on", "ほかにつないだ"), ("going-on", "続いている"), ("other", "そのほか"),
)  # fmt: skip

INITIATIVES: Options = (
    ("3", "3 町内会・自治会基礎講座"), ("20", "20 職員向け研修"),
    *((str(number), f"{number} {name}") for number, name in EVENTS.items()),
)  # fmt: skip
"""Initiatives with events, by number of the plan R3–R7; a successor that renumbers them gets a list of its own."""

EVENT_STATES: Options = (("planned", "予定"), ("held", "開催済み"), ("cancelled", "中止"))

CASE_STATES: Options = (("open", "対応中"), ("watching", "見守り中"), ("closed", "終了"))
VISIT_WAYS: Options = (
    ("visit", "訪問"), ("phone", "電話"), ("meeting", "会議・総会"), ("mail", "メール・手紙"), ("advice", "来所での助言"),
)  # fmt: skip
