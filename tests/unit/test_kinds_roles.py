"""Dataset kinds, quality marks, roles."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from geodata import frame_columns
from kyodo_geo.kinds import DEPENDS, KIND_NAMES, KINDS, dependants, retired_dependants
from kyodo_geo.quality import LABELS, DatasetInfo, Quality, worst
from kyodo_geo.roles import LABELS as ROLE_LABELS
from kyodo_geo.roles import STAFF, Role, audience, may_see_vacant_house


def test_every_kind_has_a_name_and_known_foundations() -> None:
    assert set(DEPENDS) == set(KINDS) == set(KIND_NAMES)
    assert all(needs <= set(KINDS) for needs in DEPENDS.values())
    assert all(kind not in dependants(kind) for kind in KINDS)


def test_real_districts_retire_the_sample_that_stands_on_them() -> None:
    sample = dict.fromkeys(KINDS, Quality.SAMPLE)
    gone = retired_dependants({"districts"}, sample)
    assert gone == [
        "association-districts", "associations", "association-rules", "membership", "halls", "vacant-houses",
        "towns", "blocks", "lots",
        "association-profiles",
    ]  # fmt: skip
    assert "facilities" not in gone


def test_real_data_are_never_retired() -> None:
    qualities = {
        **dict.fromkeys(KINDS, Quality.SAMPLE),
        "facilities": Quality.REAL,
        "towns": Quality.UNOFFICIAL,
    }
    gone = retired_dependants({"outline"}, qualities)
    assert "facilities" not in gone
    assert "towns" not in gone
    assert "small-areas" in gone


@pytest.mark.parametrize("ground", ["outline", "small-areas", "districts", "associations"])
def test_invented_points_of_addresses_never_stand_on_real_ground(ground: str) -> None:
    gone = retired_dependants({ground}, dict.fromkeys(KINDS, Quality.SAMPLE))
    assert {"towns", "blocks", "lots"} <= set(gone)
    assert not {"towns", "blocks", "lots"} & set(
        retired_dependants({"facilities"}, dict.fromkeys(KINDS, Quality.SAMPLE))
    )
    kept = retired_dependants({ground, "towns"}, dict.fromkeys(KINDS, Quality.SAMPLE))
    assert "towns" not in kept
    assert "blocks" in kept


def test_what_is_replaced_in_the_same_step_is_not_retired() -> None:
    sample = dict.fromkeys(KINDS, Quality.SAMPLE)
    assert "associations" not in retired_dependants({"districts", "associations"}, sample)


def test_an_answer_is_only_as_good_as_its_worst_part() -> None:
    assert worst([Quality.REAL, Quality.SAMPLE, Quality.UNOFFICIAL]) is Quality.SAMPLE
    assert worst([Quality.REAL, Quality.UNOFFICIAL]) is Quality.UNOFFICIAL
    assert worst([]) is Quality.REAL
    assert LABELS[Quality.SAMPLE] == "見本データ（架空）"


def test_dataset_as_json() -> None:
    info = DatasetInfo(1, "towns", "町・字", "出典", "CC BY 4.0", "市", date(2024, 1, 1), Quality.UNOFFICIAL)
    found = info.as_dict()
    assert (found["as_of"], found["quality"], found["quality_label"]) == (
        "2024-01-01",
        "unofficial",
        LABELS[Quality.UNOFFICIAL],
    )


def test_every_role_has_a_label() -> None:
    assert set(ROLE_LABELS) == set(Role)


@pytest.mark.parametrize("role", list(Role))
def test_only_staff_read_with_staff_rights(role: Role) -> None:
    assert audience([role]) == ("staff" if role in STAFF else "public")
    assert audience([]) == "public"


@pytest.mark.parametrize("role", [Role.PUBLIC, Role.PARTNER, Role.ASSOCIATION_OFFICER, Role.CENTRE_STAFF])
def test_survey_records_of_vacant_houses_stay_with_the_staff_who_need_them(role: Role) -> None:
    assert not may_see_vacant_house([role], "survey", recipient="A1", consented_to=["A1"])
    assert not may_see_vacant_house([role], "nonsense", recipient="A1", consented_to=["A1"])
    assert may_see_vacant_house([Role.FACILITY_STAFF], "survey")


def test_a_house_is_shown_to_whom_the_owner_named() -> None:
    officer = [Role.ASSOCIATION_OFFICER]
    assert may_see_vacant_house(officer, "consented", recipient="A1", consented_to=["A1"])
    assert not may_see_vacant_house(officer, "consented", recipient="A2", consented_to=["A1"])
    assert not may_see_vacant_house(officer, "consented", recipient=None, consented_to=["A1"])
    assert may_see_vacant_house([Role.PUBLIC], "listed")


def test_the_columns_of_datasets_are_those_of_the_schema() -> None:
    """The file stands in for SQLAlchemy in web processes; `python -m geodata.frame_columns` writes it."""
    assert (Path(frame_columns.__file__).parent / "frame_columns.json").read_text(
        encoding="utf-8"
    ) == frame_columns.text()
