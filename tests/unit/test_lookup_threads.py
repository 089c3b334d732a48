"""Several threads ask one index at once: the process must live (GEOS ends it where two share a prepared geometry)."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace

import shapely

from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import Association
from tests.conftest import ROOT
from tests.unit import lookup_world

# In a process of its own, because its failure is a crash. Areas with many corners, and new ones again and again:
# what GEOS builds on first use is where two threads meet.
SCENE = """
from tests.unit.test_lookup_threads import ask_from_threads
for _ in range(8):
    ask_from_threads()
"""


def round_areas() -> tuple[Association, ...]:
    return tuple(
        Association(f"r{column}{row}", "x", None, "association", None,
                    shapely.Point(*lookup_world.at(column / 2, row / 2)).buffer(0.008, quad_segs=200))
        for column in range(7)
        for row in range(6)
    )  # fmt: skip


def ask_from_threads() -> None:
    index = LookupIndex(lookup_world.snapshot(associations=round_areas()))
    together = threading.Barrier(5)

    def ask(number: int) -> None:
        together.wait()
        for step in range(80):
            index.by_point(*lookup_world.at((number * 7 + step) % 35 / 10, step % 29 / 10))
            index.by_address("青山町")

    def look_for_faults() -> None:
        together.wait()
        assert index.faults is not None

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    threads.append(threading.Thread(target=look_for_faults))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_questions_from_several_threads_leave_the_process_alive() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCENE], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_looking_for_faults_does_not_touch_the_geometries_of_the_lookup() -> None:
    """It takes seconds in a thread of its own, beside lookups."""
    held = lookup_world.snapshot()
    index = LookupIndex(replace(held))
    before = [item.geom for item in index.snapshot.associations]
    assert index.faults is index.faults
    assert [item.geom for item in index.snapshot.associations] == before
