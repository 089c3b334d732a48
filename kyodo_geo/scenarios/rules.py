"""Whether the actions of a scenario can follow each other: per facility in time, and into facilities that are open then.

For editors: each fault names the action and the field to put right. What passes here passes `scenarios.actions.faults`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kyodo_geo.facility_terms import ACTIONS, ENDS, MOVES
from kyodo_geo.scenarios.actions import FINAL, Action

TAKES_INTO = MOVES | {"転用"}
SMALLER = "建替（縮小）"


@dataclass(frozen=True, slots=True)
class Place:
    """A facility as it stands: its days, its closures (first day, first day open again or None), its floor area today."""

    id: str
    name: str
    opened_on: date | None = None
    closed_on: date | None = None
    closures: tuple[tuple[date, date | None], ...] = ()
    floor_area_m2: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What cannot be: `at` is the place of the action among those given, `field` the one to put right."""

    at: int
    field: str
    message: str


def faults(steps: Sequence[Action], places: Mapping[str, Place], base_year: int, horizon: int) -> list[Fault]:
    """Everything that cannot be, in the order of the actions."""
    found = [
        fault
        for at, step in enumerate(steps)
        for fault in _alone(at, step, places, base_year, base_year + horizon - 1)
    ]
    ended = _ends(steps)
    for at, step in enumerate(steps):
        found += _into(at, step, places, ended)
    by_facility: dict[str, list[int]] = {}
    for at in sorted(range(len(steps)), key=lambda at: (steps[at].year, at)):
        by_facility.setdefault(steps[at].facility_id, []).append(at)
    for order in by_facility.values():
        found += _in_time(order, steps, places)
    return sorted(found, key=lambda fault: fault.at)


def new_faults(before: Sequence[Fault], after: Sequence[Fault]) -> list[Fault]:
    """Those of `after` that an edit has brought about: old ones must not keep anybody from putting things right."""
    known = [fault.message for fault in before]
    found = []
    for fault in after:
        if fault.message in known:
            known.remove(fault.message)
        else:
            found.append(fault)
    return found


def remarks(steps: Sequence[Action], places: Mapping[str, Place]) -> list[str]:
    """What is not decided or cannot be checked; to be read before publishing."""
    lines = []
    unsure = [
        step
        for step in steps
        if step.action == SMALLER
        and _area(step.facility_id, places) is None
        and step.floor_area_m2 is not None
    ]
    if unsure:
        lines.append(
            f"今の延床面積が不明で、縮小になるか確かめられない行動が {len(unsure)} 件あります（{_named(unsure, places)}）。"
        )
    if not steps:
        lines.append("行動が 1 件もありません。今のまま使い続ける案として扱われます。")
    return lines


def _named(steps: Sequence[Action], places: Mapping[str, Place]) -> str:
    names = list(dict.fromkeys(_name(step.facility_id, places) for step in steps))
    return "、".join(names[:3]) + ("、ほか" if len(names) > 3 else "")


def _name(facility_id: str, places: Mapping[str, Place]) -> str:
    return places[facility_id].name if facility_id in places else facility_id


def _area(facility_id: str, places: Mapping[str, Place]) -> float | None:
    return places[facility_id].floor_area_m2 if facility_id in places else None


def _ends(steps: Sequence[Action]) -> dict[str, Action]:
    """Facility → its first action after which it is no longer open."""
    found: dict[str, Action] = {}
    for step in steps:
        if step.action in ENDS and (
            step.facility_id not in found or step.year < found[step.facility_id].year
        ):
            found[step.facility_id] = step
    return found


def _alone(at: int, step: Action, places: Mapping[str, Place], first: int, last: int) -> list[Fault]:
    """What is wrong whatever the others say."""
    found = []
    if step.action not in ACTIONS:
        found.append(Fault(at, "action", f"行動「{step.action[:20]}」はありません。"))
    if not first <= step.year <= last:
        found.append(Fault(at, "year", f"{step.year}年度は、案の期間（{first}〜{last}年度）の外です。"))
    place = places.get(step.facility_id)
    if place is None:
        found.append(Fault(at, "facility_id", f"施設「{step.facility_id[:40]}」は登録されていません。"))
    elif 1900 <= step.year <= 2300:
        if place.closed_on is not None and place.closed_on <= date(step.year, 10, 1):
            found.append(Fault(at, "year", f"{place.name}は、{step.year}年度にはもう廃止されています。"))
        if place.opened_on is not None and place.opened_on > date(step.year + 1, 3, 31):
            found.append(Fault(at, "year", f"{place.name}は、{step.year}年度にはまだ開いていません。"))
    if step.action == SMALLER:
        found += _smaller(at, step, place)
    if step.action in FINAL and step.floor_area_m2 is not None:
        found.append(
            Fault(
                at,
                "floor_area_m2",
                f"「{step.action}」の後に市の施設の面積は残りません。面積は空にしてください。",
            )
        )
    return found


def _smaller(at: int, step: Action, place: Place | None) -> list[Fault]:
    today = None if place is None else place.floor_area_m2
    if step.floor_area_m2 is None:
        return [Fault(at, "floor_area_m2", "建替（縮小）では、建て替えた後の延床面積を入力してください。")]
    if today is not None and step.floor_area_m2 >= today:
        return [
            Fault(
                at, "floor_area_m2",
                f"建替（縮小）の面積は、今の延床面積（{today:,.0f} m²）より小さくしてください。",
            )
        ]  # fmt: skip
    return []


def _into(at: int, step: Action, places: Mapping[str, Place], ended: Mapping[str, Action]) -> list[Fault]:
    """The facility the activity moves into: another one, open in that year, and not ended by the scenario itself."""
    into = step.into_facility

    def wrong(message: str) -> list[Fault]:
        return [Fault(at, "into_facility", message)]

    if into is None:
        return wrong(f"「{step.action}」では、移す先の施設を選んでください。") if step.action in MOVES else []

    if step.action not in TAKES_INTO:
        return wrong(f"「{step.action}」に、移す先は要りません。")
    if into == step.facility_id:
        return wrong("移す先が、同じ施設です。")
    place = places.get(into)
    if place is None:
        return wrong(f"移す先の施設「{into[:40]}」は登録されていません。")
    if 1900 <= step.year <= 2300:
        day = date(step.year, 10, 1)
        if (place.opened_on is not None and place.opened_on > day) or (
            place.closed_on is not None and place.closed_on <= day
        ):
            return wrong(f"移す先の{place.name}は、{step.year}年度には開いていません。")
        if any(begins <= day and (again is None or day < again) for begins, again in place.closures):
            return wrong(f"移す先の{place.name}は、{step.year}年度は工事などで休館しています。")
    end = ended.get(into)
    if end is not None and end.year <= step.year:
        return wrong(f"移す先の{place.name}は、この案では{end.year}年度の「{end.action}」でなくなります。")
    return []


def _in_time(order: Sequence[int], steps: Sequence[Action], places: Mapping[str, Place]) -> list[Fault]:
    """One facility's actions, the earliest first: one in a year; after its end an empty building is at most given up."""
    found: list[Fault] = []
    end: Action | None = None
    seen: dict[int, Action] = {}
    for at in order:
        step = steps[at]
        name, other = _name(step.facility_id, places), seen.get(step.year)
        if other is not None:
            found.append(
                Fault(
                    at, "action",
                    f"{name}には、{step.year}年度に「{other.action}」が入っています。1つの施設の行動は、1年度に1つまでです。",
                )
            )  # fmt: skip
        elif end is not None and (end.action in FINAL or step.action not in FINAL):
            found.append(
                Fault(
                    at, "year",
                    f"{name}は、{end.year}年度の「{end.action}」でなくなります。その後に「{step.action}」は入れられません。",
                )
            )  # fmt: skip
        seen.setdefault(step.year, step)
        if step.action in ENDS and (end is None or step.action in FINAL):
            end = step
    return found
