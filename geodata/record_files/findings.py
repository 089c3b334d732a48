"""What a file of records says and would change, as JSON in words, for the person who decides whether to store it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from geodata.database import Connection, active_generation
from geodata.record_files.kinds import RECORD_KINDS
from geodata.record_files.storing import RecordsImported
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.facility_terms import HAZARDS, SHELTER_ROLES, TENURES
from kyodo_geo.quality import Quality

FORM = 1
"""Goes up when the findings say something else: those that an older version made are made anew."""
NONE = "（なし）"
_WEEKDAYS = "月火水木金土日"
_LABELS = {
    "facility_id": "施設", "building_id": "建物", "room_no": "部屋の番号", "quality": "データの区分", "source": "出典",
    "group_no": "団体番号", "fiscal_year": "年度", "hours_open": "利用できる時間", "hours_used": "利用時間", "floors": "階数",
    "land_m2": "敷地の面積", "land_tenure": "土地の所有", "land_leased_m2": "うち借地", "extendable": "長寿命化できるか",
}  # fmt: skip
_SEISMIC = {"built-to-code": "新耐震", "retrofitted": "改修済み", "not-proof": "耐震性なし"}


def record_findings(conn: Connection, municipality: str, done: RecordsImported) -> dict[str, Any]:
    """In the transaction of a trial."""
    names = _names(conn, municipality)
    return {
        "form": FORM,
        "report": done.report.as_dict(),
        "mark": done.mark,
        "labels": {field.name: field.label for field in RECORD_KINDS[done.kind].fields},
        **{name: getattr(done, name) for name in ("added", "changed", "removed", "same", "checksum")},
        "changes": [
            {
                "what": "追加" if change.before is None else "削除" if change.after is None else "変更",
                "key": "　".join(_value(name, value, names) for name, value in change.key.items()),
                "items": _items(done.kind, change.before, change.after, names),
            }
            for change in done.changes
        ],
    }


def label_of(kind: str, column: str) -> str:
    """A column of a file or a table as people call it."""
    spec = RECORD_KINDS[kind]
    return _LABELS.get(column) or next((f.label for f in spec.fields if f.name == column), column)


def _items(
    kind: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, names: Mapping[str, str]
) -> list[list[str]]:
    """(column, before, after); of a row that is new or goes only what is known of it."""
    columns = after if after is not None else before or {}
    return [
        [
            label_of(kind, name),
            _value(name, (before or {}).get(name), names),
            _value(name, (after or {}).get(name), names),
        ]
        for name in columns
        if (before is not None and after is not None) or columns[name] not in (None, [], "")
    ]


def _value(name: str, value: Any, names: Mapping[str, str]) -> str:
    if value is None or value == []:
        return NONE
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if name == "fiscal_year":
        return fiscal_year_label(value)
    if name == "weekday":
        return f"{_WEEKDAYS[value - 1]}曜"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "、".join(HAZARDS.get(item, str(item)) for item in value)
    if isinstance(value, int | float) and name not in ("built_year", "room_no", "group_no", "work_no"):
        return f"{value:,}"
    text = str(value)
    if name in ("facility_id", "building_id"):
        return f"{names[text]}（{text}）" if text in names else text
    if name == "quality":
        return Quality(text).label
    return {**TENURES, **SHELTER_ROLES, **_SEISMIC}.get(text, text)


def _names(conn: Connection, municipality: str) -> dict[str, str]:
    """Names of facilities and buildings by id."""
    rows = conn.execute(
        """
        SELECT facility_id AS id, name FROM facility_site
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
        UNION ALL
        SELECT building_id, name FROM building WHERE municipality_code = %(m)s AND name IS NOT NULL
        """,
        {"m": municipality, "g": active_generation(conn, municipality)},
    )
    return {row["id"]: row["name"] for row in rows}
