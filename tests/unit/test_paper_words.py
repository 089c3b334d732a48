"""One table of texts per language: every language says everything, with the same blanks to fill in."""

from __future__ import annotations

import dataclasses
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.paper.sheets import LANGUAGES
from api.paper.words import HTML_LANG, JA, WORDS, Words, plain

TEMPLATES = Path(__file__).parents[2] / "api" / "templates" / "paper"


def texts(words: Words) -> Iterator[tuple[str, str]]:
    for name, value in dataclasses.asdict(words).items():
        if isinstance(value, str):
            yield name, value
            continue
        for number, pair in enumerate(value):
            yield from ((f"{name}[{number}][{part}]", text) for part, text in enumerate(pair))


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_languages_are_the_same_everywhere() -> None:
    assert set(WORDS) == set(HTML_LANG) == set(LANGUAGES)


@pytest.mark.parametrize("lang", sorted(WORDS))
def test_every_language_says_everything_with_the_same_blanks(lang: str) -> None:
    mine, japanese = dict(texts(WORDS[lang])), dict(texts(JA))
    assert mine.keys() == japanese.keys(), "as many deeds, too"
    assert [name for name, text in mine.items() if not plain(text).strip()] == []
    assert {name: blanks(text) for name, text in mine.items()} == {
        name: blanks(text) for name, text in japanese.items()
    }


@pytest.mark.parametrize("lang", ["en", "easy"])
def test_no_text_was_left_untranslated(lang: str) -> None:
    same = {name for name, text in texts(WORDS[lang]) if text == dict(texts(JA)).get(name)}
    assert same <= ({"email"} if lang == "easy" else set())


def test_templates_use_no_text_that_is_not_there() -> None:
    used = {
        name
        for path in TEMPLATES.glob("*.html")
        for name in re.findall(r"\bwords\.([a-z_]+)\b(?!\()", path.read_text(encoding="utf-8"))
    }
    fields = {field.name for field in dataclasses.fields(Words)}
    assert used <= fields
    assert len(used) > 20, "the search finds them"
