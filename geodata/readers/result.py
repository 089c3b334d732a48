"""What a reader hands back: the canonical frame, and the report that is stored with the dataset."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from kyodo_geo.errors import FileFormatError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from shapely.geometry.base import BaseGeometry

    from kyodo_geo.lookup_types import Town

MAX_REJECTED = 200_000
MAX_LISTED = 200
"""Findings of a kind that are shown with their place."""
MAX_KEPT = 20_000
"""Findings of a kind that the report keeps, for the list that is downloaded."""
MAX_VALUE = 100
MAX_REASONS = 10
MAX_SHOWN = 30
MAX_NAMED = 20
"""Overlaps and gaps that the summary names one by one."""
MAX_TEXTS = 2_000
"""Areas in words kept with the report: one per association of a city."""

TOTAL_LABELS = {
    "people": "人口（人）",
    "households": "世帯数（世帯）",
    "member_households": "加入世帯数（世帯）",
    "area_km2": "面積（km²、平面直角座標系での計算値。公表面積ではありません）",
    "key_codes": "小地域の数",
    "rows_with_invalid_edges": "境界が隣と合わない行（整える前）",
    "holes_before": "すき間の数（整える前）",
    "holes_after": "すき間の数（整えた後）",
    "outline_difference_km2": "市域と小地域の違い（km²）",
    "districts": "地区の数",
    "with_point": "位置のあるもの",
    "without_point": "位置のないもの",
    "with_area": "区域の形のあるもの",
    "without_area": "区域の形のないもの",
    "areas": "名前の種類",
    "edges": "道の数（両方向で1本）",
    "nodes": "交差点の数",
    "length_km": "道の長さの合計（km）",
    "components": "つながっていない部分の数",
    "directed_edges": "道の数（向きごとに1本）",
    "strong_components": "互いに行き来できる部分の数",
    "giant_share": "最大の部分の交差点の割合（%）",
    "aged65": "65歳以上（人）",
    "stops": "停留所の数",
    "lines": "路線の数",
    "patterns": "停車のしかたの数（路線、停留所の並びごと）",
    "services": "運行する日の種類の数",
    "trips": "便の数",
    "secret_cells": "秘匿され、ほかのメッシュに合算されたメッシュ",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was not loaded. `row` counts as a person does: the spreadsheet row, or the n-th feature."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    reason_ja: str
    lon: float | None = None
    lat: float | None = None

    def text_ja(self) -> str:
        place = self.file + (f" の {self.row} 行目" if self.row is not None else "")
        return f"{place}{f'「{self.column}」' if self.column else ''}: {self.reason_ja}"


@dataclass(frozen=True, slots=True)
class Repair:
    """One geometry that was made valid; the displacement is the largest distance its border moved, metres."""

    key: str
    reason_ja: str
    displacement_m: float
    place: dict[str, Any] = field(default_factory=dict, compare=False)


@dataclass
class LoadReport:
    """Findings of one load. Lists keep the first `MAX_KEPT` items, places of the first `MAX_LISTED`; `counts` has all."""

    rows_read: int = 0
    rows_loaded: int = 0
    rejected: list[Rejection] = field(default_factory=list)
    repaired: list[Repair] = field(default_factory=list)
    largest_displacement_m: float = 0.0
    overlaps: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    outside_city: list[dict[str, Any]] = field(default_factory=list)
    duplicates: list[dict[str, Any]] = field(default_factory=list)
    unmatched: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    totals: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    texts: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    private: bool = False
    """Leave values of rejected rows out: the file holds facts that not every reader of a report may see."""

    def reject(
        self,
        file: str,
        row: int | None,
        column: str | None,
        value: object,
        reason_ja: str,
        ground: BaseGeometry | None = None,
    ) -> None:
        """One row that is left out; `ground` is where it lies, if it has a place that can be shown.

        Raises `FileFormatError` when nearly nothing of a long file can be used: it is another file than was meant.
        """
        if self.count("rejected") >= MAX_REJECTED:
            raise FileFormatError(
                f"{file} には、読み込めない行が {MAX_REJECTED:,} 行以上あります（{reason_ja}）。"
                "ファイルと種類を確かめてください。",
                file=file,
                row=row,
            )
        shown = None if value is None or self.private else str(value)[:MAX_VALUE]
        self.reasons[reason_ja] = self.reasons.get(reason_ja, 0) + 1
        place = self._where("rejected", ground)
        self._add(
            "rejected", Rejection(file, row, column, shown, reason_ja, place.get("lon"), place.get("lat"))
        )

    def repair(
        self, key: str, reason_ja: str, displacement_m: float, ground: BaseGeometry | None = None
    ) -> None:
        """One shape that was made valid; `ground` is the shape as it is loaded."""
        self._add("repaired", Repair(key, reason_ja, displacement_m, self._where("repaired", ground)))
        self.moved(displacement_m)

    def moved(self, displacement_m: float) -> None:
        self.largest_displacement_m = max(self.largest_displacement_m, displacement_m)

    def add(self, listed: str, /, *, ground: BaseGeometry | None = None, **facts: Any) -> None:
        """One item of `overlaps`, `gaps`, `outside_city`, `duplicates` or `unmatched`; `ground` is where it lies."""
        self._add(listed, {**self._where(listed, ground), **facts})

    def _where(self, listed: str, ground: BaseGeometry | None) -> dict[str, Any]:
        """Place of an item that will be listed; nothing where places are not for every reader."""
        from geodata.readers.grounds import where

        if ground is None or self.private or len(getattr(self, listed)) >= MAX_LISTED:
            return {}
        return where(ground)

    def read_as(self, **facts: Any) -> None:
        """How an area in words was read: file, row, association_id, rules, normal_form, findings."""
        self.counts["texts"] = self.counts.get("texts", 0) + 1
        if len(self.texts) < MAX_TEXTS:
            self.texts.append(facts)

    def leave_out(self, file: str, column: str, number: int) -> None:
        """A column with facts about persons that was dropped unread: its heading and how many values it had."""
        self.dropped.append({"file": file, "column": column, "count": number})

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def count(self, name: str) -> int:
        return self.counts.get(name, len(getattr(self, name)))

    def _add(self, name: str, item: Any) -> None:
        listed = getattr(self, name)
        self.counts[name] = self.counts.get(name, len(listed)) + 1
        if len(listed) < MAX_KEPT:
            listed.append(item)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        lists = ("rejected", "repaired", "overlaps", "gaps", "outside_city", "duplicates", "unmatched")
        return {
            "rows_read": self.rows_read,
            "rows_loaded": self.rows_loaded,
            "largest_displacement_m": self.largest_displacement_m,
            "rejected": [asdict(item) for item in self.rejected],
            "repaired": [
                {
                    "key": item.key,
                    "reason_ja": item.reason_ja,
                    "displacement_m": item.displacement_m,
                    **item.place,
                }
                for item in self.repaired
            ],
            **{name: list(getattr(self, name)) for name in lists[2:]},
            "texts": list(self.texts),
            "dropped": list(self.dropped),
            "notes": list(self.notes),
            "totals": dict(self.totals),
            "counts": {name: self.count(name) for name in lists},
            "reasons": dict(sorted(self.reasons.items(), key=lambda item: -item[1])[:MAX_REASONS]),
        }

    def summary_ja(self) -> list[str]:
        """Lines for the person who loads the file."""
        lines = [
            f"読み取り {self.rows_read:,} 行、読み込み {self.rows_loaded:,} 件、除外 {self.count('rejected'):,} 行"
        ]
        lines += [f"{TOTAL_LABELS.get(name, name)}: {_figure(value)}" for name, value in self.totals.items()]
        if self.count("repaired"):
            lines.append(
                f"直した形: {self.count('repaired'):,} 件（最大の移動 {_metres(self.largest_displacement_m)}）"
            )
            lines += [f"  {repair.key}: {repair.reason_ja}" for repair in self.repaired[:5]]
        elif self.largest_displacement_m:
            lines.append(f"境界を整えたときの最大の移動: {_metres(self.largest_displacement_m)}")
        for name, label in (
            ("overlaps", "重なり"),
            ("gaps", "すき間"),
            ("outside_city", "市域の外"),
            ("duplicates", "重複"),
            ("unmatched", "対応するものがないキー"),
        ):
            if self.count(name):
                lines.append(f"{label}: {self.count(name):,} 件")
                lines += self._named_ja(name)
        return lines + self._dropped_ja() + self._texts_ja() + self._rejected_ja() + self.notes

    def _named_ja(self, name: str) -> list[str]:
        """Which overlaps or gaps they are; what stands in the report beyond `MAX_NAMED` is counted."""
        said = [text for item in getattr(self, name)[:MAX_NAMED] if (text := _place_ja(item))]
        if not said:
            return []
        more = self.count(name) - len(said)
        return [f"  {text}" for text in said] + ([f"  ほか {more:,} 件"] if more else [])

    def _dropped_ja(self) -> list[str]:
        if not self.dropped:
            return []
        columns = "、".join(f"{item['column']}（{item['count']:,} 件）" for item in self.dropped)
        return [f"個人に関する列は、読まずに捨てました（保存していません）: {columns}"]

    def _texts_ja(self) -> list[str]:
        """What a person has to look at in areas in words; rows with an error are among the rejected."""
        lines = []
        found = [
            (text, finding)
            for text in self.texts
            for finding in text["findings"]
            if finding["kind"] != "error"
        ]
        for text, finding in found[:MAX_SHOWN]:
            place = f"{text['file']} の {text['row']} 行目「区域」{finding['line']}行{finding['column']}字目"
            lines.append(f"  {place}「{finding['text']}」: {finding['message']}")
        if len(found) > MAX_SHOWN:
            lines.append(f"  ほかに {len(found) - MAX_SHOWN:,} か所（保存される報告にあります）")
        if self.texts:
            lines.insert(0, f"文で書かれた区域: {self.counts['texts']:,} 件、確かめる所 {len(found):,} か所")
        return lines

    def _rejected_ja(self) -> list[str]:
        """One line per reason, with the first row it happened to."""
        first: dict[str, Rejection] = {}
        for rejection in self.rejected:
            first.setdefault(rejection.reason_ja, rejection)
        lines = []
        for reason, rejection in list(first.items())[:MAX_REASONS]:
            number = self.reasons.get(reason, 1)
            others = f"（同じ理由でほかに {number - 1:,} 行）" if number > 1 else ""
            lines.append(f"  除外 {rejection.text_ja()}{others}")
        return lines


def _place_ja(item: dict[str, Any]) -> str:
    """One overlap or gap in words: what it is between, where, how large; empty when the item says none of it."""
    pair = [
        f"{item[key]} {item.get(key + '_name') or ''}".strip() for key in ("first", "second") if key in item
    ]
    words = ["と".join(f"「{one}」" for one in pair)] if pair else []
    if item.get("where"):
        words.append(item["where"])
    elif "lon" in item:
        words.append(f"経度 {item['lon']:.6f}、緯度 {item['lat']:.6f} の近く")
    if words and "area_m2" in item:
        words.append(f"{item['area_m2']:,.0f} m²")
    return "、".join(words) if len(words) < 2 or not pair else f"{words[0]}: {'、'.join(words[1:])}"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _metres(value: float) -> str:
    if value >= 0.001:
        return f"{value:,.3f} m"
    return f"1 mm 未満（{value:.0e} m）" if value > 0 and math.isfinite(value) else "なし"


@dataclass(frozen=True, slots=True)
class ReadContext:
    """What a file is compared with; the loader takes it from the database, readers touch none.

    `outline` in lon/lat. `districts`: number → name; `district_facts`: number → {"name", "kana", "aliases"}.
    `municipality_name` picks rows of files that name municipalities but carry no code. For address rules: the rows
    of the gazetteer, its blocks as (town, 小字, 番), the associations' names by id, and which of them are buildings.
    For membership: the district of each association, and the day, for figures of years that have not begun.
    """

    outline: BaseGeometry | None = None
    town_names: set[str] | None = None
    association_ids: set[str] | None = None
    small_area_keys: set[str] | None = None
    districts: dict[int, str] | None = None
    district_facts: dict[int, dict[str, Any]] | None = None
    municipality_name: str | None = None
    towns: tuple[Town, ...] = ()
    blocks: tuple[tuple[str, str | None, str], ...] = ()
    association_names: dict[str, str] | None = None
    building_ids: frozenset[str] = frozenset()
    association_districts: dict[str, int] | None = None
    today: date | None = None


@dataclass(frozen=True, slots=True)
class ReadResult:
    """One file (or files that belong together) as a canonical frame: columns by kind, geometry lon/lat WGS 84."""

    kind: str
    frame: pd.DataFrame | gpd.GeoDataFrame
    report: LoadReport
    checksum: str
    default_title: str
    as_of: date | None = None
