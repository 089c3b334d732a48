"""Address labels: places on the paper, postal codes, the order of bundles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.labels import PAPER_MM, SHEETS, Addressee, in_order, pages, split_postcode

ONE = Addressee("a1", "第一町内会", 1, "会長", "盛岡 太郎", "〒020-8530 盛岡市内丸12-2", 5)


def many(number: int) -> list[Addressee]:
    return [replace(ONE, association_id=f"a{no}") for no in range(1, number + 1)]


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.key)
def test_a_full_sheet_stands_on_the_paper_and_no_label_on_another(sheet) -> None:
    (page,) = pages(sheet, many(sheet.number))
    assert len({(label.left, label.top) for label in page}) == sheet.number == int(sheet.key)
    for label in page:
        assert 0 <= label.left <= PAPER_MM[0] - sheet.width
        assert 0 <= label.top <= PAPER_MM[1] - sheet.height
    assert page[1].left - page[0].left == pytest.approx(sheet.width, abs=0.02)
    assert page[sheet.columns].top - page[0].top == pytest.approx(sheet.height, abs=0.02)


def test_a_begun_sheet_goes_on_where_it_was_left_and_flows_to_the_next() -> None:
    sheet = SHEETS["12"]
    first, second = pages(sheet, many(12), first=12)
    assert [len(first), len(second)] == [1, 11]
    assert (first[0].left, first[0].top) == (
        pytest.approx(sheet.left + 86.4),
        pytest.approx(sheet.top + 5 * 42.3),
    )
    assert (second[0].left, second[0].top) == (pytest.approx(sheet.left), pytest.approx(sheet.top))


def test_a_shift_moves_every_label() -> None:
    (page,) = pages(SHEETS["24"], many(2), right=-1.5, down=2.0)
    assert (page[0].left, page[0].top) == (pytest.approx(6.0 - 1.5), pytest.approx(12.9 + 2.0))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first": 0}, "first"),
        ({"first": 13}, "first"),
        ({"right": 11.0}, "right"),
        ({"down": float("nan")}, "down"),
    ],
)
def test_what_is_not_on_the_paper_is_refused_by_field(wrong, field) -> None:
    with pytest.raises(InputError) as refused:
        pages(SHEETS["12"], [ONE], **wrong)
    assert refused.value.details["field"] == field


def test_too_many_labels_are_refused() -> None:
    with pytest.raises(InputError, match="地区を選んで"):
        pages(SHEETS["12"], many(2_001))


@pytest.mark.parametrize(
    ("typed", "code", "rest"),
    [
        ("〒020-8530 盛岡市内丸12-2", "020-8530", "盛岡市内丸12-2"),
        ("０２０−８５３０　盛岡市内丸12番2号", "020-8530", "盛岡市内丸12番2号"),
        ("0208530盛岡市内丸12番2号", "020-8530", "盛岡市内丸12番2号"),
        ("盛岡市みたけ三丁目12番1号", None, "盛岡市みたけ三丁目12番1号"),
        ("盛岡市内丸12-2 サンタワー201", None, "盛岡市内丸12-2 サンタワー201"),
    ],
)
def test_a_postal_code_is_set_apart_however_it_was_typed(typed, code, rest) -> None:
    assert split_postcode(typed) == (code, rest)


def test_bundles_are_packed_by_district_and_number() -> None:
    mixed = [
        replace(ONE, association_id=name, district_no=no)
        for name, no in [("a10", 2), ("a9", 2), ("a1", None), ("b1", 1)]
    ]
    assert [item.association_id for item in in_order(mixed)] == ["b1", "a9", "a10", "a1"]
