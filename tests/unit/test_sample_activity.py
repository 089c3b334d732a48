"""Projects and officers of the sample: invented and marked, with the one count the plan prints."""

from __future__ import annotations

from geodata.sample import facts
from tests.unit.sample_world import sample


def test_46_projects_count_in_r1_all_in_districts_with_a_plan() -> None:
    adopting = {fact.no for fact in facts.districts() if fact.plan_in_r3}
    counted = [row for row in sample().records["project"] if row["counts_as_project"]]
    assert sum(row["fiscal_year"] == 2019 for row in counted) == 46
    assert {row["district_no"] for row in counted} == adopting


def test_every_district_has_one_contact_officer_and_nobody_has_a_name() -> None:
    officers = sample().records["officer"]
    contacts = sorted(row["district_no"] for row in officers if row["kind"] == "contact")
    assert contacts == list(range(1, 31))
    assert {row["person_name"] for row in officers} == {None}


def test_all_of_it_is_marked_as_invented() -> None:
    rows = sample().records["project"] + sample().records["officer"]
    assert {row["quality"] for row in rows} == {"sample"}
    assert all("架空" in (row.get("title") or row.get("office")) for row in rows)
    assert any(row["grant_yen"] is None for row in sample().records["project"])
