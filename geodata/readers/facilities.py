"""Public facilities: city lists (CSV with a point), 国土数値情報 P05 and P27, any point layer."""

from __future__ import annotations

from typing import Any

from geodata.readers import standard_sets
from geodata.readers.fields import LAT, LON, Field
from geodata.readers.reading import Reading, canonical, stable_id
from geodata.readers.sources import Table
from geodata.readers.values import count, day, identifier, name, text, yes_no
from kyodo_geo.errors import InputError

COLUMNS = (
    "facility_id", "name", "kana", "kind", "activity", "address", "operator", "capacity", "opened_on", "closed_on",
    "geom",
)  # fmt: skip
UNKNOWN_KIND = "その他"
ACTIVITY_KINDS = frozenset(
    {
        "地区活動センター", "市立公民館", "公民館", "公立公民館", "地区公民館", "地区コミュニティセンター",
        "コミュニティセンター", "地域交流センター", "市民活動センター", "集会施設", "集会所",
    }
)  # fmt: skip
"""Kinds that are open to community activities unless the file says otherwise in a column of its own."""
P05_KINDS = {
    "1": "市役所・町役場・村役場", "2": "支所・出張所・連絡所", "3": "その他の行政サービス施設", "4": "公立公民館",
    "5": "集会施設",
}  # fmt: skip
"""Codes of 国土数値情報 P05_002 (市町村役場等及び公的集会施設)."""
NO_CAPACITY = (-99, 9999)


def _kind(cell: str) -> str:
    return P05_KINDS.get(cell, name(cell))


def _capacity(cell: str) -> int | None:
    """People it holds; 国土数値情報 writes unknown as -99 and 9999."""
    try:
        return count(cell)
    except InputError:
        if cell in map(str, NO_CAPACITY):
            return None
        raise


FIELDS = (
    Field("facility_id", "施設番号", identifier, ("施設ID", "施設コード", "ID")),
    Field(
        "name", "名称", name,
        ("施設名", "施設名称", "P05_003_ja", "P05_003", "P27_005_ja", "P27_005"), required=True,
    ),
    Field("kana", "名称_カナ", text, ("カナ", "よみ", "ふりがな", "フリガナ", "施設名カナ")),
    Field(
        "kind", "種別", _kind,
        ("施設種別", "分類", "施設分類", "P05_002_name_ja", "P05_002", "P27_004_name_ja", "P27_003_name_ja"),
    ),
    Field("activity", "地域活動", yes_no, ("地域活動に使える", "地域活動での利用")),
    Field("address", "住所", text, ("所在地", "P05_004_ja", "P05_004", "P27_006_ja", "P27_006")),
    Field("operator", "運営者", text, ("管理者", "設置者", "団体名", "所管", "所管課")),
    Field("capacity", "収容人数", _capacity, ("想定収容人数", "定員", "最大収容人数")),
    Field("opened_on", "開設日", day, ("供用開始日", "開館日", "開設年月日")),
    Field("closed_on", "廃止日", day, ("閉館日", "廃止年月日")),
    LON,
    LAT,
)  # fmt: skip


def read(reading: Reading) -> Any:
    """One row per facility with a point; without an id column ids follow from name and kind."""
    report = reading.report

    def one(table: Table) -> Any:
        if not standard_sets.facilities(reading, table):
            reading.only_municipality(
                table, "P05_001", "P27_001", "都道府県コード又は市区町村コード", "市区町村コード"
            )
        return reading.with_points(table, reading.typed(table, FIELDS))

    frame = reading.collect(one)
    wrong = [
        opened is not None and closed is not None and opened >= closed
        for opened, closed in zip(frame["opened_on"], frame["closed_on"], strict=True)
    ]
    import numpy as np

    frame = reading.reject(frame, np.array(wrong, dtype=bool), "closed_on", "廃止日が開設日より前です。")
    if frame["kind"].isna().any():
        report.note(f"種別のない施設 {int(frame['kind'].isna().sum()):,} 件は「{UNKNOWN_KIND}」としました。")
        frame["kind"] = frame["kind"].where(frame["kind"].notna(), UNKNOWN_KIND)
    if frame["activity"].isna().any():
        report.note(
            "地域活動に使えるかどうかの列がない施設は、種別（地区活動センター、公民館など）から判断しました。"
        )
        frame["activity"] = [
            kind in ACTIVITY_KINDS if given is None else given
            for given, kind in zip(frame["activity"], frame["kind"], strict=True)
        ]
    frame["facility_id"] = _ids(frame)
    frame = reading.drop_duplicates(frame, ("facility_id",))
    for kind, number in frame["kind"].value_counts().items():
        report.totals[f"種別「{kind}」"] = float(number)
    return canonical(frame, COLUMNS)


def _ids(frame: Any) -> list[str]:
    """Given ids; else from name and kind, with the address only where a name and kind come twice."""
    twice = frame.duplicated(["name", "kind"], keep=False)
    return [
        given or stable_id("f", label, kind, address if again else None)
        for given, label, kind, address, again in zip(
            frame["facility_id"], frame["name"], frame["kind"], frame["address"], twice, strict=True
        )
    ]
