"""Bring an address as people write it into one form, without deciding yet what it means.

Two steps. `clean` gives text that can be shown back: NFKC, no invisible characters, one kind of hyphen and space.
`fold` gives the text that is compared: kana as katakana, variants of a character as one, and remembers which place of
the clean text each character came from.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kyodo_geo.addresses.variants import FOLD, READ_AS_KE, READ_AS_NO

MAX_LENGTH = 300
"""Longest address read, in characters: the longest real ones with a building stay below 120."""

_HYPHENS = "-~‐‑‒–—―⁃−﹘﹣－─━╌╍┄┅〜～∼˗_➖⸺⸻ᅳㅡ"
_AS_HYPHEN = {ord(char): "-" for char in _HYPHENS}
_KANJI_DIGITS = "〇零一二三四五六七八九十百千"
# The long vowel mark and the numeral 一 are hyphens only between numbers: マンション and 二丁目 keep them.
_LONG_VOWEL = re.compile(rf"(?<=[0-9{_KANJI_DIGITS}目番号割地])\s?[ーｰ]\s?(?=[0-9{_KANJI_DIGITS}])")
_ONE_AS_HYPHEN = re.compile(r"(?<=[0-9])一(?=[0-9])")
_SPACES = re.compile(r"\s+")


def clean(text: str) -> str:
    """NFKC, invisible and control characters dropped, hyphens and spaces unified; at most `MAX_LENGTH` long.

    Longer text is cut one character beyond, so that the caller can tell: `len(clean(text)) > MAX_LENGTH`.
    """
    # NFKC can multiply the length (one sign may stand for 18 letters), so cut before and after.
    plain = unicodedata.normalize("NFKC", text[: 4 * MAX_LENGTH])
    kept = "".join(" " if char.isspace() else char for char in plain if char.isspace() or _visible(char))
    kept = kept.translate(_AS_HYPHEN)
    kept = _ONE_AS_HYPHEN.sub("-", _LONG_VOWEL.sub("-", kept))
    return _SPACES.sub(" ", kept).strip()[: MAX_LENGTH + 1]


def _visible(char: str) -> bool:
    # Cc control, Cf zero-width and direction marks, Mn variation selectors, Cs/Co/Cn not characters at all.
    if unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me", "Cs", "Co", "Cn"):
        return True
    return char in "\u3099\u309a"


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `at[i]` is the place in the clean text of character i, with one entry more for the end."""

    text: str
    at: tuple[int, ...]
    source: str

    def shown(self, start: int, end: int | None = None) -> str:
        """The clean text behind a stretch of the folded text."""
        last = len(self.text) if end is None else end
        return self.source[self.at[start] : self.at[last]].strip()


def fold(text: str) -> Folded:
    """Fold clean text for comparison; the same function folds names of the gazetteer."""
    source = text
    plain = text.translate(FOLD).upper() if len(text.upper()) == len(text) else text.translate(FOLD)
    out: list[str] = []
    at: list[int] = []
    for i, char in enumerate(plain):
        before = plain[i - 1] if i else ""
        after = plain[i + 1] if i + 1 < len(plain) else ""
        if is_kanji(after) and (
            (char in READ_AS_KE and _is_name_char(before)) or (char == "カ" and is_kanji(before))
        ):
            char = "ケ"
        elif char in READ_AS_NO and is_kanji(before):
            char = "ノ"
        elif char == "リ" and before == "通" and not _is_kana(after):
            continue
        out.append(char)
        at.append(i)
    at.append(len(plain))
    return Folded("".join(out), tuple(at), source)


def fold_name(name: str) -> str:
    """Comparison key of a name, without spaces."""
    return fold(clean(name)).text.replace(" ", "")


def is_kanji(char: str) -> bool:
    """Whether the character is a kanji (々 and 〇 included)."""
    return bool(char) and ("\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "々〇"
                           or "\U00020000" <= char <= "\U0003ffff" or "\uf900" <= char <= "\ufaff")  # fmt: skip


def _is_kana(char: str) -> bool:
    return bool(char) and ("\u30a1" <= char <= "\u30ff" or "\u3041" <= char <= "\u309f")


def _is_name_char(char: str) -> bool:
    return is_kanji(char) or _is_kana(char)
