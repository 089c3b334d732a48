"""Points of lots, house numbers and blocks in the lookup: level, accuracy, and wrong points far off."""

from __future__ import annotations

import pytest

from kyodo_geo.lookup import LookupIndex, Outcome
from kyodo_geo.lookup.answers import FoundAddress
from kyodo_geo.lookup_types import Block, Rule
from kyodo_geo.point_table import Row
from tests.unit.lookup_world import TOWNS, at, snapshot, town

COARSE = town("小杉山", place=(1.0, 0.5), accuracy_m=2500)


def lot(
    number: str, place: tuple[float, float], accuracy_m: float | None = None, name: str = "小杉山"
) -> Row:
    return Row(name, None, number, *at(*place), accuracy_m)


def index(*lots: Row, blocks: tuple[Block, ...] = (), rules: tuple[Rule, ...] = ()) -> LookupIndex:
    return LookupIndex(snapshot(rules, towns=(*TOWNS, COARSE), lots=lots, blocks=blocks))


def found(text: str, *lots: Row, blocks: tuple[Block, ...] = ()) -> FoundAddress:
    return index(*lots, blocks=blocks).by_address(text).address


def test_a_lot_decides_where_the_town_does_not() -> None:
    lots = (lot("114-2", (0.5, 0.5)), lot("115", (1.5, 0.5), 30.0))
    first, second = (index(*lots).by_address(text) for text in ("小杉山114番地2", "小杉山115"))
    assert [a.id for a in first.associations] == ["C1"]
    assert (first.outcome, first.address.level, first.address.accuracy_m) == (Outcome.ONE, "lot", 90.0)
    assert [a.id for a in second.associations] == ["C2"]
    assert second.address.accuracy_m == 30.0
    assert index(*lots).by_address("小杉山116").outcome is Outcome.SEVERAL


def test_a_branch_the_register_lacks_lies_among_its_main_lot() -> None:
    address = found(
        "小杉山114-9", lot("114-1", (0.50, 0.5)), lot("114-2", (0.51, 0.5)), lot("甲114", (0.9, 0.5))
    )
    assert address.level == "lot"
    assert address.lon == pytest.approx(at(0.505, 0.5)[0])
    assert address.accuracy_m == pytest.approx(90 + 8.6, abs=0.2)


def test_a_lot_of_the_koaza_asked_for_only() -> None:
    lots = (Row("渋民", "鶴塚", "55", *at(0.4, 1.5), None), Row("渋民", "大前田", "55", *at(0.9, 1.5), None))
    assert found("渋民字鶴塚55", *lots).lon == pytest.approx(at(0.4, 1.5)[0])
    assert found("渋民字鶴塚56", *lots).level == "koaza"


def test_a_lot_on_a_border_is_never_one() -> None:
    on_line = index(lot("114", (1.0, 0.5)), rules=(Rule("C1", "whole", "小杉山"),)).by_address("小杉山114")
    beyond = index(lot("114", (1.01, 0.5)), rules=(Rule("C1", "whole", "小杉山"),)).by_address("小杉山114")
    assert (on_line.outcome, on_line.data_fault) == (Outcome.SEVERAL, False)
    assert (beyond.outcome, beyond.data_fault) == (Outcome.SEVERAL, True)


@pytest.mark.parametrize(("place", "level"), [((2.9, 0.5), "lot"), ((4.9, 0.5), "oaza"), ((99, 99), "oaza")])
def test_a_point_far_outside_its_town_is_not_believed(place: tuple[float, float], level: str) -> None:
    """小杉山 reaches 2.5 km: a point 3.3 km off is believed, one beyond 5 km is not."""
    assert found("小杉山114", lot("114", place)).level == level
    assert (
        found("小杉山7", blocks=(Block("小杉山", None, "7", None, *at(*place), 50.0),)).level.replace(
            "block", "lot"
        )
        == level
    )


def test_where_blocks_are_counted_a_lot_is_meant_only_when_written() -> None:
    blocks = (Block("小杉山", None, "2", "3", *at(0.5, 0.5), 12.0),)
    lots = (lot("9-3", (1.5, 0.5)), lot("2-3", (1.5, 0.5)))
    assert found("小杉山2-3", *lots, blocks=blocks).level == "house"
    assert found("小杉山9-3", *lots, blocks=blocks).level == "oaza"
    assert found("小杉山9番地3", *lots, blocks=blocks).level == "lot"
    # House 2-3 and lot 2-3 are different places and 番地 is written for both: the town's point it is.
    assert found("小杉山2番地3", *lots, blocks=blocks).level == "oaza"
    near = (lot("2-3", (0.501, 0.5)),)
    assert found("小杉山2番地3", *near, blocks=blocks).level == "house"


def test_houses_without_their_block_give_its_middle() -> None:
    blocks = tuple(Block("小杉山", None, "2", n, *at(x, 0.5), 12.0) for n, x in (("1", 0.50), ("9", 0.52)))
    address = found("小杉山2-5", blocks=blocks)
    assert address.level == "block"
    assert address.lon == pytest.approx(at(0.51, 0.5)[0])
