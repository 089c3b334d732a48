"""The list of partner offices: what is taken, and every bad row named at once."""

from __future__ import annotations

import pytest

from api.office_list import example, read_office_list
from kyodo_geo.errors import InputError, KyodoError
from kyodo_geo.offices import MAX_ROWS, OfficeRow, office_rows

GOOD = {
    "事業所番号": "A1",
    "事業所名": "北店",
    "利用者名": "a1.hana",
    "担当者": "花子",
    "電話": "019",
    "メール": "",
}


def rows(*cells: dict[str, str]) -> list[OfficeRow]:
    return office_rows(enumerate(({**GOOD, **row} for row in cells), start=2))


def test_a_row_becomes_an_account_of_its_office() -> None:
    assert rows({}) == [OfficeRow("A1", "北店", "a1.hana", "花子", "019", None)]


def test_full_width_letters_are_what_people_type() -> None:
    assert rows({"事業所番号": " Ａ１ ", "利用者名": "ａ１．ｈａｎａ"}) == rows({})


def test_without_a_name_the_person_is_named_after_the_office() -> None:
    assert rows({"担当者": ""})[0].person == "北店 担当者"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"事業所番号": "A 1"}, "事業所番号は、半角"),
        ({"事業所名": ""}, "事業所名がありません"),
        ({"利用者名": "花子"}, "利用者名は、半角"),
        ({"メール": "x@y"}, "メールの形"),
        ({"電話": "1" * 101}, "「電話」が長すぎます"),
    ],
)
def test_a_bad_row_is_refused_with_its_number(cells: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=f"登録していません。2 行目: {said}"):
        rows(cells)


def test_every_bad_row_is_named() -> None:
    with pytest.raises(InputError, match=r"2 行目.*4 行目"):
        rows({"事業所名": ""}, {"利用者名": "a1.b"}, {"利用者名": "山"})


def test_one_office_has_one_name_and_a_login_one_row() -> None:
    with pytest.raises(InputError, match="違う事業所名"):
        rows({}, {"事業所名": "南店", "利用者名": "b"})
    with pytest.raises(InputError, match="2 行目にもあります"):
        rows({}, {"利用者名": "A1.HANA"})


def test_a_list_too_long_is_refused() -> None:
    with pytest.raises(InputError, match="2,000 行まで"):
        rows(*({"利用者名": f"u{n}"} for n in range(MAX_ROWS + 1)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_example_can_be_read_back_in_any_encoding(encoding: str) -> None:
    (row,) = read_office_list(example().encode(encoding))
    assert (row.office_id, row.login, row.email) == ("A001", "a001.ichiro", None)


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01", "名前\r\n花子\r\n".encode(), "事業所番号,事業所名,利用者名\r\nA1\r\n".encode()],
)
def test_a_file_that_is_no_list_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(KyodoError, match="。"):
        read_office_list(content)
