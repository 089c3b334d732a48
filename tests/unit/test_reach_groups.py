"""Groups of a closed facility look for a room of their size at their time."""

from __future__ import annotations

from kyodo_geo.reach.groups import Meeting, Outcome, Placed, Room, rehoused

EVERY_DAY = {day: [(540, 1260)] for day in range(1, 8)}
HOURS = {"b": EVERY_DAY, "c": EVERY_DAY}
ROOMS = [Room("b", 1, 10), Room("b", 2, 30), Room("c", 1, 50)]


def meeting(
    no: int, people: int, *, facility: str = "a", at: int = 600, day: int = 1, room: int | None = None
) -> Meeting:
    return Meeting(facility, no, day, at, at + 120, people, room)


def placed(
    *meetings: Meeting,
    rooms: list[Room] = ROOMS,
    hours: dict[str, dict[int, list[tuple[int, int]]]] = HOURS,
    targets: tuple[str, ...] = ("b", "c"),
) -> list[Placed]:
    return rehoused("a", targets, meetings, rooms, hours)


def where(found: list[Placed]) -> list[tuple[str | None, int | None]]:
    return [(item.facility, item.room) for item in found]


def test_the_nearest_that_has_room_and_its_smallest_room_is_taken() -> None:
    assert where(placed(meeting(1, 8))) == [("b", 1)]
    assert where(placed(meeting(1, 11))) == [("b", 2)]
    assert where(placed(meeting(1, 31))) == [("c", 1)]


def test_two_groups_never_share_a_room_at_a_time_and_large_ones_choose_first() -> None:
    assert where(placed(meeting(1, 8), meeting(2, 9))) == [("b", 2), ("b", 1)]
    assert where(placed(meeting(1, 8), meeting(2, 9, at=720))) == [
        ("b", 1),
        ("b", 1),
    ]  # one ends as the other begins
    assert where(placed(meeting(1, 8), meeting(2, 9, at=719))) == [("b", 2), ("b", 1)]
    assert where(placed(meeting(1, 8), meeting(2, 9, day=2))) == [("b", 1), ("b", 1)]


def test_groups_that_are_there_keep_their_rooms_also_where_the_room_is_unknown() -> None:
    assert where(placed(meeting(1, 8), meeting(1, 5, facility="b", room=1))) == [("b", 2)]
    assert where(placed(meeting(1, 8), meeting(1, 5, facility="b"))) == [("b", 2)]


def test_why_a_group_finds_none() -> None:
    def why(*meetings: Meeting, **more: object) -> Outcome:
        return placed(*meetings, **more)[0].outcome  # type: ignore[arg-type]

    assert why(meeting(1, 51)) is Outcome.TOO_SMALL
    assert why(meeting(1, 40, at=480)) is Outcome.SHUT
    assert why(meeting(1, 40), meeting(1, 45, facility="c", room=1)) is Outcome.TAKEN
    assert why(meeting(1, 8), targets=()) is Outcome.NOWHERE
    assert why(meeting(1, 40), hours={"b": EVERY_DAY}) is Outcome.UNKNOWN
    assert why(meeting(1, 60), rooms=[*ROOMS, Room("c", 2, None)]) is Outcome.UNKNOWN
    assert (
        why(meeting(1, 51), rooms=ROOMS[:2], targets=("b", "c")) is Outcome.UNKNOWN
    )  # no room of c is recorded
