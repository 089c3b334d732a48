"""The themes of the support map, with the initiatives they belong to and the figures they stand on."""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.figure_sheets import COMMUNITY_GRANTS


@dataclass(frozen=True, slots=True)
class Theme:
    """One choice of the page. `measures` are the figures it stands on; none where it stands on records."""

    key: str
    label: str
    initiatives: str
    measures: tuple[str, ...] = ()


THEMES = (
    Theme("officers", "地域担当職員・専任職員", "取組15・16"),
    Theme("meetings", "会議への出席", "取組15・16", ("meetings_issue", "meetings_contact")),
    Theme("centres", "市民協働推進センター", "取組17・18"),
    Theme("advisers", "アドバイザーの派遣", "取組13", ("adviser_dispatches",)),
    Theme("community", "コミュニティ活動費補助金", "取組10", (COMMUNITY_GRANTS.key,)),
    Theme(
        "events",
        "催しと参加者",
        "取組22・23・26・27",
        tuple(f"{what}_{no}" for what in ("participants", "events") for no in (22, 23, 26, 27)),
    ),
)
BY_KEY = {theme.key: theme for theme in THEMES}
EVENTS = {
    22: "地域活動情報交換会",
    23: "地域活動事例発表会",
    26: "地域活動担い手養成講座",
    27: "コミュニティリーダー研修会",
}
