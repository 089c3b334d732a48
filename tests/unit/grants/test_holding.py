"""What holds for a year after its corrections."""

from __future__ import annotations

from geodata.grants.figures import holding
from geodata.grants.runs import Row
from kyodo_geo.grants.changes import newest_known


def row(association: str, district: int, yen: int | None) -> Row:
    return Row(association, association, district, {}, yen, [], [])


def test_what_a_correction_could_not_calculate_or_did_not_hold_still_holds() -> None:
    newest = [row("a", 1, 900), row("b", 2, None), row("d", 1, None)]
    middle = [row("a", 1, None), row("b", 2, 0)]
    first = [row("a", 1, 1_000), row("b", 1, 500), row("c", 1, 700), row("d", 1, None)]
    held = {found.association_id: found for found in holding([newest, middle, first])}
    assert {key: found.amount_yen for key, found in held.items()} == {"a": 900, "b": 0, "c": 700, "d": None}
    assert held["b"].district_no == 2, "the district it was in when the amount was decided"
    runs = [{found.association_id: found.amount_yen for found in rows} for rows in (newest, middle, first)]
    assert {key: found.amount_yen for key, found in held.items()} == newest_known(runs)
