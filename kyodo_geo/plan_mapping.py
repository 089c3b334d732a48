"""What became of the old plan's initiatives and indicators in the new one: nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kyodo_geo.plan_items import PlanItem

LABELS = {
    "continue": "継続", "improve": "見直して継続", "merge": "統合", "split": "分割", "new": "新規", "end": "終了",
}  # fmt: skip
UNDECIDED = "未定"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line: `old` is None for what is new, `new` for what ends."""

    old: PlanItem | None
    new: PlanItem | None
    relation: str
    same_measure: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """An item of the old plan with the lines that tell what became of it; none: undecided."""

    item: PlanItem
    lines: tuple[Mapping, ...]

    @property
    def words(self) -> str:
        """継続, 分割 …, each once."""
        return "・".join(dict.fromkeys(LABELS[line.relation] for line in self.lines)) or UNDECIDED


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of both plans. Old and new are both None never."""

    old: PlanItem | None
    new: PlanItem | None
    line: Mapping | None

    @property
    def words(self) -> str:
        return LABELS[self.line.relation] if self.line else UNDECIDED


def fates(old: Sequence[PlanItem], lines: Iterable[Mapping]) -> list[Fate]:
    """Every item of the old plan, in its order."""
    held = list(lines)
    return [Fate(item, tuple(line for line in held if line.old == item)) for item in old]


def side_by_side(old: Sequence[PlanItem], new: Sequence[PlanItem], lines: Iterable[Mapping]) -> list[Row]:
    """The table of both plans: in the old one's order, then what is new. Every item of either stands in it at least once."""
    held = list(lines)
    place = {item: at for at, item in enumerate(new)}
    rows: list[Row] = []
    for fate in fates(old, held):
        ordered = sorted(fate.lines, key=lambda line: place.get(line.new, -1) if line.new else -1)
        rows += [Row(fate.item, line.new, line) for line in ordered] or [Row(fate.item, None, None)]
    told = {row.new for row in rows}
    for item in new:
        if item not in told:
            rows.append(
                Row(None, item, next((line for line in held if line.new == item and line.old is None), None))
            )
    return rows


def problems(old: Sequence[PlanItem], new: Sequence[PlanItem], lines: Iterable[Mapping]) -> list[str]:
    """What keeps the new plan from being put into force, in words; [] when every item of both has its fate."""
    held = list(lines)
    found = []
    lost = [fate.item for fate in fates(old, held) if not fate.lines]
    if lost:
        found.append(f"前の計画の{_named(lost)}が、どうなったか登録されていません。")
    unborn = [item for item in new if all(line.new != item for line in held)]
    if unborn:
        found.append(
            f"新しい計画の{_named(unborn)}が、どこから来たか（新規なら「新規」）登録されていません。"
        )
    for fate in fates(old, held):
        relations = {line.relation for line in fate.lines}
        if "end" in relations and len(fate.lines) > 1:
            found.append(f"前の計画の{_named([fate.item])}は、「終了」なのに続き先があります。")
        if "split" in relations and len(fate.lines) < 2:
            found.append(f"前の計画の{_named([fate.item])}は、「分割」なのに続き先が 1 つだけです。")
    for item in new:
        origins = [line for line in held if line.new == item]
        if any(line.relation == "new" for line in origins) and len(origins) > 1:
            found.append(f"新しい計画の{_named([item])}は、「新規」なのに前の計画からの続きがあります。")
        if any(line.relation == "merge" for line in origins) and len(origins) < 2:
            found.append(f"新しい計画の{_named([item])}は、「統合」なのに元が 1 つだけです。")
        if sum(line.same_measure for line in origins) > 1:
            found.append(
                f"新しい計画の{_named([item])}に続く指標が 2 つ以上あります。測り方が同じものを 1 つにしてください。"
            )
    return found


def _named(items: Sequence[PlanItem]) -> str:
    numbers = [item.key for item in items if item.kind == "initiative"]
    ids = [item.key for item in items if item.kind == "indicator"]
    parts = [f"取組 {'、'.join(numbers)}"] if numbers else []
    return "と".join([*parts, *([f"指標 {'、'.join(ids)}"] if ids else [])])
