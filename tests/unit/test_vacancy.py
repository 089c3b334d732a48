"""Filters of a vacant house: every boundary, unknown as an answer of its own, and no verdict that a filter does not give."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.vacancy.checks import (
    LOCAL,
    NOT_ASKED,
    SPECIAL,
    Facts,
    check_all,
    check_capacity,
    check_certificate,
    check_hazard,
    check_neglected,
    check_office,
    check_owner,
    check_rank,
    check_road,
    check_room,
    check_seismic,
    check_use_change,
    check_use_district,
    overall,
)
from kyodo_geo.vacancy.terms import Terms
from kyodo_geo.vacancy.verdict import ASKED, LABELS, Check, Verdict

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN
GOOD = Facts(
    rank="A", neglected=False, owner_willing=True, largest_room_m2=30, floor_area_m2=120, confirmed_on=date(1990, 4, 1),
    landslide=(), flood=(), road_access=True, use_district="近隣商業地域", certificate=True, office_answer=LOCAL, capacity=20,
)  # fmt: skip


@pytest.mark.parametrize(
    ("rank", "verdict"), [("A", PASS), ("B", PASS), ("C", FAIL), ("D", FAIL), (None, UNKNOWN)]
)
def test_ranks_c_and_d_are_out(rank: str | None, verdict: Verdict) -> None:
    assert check_rank(rank).verdict is verdict


@pytest.mark.parametrize(("neglected", "verdict"), [(False, PASS), (True, FAIL), (None, UNKNOWN)])
def test_neglected_houses_are_out(neglected: bool | None, verdict: Verdict) -> None:
    assert check_neglected(neglected).verdict is verdict


@pytest.mark.parametrize(
    ("confirmed_on", "built_year", "seismic", "verdict"),
    [
        (date(1981, 6, 1), None, None, PASS),
        (date(1981, 5, 31), None, None, FAIL),
        (date(1981, 5, 31), 1990, None, FAIL),
        (date(1981, 5, 31), None, "diagnosed", PASS),
        (date(1970, 1, 1), 1970, "retrofitted", PASS),
        (None, 1980, None, FAIL),
        (None, 1981, None, UNKNOWN),
        (None, 1984, None, UNKNOWN),
        (None, 1985, None, PASS),
        (None, None, None, UNKNOWN),
    ],
)
def test_the_code_of_june_1981(
    confirmed_on: date | None, built_year: int | None, seismic: str | None, verdict: Verdict
) -> None:
    assert check_seismic(confirmed_on, built_year, seismic).verdict is verdict


@pytest.mark.parametrize(("room", "verdict"), [(20.0, PASS), (19.9, FAIL), (None, UNKNOWN)])
def test_the_largest_room_holds_the_meeting(room: float | None, verdict: Verdict) -> None:
    assert check_room(room, 20).verdict is verdict


@pytest.mark.parametrize(
    ("area", "answer", "verdict"),
    [
        (200.0, None, PASS),
        (200.1, None, UNKNOWN),
        (200.1, SPECIAL, UNKNOWN),
        (200.1, NOT_ASKED, UNKNOWN),
        (200.1, LOCAL, PASS),
        (None, None, UNKNOWN),
        (None, LOCAL, PASS),
    ],
)
def test_a_change_of_use_above_200_m2(area: float | None, answer: str | None, verdict: Verdict) -> None:
    found = check_use_change(area, answer)
    assert found.verdict is verdict
    if area == 200.1 and answer != LOCAL:
        assert "確認申請" in found.reason


@pytest.mark.parametrize(
    ("recorded", "landslide", "flood", "verdict", "caution"),
    [
        (None, (), (), PASS, False),
        (None, ("土砂災害警戒区域",), (), PASS, True),
        (None, ("土砂災害特別警戒区域",), (), FAIL, False),
        ("土砂災害特別警戒区域", None, None, FAIL, False),
        (None, (), ("洪水（0.5〜3 m）",), PASS, True),
        (None, None, (), UNKNOWN, False),
        (None, (), None, UNKNOWN, False),
        ("浸水想定区域", None, None, UNKNOWN, False),
        ("浸水想定区域", (), (), PASS, True),
    ],
)
def test_hazard_areas(
    recorded: str | None,
    landslide: tuple[str, ...] | None,
    flood: tuple[str, ...] | None,
    verdict: Verdict,
    caution: bool,
) -> None:
    found = check_hazard(recorded, landslide, flood)
    assert (found.verdict, found.caution) == (verdict, caution)
    for named in [recorded, *(landslide or ()), *(flood or ())]:
        assert named is None or named in found.reason


@pytest.mark.parametrize(
    ("use", "answer", "verdict"),
    [
        (None, LOCAL, UNKNOWN),
        ("工業地域", None, UNKNOWN),
        ("工業地域", NOT_ASKED, UNKNOWN),
        ("工業地域", SPECIAL, PASS),
        ("工業地域", LOCAL, PASS),
    ],
)
def test_the_use_district_is_asked(use: str | None, answer: str | None, verdict: Verdict) -> None:
    found = check_use_district(use, answer)
    assert found.verdict is verdict and (use is None or use in found.reason)


@pytest.mark.parametrize(("held", "verdict"), [(True, PASS), (False, UNKNOWN), (None, UNKNOWN)])
def test_a_house_without_a_certificate_is_to_be_looked_into(held: bool | None, verdict: Verdict) -> None:
    assert check_certificate(held).verdict is verdict


@pytest.mark.parametrize(("yes", "verdict"), [(True, PASS), (False, FAIL), (None, UNKNOWN)])
def test_owner_and_road(yes: bool | None, verdict: Verdict) -> None:
    assert check_owner(yes).verdict is verdict and check_road(yes).verdict is verdict


@pytest.mark.parametrize(
    ("capacity", "verdict", "caution"), [(29, PASS, False), (30, PASS, True), (None, UNKNOWN, False)]
)
def test_a_fire_manager_from_30_people_on(capacity: int | None, verdict: Verdict, caution: bool) -> None:
    found = check_capacity(capacity)
    assert (found.verdict, found.caution) == (verdict, caution)
    assert ("防火管理者" in found.reason) is (capacity != 29)


@pytest.mark.parametrize(
    ("answer", "verdict", "caution"),
    [(None, UNKNOWN, False), (NOT_ASKED, UNKNOWN, False), (SPECIAL, PASS, True), (LOCAL, PASS, False)],
)
def test_the_answer_of_the_building_office(answer: str | None, verdict: Verdict, caution: bool) -> None:
    found = check_office(answer)
    assert (found.verdict, found.caution) == (verdict, caution)


def test_nothing_recorded_is_unknown_throughout_and_everything_good_passes() -> None:
    nothing = check_all(Facts(), 20)
    assert [check.name for check in nothing] == list(LABELS) == list(ASKED)
    assert {check.verdict for check in nothing} == {UNKNOWN}
    assert {check.verdict for check in check_all(GOOD, 20)} == {PASS}


def test_every_reason_is_a_sentence_and_fits_on_the_sheet() -> None:
    for facts in (
        Facts(),
        GOOD,
        Facts(floor_area_m2=12345.6, use_district="第二種中高層住居専用地域", capacity=9999),
    ):
        for check in check_all(facts, 999.5):
            assert check.reason.endswith("。") and len(check.reason) <= 70 and check.asked
    assert Check("office", PASS, "。", caution=True).words == "可（注意）"


def test_one_failure_decides_then_one_unknown() -> None:
    one = {verdict: Check("rank", verdict, "") for verdict in Verdict}
    assert overall([one[PASS], one[UNKNOWN], one[FAIL]]) is FAIL
    assert overall([one[PASS], one[UNKNOWN]]) is UNKNOWN
    assert overall([one[PASS]]) is PASS and overall([]) is PASS


def test_terms_are_unknown_until_entered_and_nought_is_not_unknown() -> None:
    assert len(Terms().unknown) == 5 and all(words == "不明" for _, words in Terms().lines())
    some = Terms(rate=0.5, cap_yen_month=0, max_years=3)
    assert some.unknown == ("世帯数", "団体の形")
    assert dict(some.lines()) | {} == {
        "補助率": "家賃の50 %", "上限": "月 0 円", "期間": "3 年まで", "世帯数": "不明", "団体の形": "不明",
    }  # fmt: skip
