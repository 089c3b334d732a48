"""What a trial of uploaded files found: report, first rows as read, what would change. JSON for the preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geodata.database import Connection
from geodata.diffs import diff
from geodata.importing import Imported
from geodata.queries.dataset_changes import MembershipComparison, membership_changes

if TYPE_CHECKING:
    import pandas as pd

    from geodata.readers.result import ReadResult

FORM = 2
"""Goes up when the findings say something else: those of an upload that an older version checked are made anew."""
FIRST_ROWS = 10
MAX_CELL = 60
MAX_CHANGES = 1_000
_LABELS = {
    "geom": "形・位置",
    "key_code": "KEY_CODE",
    "name": "名前",
    "people": "人口",
    "households": "世帯数",
    "area_m2": "面積（m²）",
    "kana": "よみ",
    "aliases": "別名",
    "town": "町・字",
    "koaza": "小字",
    "oaza": "大字・町",
    "chome": "丁目",
    "block": "番",
    "block_from": "番（から）",
    "block_to": "番（まで）",
    "association_id": "町内会・自治会の番号",
    "rule_no": "範囲の番号",
    "kind": "種別",
    "part_no": "部分",
    "district_no": "地区番号",
    "confidence": "確かさ",
    "accuracy_m": "位置の誤差（m）",
    "level": "段階",
}


def findings(conn: Connection, municipality: str, done: Imported) -> dict[str, Any]:
    """In the transaction of a trial: everything a person needs to decide whether to keep the files."""
    first = done.stored[0]
    changes = diff(conn, municipality, first.dataset_id)
    membership = None
    if first.kind == "membership":
        membership = membership_facts(
            membership_changes(conn, municipality, first.dataset_id, changes.against)
        )
    derived = None
    if done.derived is not None and len(done.stored) > 1:
        derived = {
            "kind": done.derived.kind,
            "report": done.derived.report.as_dict(),
            "diff": diff(conn, municipality, done.stored[1].dataset_id).as_dict(),
        }
    return {
        "form": FORM,
        "kind": first.kind,
        "report": done.result.report.as_dict(),
        "as_of": done.result.as_of.isoformat() if done.result.as_of else None,
        **first_rows(done.result),
        "diff": changes.as_dict(),
        "carried_over": first.carried_over,
        "membership": membership,
        "derived": derived,
        "checked_against": done.checked_against,
    }


def membership_facts(comparison: MembershipComparison) -> dict[str, Any]:
    """The comparison of membership figures as JSON; the changes that matter most first, cut at `MAX_CHANGES`."""
    found, names = comparison.changes, comparison.names
    return {
        "jumps": found.jumps,
        "leaps": found.leaps,
        "new": found.count("new"),
        "changed": found.count("changed"),
        "absent": found.count("absent"),
        "same": found.same,
        "years": [
            {
                "fiscal_year": year.fiscal_year,
                "before_year": year.before_year,
                "associations_before": year.associations_before,
                "associations": year.associations,
                "rate_before": year.rate_before,
                "rate": year.rate,
            }
            for year in found.years
        ],
        "districts": [
            {
                "district_no": item.district_no,
                "name": comparison.district_names.get(item.district_no, "") if item.district_no else "",
                "fiscal_year": item.fiscal_year,
                "before_year": item.before_year,
                "before": list(item.before),
                "after": list(item.after),
                "before_rate": item.before_rate,
                "rate": item.rate,
            }
            for item in comparison.districts
        ],
        "replaced": sorted({c.fiscal_year for c in found.changes if c.verdict == "changed"}),
        "total": len(found.changes),
        "changes": [
            {
                "association_id": change.association_id,
                "name": names.get(change.association_id, change.association_id),
                "fiscal_year": change.fiscal_year,
                "verdict": change.verdict,
                "before_year": change.before_year,
                "before": list(change.before) if change.before else None,
                "after": list(change.after) if change.after else None,
                "before_rate": change.before_rate,
                "rate": change.rate,
                "difference": change.difference,
                "jump": change.jump,
                "leap": change.leap,
            }
            for change in found.changes[:MAX_CHANGES]
        ],
    }


def label_of(kind: str, column: str) -> str:
    """Japanese name of a column of a kind's canonical frame."""
    from geodata.readers import module_of

    module = module_of(kind)
    fields: Any = getattr(module, "FIELDS", None) or getattr(module, "TABLE_FIELDS", ())
    known = {field.name: field.label for field in fields}
    return known.get(column) or _LABELS.get(column, column)


def first_rows(result: ReadResult) -> dict[str, Any]:
    """`columns` (labels) and `rows` (texts) of the first rows as they were read; columns without a value left out."""
    frame: pd.DataFrame = result.frame.head(FIRST_ROWS)
    columns = [name for name in map(str, frame.columns) if any(_cell(value) for value in frame[name])]
    cells = [[_cell(value) for value in frame[name]] for name in columns]
    return {
        "columns": [label_of(result.kind, name) for name in columns],
        "rows": [list(row) for row in zip(*cells, strict=True)],
    }


def _cell(value: Any) -> str:
    if hasattr(value, "geom_type"):
        if value.geom_type == "Point":
            return f"点（{value.x:.5f}, {value.y:.5f}）"
        parts = getattr(value, "geoms", [value])
        if value.geom_type.endswith("LineString"):
            return f"線（{sum(len(part.coords) for part in parts):,} 点）"
        return f"面（{sum(len(part.exterior.coords) for part in parts):,} 点）"
    if isinstance(value, list | tuple):
        return "、".join(_cell(item) for item in value)[:MAX_CELL]
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, float):
        return f"{value:,.6g}" if not value.is_integer() else f"{value:.0f}"
    text = str(value)
    return text if len(text) <= MAX_CELL else f"{text[:MAX_CELL]}…"
