"""Whether the words of an area can be read, and whether they say something else than before."""

from __future__ import annotations

from collections.abc import Iterable

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import FindingKind, normal_form, read_notation
from kyodo_geo.returns.answers import Answers
from kyodo_geo.returns.doubts import Doubt, Severity

MOST_TOLD = 3


def area_doubts(
    held: Answers,
    now: Answers,
    *,
    rules: Iterable[Rule] = (),
    gazetteer: Gazetteer | None = None,
    municipality: str = "",
) -> tuple[Doubt, ...]:
    """Doubts about the area's words; none where they are what the city holds.

    `rules` are those that hold: words that can be read and give other ones are told, word by word the same or not.
    """
    if now.area_text is None:
        gone = held.area_text is not None
        return (
            (Doubt("area_text", Severity.DOUBT, "area-emptied", "区域の言葉が消されています。"),)
            if gone
            else ()
        )
    if now.area_text == held.area_text:
        return ()
    read = read_notation(now.area_text, gazetteer=gazetteer, municipality=municipality)
    found = []
    unclear = [item for item in read.findings if item.kind is not FindingKind.WARNING]
    for item in unclear[:MOST_TOLD]:
        found.append(Doubt("area_text", Severity.DOUBT, "area-unreadable", f"区域の言葉: {item.text_ja()}"))
    before = normal_form(rules)
    after = normal_form(read.rules)
    if after and after != before:
        words = f"「{_short(before)}」" if before else "（登録なし）"
        found.append(
            Doubt(
                "area_text", Severity.DOUBT, "area-changed",
                f"区域の言葉から読める住所の範囲が変わります。今: {words}、回答: 「{_short(after)}」",
            )
        )  # fmt: skip
    return tuple(found)


def _short(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
