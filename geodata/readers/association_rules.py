"""Address rules: which towns, blocks and house numbers belong to which association."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from geodata.readers.area_words import AREA_FORMATS, has_area_text, read_areas, rules_of
from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field, column_of
from geodata.readers.reading import Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import choice, name, narrow
from kyodo_geo.addresses import spelling, split_town
from kyodo_geo.errors import InputError
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_gaps import find_gaps
from kyodo_geo.rule_overlaps import find_overlaps

COLUMNS = (
    "association_id", "rule_no", "kind", "town", "koaza", "block_from", "block_to", "house_from", "house_to",
)  # fmt: skip
KINDS = {
    "whole": "whole", "part": "part", "except": "except", "全域": "whole", "全部": "whole", "一部": "part",
    "除く": "except", "除外": "except",
}  # fmt: skip
_SPAN = re.compile(
    r"([0-9]{1,6})(?:番地?|号)?(?:[-~〜~‐―–−ー]|から)([0-9]{1,6})(?:番地?|号)?(?:まで)?|([0-9]{1,6})(?:番地?|号)?"
)


def span(cell: str) -> tuple[int, int]:
    """5 → (5, 5), 1～5 → (1, 5), 1番から5番まで → (1, 5); raises `InputError`."""
    match = _SPAN.fullmatch(re.sub(r"\s", "", narrow(cell)))
    if match is None:
        raise InputError(f"「{cell[:40]}」は番号か、番号の範囲（例: 1～5）で書いてください。")
    first, last = int(match[1] or match[3]), int(match[2] or match[3])
    if first > last:
        raise InputError(f"「{cell[:40]}」は、始めの番号が終わりの番号より大きくなっています。")
    return first, last


def spans(cell: str) -> list[tuple[int, int]]:
    """Several of them: 10・13～21 → [(10, 10), (13, 21)]."""
    return [span(part) for part in re.split(r"[・、,，.]", cell) if part.strip()]


FIELDS = (
    replace(ASSOCIATION_ID, required=True),
    Field("kind", "範囲の種類", choice(KINDS), ("区分", "種類")),
    Field("town", "町名", name, ("町丁名", "町丁・字名", "町丁目", "大字・町名", "町・字"), required=True),
    Field("koaza", "小字", name, ("字", "小字名")),
    Field("block", "番", spans, ("街区", "街区符号", "番地", "地番")),
    Field("block_from", "番から", span, ("番（始）", "街区から")),
    Field("block_to", "番まで", span, ("番（終）", "街区まで")),
    Field("house", "号", span, ("住居番号",)),
    Field("house_from", "号から", span, ("号（始）",)),
    Field("house_to", "号まで", span, ("号（終）",)),
)


def read(reading: Reading) -> Any:
    """One row per rule, numbered per association in the order of the file; from ranges by column, or from words.

    A cell with several blocks becomes several rules. Without a kind, a rule with blocks is a part, one without the
    whole town. Towns the gazetteer does not know are reported and kept: they may be newer than it.
    """
    frame = reading.collect(lambda table: _read_table(reading, table))
    frame = reading.match(frame, "association_id", reading.context.association_ids, "町内会・自治会")
    known = reading.context.town_names
    if known is not None:
        keys = {split_town(town) for town in known}
        strange = [town for town in dict.fromkeys(frame["town"]) if split_town(town) not in keys]
        for town in strange:
            reading.report.add("unmatched", column="town", value=town)
    frame = reading.drop_duplicates(frame, ("association_id", *COLUMNS[2:]))
    frame["rule_no"] = frame.groupby("association_id").cumcount() + 1
    reading.report.totals["町内会・自治会の数"] = float(frame["association_id"].nunique())
    _compare(reading, rules_of(frame))
    return canonical(frame, COLUMNS)


def _read_table(reading: Reading, table: Table) -> Any:
    if reading.format in AREA_FORMATS:
        return read_areas(reading, table)
    by_columns = reading.format == "table" or "town" in (reading.mapping or {})
    if (
        not by_columns
        and column_of(table, *FIELDS[2].known_as) is None
        and has_area_text(table, reading.mapping)
    ):
        return read_areas(reading, table)
    return _rules(reading, table)


def _compare(reading: Reading, rules: list[Rule]) -> None:
    """Addresses that two associations claim, and blocks that none does; both may be right, both are told."""
    context, report = reading.context, reading.report
    ordinary = [rule for rule in rules if rule.association_id not in context.building_ids]
    for overlap in find_overlaps(ordinary):
        named = context.association_names or {}
        report.add(
            "overlaps", first=overlap.first, second=overlap.second, where=overlap.where,
            first_name=named.get(overlap.first), second_name=named.get(overlap.second),
        )  # fmt: skip
    if not context.towns:
        return
    gaps = find_gaps(rules, ((town.name, town.koaza) for town in context.towns), context.blocks)
    for gap in gaps:
        report.add(
            "gaps", town=gap.town, koaza=gap.koaza, whole=gap.whole, blocks=[list(span) for span in gap.blocks],
            partly=list(gap.partly), where=gap.where,
        )  # fmt: skip
    report.totals["規則のない町・字の数"] = float(sum(gap.whole for gap in gaps))
    report.totals["一部の番に規則のない町・字の数"] = float(sum(not gap.whole for gap in gaps))


def _rules(reading: Reading, table: Any) -> Any:
    import pandas as pd

    rows: list[dict[str, Any]] = []
    index: list[int] = []
    typed = reading.typed(table, FIELDS)
    for number, row in zip(typed.index.tolist(), typed.to_dict("records"), strict=True):
        problem = None
        blocks = row["block"] or _pair(row["block_from"], row["block_to"])
        houses = [row["house"]] if row["house"] else _pair(row["house_from"], row["house_to"])
        kind = row["kind"] or ("part" if blocks else "whole")
        if blocks is None or houses is None:
            problem = "「から」と「まで」の順が逆か、片方だけでは決まりません。"
        elif houses and (len(blocks) != 1 or blocks[0][0] != blocks[0][1]):
            problem = "号の範囲には、番を1つだけ書いてください。"
        elif kind == "whole" and blocks:
            problem = "「全域」の行に番が書かれています。「一部」か「除く」にしてください。"
        elif kind == "part" and not blocks and not row["koaza"]:
            problem = "「一部」の行に番がありません。"
        if problem is not None:
            reading.report.reject(table.source, number, "block", row["town"], problem)
            continue
        for block in blocks or [(None, None)]:
            house = houses[0] if houses else (None, None)
            rows.append(
                {
                    "association_id": row["association_id"],
                    "kind": kind,
                    "town": spelling(row["town"]),
                    "koaza": row["koaza"],
                    "block_from": block[0],
                    "block_to": block[1],
                    "house_from": house[0],
                    "house_to": house[1],
                }
            )
            index.append(number)
    return pd.DataFrame(rows, index=index, columns=[c for c in COLUMNS if c != "rule_no"], dtype=object)


def _pair(first: tuple[int, int] | None, last: tuple[int, int] | None) -> list[tuple[int, int]] | None:
    """One range from two cells; a single cell stands for itself; None when they contradict."""
    if first is None and last is None:
        return []
    if first is None:
        return None
    whole = (first[0], (last or first)[1])
    return [whole] if whole[0] <= whole[1] else None
