"""kill -9 at seeded points of loads, edits, activations and uploads: of the program, of its server process, of the server.

Each point is the n-th message between a program and PostgreSQL (`tests/db/kill_proxy.py`), so that a seed gives the same
points again: KYODO_KILL_SEED=… KYODO_KILL_POINTS=… pytest tests/db/test_kill_points.py -s. docs/RELIABILITY.md has the figures.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.db.kill_proxy import Trigger
from tests.db.kill_range import VICTIMS, Outcome, Range, State, kill_range

USUAL = ("load", "edit", "draft", "import", "back", "upload")
SEED = int(os.environ.get("KYODO_KILL_SEED", "20261126"))


@pytest.fixture(scope="module")
def ground() -> Iterator[Range]:
    with kill_range() as found:
        yield found


def measured(ground: Range, works: tuple[str, ...]) -> None:
    """How many messages each piece of work takes, undisturbed."""
    for work in works:
        trigger = Trigger()
        done = ground.run(work, trigger)
        assert done.code == 0 and done.acks, work
        ground.totals[work] = trigger.seen
        assert trigger.seen > 10


def judge(before: State, after: State, done: Outcome) -> None:
    """What must hold whatever was killed whenever."""
    # What was there is there, and is the same to the last byte.
    for no, members in before.generations.items():
        assert after.generations[no] == members
    for dataset, content in before.contents.items():
        assert after.contents[dataset] == content
    # What was acknowledged is there.
    fresh = after.generations.keys() - before.generations.keys()
    assert set(done.of("generation")) <= fresh
    assert {dataset for ids in done.of("datasets") for dataset in ids} <= after.contents.keys()
    # Nothing half: at most the one transaction that was under way came besides, and it is whole.
    assert len(fresh) <= len(done.of("generation")) + 1
    for members in after.generations.values():
        assert members.keys() == {"districts", "associations"} or members.keys() == {
            "districts", "associations", "towns",
        }  # fmt: skip
        assert set(members.values()) <= after.contents.keys()
    for dataset, (kind, expected, found, _) in after.contents.items():
        assert found == expected > 0, (dataset, kind)
    # Edits: the stored value is the acknowledged one, or of the one edit that was under way.
    changed = {key for key, value in after.contacts.items() if before.contacts.get(key) != value}
    acked = dict(done.of("contact"))
    assert len(changed - acked.keys()) <= 1
    for key, value in acked.items():
        assert after.contacts[key] == value
    assert after.contact_entries - before.contact_entries == len(changed), "each with its entry in the log"
    # Jobs have ended one way or the other, and no upload became two datasets.
    assert {state for state, _ in after.uploads.values()} <= {"done", "checked", "refused"}
    assert after.pieces_of_nothing == 0
    for name in done.of("upload"):
        assert name in after.uploads, "acknowledged: it is here, finished or told why not"


def points(ground: Range, works: tuple[str, ...], number: int, seed: int) -> Counter[str]:
    """Kill `number` times; what happened, by kind."""
    chance = random.Random(seed)
    measured(ground, works)
    print(f"\nseed {seed}: {number} points over messages {ground.totals}")
    told: Counter[str] = Counter()
    before = ground.state()
    for point in range(number):
        work, victim = works[point % len(works)], VICTIMS[(point // len(works) + point) % 3]
        at, sent = chance.randint(1, ground.totals[work]), chance.random() < 0.5
        trigger = Trigger(at, ground.killing(victim), sent)
        done = ground.run(work, trigger)
        name = f"seed {seed} point {point}: {victim} at message {at} of {work}{' (sent)' if sent else ''}"
        ground.back()
        ground.resume()
        try:
            assert done.code in (0, 1, -9), done.code
            assert trigger.fired or done.code == 0
            after = ground.state()
            judge(before, after, done)
            again = ground.run(work)
            assert again.code == 0, "the same can be done again"
            ground.resume()
            before = ground.state()
            judge(after, before, again)
            assert ground.leftovers() == []
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
        told[f"{victim}/{work}"] += trigger.fired
        told["acknowledged writes checked"] += len(done.acks)
        told["ended by it"] += done.code != 0
        told["fired"] += trigger.fired
    print(dict(told))
    return told


def test_ten_points(ground: Range) -> None:
    told = points(ground, USUAL, 10, SEED)
    assert told["fired"] >= 9, "nearly every point lies within the work"
    assert told["ended by it"] >= 5


@pytest.mark.full
def test_more_than_two_hundred_points(ground: Range) -> None:
    number = int(os.environ.get("KYODO_KILL_POINTS", "216"))
    told = points(ground, USUAL, number, SEED + 1)
    assert told["fired"] >= number * 0.9
    for victim in VICTIMS:
        for work in USUAL:
            assert number < 100 or told[f"{victim}/{work}"] > 0


@pytest.mark.full
def test_the_child_that_reads_an_upload_and_the_worker_that_started_it(ground: Range) -> None:
    told = points(ground, ("child",), 12, SEED + 2)
    assert told["fired"] >= 10
