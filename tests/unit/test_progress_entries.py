"""What staff may enter of the plan's progress."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.progress_entries import (
    MAX_DOCUMENTS,
    MAX_NUMBER,
    MAX_RECORD,
    MAX_SOURCE,
    Document,
    RecordEntry,
    ValueEntry,
    check_document,
    check_record,
    check_value,
    jump,
    number_of,
    web_link,
    whole_of,
)

GOOD = ValueEntry(2021, 48.0, 1000, None, None, "調査", "real")
DONE = RecordEntry(2021, "研修を 2 回開きました。", (Document("報告", "https://example.jp/a"),), None, "real")


def check(entry: ValueEntry, unit: str = "%") -> None:
    check_value(entry, unit=unit, baseline_year=2019, baseline=45.2, this_year=2025)


@pytest.mark.parametrize(
    ("text", "number"), [("48.5", 48.5), ("４８．５％", 48.5), ("1,180", 1180), (" ", None), ("−3", -3)]
)
def test_numbers_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert number_of(text, "value", "値") == number


@pytest.mark.parametrize("text", ["約50", "1e3", "nan", "1.2.3", "--1", "9" * 13])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        number_of(text, "value", "値")
    assert caught.value.details["field"] == "value"


def test_a_count_of_answers_is_whole() -> None:
    assert whole_of("１，０００", "sample_size", "回答者数") == 1000
    with pytest.raises(InputError):
        whole_of("10.5", "sample_size", "回答者数")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"value": 100.1}, "value"),
        ({"value": -0.1}, "value"),
        ({"value": float("nan")}, "value"),
        ({"sample_size": 0}, "sample_size"),
        ({"low": 40.0}, "low"),
        ({"low": 48.1, "high": 50.0}, "low"),
        ({"low": -1.0, "high": 50.0}, "low"),
        ({"low": 40.0, "high": 101.0}, "low"),
        ({"source": ""}, "source"),
        ({"fiscal_year": 2018}, "fiscal_year"),
        ({"fiscal_year": 2026}, "fiscal_year"),
        ({"fiscal_year": 2019}, "value"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(change: dict[str, object], field: str) -> None:
    check(GOOD)
    with pytest.raises(InputError) as caught:
        check(replace(GOOD, **change))  # type: ignore[arg-type]
    assert caught.value.details["field"] == field


def test_the_baselines_sample_size_may_be_added() -> None:
    check(replace(GOOD, fiscal_year=2019, value=45.2))


@pytest.mark.parametrize("value", [-1.0, 2.5, 1e8])
def test_a_count_is_whole_and_bounded(value: float) -> None:
    check(replace(GOOD, value=46.0, sample_size=None), "件")
    with pytest.raises(InputError):
        check(replace(GOOD, value=value, sample_size=None), "件")


@pytest.mark.parametrize(
    ("unit", "value", "known", "found"),
    [
        ("%", 55.2, [(2019, 45.2)], None),
        ("%", 55.3, [(2019, 45.2)], (2019, 45.2)),
        ("%", 48.0, [(2019, 20.0), (2020, 47.0)], None),  # the nearest year counts
        ("%", 60.0, [(2020, 45.0), (2022, 59.0)], (2020, 45.0)),
        ("%", 60.0, [(2021, 10.0)], None),  # the year itself is being corrected
        ("件", 69.0, [(2020, 46.0)], None),
        ("件", 70.0, [(2020, 46.0)], (2020, 46.0)),
        ("件", 4.0, [(2020, 0.0)], None),  # small numbers move much without meaning
        ("件", 5.0, [(2020, 0.0)], (2020, 0.0)),
        ("%", 99.0, [], None),
    ],
)
def test_a_jump_is_asked_about(
    unit: str, value: float, known: list[tuple[int, float]], found: tuple[int, float] | None
) -> None:
    assert jump(replace(GOOD, value=value), unit, known) == found


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"record": ""}, "record"),
        ({"record": "あ" * (MAX_RECORD + 1)}, "record"),
        ({"evidence": (Document("資料", "https://a.jp/"),) * (MAX_DOCUMENTS + 1)}, "record"),
        ({"fiscal_year": 2099}, "fiscal_year"),
    ],
)
def test_a_record_that_cannot_be_kept(change: dict[str, object], field: str) -> None:
    check_record(DONE, first=2021, this_year=2025)
    with pytest.raises(InputError) as caught:
        check_record(replace(DONE, **change), first=2021, this_year=2025)  # type: ignore[arg-type]
    assert caught.value.details["field"] == field


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (Document("", "https://a.jp/"), "evidence_title_2"),
        (Document("議事録"), "evidence_url_2"),
        (Document("議事録", "javascript:alert(1)"), "evidence_url_2"),
        (Document("議事録", "javascript:alert(1)", "第1号"), "evidence_url_2"),
        (Document("あ" * (MAX_SOURCE + 1), "https://a.jp/"), "evidence_title_2"),
        (Document("議事録", None, "1" * (MAX_NUMBER + 1)), "evidence_number_2"),
    ],
)
def test_a_document_that_cannot_be_kept(document: Document, field: str) -> None:
    for good in (Document("議事録", "https://a.jp/"), Document("議事録", None, "第1号")):
        check_document(good, 2)
    with pytest.raises(InputError) as caught:
        check_document(document, 2)
    assert caught.value.details["field"] == field


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "//host/x", "/x", "https://", "http://a b", "https://u:p@host/", "http://[", "", None,
     "data:text/html,x", "https://host\\x", "https://h/" + "x" * 500],
)  # fmt: skip
def test_a_page_leads_to_web_addresses_only(address: str | None) -> None:
    assert web_link(address) is None
    assert (
        web_link("https://www.city.morioka.iwate.jp/x?y=1#z") == "https://www.city.morioka.iwate.jp/x?y=1#z"
    )
