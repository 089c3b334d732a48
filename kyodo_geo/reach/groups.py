"""Whether each registered group finds a room of its size at its time elsewhere when its facility is closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

Hours = Mapping[int, Sequence[tuple[int, int]]]
"""Weekday (1 Monday … 7 Sunday) → times from and until, in minutes of the day."""


class Outcome(StrEnum):
    """What becomes of a group."""

    PLACED = "placed"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    SHUT = "shut"
    TOO_SMALL = "too-small"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A group's weekly hours; `room` where known."""

    facility: str
    no: int
    weekday: int
    starts: int
    ends: int
    people: int
    room: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room; `capacity` None is unknown."""

    facility: str
    no: int
    capacity: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A group with what becomes of it; where, if it finds a room."""

    meeting: Meeting
    outcome: Outcome
    facility: str | None = None
    room: int | None = None


def rehoused(
    closed: str,
    targets: Sequence[str],
    meetings: Sequence[Meeting],
    rooms: Sequence[Room],
    hours: Mapping[str, Hours],
) -> list[Placed]:
    """Each group of `closed` into the first of `targets` (the nearest first) with a room that is large enough, open and free.

    Large groups choose first, the smallest fitting room is taken, and a room once given is no longer free. Groups of a
    target whose room is unknown take the smallest that fits them. Facilities without `hours` and rooms without a capacity
    place nobody; where one of them might have, the outcome is unknown. Otherwise the best that was found tells why not:
    taken (a room large enough, open at the time), shut (large enough), too small, nowhere (no target has a room).
    """
    of = {target: [room for room in rooms if room.facility == target] for target in targets}
    busy: dict[tuple[str, int], list[Meeting]] = {}
    for meeting in sorted(meetings, key=lambda m: (m.room is None, -m.people, m.facility, m.no)):
        if meeting.facility == closed or meeting.facility not in of:
            continue
        room = meeting.room if meeting.room is not None else _free(meeting, of[meeting.facility], busy)
        if room is not None:
            busy.setdefault((meeting.facility, room), []).append(meeting)
    found = []
    for meeting in sorted((m for m in meetings if m.facility == closed), key=lambda m: (-m.people, m.no)):
        placed = _place(meeting, targets, of, hours, busy)
        if placed.facility is not None and placed.room is not None:
            busy.setdefault((placed.facility, placed.room), []).append(meeting)
        found.append(placed)
    return sorted(found, key=lambda item: item.meeting.no)


def _place(
    meeting: Meeting,
    targets: Sequence[str],
    of: Mapping[str, Sequence[Room]],
    hours: Mapping[str, Hours],
    busy: Mapping[tuple[str, int], Sequence[Meeting]],
) -> Placed:
    seen: set[Outcome] = set()
    for target in targets:
        fits = any(room.capacity is not None and room.capacity >= meeting.people for room in of[target])
        unsure = any(room.capacity is None for room in of[target]) or not of[target]
        known = target in hours
        is_open = known and any(
            start <= meeting.starts and meeting.ends <= end
            for start, end in hours[target].get(meeting.weekday, ())
        )
        if fits and is_open and (room := _free(meeting, of[target], busy)) is not None:
            return Placed(meeting, Outcome.PLACED, target, room)
        if (unsure and (is_open or not known)) or (fits and not known):
            seen.add(Outcome.UNKNOWN)
        elif fits:
            seen.add(Outcome.TAKEN if is_open else Outcome.SHUT)
        elif not unsure:
            seen.add(Outcome.TOO_SMALL)
    for outcome in (Outcome.UNKNOWN, Outcome.TAKEN, Outcome.SHUT, Outcome.TOO_SMALL):
        if outcome in seen:
            return Placed(meeting, outcome)
    return Placed(meeting, Outcome.NOWHERE)


def _free(
    meeting: Meeting, rooms: Sequence[Room], busy: Mapping[tuple[str, int], Sequence[Meeting]]
) -> int | None:
    """The smallest room that holds the group and is free at its time."""
    fitting = sorted(
        (room.capacity, room.no)
        for room in rooms
        if room.capacity is not None and room.capacity >= meeting.people
    )
    for _, no in fitting:
        taken = busy.get((rooms[0].facility, no), ())
        if not any(
            other.weekday == meeting.weekday and other.starts < meeting.ends and meeting.starts < other.ends
            for other in taken
        ):
            return no
    return None
