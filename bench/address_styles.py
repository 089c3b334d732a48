"""The ways in which people write one and the same address; which one is taken goes in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")
HYPHENS = "-－‐−―ーの"


@dataclass(frozen=True, slots=True)
class Written:
    """Parts of an address; `town` with name, koaza, oaza, chome, jiwari, postal_code."""

    prefecture: str
    city: str
    town: Mapping[str, Any]
    block: int | None
    house: int | None


def spell(address: Written, turn: int) -> str:
    """The address in the style of this turn: any number, styles repeat."""
    heads = (
        address.city, address.prefecture + address.city, "", f"〒{_postal(address)} {address.prefecture}{address.city}",
    )  # fmt: skip
    town = address.town
    styles: tuple[Callable[[Written, int], str], ...]
    if town["jiwari"]:
        styles = (_jiwari_official, _jiwari_short, _jiwari_kanji)
    elif town["koaza"]:
        styles = (_koaza_aza, _koaza_plain)
    elif town["chome"]:
        styles = (_chome_official, _chome_arabic, _chome_hyphens, _chome_wide)
    else:
        styles = (_plain_official, _plain_hyphen)
    body = styles[turn % len(styles)](address, turn)
    # Without a number a bare hyphenated name says nothing; buildings only follow numbers.
    building = " 見本マンション305号室" if address.house is not None and turn % 5 == 0 else ""
    return f"{heads[(turn // 4) % len(heads)]}{body}{building}"


def _postal(address: Written) -> str:
    code = address.town["postal_code"] or "0208530"
    return f"{code[:3]}-{code[3:]}"


def _chome_official(a: Written, turn: int) -> str:
    return a.town["name"] + _ban_go(a)


def _chome_arabic(a: Written, turn: int) -> str:
    return f"{a.town['oaza']}{a.town['chome']}丁目{_chain(a, '-')}"


def _chome_hyphens(a: Written, turn: int) -> str:
    joint = HYPHENS[turn % len(HYPHENS)]
    chain = _chain(a, joint)
    return (
        f"{a.town['oaza']}{a.town['chome']}{joint}{chain}"
        if chain
        else f"{a.town['oaza']}{a.town['chome']}丁目"
    )


def _chome_wide(a: Written, turn: int) -> str:
    return f"{a.town['oaza']}{a.town['chome']}丁目 {_ban_go(a)}".translate(WIDE).strip()


def _jiwari_official(a: Written, turn: int) -> str:
    return f"{a.town['oaza']}第{a.town['jiwari']}地割{_banchi(a)}"


def _jiwari_short(a: Written, turn: int) -> str:
    chain = _chain(a, "-")
    return (
        f"{a.town['oaza']}{a.town['jiwari']}-{chain}" if chain else f"{a.town['oaza']}{a.town['jiwari']}地割"
    )


def _jiwari_kanji(a: Written, turn: int) -> str:
    return f"{a.town['oaza']}{_kanji(a.town['jiwari'])}地割{_banchi(a)}"


def _koaza_aza(a: Written, turn: int) -> str:
    return f"{a.town['oaza']}字{a.town['koaza']}{_banchi(a)}"


def _koaza_plain(a: Written, turn: int) -> str:
    return f"大字{a.town['oaza']}字{a.town['koaza']}{_chain(a, '-').translate(WIDE)}"


def _plain_official(a: Written, turn: int) -> str:
    return a.town["name"] + _ban_go(a)


def _plain_hyphen(a: Written, turn: int) -> str:
    return a.town["name"] + _chain(a, HYPHENS[turn % len(HYPHENS)])


def _chain(a: Written, joint: str) -> str:
    return joint.join(str(number) for number in (a.block, a.house) if number is not None)


def _ban_go(a: Written) -> str:
    if a.block is None:
        return ""
    return f"{a.block}番" + ("" if a.house is None else f"{a.house}号")


def _banchi(a: Written) -> str:
    if a.block is None:
        return ""
    return f"{a.block}番地" + ("" if a.house is None else f"{a.house}")


def _kanji(number: int) -> str:
    digits = "〇一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return ("" if not tens else ("十" if tens == 1 else digits[tens] + "十")) + (digits[ones] if ones else "")
