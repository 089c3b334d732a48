"""What staff see of a facility besides: judgement and evaluation, inspections, works, groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.karte.parts import UNKNOWN, WEEKDAYS, Grid, Section, day_words, number
from kyodo_geo.assets.condition import PRIORITY_BELOW, SCORES, condition
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.facility_terms import INSPECTED_PARTS

if TYPE_CHECKING:
    from api.facility_portfolio import Line
    from geodata.queries.facility_sheet import Sheet, StaffPart


def stage(part: StaffPart) -> Section:
    rows = tuple(
        (day_words(item.decided_on), item.stage, item.reason, item.evaluation or "記録なし", item.decided_by)
        for item in part.stages
    )
    if not rows:
        return Section("stage", "方針と理由", notes=("方針はまだ登録されていません。",))
    return Section(
        "stage", "方針と理由", facts=(("今の方針", part.stages[0].stage),),
        grids=(Grid("方針の履歴（新しい順）", ("決めた日", "方針", "理由", "評価の結果", "決めた人"), rows),),
    )  # fmt: skip


def evaluation(line: Line | None) -> Section:
    """The place among facilities of the kind that the portfolio shows; figures, not a judgement."""
    if line is None:
        return Section(
            "evaluation",
            "評価（数値による目安）",
            notes=("使われている施設ではないため、同じ種類の施設と比べません。",),
        )
    figures, spot = line.figures, line.place
    facts = (
        ("位置づけの目安", spot.quadrant or UNKNOWN),
        ("利用・必要性（0〜1）", number(spot.x, "", 2)),
        ("建物の性能（0〜1）", number(spot.y, "", 2)),
        ("注意する点", "、".join(spot.flags) or "なし（わかる範囲で）"),
        ("稼働率", UNKNOWN if figures.occupancy is None else f"{figures.occupancy * 100:.1f} %"),
        ("面積あたりの利用者", number(figures.users_per_m2, " 人/m²", 1)),
        ("代わりの施設まで", _way(line)),
        ("健全度", number(figures.condition)),
        ("残り年数", number(figures.years_left, " 年")),
        ("面積あたりの費用", number(figures.cost_per_m2, " 円/m²")),
    )
    return Section(
        "evaluation", "評価（数値による目安）", facts,
        notes=(f"「{line.site.kind}」の中での順位の平均（1がいちばん高い）です。不明な数値は順位に入れていません。方針を決めるものではありません。",),
    )  # fmt: skip


def _way(line: Line) -> str:
    from api.facility_portfolio import WAYS

    if line.figures.alternative_m is None:
        return WAYS[line.way]
    return f"{number(line.figures.alternative_m, ' m')}（{WAYS[line.way]}）"


def inspections(part: StaffPart, names: dict[str, str]) -> Section:
    if not part.inspections:
        return Section("condition", "点検と健全度", notes=("点検の記録がありません。健全度は不明です。",))
    rows = []
    for item in part.inspections:
        letters = {name: getattr(item, name) for name in INSPECTED_PARTS}
        score = condition(letters)
        words = UNKNOWN if score is None else f"{score}{'（優先）' if score < PRIORITY_BELOW else ''}"
        rows.append(
            (
                names.get(item.building_id, item.building_id), day_words(item.inspected_on),
                *(letters[name] or UNKNOWN for name in INSPECTED_PARTS), words, item.inspector or UNKNOWN,
            )
        )  # fmt: skip
    columns = ("建物", "点検日", *INSPECTED_PARTS.values(), "健全度", "点検した人")
    scale = "、".join(f"{letter}＝{score:g}" for letter, score in SCORES.items())
    return Section(
        "condition", "点検と健全度",
        grids=(Grid("点検の記録（建物ごとに新しい順）", columns, tuple(rows), (7,)),),
        notes=(
            (f"健全度（0〜100、高いほど良い）は、部位の評価（{scale}）を重みで平均したものです。"
            f"{PRIORITY_BELOW} 未満は優先して検討します。見ていない部位がある点検の健全度は、不明です。"),
        ),
    )  # fmt: skip


def works(part: StaffPart, names: dict[str, str]) -> Section:
    if not part.works:
        return Section(
            "works", "工事の履歴", notes=("工事の記録がありません（工事がなかったのかは不明です）。",)
        )
    rows = tuple(
        (
            fiscal_year_label(item.fiscal_year), names.get(item.building_id, item.building_id), item.kind,
            number(item.cost_yen), item.note or "",
        )
        for item in sorted(part.works, key=lambda item: -item.fiscal_year)
    )  # fmt: skip
    return Section(
        "works", "工事の履歴",
        grids=(Grid("工事（新しい順）", ("年度", "建物", "工事", "費用（円）", "備考"), rows, (3,)),),
    )  # fmt: skip


def groups(found: Sheet, part: StaffPart) -> Section:
    if not part.groups:
        return Section("groups", "定期的に使う団体", notes=("団体の記録がありません。不明です。",))
    rooms = {room.room_no: room.name for room in found.rooms}
    rows = tuple(
        (
            item.name or "名前は不明", f"{WEEKDAYS[item.weekday - 1]} {item.starts:%H:%M}〜{item.ends:%H:%M}",
            f"{item.people:,} 人", rooms.get(item.room_no or -1, UNKNOWN),
        )
        for item in part.groups
    )  # fmt: skip
    return Section(
        "groups",
        "定期的に使う団体",
        grids=(Grid("団体（庁内限り）", ("団体", "曜日と時間", "人数", "部屋"), rows, (2,)),),
    )
