"""What messages say must be true of the address at hand, said once, and never ask for what is written."""

from __future__ import annotations

import pytest

from kyodo_geo.lookup import Outcome
from kyodo_geo.lookup.columns import columns_of
from kyodo_geo.lookup.decision import AROUND_TOWN, NEAR_BORDER, TOO_LITTLE, TOO_LITTLE_FOR_ONE
from kyodo_geo.lookup.words import Words
from tests.unit.lookup_world import snapshot
from tests.unit.sample_world import lookup

AGAIN = "町名・丁目・番・号（例「みたけ3-12-1」）を確かめて入力し直してください"


def says(text: str) -> str:
    return lookup().by_address(text).message


def test_the_place_of_a_town_is_no_border() -> None:
    assert NEAR_BORDER not in says("簗川4-10")
    assert AROUND_TOWN in says("簗川4-10")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("簗川4-10", None),
        ("本宮5", "番・号まで"),
        ("上田2-35", "号まで"),
        ("好摩甲114", "字まで"),
        ("渋民", "字や番地まで"),
        ("永井", "地割や番地まで"),
        ("上田1-12-3の隣", None),
    ],
)
def test_only_what_is_missing_is_asked_for(text: str, missing: str | None) -> None:
    message = says(text)
    if missing is None:
        assert "候補から選んでください" in message
        assert "まで入力すると" not in message
    else:
        assert f"。{missing}入力すると絞り込めることがあります" in message


def test_one_candidate_is_not_said_to_need_narrowing() -> None:
    message = says("日戸")
    assert TOO_LITTLE not in message
    assert TOO_LITTLE_FOR_ONE in message
    assert "入力すると確かめられることがあります" in message


def test_what_a_doubt_quotes_is_said_once() -> None:
    assert says("上田1-12-3の隣").count("の隣") == 1


@pytest.mark.parametrize(
    ("reason", "again"),
    [
        ("「99」も書かれています。住所は1件ずつ入力してください。", False),
        ("「x」を読み取れません。", True),
        ("小字のときは「渋民字…」と入力してください。", True),
    ],
)
def test_general_advice_is_for_refusals_that_give_none(reason: str, again: bool) -> None:
    assert (AGAIN in Words(snapshot()).not_understood(reason, ())) is again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "〒020-8530",
            "郵便番号020-8530は、盛岡市の町・字の番号の一覧にありません（事業所だけの番号のことがあります）。",
        ),
        ("100-0001", "郵便番号100-0001は、盛岡市の町・字の番号の一覧にありません。"),
        ("盛岡市", "町名から先が入力されていません。"),
    ],
)
def test_a_text_without_a_town_is_told_what_it_lacks(text: str, said: str) -> None:
    assert said in says(text)


@pytest.mark.parametrize("text", ["上田1-3O-3", "上田1-3l-3", "上田1-1B-3", "内丸1O"])
def test_a_block_with_a_latin_letter_is_not_understood(text: str) -> None:
    answer = lookup().by_address(text)
    assert answer.outcome is Outcome.NOT_UNDERSTOOD
    assert "番」を読み取れません。番は数字だけです" in answer.message


@pytest.mark.parametrize(("text", "outcome"), [("2-35-1S", Outcome.SEVERAL), ("2-12-3A", Outcome.ONE)])
def test_a_house_with_a_latin_letter_counts_as_its_whole_block(text: str, outcome: Outcome) -> None:
    answer = lookup().by_address(f"上田{text}")
    assert answer.outcome is outcome
    assert f"「{text[5:]}号」は数字として読めないため、{text[2:4]}番全体で調べました" in answer.message
    assert all(found.confidence is None for found in answer.associations if outcome is Outcome.ONE)


@pytest.mark.parametrize("text", ["永井23-12A", "永井23地割12番地A", "好摩甲114"])
def test_a_lot_keeps_its_letter(text: str) -> None:
    assert "読み取れません" not in says(text)
    assert "読めない" not in says(text)


@pytest.mark.parametrize(
    ("text", "municipality"),
    [
        ("東京都千代田区1", "千代田区"), ("岩手県滝沢市1", "滝沢市"), ("東京都盛岡市上田1-1", None), ("沖縄県", None),
        ("上田1-12-3", "盛岡市"),
    ],
)  # fmt: skip
def test_the_column_holds_a_municipality_or_nothing(text: str, municipality: str | None) -> None:
    assert columns_of(lookup().by_address(text)).municipality == municipality
