"""Themes of activity cases, handbooks and subsidies: a list with versions, so that an old case keeps the theme it was given.

A theme that goes is no longer on offer and stays readable; one that comes is on offer from its version on.
"""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.errors import InputError

VERSION = 1
"""Of the list as it is now."""


@dataclass(frozen=True, slots=True)
class Theme:
    """On offer in the versions from `first` to `last` (None: still)."""

    key: str
    label: str
    first: int = 1
    last: int | None = None


THEMES = (
    Theme("safety", "防災・防犯"),
    Theme("care", "見守り・福祉"),
    Theme("children", "子ども・若者"),
    Theme("gathering", "交流・まつり"),
    Theme("environment", "環境・美化"),
    Theme("successors", "担い手・加入"),
    Theme("information", "情報の発信"),
    Theme("place", "集まる場所・施設"),
    Theme("history", "歴史・文化"),
    Theme("money", "資金づくり"),
    Theme("snow", "雪・交通"),
    Theme("other", "そのほか"),
)
LABELS = {theme.key: theme.label for theme in THEMES}


def on_offer(version: int = VERSION) -> tuple[Theme, ...]:
    """Themes of a version of the list, in the order of display."""
    return tuple(
        theme for theme in THEMES if theme.first <= version and (theme.last is None or version <= theme.last)
    )


def label_of(key: str) -> str:
    """A theme as readers know it; one that no list knows stays as it is."""
    return LABELS.get(key, key)


def several(text: str | None, field: str) -> str | None:
    """Labels of themes written one after the other, in the list's order; raises InputError for a word that is none."""
    if text is None:
        return None
    words = [
        word for word in text.replace(",", "、").replace("，", "、").replace(" ", "、").split("、") if word
    ]
    known = {theme.label for theme in on_offer()}
    wrong = next((word for word in words if word not in known), None)
    if wrong is not None:
        raise InputError(
            f"テーマ「{wrong[:20]}」はありません。{'、'.join(theme.label for theme in on_offer())}から、"
            "「、」で区切って入力してください。",
            field=field,
        )
    return "、".join(theme.label for theme in THEMES if theme.label in words) or None
