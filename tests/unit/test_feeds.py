"""Atom feeds hold what RFC 4287 asks for, whatever the texts hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

from api.feeds import MOST, Entry, feed
from tests.atom import problems

NOW = datetime(2026, 4, 1, 9, 30, tzinfo=timezone(timedelta(hours=9)))
HOSTILE = "</title><script>alert(1)</script>]]> \x00\x08\ufffe & \"'`${x}\ud800"


def made(entries: list[Entry]) -> bytes:
    return feed(
        entries, code="03201", name="cases", title="盛岡市 活動事例", author="盛岡市", self_link="https://x.example/cases/feed.atom",
        page="https://x.example/cases", since=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def entry(name: str, **more: object) -> Entry:
    return Entry(name, "題", "ひとこと", f"https://x.example/{name}", NOW, **more)  # type: ignore[arg-type]


def test_a_feed_is_what_the_rfc_asks_for_also_when_it_is_empty() -> None:
    assert problems(made([])) == []
    assert problems(made([entry("case/1", category=("care", "見守り")), entry("case/2")])) == []


def test_hostile_texts_stay_texts() -> None:
    body = made([Entry("case/1", HOSTILE, HOSTILE, "https://x.example/1", NOW, ("t", HOSTILE))])
    assert problems(body) == []
    assert b"<script" not in body


def test_ids_depend_on_what_is_named_alone() -> None:
    first, second = made([entry("case/1")]), made([Entry("case/1", "別の題", "", "https://y.example/", NOW)])
    ids = [
        [found.text for found in ET.fromstring(body).iter("{http://www.w3.org/2005/Atom}id")]
        for body in (first, second)
    ]
    assert ids[0] == ids[1] and len(set(ids[0])) == 2


def test_the_newest_stand_first_and_the_feed_is_bounded() -> None:
    entries = [
        Entry(f"case/{n}", str(n), "", f"https://x.example/{n}", NOW + timedelta(minutes=n))
        for n in range(MOST + 9)
    ]
    root = ET.fromstring(made(entries))
    atom = "{http://www.w3.org/2005/Atom}"
    titles = [found.findtext(f"{atom}title") for found in root.findall(f"{atom}entry")]
    assert titles[0] == str(MOST + 8) and len(titles) == MOST
    assert root.findtext(f"{atom}updated") == root.find(f"{atom}entry").findtext(f"{atom}updated")  # type: ignore[union-attr]


def test_the_check_itself_can_fail() -> None:
    assert problems(made([]).replace(b"<id>", b"<x>").replace(b"</id>", b"</x>"))
    assert problems(made([entry("a")]).replace(b'rel="self"', b'rel="other"'))
