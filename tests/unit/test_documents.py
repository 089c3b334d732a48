"""会長あて送付文書の数: what counts by the rule, what could have been one envelope, what needed no paper."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo.documents.bundling import bundles, paperless
from kyodo_geo.documents.counting import CountRule, counted
from kyodo_geo.documents.document import Document
from kyodo_geo.documents.tables import lines, total
from kyodo_geo.errors import InputError

MONDAY = date(2026, 6, 1)
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)
ALL = frozenset(f"p:{one}" for one in "abcd")


def document(id_: str, day: date = MONDAY, **more: object) -> Document:
    values: dict[str, object] = {
        "department": "課", "title": f"題名{id_}", "addressees": "presidents", "way": "post", "kind": "request",
        "copies": 4, "people": ALL,
    }  # fmt: skip
    return Document(id_, sent_on=day, **{**values, **more})  # type: ignore[arg-type]


def count(*there: Document, rule: CountRule | None = None) -> int:
    return sum(item.counts for item in counted(there, rule or CountRule(), FIRST, LAST))


def test_one_title_to_all_presidents_is_one_however_many_copies() -> None:
    assert count(document("1", copies=366)) == 1
    assert count(document("1"), document("2")) == 2


@pytest.mark.parametrize(
    "more",
    [{"addressees": "circulation"}, {"addressees": "district-bodies"}, {"way": "mail"}, {"way": "web"}],
)
def test_what_goes_to_others_or_without_paper_does_not_count_at_first(more: dict[str, object]) -> None:
    (item,) = counted([document("1", **more)], CountRule(), FIRST, LAST)
    assert not item.counts and item.why


def test_the_same_title_again_within_a_month_is_no_further_one() -> None:
    again = MONDAY + timedelta(days=31)
    assert count(document("1", title="調査"), document("2", again, title=" 調 査 ")) == 1
    assert count(document("1", title="調査"), document("2", again + timedelta(days=1), title="調査")) == 2
    assert count(document("1", title="調査"), document("2", title="調査", department="別の課")) == 2
    assert count(document("1", title="調査", number="1号"), document("2", title="調査", number="2号")) == 2
    assert count(document("1", title="調査"), document("2", title="調査"), rule=CountRule(same_within=0)) == 2


def test_a_second_sending_in_the_new_year_belongs_to_the_old_one() -> None:
    before = document("1", date(2026, 3, 25), title="調査")
    found = counted([before, document("2", date(2026, 4, 2), title="調査")], CountRule(), FIRST, LAST)
    assert [(item.document.id, item.counts) for item in found] == [("2", False)]
    assert "3月25日" in found[0].why


def test_a_rule_says_itself_in_words_and_refuses_what_counts_nothing() -> None:
    said = " ".join(CountRule().sentences)
    assert "郵送" in said and "電子メール" not in said and "31 日以内" in said
    for change in ({"addressees": ()}, {"ways": ("pigeon",)}, {"kinds": ()}, {"same_within": 367}):
        with pytest.raises(InputError) as caught:
            CountRule(**change)  # type: ignore[arg-type]
        assert caught.value.details["field"] == next(iter(change))
    assert CountRule(ways=("hand", "post")).ways == ("post", "hand"), "equal rules are equal"


def test_letters_of_a_week_to_the_same_people_are_one_envelope() -> None:
    (one,) = bundles([
        document("1"), document("2", MONDAY + timedelta(days=3), department="別の課"),
        document("3", MONDAY + timedelta(days=6), people=frozenset({"p:a"})),
        document("next", MONDAY + timedelta(days=7)), document("mail", way="mail"), document("paper", way="koho"),
    ])  # fmt: skip
    assert [item.id for item in one.documents] == ["1", "2", "3"]
    assert (one.people, one.envelopes, one.saved) == (4, 9, 5)
    assert one.day == MONDAY + timedelta(days=6) and one.departments == ("課", "別の課")


def test_people_who_share_nothing_make_no_bundle() -> None:
    assert bundles([document("1", people=frozenset({"p:a"})), document("2", people=frozenset({"p:b"}))]) == []
    assert bundles([document("1", people=frozenset())] * 2) == []


def test_a_letter_that_wants_an_answer_soon_does_not_wait_unseen() -> None:
    soon = document("1", answer_by=MONDAY + timedelta(days=15))
    (one,) = bundles([soon, document("2", MONDAY + timedelta(days=2))])
    assert one.late == (soon,)
    (one,) = bundles([soon, document("2", MONDAY + timedelta(days=1))])
    assert one.late == ()


def test_what_needs_no_paper() -> None:
    found = paperless([
        document("answer", kind="notice", answer_by=MONDAY), document("tells", kind="notice", copies=2),
        document("could", could_mail=True, copies=9), document("mail", way="mail", could_mail=True),
    ])  # fmt: skip
    assert [one.document.id for one in found] == ["could", "tells"]


def test_tables_add_up() -> None:
    there = [
        document("1"),
        document("2", date(2027, 3, 31), copies=None),
        document("3", way="mail", department="別の課"),
    ]
    items = counted(there, CountRule(), FIRST, LAST)
    own, other = lines(items, lambda item: item.document.department)
    assert (own.key, own.sent, own.counted, own.copies, own.unknown) == ("課", 2, 2, 4, 1)
    assert own.months == (0, 0, 1, *(0,) * 8, 1) and (other.sent, other.counted) == (1, 0)
    assert total(items).counted == 2


@given(st.lists(st.tuples(st.integers(0, 20), st.sets(st.sampled_from("abcd"), min_size=1)), max_size=8))
def test_no_bundle_saves_more_than_all_but_one_letter_of_each_person(
    letters: list[tuple[int, set[str]]],
) -> None:
    there = [
        document(str(no), MONDAY + timedelta(days=day), people=frozenset(who))
        for no, (day, who) in enumerate(letters)
    ]
    found = bundles(there)
    spared = 0
    for week in range(3):
        own = [one for one in there if (one.sent_on - MONDAY).days // 7 == week]
        spared += sum(max(0, sum(who in one.people for one in own) - 1) for who in "abcd")
    assert sum(one.saved for one in found) == spared
    ids = [one.id for bundle in found for one in bundle.documents]
    assert len(ids) == len(set(ids)), "each letter is in one bundle"
