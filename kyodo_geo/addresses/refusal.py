"""Why a text names no town of a gazetteer: how far it was understood, and names that exist instead."""

from __future__ import annotations

from rapidfuzz import fuzz, process

from kyodo_geo.addresses.gazetteer import ALIAS, Gazetteer, Place
from kyodo_geo.addresses.head import read_postal_code
from kyodo_geo.addresses.normalise import Folded
from kyodo_geo.addresses.ranges import existing
from kyodo_geo.addresses.reading import Match, Status
from kyodo_geo.addresses.tail import CHOME, JIWARI, skip

_SHOWN = 30
_LONGEST_KOAZA = 8


def not_understood(
    cleaned: str, folded: Folded, begin: int, gazetteer: Gazetteer, municipality: str
) -> Match:
    """Refusal of a text whose town should begin at `begin`."""
    rest = folded.shown(begin)
    if not rest:
        return Match(Status.UNKNOWN, cleaned, reason=_without_town(folded, municipality))
    known = next(
        ((end, entry) for end, entry in gazetteer.prefixes(folded.text, begin) if entry.tier <= ALIAS), None
    )
    similar = tuple(gazetteer.similar(rest))
    if known is None or known[0] - begin < 2:
        # 盛岡市役所 is not 「役所」: cutting off the city helps only where a town may follow.
        shown = rest if similar else cleaned
        reason = f"{municipality}の町・字の一覧に「{shown[:_SHOWN]}」で始まるものはありません。"
        return Match(Status.UNKNOWN, cleaned, reason=reason, suggestions=similar, unknown=rest)
    end, entry = known
    place, unknown = entry.place, folded.shown(end)
    near = _similar_koaza(place, folded.text[skip(folded.text, end, " 字") :])
    reason = f"「{place.name}」の後の「{unknown[:_SHOWN]}」を読み取れません。{_what_exists(place)}"
    return Match(Status.UNKNOWN, cleaned, reason=reason, suggestions=(*near, *similar), unknown=unknown)


def _without_town(folded: Folded, municipality: str) -> str:
    """Why a text that ends where the town should begin says too little; its postal code is no town's."""
    code, _ = read_postal_code(folded.text)
    if code is None:
        return "町名から先が入力されていません。"
    office = "（事業所だけの番号のことがあります）" if code[3] == "8" else ""
    return (
        f"郵便番号{code[:3]}-{code[3:]}は、{municipality}の町・字の番号の一覧にありません{office}。"
        "町名から先も入力してください。"
    )


def _what_exists(place: Place) -> str:
    if place.chome:
        return existing(place.name, sorted(place.chome), CHOME)
    if place.jiwari:
        return existing(place.name, sorted(place.jiwari), JIWARI)
    return f"小字のときは「{place.name}字…」と入力してください。" if place.koaza else ""


def _similar_koaza(place: Place, text: str, limit: int = 3) -> list[str]:
    """小字 of the place that look like the text, with the place's name."""
    wanted = text[:_LONGEST_KOAZA].rstrip("0123456789-番地号 ")
    if not wanted or not place.koaza:
        return []
    found = process.extract(wanted, place.koaza.keys(), scorer=fuzz.ratio, limit=limit, score_cutoff=50)
    return [f"{place.name}字{(place.koaza[key].koaza or key).removeprefix('字')}" for key, _, _ in found]
