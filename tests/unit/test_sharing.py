"""Rules of activity cases, handbooks and subsidies: finding, deadlines, what is lacking before a case may be shown."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.records import entry
from kyodo_geo.sharing.cases import Consent, Photo, State, check_step, lacking
from kyodo_geo.sharing.deadlines import Phase, by_deadline, days_left, not_checked, phase
from kyodo_geo.sharing.finding import folded, holds, words_of
from kyodo_geo.sharing.kinds import CASES, HANDBOOKS, SUBSIDY_NOTICES
from kyodo_geo.sharing.themes import THEMES, Theme, label_of, on_offer, several

ON = date(2026, 11, 26)
BOTH = Consent(date(2026, 4, 1), covers_text=True, covers_photos=True, mark="now", photos=frozenset("ab"))
GOOD = Photo(1, "輪になって座る人たち", "見本町内会", "none", sha256="a")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("お茶会", True), ("オチャ会", False), ("サロン", True), ("さろん", True), ("ｻﾛﾝ", True), ("お茶会　公民館", True),
        ("お茶会 体操", False), ("  ", True), ("ABC", True), ("ａｂｃ", True), ("お・茶会", True),
    ],
)  # fmt: skip
def test_width_case_kana_and_marks_do_not_matter_and_every_word_must_be_there(
    asked: str, found: bool
) -> None:
    assert holds(("月に一度のお茶会", None, "サロン（Abc）", "公民館"), words_of(asked)) is found


def test_a_word_does_not_run_from_one_field_into_the_next() -> None:
    assert not holds(("お茶", "会"), words_of("お茶会"))
    assert folded("スーパー") == folded("すーぱー") == "すぱ"


@pytest.mark.parametrize(
    ("opens", "closes_after", "expected"),
    [
        (None, None, Phase.ALWAYS), (date(2026, 12, 1), None, Phase.COMING), (date(2026, 4, 1), None, Phase.OPEN),
        (None, date(2026, 11, 27), Phase.SOON), (None, date(2026, 11, 26), Phase.ENDED),
        (date(2026, 4, 1), date(2026, 12, 26), Phase.SOON), (date(2026, 4, 1), date(2026, 12, 27), Phase.OPEN),
    ],
)  # fmt: skip
def test_how_near_a_deadline_is(opens: date | None, closes_after: date | None, expected: Phase) -> None:
    assert phase(opens, closes_after, ON) is expected


def test_the_last_day_counts_and_the_nearest_deadline_comes_first() -> None:
    assert days_left(date(2026, 11, 27), ON) == 1
    assert (days_left(date(2026, 11, 1), ON), days_left(None, ON)) == (0, None)
    ends = [None, date(2027, 1, 1), date(2026, 1, 1), date(2026, 12, 1), date(2026, 6, 1)]
    ordered = by_deadline(ends, lambda end: (None, end), ON)
    assert ordered == [date(2026, 12, 1), date(2027, 1, 1), None, date(2026, 6, 1), date(2026, 1, 1)]


def test_who_has_not_looked_for_so_many_days_is_told() -> None:
    assert not_checked(date(2026, 9, 27), ON, 60)
    assert not not_checked(date(2026, 9, 28), ON, 60)


def test_a_case_with_consent_to_its_text_and_photos_lacks_nothing() -> None:
    assert lacking([GOOD], [BOTH], "now", ON) == ()
    assert lacking([], [Consent(ON, True, False, "now")], "now", ON) == ()


@pytest.mark.parametrize(
    ("photos", "consents", "mark", "words"),
    [
        ([], [], "now", "文章の公開への同意"),
        ([], [Consent(ON, False, True, "now")], "now", "文章の公開への同意"),
        ([], [Consent(date(2026, 12, 1), True, True, "now")], "now", "文章の公開への同意"),
        ([], [Consent(ON, True, True, "now", ended_on=ON)], "now", "文章の公開への同意"),
        ([], [BOTH], "later", "同意の後に文章が変わりました"),
        ([GOOD], [Consent(ON, True, False, "now")], "now", "写真の公開への同意"),
        (
            [GOOD, Photo(3, "x", "x", "none", sha256="c")],
            [BOTH],
            "now",
            "同意の後に入った写真があります（写真 3）",
        ),
        ([Photo(2, " ", "x", "none", sha256="b")], [BOTH], "now", "写真 2：代替テキストを"),
        ([Photo(2, "x", "", "none", sha256="b")], [BOTH], "now", "撮影者・提供者を"),
        ([Photo(2, "x", "x", "unknown", sha256="b")], [BOTH], "now", "写っている人の確認を"),
    ],
)
def test_what_is_lacking_is_told_as_what_to_do(
    photos: list[Photo], consents: list[Consent], mark: str, words: str
) -> None:
    (sentence,) = lacking(photos, consents, mark, ON)
    assert words in sentence


def test_somebody_may_answer_for_it_that_a_change_is_within_the_consent() -> None:
    assert lacking([], [BOTH], "later", ON, within=True) == ()
    assert lacking([], [], "later", ON, within=True), "but not for a consent that nobody gave"


def test_states_follow_each_other_and_nothing_published_becomes_a_draft_unseen() -> None:
    for now, wanted in (
        (State.DRAFT, State.PUBLISHED),
        (State.PUBLISHED, State.WITHDRAWN),
        (State.WITHDRAWN, State.DRAFT),
    ):
        check_step(now, wanted)
    for now, wanted in (
        (State.PUBLISHED, State.DRAFT),
        (State.DRAFT, State.WITHDRAWN),
        (State.ASKED, State.WITHDRAWN),
    ):
        with pytest.raises(ConflictError):
            check_step(now, wanted)


KNOWN = {"district": {"1": "1 北"}, "association": {"a1": "甲"}, "handbook": {"b1": "手引き"}}
CASE = {
    "title": "題", "summary": "ひとこと", "theme": "care", "district_no": "1", "body": "甲町内会", "done_year": "2025",
    "quality": "real",
}  # fmt: skip


def test_a_place_is_kept_only_when_somebody_says_that_it_is_public() -> None:
    with pytest.raises(InputError) as refused:
        entry(CASES, lambda name: {**CASE, "geom": "39.7, 141.1"}.get(name, ""), KNOWN)
    assert refused.value.details["field"] == "geom"
    kept = entry(
        CASES, lambda name: {**CASE, "geom": "39.7, 141.1", "public_place": "yes"}.get(name, ""), KNOWN
    )
    assert kept["geom"] == [141.1, 39.7]
    plain = entry(CASES, lambda name: {**CASE, "public_place": "yes"}.get(name, ""), KNOWN)
    assert (plain["geom"], plain["public_place"]) == (None, False)


def test_the_long_texts_of_a_case_are_nothing_that_the_audit_log_keeps() -> None:
    assert {field.name for field in CASES.fields if field.personal} == {"story", "worked", "hard"}


def test_a_deadline_before_the_beginning_and_a_theme_that_is_none_are_refused_by_field() -> None:
    notice = {
        "title": "助成", "giver_kind": "national", "giver": "国", "applicants": "町内会", "purpose": "机",
        "opens_on": "2026-05-01", "closes_after": "2026-04-30", "checked_on": "2026-04-01", "quality": "real",
    }  # fmt: skip
    with pytest.raises(InputError) as refused:
        entry(SUBSIDY_NOTICES, lambda name: notice.get(name, ""), KNOWN)
    assert refused.value.details["field"] == "closes_after"
    book = {
        "title": "手引き",
        "audience": "役員",
        "issued_on": "2026-04-01",
        "publisher": "課",
        "topics": "料理",
        "quality": "real",
    }
    with pytest.raises(InputError) as refused:
        entry(HANDBOOKS, lambda name: book.get(name, ""), KNOWN)
    assert refused.value.details["field"] == "topics"


def test_themes_stand_in_the_order_of_the_list_and_old_ones_stay_readable() -> None:
    assert several("雪・交通、防災・防犯", "themes") == "防災・防犯、雪・交通"
    assert several(None, "themes") is None
    assert label_of("care") == "見守り・福祉" and label_of("gone") == "gone"
    assert len({theme.key for theme in THEMES}) == len(THEMES)
    assert Theme("care", "見守り・福祉") in on_offer(1)
