"""Officers of the sample: invented and marked."""

from __future__ import annotations

from tests.unit.sample_world import sample


def test_every_district_has_one_contact_officer_and_nobody_has_a_name() -> None:
    officers = sample().records["officer"]
    contacts = sorted(row["district_no"] for row in officers if row["kind"] == "contact")
    assert contacts == list(range(1, 31))
    assert {row["person_name"] for row in officers} == {None}


def test_all_of_it_is_marked_as_invented() -> None:
    rows = sample().records["officer"]
    assert {row["quality"] for row in rows} == {"sample"}
    assert all("架空" in (row.get("title") or row.get("office")) for row in rows)
