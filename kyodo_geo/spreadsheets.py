"""Cells that a spreadsheet must not run as a formula, without harming numbers in people's own columns."""

from __future__ import annotations

import re

# Spreadsheets take these for the start of a formula, the full-width ones too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# No letter, quote, bang or bar: such a cell can name no function, cell or program, whatever it begins with.
HARMLESS = re.compile(r"[+\-＋－]?[0-9０-９+\-＋－.,%()/: ]*")


def harmless(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet might run it.

    Numbers, dates, telephone numbers and lone dashes stay as they are (`-5`, `+81-19-626-7535`, `-`).
    """
    if not text.lstrip(" 　").startswith(FORMULA) or HARMLESS.fullmatch(text):
        return text
    return "'" + text


def unharmed(text: str) -> str:
    """The text as it was before `harmless`; anything else stays as it is."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text
