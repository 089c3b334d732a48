"""What stands in the town of squares beside its areas: plans, facilities, and the secret house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.api import city

if TYPE_CHECKING:
    from tests.api.city import Builder


def add_records(town: Builder) -> None:
    """Plan states, facilities, the secret house, and a plan with one initiative and one indicator."""
    ids = town.ids
    for no, state in ((1, "adopted"), (2, "none"), (4, "none")):
        town.row(
            "district_plan", district_no=no, record_no=1, state=state, stated_on="2021-03-01", quality="real"
        )
    for number, (name, kind, activity) in enumerate(
        [
            ("中央センター", "地区活動センター", True),
            (city.HOSTILE, "市立公民館", True),
            ("試験小学校", "学校", False),
        ],
        start=1,
    ):
        town.row("facility", facility_id=f"f{number}")
        town.row(
            "facility_site",
            dataset_id=ids["facilities"],
            facility_id=f"f{number}",
            name=name,
            kind=kind,
            activity=activity,
            address="盛岡市試験町",
            geom=city.point(city.WEST + number * city.STEP - city.STEP / 2, city.SOUTH + city.STEP / 2),
        )
    town.row(
        "kyodo_vacant.vacant_house",
        dataset_id=ids["vacant-houses"],
        house_id="v1",
        state="survey",
        rank="A",
        address=city.SECRET_ADDRESS,
        geom=city.point(city.SECRET_LON, city.SECRET_LAT),
    )
    town.row("plan", plan_id="r3-r7", name="試験計画", first_fiscal_year=2021, last_fiscal_year=2025)
    town.row(
        "initiative",
        plan_id="r3-r7",
        initiative_no=1,
        title="試験の取組",
        policy_no=1,
        direction="方向",
        priority=True,
        for_associations=True,
        for_districts=False,
        challenge="担い手",
    )
    town.row(
        "indicator",
        plan_id="r3-r7",
        indicator_id="rate",
        chapter="associations",
        kind="reference",
        title="加入率",
        unit="%",
        direction="up",
        baseline_fiscal_year=2019,
        baseline=87.5,
        sort_order=1,
    )
    town.row(
        "indicator_value", plan_id="r3-r7", indicator_id="rate", fiscal_year=2019, value=87.5, quality="real"
    )
