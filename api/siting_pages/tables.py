"""Tables of a run's kept result: the page, the files and the map are made of these."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells

if TYPE_CHECKING:
    from maps.tables import Cell, Table

STATES = {"opened": "新しく開く", "kept": "残す", "dropped": "なくせる"}
Result = Mapping[str, Any]
Districts = Mapping[int, str]
UNITS = {"m": "m", "min": "分"}
"""Measure of the ways in a result → words."""


def unit_of(result: Result) -> str:
    """`m` or `min`, as the names of the kept figures end; runs of before ways by car are in metres."""
    return str(result.get("measure", "m"))


def reached(result: Result, told: Result) -> list[int]:
    """People by age within reach, of the figures `before` or `after`."""
    if "reached" in told:
        return list(told["reached"])
    return list(told["within"][told["distances"].index(result["radius_m"])])


def _length(value: float | None, unit: str) -> Cell:
    """Metres as whole numbers, minutes with one decimal."""
    from maps.tables import Cell

    if unit == "m" or value is None:
        return cells.metres(value)
    return Cell(f"{value:,.1f}", round(value, 1))


def district_label(no: int | None, names: Districts) -> str:
    return "地区の外" if no is None else f"{no} {names.get(no, '')}".strip()


def states_of(existing: str) -> dict[str, str]:
    """Words of the states; where existing facilities were left out of the question they are not "to go"."""
    return {**STATES, "dropped": {"choose": "なくせる", "keep": "開かない", "none": "数えない"}[existing]}


def sites_table(result: Result, existing: str, names: Districts) -> Table:
    """Opened, kept and dropped places with the people they serve and what closing each would do."""
    from maps.tables import Cell, Column, Row, Table

    words = states_of(existing)
    rooms = any(site.get("load") is not None for site in result["sites"])
    unit = unit_of(result)
    priced = any(site["price"] is not None for site in result["sites"])
    columns = [
        Column("state", "区分"),
        Column("kind", "種別"),
        Column("district", "地区"),
        Column("people", "最寄りの人", numeric=True),
        Column("people_65", "うち65歳以上", numeric=True),
        Column("within", "届く範囲の人", numeric=True),
        Column(
            f"farthest_{unit}", f"いちばん遠い人（{UNITS[unit]}）", numeric=True, digits=int(unit == "min")
        ),
        Column("people_before", "いまの最寄りの人", numeric=True),
        *(
            (Column("load", "割り当て（人）", numeric=True), Column("capacity", "定員", numeric=True))
            if rooms
            else ()
        ),
        *((Column("price", "価格（万円）", numeric=True, digits=1),) if priced else ()),
        Column("lost_if_closed", "なくすと届かなくなる人", numeric=True),
        (
            Column("added_if_closed_km", "なくすと延びる距離（人・km）", numeric=True, digits=1)
            if unit == "m"
            else Column("added_if_closed_min", "なくすと延びる時間（人・分）", numeric=True)
        ),
    ]
    rows = []
    for site in result["sites"]:
        still = site["state"] != "dropped"
        more = []
        if rooms:
            more += [_or_dash(site.get("load"), still), cells.people(site["capacity"])]
        if priced:
            price = site["price"]
            more.append(Cell("—") if price is None else Cell(f"{price:,.10g}", price))
        added = site.get("added_if_closed")
        rows.append(
            Row(
                site["id"], site["name"],
                (
                    cells.words(words[site["state"]]),
                    cells.words(site["kind"]),
                    cells.words(district_label(site["district"], names)),
                    _or_dash(site.get("people"), still),
                    _or_dash(site.get("people65"), still),
                    _or_dash(site.get("within"), still),
                    _length(site.get(f"farthest_{unit}"), unit),
                    _or_dash(site["people_before"], site["people_before"] is not None),
                    *more,
                    _or_dash(site.get("lost_if_closed"), still),
                    _added(added, unit),
                ),
            )
        )  # fmt: skip
    return Table("選ばれた場所と、いまある施設", "場所", tuple(columns), tuple(rows), layer="places", notes=(
        "「最寄りの人」は、その場所がいちばん近い人です。「いまの最寄りの人」は、いまある施設だけで数えたものです。",
        ("「なくすと」の列は、答えの場所からその 1 か所だけを除いたときに、届く範囲から外れる人と、距離や時間の増える分です。"
        "どちらも小さい施設は、なくしても影響が小さいといえます。"),
    ))  # fmt: skip


def _added(value: float | None, unit: str) -> Cell:
    from maps.tables import Cell

    if value is None:
        return Cell("—")
    return cells.people(value) if unit == "min" else Cell(f"{value / 1000:,.1f}", round(value / 1000, 1))


def _or_dash(value: float | None, there: bool) -> Cell:
    from maps.tables import Cell

    return cells.people(value) if there and value is not None else Cell("—")


def figures_table(result: Result, reach: str) -> Table:
    """The state before and the answer, with what differs; `reach` says who is within reach."""
    from maps.tables import Cell, Column, Row, Table

    before, after = result["figures"]["before"], result["figures"]["after"]
    unit, rows = unit_of(result), list[Row]()
    words = UNITS[unit]

    def row(key: str, name: str, now: Cell, then: Cell, digits: int = 0) -> None:
        both = isinstance(now.value, int | float) and isinstance(then.value, int | float)
        gap = round(then.value - now.value, digits) or 0 if both else None  # type: ignore[operator]
        change = Cell("—") if gap is None else Cell(f"{gap:+,.{digits}f}" if gap else f"{0:.{digits}f}", gap)
        rows.append(Row(key, name, (now, then, change), on_map=False))

    def share(told: Result, at: int) -> Cell:
        return cells.share(sum(told["within"][at]), told["people"])

    row("places", "開いている場所（か所）", cells.people(before["places"]), cells.people(after["places"]))
    for at, distance in enumerate(before["distances"]):
        row(
            f"within_{distance:.0f}",
            f"{distance:,.0f} {words} 以内の人（%）" if unit == "m" else f"{distance:g} 分以内の人（%）",
            share(before, at),
            share(after, at),
            1,
        )
    if unit == "min":
        now, then = (cells.share(sum(reached(result, told)), told["people"]) for told in (before, after))
        row("reached", f"届く範囲（{reach}）の人（%）", now, then, 1)
    for band, label in ((0, "0〜14歳"), (2, "65歳以上")):
        if before["bands"][band]:
            now, then = (cells.people(reached(result, told)[band]) for told in (before, after))
            row(f"reached_{band}", f"届く範囲（{reach}）の{label}（人）", now, then)
    for name, label in (("mean", "最寄りまでの平均"), ("worst_mean", "いちばん遠い 5 % の人の平均")):
        now, then = (_length(told[f"{name}_{unit}"], unit) for told in (before, after))
        row(f"{name}_{unit}", f"{label}（{words}）", now, then, int(unit == "min"))
    row(
        "gini",
        f"{'距離' if unit == 'm' else '時間'}のジニ係数（0 が平等）",
        _gini(before["gini"]),
        _gini(after["gini"]),
        3,
    )
    row(
        "unreachable",
        "行ける場所がない人（人）",
        cells.people(before["unreachable"]),
        cells.people(after["unreachable"]),
    )
    return Table(
        f"いまと答えの比較（数えた人 {before['people']:,} 人）", "数値",
        (
            Column("before", "いま", numeric=True, digits=1),
            Column("after", "答え", numeric=True, digits=1),
            Column("change", "差", numeric=True, digits=1),
        ),
        tuple(rows), layer="none",
        notes=("平均とジニ係数は、行ける場所がある人についてです。いまは、選んだ種類の施設がその年に開いている状態です。",),
    )  # fmt: skip


def _gini(value: float | None) -> Cell:
    from maps.tables import Cell

    return Cell("—") if value is None else Cell(f"{value:.3f}", round(value, 3))


def districts_table(result: Result, names: Districts, reach: str) -> Table:
    """Before and after by district; how people come there where that differs."""
    from maps.tables import Cell, Column, Row, Table

    unit = unit_of(result)
    words, digits = UNITS[unit], int(unit == "min")
    rows = []
    for item in result["districts"]:
        people = item["people"]
        gain = (item["within_after"] - item["within_before"]) / people if people else None
        rows.append(
            Row(
                "none" if item["no"] is None else item["no"],
                district_label(item["no"], names),
                (
                    *([cells.words("車" if item["drives"] else "徒歩")] if unit == "min" else []),
                    cells.people(people),
                    cells.share(item["within_before"], people),
                    cells.share(item["within_after"], people),
                    cells.points(gain),
                    _length(item[f"mean_before_{unit}"], unit),
                    _length(item[f"mean_after_{unit}"], unit),
                    cells.words(item["site"]) if item["site"] else Cell("—"),
                    cells.people(item["site_people"]) if item["site"] else Cell("—"),
                ),
                on_map=False,
            )
        )
    return Table(
        f"地区別の、届く範囲（{reach}）の人と、主な行き先", "地区",
        (
            *([Column("travel", "移動")] if unit == "min" else []),
            Column("people", "数えた人", numeric=True),
            Column("share_before", "いま届く割合（%）", numeric=True, digits=1),
            Column("share_after", "答えで届く割合（%）", numeric=True, digits=1),
            Column("difference", "差（ポイント）", numeric=True, digits=1),
            Column(f"mean_before_{unit}", f"いまの平均（{words}）", numeric=True, digits=digits),
            Column(f"mean_after_{unit}", f"答えの平均（{words}）", numeric=True, digits=digits),
            Column("site", "主な行き先"),
            Column("site_people", "そこが最寄りの人", numeric=True),
        ),
        tuple(rows), layer="none",
    )  # fmt: skip


def areas_table(result: Result, names: Districts, unit: str) -> Table:
    """Every small area or grid square (`unit` in words) with people, those that gain most first."""
    from maps.tables import Cell, Column, Row, Table

    measure = unit_of(result)
    words, digits = UNITS[measure], int(measure == "min")

    def gain(area: Result) -> float:
        now, then = area[f"before_{measure}"], area[f"after_{measure}"]
        return 0.0 if now is None or then is None else float((now - then) * area["people"])

    rows = [
        Row(
            area["key"], area["name"],
            (
                cells.words(district_label(area["district"], names)),
                *([cells.words("車" if area["drives"] else "徒歩")] if measure == "min" else []),
                cells.people(area["people"]),
                cells.people(area["people65"]),
                _way(area[f"before_{measure}"], measure),
                _way(area[f"after_{measure}"], measure),
                cells.people(area["within_after"]),
                cells.words(area["site"]) if area["site"] else Cell("—"),
                cells.words("はい" if area["left_out"] else "いいえ"),
            ),
            on_map=False,
        )
        for area in sorted(result["areas"], key=lambda area: (-gain(area), area["key"]))
    ]  # fmt: skip
    return Table(
        f"{unit}別の最寄りまでの{'距離' if measure == 'm' else '時間'}（人との積が多く縮まる順）", unit,
        (
            Column("district", "地区"),
            *([Column("travel", "移動")] if measure == "min" else []),
            Column("people", "数えた人", numeric=True),
            Column("people_65", "うち65歳以上", numeric=True),
            Column(f"before_{measure}", f"いまの平均（{words}）", numeric=True, digits=digits),
            Column(f"after_{measure}", f"答えの平均（{words}）", numeric=True, digits=digits),
            Column("within", "届く範囲の人", numeric=True),
            Column("site", "主な行き先"),
            Column("left_out", "除いて解いた人がいる"),
        ),
        tuple(rows), layer="none",
    )  # fmt: skip


def _way(value: float | None, unit: str) -> Cell:
    from maps.tables import Cell

    return Cell("行けない") if value is None else _length(value, unit)
