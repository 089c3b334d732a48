"""What looks wrong in a return, told in words; the thresholds are the round's data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import Any

from kyodo_geo.membership import format_percent_sign, membership_rate
from kyodo_geo.returns.answers import Answers


class Severity(IntEnum):
    """`NOTE`: worth reading. `DOUBT`: a planner has to look. `WRONG`: cannot be true, and cannot be approved."""

    NOTE = 1
    DOUBT = 2
    WRONG = 3

    @property
    def label(self) -> str:
        return {1: "参考", 2: "要確認", 3: "誤り"}[self.value]


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing about one question (`field`)."""

    field: str
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a change is a doubt: a share of what was (0–1) and at least so many."""

    jump_share: float = 0.2
    jump_least: int = 20
    copies_share: float = 0.2
    copies_least: int = 10
    rate_points: float = 0.15

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Thresholds:
        names = {field.name for field in fields(cls)}
        return cls(**{name: number for name, number in (kept or {}).items() if name in names})


def doubts(held: Answers, now: Answers, limits: Thresholds) -> tuple[Doubt, ...]:
    """Every doubt about the figures and the rest but the area's words (`area_doubts`), by question."""
    found = [*_figures(now), *_jumps(held, now, limits), *_copies(now, limits), *_rest(held, now)]
    return tuple(sorted(found, key=lambda doubt: (-doubt.severity, doubt.field, doubt.code)))


def worst(found: Iterable[Doubt]) -> Severity | None:
    """The gravest of them, None without any."""
    return max((doubt.severity for doubt in found), default=None)


def _figures(now: Answers) -> Iterable[Doubt]:
    homes, members = now.households, now.member_households
    for field, label, number in (
        ("households", "区域の世帯数", homes),
        ("member_households", "加入世帯数", members),
    ):
        if number is None:
            yield Doubt(field, Severity.DOUBT, "missing", f"{label}が空です。")
    if homes is not None and members is not None and members > homes:
        yield Doubt(
            "member_households", Severity.WRONG, "rate-above-one",
            f"加入世帯数（{members:,}）が区域の世帯数（{homes:,}）より多くなっています。"
            "どちらかの書き間違いか、欄の取り違えです。",
        )  # fmt: skip
    if homes == 0:
        yield Doubt(
            "households",
            Severity.DOUBT,
            "no-households",
            "区域の世帯数が 0 です。本当に誰も住んでいませんか。",
        )
    if members == 0 and homes:
        yield Doubt(
            "member_households",
            Severity.DOUBT,
            "no-members",
            "加入世帯数が 0 です。空のままのつもりではありませんか。",
        )


def _jumps(held: Answers, now: Answers, limits: Thresholds) -> Iterable[Doubt]:
    pairs = (
        ("households", "区域の世帯数", held.households, now.households, "世帯"),
        ("member_households", "加入世帯数", held.member_households, now.member_households, "世帯"),
        ("circulation_copies", "回覧部数", held.circulation_copies, now.circulation_copies, "部"),
    )
    for field, label, before, after, unit in pairs:
        if (
            before is not None
            and after is not None
            and jumps(before, after, limits.jump_share, limits.jump_least)
        ):
            yield Doubt(
                field, Severity.DOUBT, "jump",
                f"{label}が、前の {before:,} {unit}から {after:,} {unit}に大きく変わっています（{after - before:+,}）。",
            )  # fmt: skip
    old, new = (membership_rate(side.member_households, side.households) for side in (held, now))
    if old is not None and new is not None and new <= 1 and abs(new - old) > limits.rate_points:
        yield Doubt(
            "member_households", Severity.DOUBT, "rate-jump",
            f"加入率が {format_percent_sign(old)} から {format_percent_sign(new)} に大きく変わっています。",
        )  # fmt: skip


def jumps(before: int, after: int, share: float, least: int) -> bool:
    """Whether a figure changed by more than the share of what it was and by at least so many."""
    change = abs(after - before)
    return change >= least and change > share * before


def _copies(now: Answers, limits: Thresholds) -> Iterable[Doubt]:
    copies, members = now.circulation_copies, now.member_households
    if copies is None:
        yield Doubt("circulation_copies", Severity.DOUBT, "missing", "回覧部数が空です。")
    elif members is not None and copies - members > max(limits.copies_least, limits.copies_share * members):
        yield Doubt(
            "circulation_copies", Severity.DOUBT, "more-copies-than-members",
            f"回覧部数（{copies:,} 部）が加入世帯数（{members:,} 世帯）よりかなり多くなっています。",
        )  # fmt: skip
    elif copies == 0 and members:
        yield Doubt(
            "circulation_copies", Severity.DOUBT, "no-copies", "回覧部数が 0 です。回覧をしていないのですか。"
        )


def _rest(held: Answers, now: Answers) -> Iterable[Doubt]:
    if now.hall_use in ("owned", "rented") and not now.hall_name:
        yield Doubt("hall_name", Severity.DOUBT, "hall-without-name", "公民館の名前が空です。")
    elif now.hall_use != "none" and now.hall_name and held.hall_name is None:
        yield Doubt("hall_name", Severity.DOUBT, "hall-unknown", "市の公民館の一覧にない公民館です。")
    elif now.hall_name and held.hall_name and now.hall_name != held.hall_name:
        yield Doubt("hall_name", Severity.DOUBT, "hall-changed", "公民館の名前が、市の一覧と違います。")
    if now.hall_use == "none" and held.hall_name:
        yield Doubt(
            "hall_use",
            Severity.DOUBT,
            "hall-gone",
            f"市の一覧には「{held.hall_name}」がありますが、「ない」との回答です。",
        )
    if now.president_name is None:
        yield Doubt("president_name", Severity.DOUBT, "missing", "会長の名前が空です。")
    if now.president_published == "yes" and not (
        now.president_phone or now.president_address or now.president_email
    ):
        yield Doubt(
            "president_published",
            Severity.DOUBT,
            "nothing-to-publish",
            "公開してよいとのことですが、連絡先が空です。",
        )
    if now.area_answer == "wrong":
        yield Doubt("area_note", Severity.DOUBT, "area-wrong", "区域が違うとの回答です。")
