"""Patterns of LIKE: `%` any text, `_` one character, `\\` takes the next character as it is."""

from __future__ import annotations

from kyodo_geo.cql.tree import refused

MAX_WILDCARDS = 10
"""Runs of `%`: the time of a comparison grows with the text's length to their power."""


def check_pattern(pattern: str) -> str:
    """The pattern with each run of `%` made one. Raises `InputError`."""
    found: list[str] = []
    wildcards, at = 0, 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            if at + 1 == len(pattern):
                raise refused(
                    "filter の LIKE の文字列を「\\」で終えることはできません。「\\\\」と書いてください。"
                )
            sign = pattern[at : at + 2]
        elif sign == "%":
            if found and found[-1] == "%":
                at += 1
                continue
            wildcards += 1
        found.append(sign)
        at += len(sign)
    if wildcards > MAX_WILDCARDS:
        raise refused(f"filter の LIKE の「%」は{MAX_WILDCARDS}個以内にしてください。", limit=MAX_WILDCARDS)
    return "".join(found)
