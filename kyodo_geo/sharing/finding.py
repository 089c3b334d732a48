"""Finding a text by what people type: width, case, kana and blanks do not matter; every word must be there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

MAX_ASKED = 60
_KATAKANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ") + 1)}
_LEFT_OUT = re.compile(r"[\s\u3000・、。，．,.「」『』（）()\-‐–—~〜～!！?？]+")
_LONG = str.maketrans("", "", "ー")


def folded(text: str) -> str:
    """The text as it is compared: NFKC, small letters, hiragana, without blanks, marks and the long-vowel sign."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_KATAKANA)
    return _LEFT_OUT.sub("", plain).translate(_LONG)


def words_of(asked: str) -> tuple[str, ...]:
    """The words that were typed, folded; none for a question of blanks and marks."""
    found = (folded(word) for word in unicodedata.normalize("NFKC", asked).split())
    return tuple(dict.fromkeys(word for word in found if word))


def holds(texts: Iterable[str | None], words: Iterable[str]) -> bool:
    """Whether every word stands in one of the texts."""
    whole = "\n".join(folded(text) for text in texts if text)
    return all(word in whole for word in words)
