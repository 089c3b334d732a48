"""What associations publish of themselves: only with their consent, and only pages one can open safely."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from geodata.readers import ReadContext, read
from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import CITY, csv

KNOWN = ReadContext(association_ids={"a1", "a2", "a3"})


def test_only_with_consent_and_without_a_word_of_the_others_in_the_report(tmp_path: Path) -> None:
    path = csv(
        tmp_path / "p.csv",
        "町内会番号,公表同意,会費,活動\na1,はい,月300円,夏まつり\na2,いいえ,秘密の会費,秘密の活動\na3,はい,,\n",
    )
    found = read("association-profiles", [path], municipality=CITY, context=KNOWN)
    assert found.frame.to_dict("records") == [
        {"association_id": "a1", "fee": "月300円", "activities": "夏まつり", "joining": None, "website": None}
    ]
    assert found.report.count("rejected") == 2
    assert "秘密" not in json.dumps(found.report.as_dict(), ensure_ascii=False)


def test_without_a_column_of_consent_nothing_is_read(tmp_path: Path) -> None:
    path = csv(tmp_path / "p.csv", "町内会番号,会費\na1,月300円\n")
    with pytest.raises(FileFormatError, match="公表の同意"):
        read("association-profiles", [path], municipality=CITY, context=KNOWN)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://example.jp/", "//example.jp", "https://a b/", "x"]
)
def test_an_address_that_is_no_page_is_refused(tmp_path: Path, address: str) -> None:
    path = csv(
        tmp_path / "p.csv", f"町内会番号,公表同意,URL\na1,はい,{address}\na2,はい,https://example.jp/a\n"
    )
    found = read("association-profiles", [path], municipality=CITY, context=KNOWN)
    assert found.frame["website"].tolist() == ["https://example.jp/a"]
