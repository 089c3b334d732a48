"""Meetings of the two bodies that manage the plan's progress, and what they decided to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.records import BASIS, Facts, Field, Kind

BODIES = (("liaison", "市民協働推進連絡会議"), ("advisers", "市民協働推進アドバイザー会議"))
STATES = (("open", "未着手"), ("doing", "進行中"), ("done", "完了"), ("dropped", "取りやめ"))
SETTLED = frozenset({"done", "dropped"})


def _action(facts: Facts) -> None:
    if (facts["state"] in SETTLED) != (facts["settled_on"] is not None):
        raise InputError(
            "「完了」「取りやめ」には、その日を入れてください。ほかの状態では、空のままにします。",
            field="settled_on",
        )


MEETINGS = Kind(
    "body-meetings", "body-meeting", "会議（連絡会議・アドバイザー会議）",
    "計画の進捗を管理する 2 つの会議の記録です。"
    "公開すると、日付、場所、議題、出席者数、議事の内容が、計画の進捗のページに出ます。"
    "個人の名前は書かないでください。",
    lambda said: f"{said['held_on']} {said['body']}",
    (
        Field("body", "会議", "choice", required=True, options=BODIES, listed=False),
        Field("held_on", "日付", "day", required=True, listed=False),
        Field("place", "場所", most=120),
        Field("agenda", "議題（1 行に 1 つ）", "words", required=True, most=1000, listed=False),
        Field("attendance", "出席者数（人）", "whole", most=1000, unit="人", hint="未開催や不明なら、空のまま"),
        Field("minutes", "議事の内容", "words", most=4000, listed=False, hint="発言した人の名前は書きません"),
        Field("questions", "残った質問（1 行に 1 つ）", "words", most=1000, listed=False),
        *BASIS,
        Field("published", "公開する", "tick"),
    ),
    ("body", "held_on"), "会議のページ", "/staff/records/body-meetings",
)  # fmt: skip

ACTIONS = Kind(
    "body-actions", "body-action", "会議で決まったこと",
    "会議で決まった「すること」です。完了か取りやめになるまで、次の会議の資料に引き継がれます。職員だけが見られます。",
    lambda said: said["what"],
    (
        Field("meeting_id", "決まった会議", "reference", required=True, to="body-meeting"),
        Field("what", "すること", required=True, most=300, listed=False),
        Field("who", "担当の課", required=True, most=80, hint="課や団体の名前。個人の名前は書きません"),
        Field("due_on", "期限", "day"),
        Field("state", "状態", "choice", required=True, options=STATES, default="open"),
        Field("settled_on", "完了・取りやめの日", "day"),
        Field("outcome", "結果", most=300, listed=False),
        *BASIS,
    ),
    ("meeting_id", "what"), "会議の資料", "/staff/records/body-actions", _action,
)  # fmt: skip

BODY_KINDS = {kind.key: kind for kind in (MEETINGS, ACTIONS)}


def carried(actions: Iterable[dict[str, Any]], body: str, held_on: date) -> list[dict[str, Any]]:
    """Actions for the list of a meeting of `body` on that day: those of its earlier meetings that were not settled before
    its last one was over, oldest first. `actions` have body, held_on, state, settled_on.

    What was settled since the meeting before is told once more, so that the members hear of it.
    """
    earlier = [one for one in actions if one["body"] == body and one["held_on"] < held_on]
    before = max((one["held_on"] for one in earlier), default=held_on)
    shown = [
        one
        for one in earlier
        if one["settled_on"] is None or one["settled_on"] >= held_on or one["settled_on"] > before
    ]
    return sorted(shown, key=lambda one: (one["held_on"], one["due_on"] or date.max, one["what"]))


def overdue(action: dict[str, Any], on: date) -> bool:
    """Whether its day has passed without its being settled."""
    return action["due_on"] is not None and action["due_on"] < on and action["state"] not in SETTLED
