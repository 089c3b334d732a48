"""Fields of the staff's forms: what is kept, what is refused and in which words; marks of what was seen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyodo_geo import edit_entries as entries
from kyodo_geo.edits import EditConflictError, changes, check_stamp, stamp
from kyodo_geo.errors import InputError


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        work()
    assert caught.value.details["field"] == "f"
    return caught.value.message


@pytest.mark.parametrize(
    "address",
    ["http://example.jp/a", "javascript:alert(1)", "https:///a", "https://user:pass@example.jp/", "https://localhost/",
     "https://example.jp/<script>", "https://exa mple.jp/", "//example.jp/", "data:text/html,x", "https://example.jp:99999/",
     "https://example.jp\\@evil.jp/", 'https://example.jp/"onclick="x', "https://[::1/"],
)  # fmt: skip
def test_only_https_addresses_are_links(address: str) -> None:
    assert "https://" in refused(lambda: entries.link(address, "f", "リンク"))


def test_links_that_are_kept() -> None:
    assert entries.link(" https://www.example.jp/plan/5.pdf?v=2#p3 ", "f", "リンク") is not None
    assert entries.link("https://例え.jp/計画.pdf", "f", "リンク") == "https://例え.jp/計画.pdf"
    assert entries.link("  ", "f", "リンク") is None
    assert "500 文字" in refused(lambda: entries.link("https://example.jp/" + "a" * 500, "f", "リンク"))


@pytest.mark.parametrize("written", ["2026-04-01", "令和8年4月1日", "R8.4.1", "２０２６年４月１日"])
def test_days_as_people_write_them(written: str) -> None:
    assert entries.day(written, "f", "日") == date(2026, 4, 1)


@pytest.mark.parametrize("written", ["2026-02-30", "あした", "1900-01-01", "9999-01-01", "2026", "<b>"])
def test_what_is_no_day_is_refused(written: str) -> None:
    refused(lambda: entries.day(written, "f", "日"))


def test_numbers_of_people_and_yen() -> None:
    assert entries.whole("１，２００円", "f", "補助金", most=10_000, unit="円") == 1200
    assert entries.whole("0", "f", "人", most=9) == 0
    assert entries.whole("", "f", "人", most=9) is None, "unknown is not 0"
    for text in ("-1", "1.5", "1e3", "二", "1_000", "１２人"):
        refused(lambda text=text: entries.whole(text, "f", "人", most=9999))
    assert "9 まで" in refused(lambda: entries.whole("10", "f", "人", most=9))


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "a\u202eb", "\ud800"])
def test_signs_nobody_types_are_refused(text: str) -> None:
    refused(lambda: entries.line(text, "f", "名前"))
    refused(lambda: entries.words(text, "f", "備考"))


def test_lines_and_words() -> None:
    assert entries.line("  松園　地区 \n の計画 ", "f", "名前") == "松園 地区 の計画"
    assert entries.words("一行目  \r\n\r\n二行目\n", "f", "備考") == "一行目\n\n二行目"
    assert "入力してください" in refused(lambda: entries.line("　", "f", "名前", required=True))
    assert "200 文字以内" in refused(lambda: entries.line("あ" * 201, "f", "名前"))


@given(st.text(max_size=400))
def test_no_text_breaks_a_field(text: str) -> None:
    for work in (entries.line, entries.words, entries.link, entries.day):
        try:
            work(text, "f", "項目")  # type: ignore[operator]
        except InputError as error:
            assert error.details["field"] == "f"


def test_a_mark_follows_the_content_and_not_the_order_of_fields() -> None:
    seen = {"name": "松園", "day": date(2026, 4, 1), "n": None}
    assert stamp(seen) == stamp(dict(reversed(seen.items())))
    assert stamp(seen) != stamp({**seen, "n": 0})
    check_stamp(stamp(seen), seen)
    with pytest.raises(EditConflictError) as caught:
        check_stamp("", seen)
    assert caught.value.stored == seen and "stored" not in caught.value.details, "never in a log or a problem"


def test_changes_name_what_differs() -> None:
    assert changes({"a": 1, "b": 2}, {"a": 1, "b": 3}) == {"b": {"before": 2, "after": 3}}
    assert changes(None, {"a": 1, "b": None}) == {"a": {"before": None, "after": 1}}
    assert changes({"a": 1}, None) == {"a": {"before": 1, "after": None}}
