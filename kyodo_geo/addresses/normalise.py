"""Bring an address as people write it into one form, without deciding yet what it means.

Two steps. `clean` gives text that can be shown back: NFKC, no invisible characters, one kind of hyphen and space.
`fold` gives the text that is compared: kana as katakana, variants of a character as one, and remembers which place of
the clean text each character came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from kyodo_geo.addresses.variants import FOLD

MAX_LENGTH = 300
"""Longest address read, in characters: the longest real ones with a building stay below 120."""

_RAW_LENGTH = 2 * MAX_LENGTH
"""Decomposed text has up to twice as many characters."""
_WAVES = "~〜～∼"
_HYPHENS = "-‐‑‒–—―⁃−﹘﹣－─━╌╍┄┅˗_➖⸺⸻ᅳㅡ"
_HYPHEN = re.compile(f"[{re.escape(_HYPHENS)}]")
_ANY_WAVE = re.compile(f"[{_WAVES}]")
_KANJI_DIGITS = "〇零一二三四五六七八九十百千"
WAVE = "〜"
# Between numbers 〜 may mean a range (29〜30番) or a hyphen (3〜12〜1): it stays, as one character, until they are read.
_BETWEEN_NUMBERS = re.compile(
    rf"(?<=[0-9{_KANJI_DIGITS}目番地号割])\s?[{_WAVES}]\s?(?=[0-9{_KANJI_DIGITS}第]|$)"
)
# The long vowel mark and the numeral 一 are hyphens only between numbers: マンション and 二丁目 keep them.
_LONG_VOWEL = re.compile(rf"(?<=[0-9{_KANJI_DIGITS}目番号割地])\s?[ーｰ]\s?(?=[0-9{_KANJI_DIGITS}])")
_ONE_AS_HYPHEN = re.compile(r"(?<=[0-9])一(?=[0-9])")
# Marks of a list: NFKC would make ① a number that joins the one before it.
_LIST_MARK = re.compile("[\u2460-\u2473\u2474-\u2487\u2488-\u249b\u24ea-\u24ff\u2776-\u2793]")
# みたけ3.12.1, みたけ3 12 1: three numbers and nothing else between them are one chain.
_DOTTED = re.compile(
    r"(?<![0-9.・/ 目番地号割-])([0-9]{1,3})([.・/ ])([0-9]{1,4})\2([0-9]{1,4})(?![0-9.・/ -]|階|号室)"
)
_IN_BRACKETS = re.compile(r"(?<=[^\W0-9])\((第?[0-9]+丁目|[0-9]+(?:-[0-9]+){1,3})\)(?=$|[0-9])")
_SPACES = re.compile(r"\s+")
# Letters that need no second look: printable ASCII, kana, Japanese punctuation, kanji.
_ORDINARY = re.compile("[ -~\u3001-\u3096\u3099-\u30ff\u4e00-\u9fff]*")
MISSING_GLYPH = "〓"
"""Stands for what is no character (private use, broken code): it was something, so it must not vanish."""


def clean(text: str) -> str:
    """NFKC, invisible and control characters dropped, hyphens and spaces unified; at most `MAX_LENGTH` long.

    Longer text is cut one character beyond, so that the caller can tell: `len(clean(text)) > MAX_LENGTH`. What is far
    too long is not even looked at.
    """
    if len(text) > _RAW_LENGTH:
        text = _SPACES.sub(" ", text)
        if len(text) > _RAW_LENGTH:
            # One character for each, so that it stays too long; what cannot be shown does not get through here either.
            return "".join(_visible(char) or MISSING_GLYPH for char in text[: MAX_LENGTH + 1])
    kept = unicodedata.normalize("NFKC", _LIST_MARK.sub(";", text))
    if not _ORDINARY.fullmatch(kept):
        kept = "".join(map(_visible, kept))
    kept = _HYPHEN.sub("-", kept)
    if _ANY_WAVE.search(kept) is not None:
        kept = WAVE.join(_ANY_WAVE.sub("-", piece) for piece in _BETWEEN_NUMBERS.split(kept))
    if "ー" in kept:
        kept = _LONG_VOWEL.sub("-", kept)
    kept = _ONE_AS_HYPHEN.sub("-", kept)
    kept = _SPACES.sub(" ", kept).strip()[: MAX_LENGTH + 1]
    return _IN_BRACKETS.sub(r"\1", _DOTTED.sub(_chained, kept))


def _chained(found: re.Match[str]) -> str:
    """Three numbers with hyphens; 1・2・3, which rise, may be a list."""
    first, mark, second, third = found.groups()
    if mark in "・/" and int(first) < int(second) < int(third):
        return found.group()
    return f"{first}-{second}-{third}"


def _visible(char: str) -> str:
    """The character as it is kept: a space for every kind of space, nothing for what cannot be seen."""
    if char.isspace():
        return " "
    # Cc control, Cf zero-width and direction marks, Mn variation selectors.
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Mn", "Me"):
        return char if char in "\u3099\u309a" else ""
    return MISSING_GLYPH if category in ("Cs", "Co", "Cn") else char


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; `at[i]` is the place in the clean text of character i, with one entry more for the end.

    `at` is None when every character stands where it stood.
    """

    text: str
    at: tuple[int, ...] | None
    source: str

    def place(self, i: int) -> int:
        """Place in the clean text of character i of the folded text."""
        return i if self.at is None else self.at[i]

    def shown(self, start: int, end: int | None = None) -> str:
        """The clean text behind a stretch of the folded text."""
        last = len(self.text) if end is None else end
        return self.source[self.place(start) : self.place(last)].strip()

    def without(self, drop: Iterable[int]) -> Folded:
        """The same text with the characters at these places left out."""
        left_out = frozenset(drop)
        keep = [i for i in range(len(self.text)) if i not in left_out]
        at = (*map(self.place, keep), self.place(len(self.text)))
        return Folded("".join([self.text[i] for i in keep]), at, self.source)


_KANJI = "\u4e00-\u9fff\u3400-\u4dbf々〇\U00020000-\U0003ffff\uf900-\ufaff"
_KANA = "\u30a1-\u30ff\u3041-\u309f"
# Before a kanji ガ and ケ are one (緑が丘, 緑ケ丘, 緑ヶ丘); カ (for ヵ) only between two kanji: もりおか市 keeps it.
_READ_AS_KE = re.compile(f"(?<=[{_KANJI}{_KANA}])ガ(?=[{_KANJI}])|(?<=[{_KANJI}])カ(?=[{_KANJI}])")
# After a kanji these are ノ: 井之頭, 井ノ頭.
_READ_AS_NO = re.compile(f"(?<=[{_KANJI}])[之乃]")
_RI_OF_TORI = re.compile(f"(?<=通)リ(?![{_KANA}])")
_IN_CONTEXT = re.compile("[ガカ之乃]|通リ")


def fold(text: str) -> Folded:
    """Fold clean text for comparison; the same function folds names of the gazetteer."""
    plain = text.translate(FOLD)
    upper = plain.upper()
    if len(upper) == len(plain):
        plain = upper
    if _IN_CONTEXT.search(plain) is None:
        return Folded(plain, None, text)
    plain = _READ_AS_NO.sub("ノ", _READ_AS_KE.sub("ケ", plain))
    folded = Folded(plain, None, text)
    extra = [found.start() for found in _RI_OF_TORI.finditer(plain)]
    return folded.without(extra) if extra else folded


def fold_name(name: str) -> str:
    """Comparison key of a name, without spaces."""
    return fold(clean(name)).text.replace(" ", "")


def is_kanji(char: str) -> bool:
    """Whether the character is a kanji (々 and 〇 included)."""
    return bool(char) and ("\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or char in "々〇"
                           or "\U00020000" <= char <= "\U0003ffff" or "\uf900" <= char <= "\ufaff")  # fmt: skip
