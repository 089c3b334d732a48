"""A rule table in words, for pages, papers and histories."""

from __future__ import annotations

from kyodo_geo.grants.table import Condition, Part, RuleTable, Whole


def how(part: Part) -> list[str]:
    """How the amount of a row comes about, a line each."""
    if not part.bands:
        return [part.formula]
    lines = []
    for place, band in enumerate(part.bands):
        following = part.bands[place + 1].least if place + 1 < len(part.bands) else None
        until = "以上" if following is None else f"以上 {following:,} 未満"
        lines.append(f"{part.by} が {band.least:,} {until}：{band.formula}")
    return lines


def bounds(part: Part | Whole) -> list[str]:
    """Rounding (unless to the yen), floor and ceiling."""
    found = [] if part.rounding.unit == 1 else [part.rounding.label]
    if part.least is not None:
        found.append(f"下限 {part.least:,}円")
    if part.most is not None:
        found.append(f"上限 {part.most:,}円")
    return found


def whole(found: Whole) -> list[str]:
    """What holds of the sum."""
    lines = bounds(found)
    if found.cap:
        lines.append(f"上限 {found.cap}")
    if found.smallest is not None:
        lines.append(f"{found.smallest:,}円に満たないときは交付しない")
    return lines


def part_line(part: Part) -> str:
    """A row in one line: 世帯割 = 会員世帯数 × 300円（上限 …）."""
    more = "、".join(bounds(part))
    return f"{part.name} = {'／'.join(how(part))}" + (f"（{more}）" if more else "")


def condition_line(condition: Condition) -> str:
    """A condition in one line."""
    years = f"（{condition.years} 年）" if condition.years else ""
    return f"{condition.words}{years}"


def differences(old: RuleTable, new: RuleTable) -> list[tuple[str, str, str]]:
    """(what, before, after) of what two rules say differently; an empty side is that there was nothing."""
    sides = [
        {
            **{f"行「{part.name}」": part_line(part) for part in table.parts},
            "合計": "、".join(whole(table.whole)),
            **{f"条件「{one.words[:40]}」": condition_line(one) for one in table.conditions},
        }
        for table in (old, new)
    ]
    return [
        (what, sides[0].get(what, ""), sides[1].get(what, ""))
        for what in dict.fromkeys([*sides[0], *sides[1]])
        if sides[0].get(what, "") != sides[1].get(what, "")
    ]
