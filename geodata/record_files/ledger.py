"""固定資産台帳 by 統一的な基準: rows of buildings → the table of buildings."""

from __future__ import annotations

import re

from geodata.readers.reading import stable_id
from geodata.readers.result import LoadReport
from geodata.readers.values import narrow
from geodata.record_files.known import Known
from geodata.record_files.row import Read, Row
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import USE_CLASSES

_KEPT = (
    "name", "address", "structure", "floors", "floor_area_m2", "acquired_on", "acquired_yen", "useful_life", "depreciated_yen",
)  # fmt: skip
_SEISMIC = {
    "新耐震": "built-to-code", "新耐震基準": "built-to-code", "耐震性あり": "built-to-code", "不要": "built-to-code",
    "改修済": "retrofitted", "耐震改修済": "retrofitted", "補強済": "retrofitted", "実施済": "retrofitted",
    "未改修": "not-proof", "未実施": "not-proof", "耐震性なし": "not-proof", "要改修": "not-proof",
}  # fmt: skip
_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


def ledger_rows(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
    """Rows of building with the link to their facility; land, equipment and what was removed are passed over."""
    rows: list[Row] = []
    seen: set[str] = set()
    other = gone = joined = 0
    still: list[str] = []
    down: list[Row] = []
    for item in read:
        values = item.values
        if values["account"] is not None and not narrow(values["account"]).rstrip(")）").endswith("建物"):
            other += 1
            continue
        day = values["demolished_on"]
        if values["removed"] is not None or day is not None:
            ledger = _number(values)
            building = known.by_ledger.get(ledger)
            if building is None:
                gone += 1
            elif day is None:
                gone += 1
                still.append(ledger)
            elif building not in seen:
                seen.add(building)
                down.append(
                    {"building_id": building, "ledger_no": ledger, "demolished_on": day, "_facility": None,
                     "_source": item.source, "_row": item.row}
                )  # fmt: skip
            continue
        try:
            row, matched = _building(known, values)
        except InputError as error:
            report.reject(item.source, item.row, None, None, error.message)
            continue
        joined += matched
        if row["building_id"] in seen:
            report.reject(
                item.source, item.row, "ledger_no", row["ledger_no"], "同じ建物の行がすでにあります。"
            )
            continue
        seen.add(row["building_id"])
        rows.append({**row, "_source": item.source, "_row": item.row})
    if other:
        report.note(f"建物でない資産（土地、工作物、物品など） {other:,} 行は読み飛ばしました。")
    if gone:
        report.note(f"除却された資産 {gone:,} 行は読み飛ばしました。")
    if still:
        report.note(
            f"除却された資産のうち {len(still):,} 棟（{'、'.join(still[:10])}{' ほか' if len(still) > 10 else ''}）は、建物として"
            "登録されたままで、更新費用の見通しにも入っています。除却年月日の列に日を書くと、その日から外れます。"
        )
    if joined:
        report.note(
            f"台帳の番号がなく、施設に1棟だけ登録されていた建物 {joined:,} 棟は、同じ建物として番号を付けます。"
        )
    unknown = sum(row["use_class"] is None for row in rows)
    if unknown:
        report.note(
            f"施設類型がないか、13の分類に当てはまらない建物が {unknown:,} 棟あります（不明とします）。"
        )
    if down:
        report.note(f"除却年月日のある建物 {len(down):,} 棟は、その日から、今ある建物に数えません。")
    return [*rows, *down]


def _number(values: Row) -> str:
    """Number of the asset with its branch."""
    ledger = narrow(values["ledger_no"])
    return f"{ledger}-{narrow(values['branch_no'])}" if values["branch_no"] else ledger


def _building(known: Known, values: Row) -> tuple[Row, bool]:
    """The row, and whether it was joined to a building that had no number."""
    ledger = _number(values)
    if len(ledger) > 40:
        raise InputError("資産番号が長すぎます（40文字以内）。")
    facility = _facility(known, values)
    building = known.by_ledger.get(ledger)
    joined = False
    if building is None and facility is not None:
        own = known.of_facility.get(facility, [])
        if len(own) == 1 and known.buildings[own[0]].ledger_no is None:
            building, joined = own[0], True
    if building is None:
        building = (
            ledger if _ID.fullmatch(ledger) and ledger not in known.buildings else stable_id("b", ledger)
        )
    acquired, written_off = values["acquired_yen"], values["depreciated_yen"]
    if acquired is not None and written_off is not None and written_off > acquired:
        raise InputError("減価償却累計額が、取得価額より大きくなっています。")
    begun = values["in_use_from"] or values["acquired_on"]
    return {
        "building_id": building,
        "ledger_no": ledger,
        **{column: values[column] for column in _KEPT},
        "built_year": values["built_year"] or (None if begun is None else begun.year),
        "use_class": _use_class(values["use_class"]),
        "seismic": _SEISMIC.get(narrow(values["seismic"] or "")),
        "_facility": facility,
    }, joined


def _facility(known: Known, values: Row) -> str | None:
    """The facility that is named; the name of the asset may be one too, but need not."""
    if values["facility"] is not None:
        return known.facility(values["facility"])
    if values["name"] is None:
        return None
    try:
        return known.facility(values["name"])
    except InputError:
        return None


def _use_class(cell: str | None) -> str | None:
    """「市民文化系施設」 → 市民文化; None for what is none of the thirteen."""
    if cell is None:
        return None
    plain = re.sub(
        r"(系)?施設$|系$",
        "",
        narrow(cell).replace("スポーツ・レクリエーション系", "スポーツ・レクリエーション"),
    )
    plain = {"子育て支援": "子育て", "学校教育": "学校", "学校教育系": "学校", "行政系": "行政"}.get(
        plain, plain
    )
    return plain if plain in USE_CLASSES else None
