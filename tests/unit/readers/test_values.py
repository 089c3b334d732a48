"""Cells of a table as values."""

from __future__ import annotations

from datetime import date

import pytest

from geodata.readers import values
from kyodo_geo.errors import InputError


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("１２", 12),
        ("1,234", 1234),
        ("12.0", 12),
        ("-3", -3),
        ("不明", None),
        ("-", None),
        ("…", None),
    ],
)
def test_integers(written, value):
    assert values.integer(written) == value


@pytest.mark.parametrize(
    "written", ["12a", "1.5", "1e5", "十二", "", "９" * 40, "2147483648", "0x10", "1 2 3 x"]
)
def test_what_is_no_integer(written):
    with pytest.raises(InputError):
        values.integer(written)


def test_counts_are_not_negative():
    assert values.count("0") == 0
    with pytest.raises(InputError, match="負"):
        values.count("-1")


def test_positive_numbers_begin_at_one():
    with pytest.raises(InputError, match="1以上"):
        values.positive("0")


@pytest.mark.parametrize(
    ("written", "value"), [("1.5", 1.5), ("１．５", 1.5), ("1,000.5", 1000.5), ("1e2", 100.0), ("X", None)]
)
def test_decimal_numbers(written, value):
    assert values.number(written) == value


@pytest.mark.parametrize("written", ["nan", "inf", "1e999", "1.2.3", "1_000", "--1", "1e13"])
def test_what_is_no_number(written):
    with pytest.raises(InputError):
        values.number(written)


@pytest.mark.parametrize(("written", "value"), [("120㎡", 120.0), ("120.5m2", 120.5), ("85", 85.0)])
def test_areas(written, value):
    assert values.square_metres(written) == value


def test_an_area_of_nothing_is_refused():
    with pytest.raises(InputError, match="0より大きい"):
        values.square_metres("0")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("2024-04-01", date(2024, 4, 1)),
        ("20240401", date(2024, 4, 1)),
        ("令和6年4月1日", date(2024, 4, 1)),
        ("R6.4.1", date(2024, 4, 1)),
        ("2024-04-01T00:00:00", date(2024, 4, 1)),
        ("2024-04-01 09:30:00+09:00", date(2024, 4, 1)),
        ("不明", None),
    ],
)
def test_days(written, value):
    assert values.day(written) == value


@pytest.mark.parametrize("written", ["2024-13-01", "昭和99年1月1日", "昨日", "0000-00-00"])
def test_what_is_no_day(written):
    with pytest.raises(InputError):
        values.day(written)


@pytest.mark.parametrize(("written", "value"), [("令和元年度", 2019), ("R1", 2019), ("2019年度", 2019)])
def test_fiscal_years(written, value):
    assert values.fiscal_year(written) == value


@pytest.mark.parametrize(("written", "value"), [("1981年", 1981), ("昭和56年", 1981), ("不明", None)])
def test_years_of_construction(written, value):
    assert values.year(written) == value


@pytest.mark.parametrize(
    ("written", "value"),
    [("○", True), ("有", True), ("1", True), ("×", False), ("無", False), ("不明", None)],
)
def test_yes_and_no(written, value):
    assert values.yes_no(written) is value


def test_a_word_that_is_not_offered_lists_those_that_are():
    with pytest.raises(InputError, match="所有、借用"):
        values.choice({"所有": "owned", "借用": "rented"})("占拠")


@pytest.mark.parametrize("written", ["城 北", "a" * 41, "../x", "<b>", ""])
def test_what_is_no_identifier(written):
    with pytest.raises(InputError):
        values.identifier(written)


def test_identifiers_are_narrowed_and_keep_zeros():
    assert values.identifier("００７-Ａ") == "007-A"


class TestText:
    def test_space_around_and_line_breaks_inside(self):
        assert values.clean("\u3000城北\r\n町内会 ") == "城北 町内会"

    def test_split_voiced_marks_are_joined(self):
        assert values.clean("か\u3099っこう") == "がっこう"

    def test_invisible_marks_and_direction_overrides_go(self):
        assert values.clean("城\u200b北\u202e会\ufeff") == "城北会"

    def test_the_form_of_a_kanji_stays(self):
        assert values.clean("辻\U000e0100町") == "辻\U000e0100町"

    def test_hostile_names_are_names(self):
        for name in ("<img src=x onerror=alert(1)>", "${window.x=1}", "'; DROP TABLE town; --", "</script>"):
            assert values.name(values.clean(name)) == name

    @pytest.mark.parametrize("cell", ["a\x00b", "a\x1bb", "\ud800"])
    def test_control_characters_and_halves_of_characters_are_refused(self, cell):
        with pytest.raises(InputError, match="文字として"):
            values.text(values.clean(cell))

    def test_private_characters_are_refused_with_advice(self):
        with pytest.raises(InputError, match="外字"):
            values.text("\ue000町内会")

    def test_length_is_limited(self):
        with pytest.raises(InputError, match="長すぎ"):
            values.name("あ" * 201)
        with pytest.raises(InputError, match="長すぎ"):
            values.text("あ" * 2001)


def test_lists_in_one_cell():
    assert values.words("町内会、社会福祉協議会; 市") == ["町内会", "社会福祉協議会", "市"]
