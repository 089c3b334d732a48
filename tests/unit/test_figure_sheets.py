"""Sheets of yearly figures: what is refused says which value of which district, in a sentence."""

from __future__ import annotations

import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.figure_sheets import MEASURES, sheet


@pytest.mark.parametrize(
    ("measure", "typed", "said"),
    [
        ("meetings_issue", "x", "地区 1 の値は 0 以上の整数で入力してください。"),
        ("meetings_issue", "9999999", "地区 1 の値が大きすぎます。"),
        ("aged_65_share", "101", "地区 1 の値は 0 から 100 までの数"),
        ("events_22", "x", "市全体の値は 0 以上の整数"),
    ],
)
def test_what_is_refused_names_the_value(measure: str, typed: str, said: str) -> None:
    with pytest.raises(InputError, match=f"^{said}"):
        sheet(MEASURES[measure], ["1"], lambda _: typed)
