"""Every row in which two datasets differ, as a CSV: the page lists the first ones only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.services import Services
from api.staff_datasets.reading import in_loader, look_down, other_of
from api.tables import rows_to_csv
from geodata.database import Connection
from geodata.datasets import show_dataset
from geodata.diffs import diff
from geodata.queries.dataset_changes import FactChange, changed_facts
from geodata.trial_findings import label_of
from kyodo_geo.quality import Quality

MAX_ROWS = 100_000
VERDICTS = {"added": "追加", "changed": "変更", "removed": "削除"}
HEADER = ("変わり方", "番号・キー", "名前", "変わった項目", "前", "後", "データ", "品質", "出典", "時点")
WITHOUT_VALUES = frozenset({"vacant-houses", "halls"})
"""Kinds whose values are addresses of people: which row and which column is said, never what stands there."""


def changes_table(services: Services, dataset_id: int, against: int | None, by: str) -> bytes:
    """The table (blocking). Raises NotFoundError for unknown datasets and InputError where their kinds differ."""

    def work(conn: Connection, municipality: str) -> tuple[bytes, dict[str, Any], list[str]]:
        row = show_dataset(conn, municipality, dataset_id)
        other = other_of(conn, municipality, row, against)
        found = diff(conn, municipality, dataset_id, other["dataset_id"] if other else 0, most=MAX_ROWS)
        credit = [row["title"], Quality(row["quality"]).label, row["source"], str(row["as_of"] or "不明")]
        rows = (
            [*line, *credit]
            for change in changed_facts(conn, municipality, found)
            for line in _lines(row["kind"], change)
        )
        listed = sum(len(keys) for keys in found.keys.values())
        total = found.added + found.changed + found.removed
        more = [[f"ほか {total - listed:,} 件", *[""] * 5, *credit]] if total > listed else []
        named = [str(key) for keys in found.keys.values() for key in keys]
        return rows_to_csv(HEADER, [*rows, *more]), row, named

    table, row, named = in_loader(services, work)
    look_down(services, by, row, "changes", named)
    return table


def _lines(kind: str, change: FactChange) -> Iterator[list[str]]:
    start = [VERDICTS[change.verdict], change.key, change.name]
    if change.verdict != "changed":
        yield [*start, "", "", ""]
        return
    for column, before, after in change.columns:
        values = [_text(before), _text(after)] if kind not in WITHOUT_VALUES else ["", ""]
        yield [*start, label_of(kind, column), *values]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(_text(item) for item in value)
    return str(value)
