"""Areas of the community promotion districts, when the city gives them as a layer."""

from __future__ import annotations

from typing import Any

import shapely

from geodata.readers.fields import Field
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import name, positive, text, words
from kyodo_geo.areas import as_multipolygon, find_gaps, find_overlaps
from kyodo_geo.crs import area_m2
from kyodo_geo.errors import FileFormatError

COLUMNS = ("district_no", "name", "kana", "aliases", "geom")
FIELDS = (
    Field("district_no", "地区番号", positive, ("地区No", "地区コード", "番号", "no")),
    Field("name", "地区名", name, ("名称", "地区", "コミュニティ推進地区", "コミュニティ推進地区名")),
    Field("kana", "よみ", text, ("カナ", "ふりがな", "フリガナ", "地区名カナ")),
    Field("aliases", "別名", words, ("別表記",)),
)


def read(reading: Reading) -> Any:
    """One row per district, several rows of one number united. A number may be found by the district's name.

    Raises `FileFormatError` when a number or a name is missing, or one number has two names.
    """
    numbers = _numbers_by_name(reading)
    facts = reading.context.district_facts or {}

    def one(table: Table) -> Any:
        frame = reading.typed(table, FIELDS)
        frame["district_no"] = [
            number if number is not None else numbers.get(label)
            for number, label in zip(frame["district_no"], frame["name"], strict=True)
        ]
        return reading.with_areas(table, frame, "name")

    frame = reading.collect(one)
    frame = reading.reject(
        frame, frame["district_no"].isna().to_numpy(), "district_no", "地区番号が分かりません。"
    )
    rows = []
    for number in sorted(set(frame["district_no"])):
        part = frame[frame["district_no"] == number]
        known = facts.get(number, {})
        names = list(part["name"].dropna().unique()) or [known.get("name")]
        if len(names) > 1 or not names[0]:
            first = part.iloc[0]
            what = "違う名前が付いています" if len(names) > 1 else "名前がありません"
            raise FileFormatError(
                f"地区番号 {number} に{what}。", file=first[SOURCE], row=int(part.index[0]), column="name"
            )
        aliases = [alias for cell in part["aliases"].dropna() for alias in cell] or known.get("aliases") or []
        rows.append(
            {
                "district_no": int(number),
                "name": names[0],
                "kana": next(iter(part["kana"].dropna()), known.get("kana")),
                "aliases": list(dict.fromkeys(aliases)),
                "geom": as_multipolygon(shapely.union_all(part["geom"].to_numpy())),
            }
        )
    import pandas as pd

    out = canonical(pd.DataFrame(rows, columns=list(COLUMNS)), COLUMNS)
    _check(reading, out)
    return out


def _numbers_by_name(reading: Reading) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, fact in (reading.context.district_facts or {}).items():
        for label in (fact["name"], *(fact.get("aliases") or ())):
            found[label] = number
    return found | {label: number for number, label in (reading.context.districts or {}).items()}


def _check(reading: Reading, frame: Any) -> None:
    report, keys = reading.report, frame["district_no"].tolist()
    for overlap in find_overlaps(frame["geom"].to_numpy(), keys, reading.municipality):
        report.add(
            "overlaps",
            first=overlap.first,
            second=overlap.second,
            area_m2=round(overlap.area_m2, 1),
            ground=overlap.ground,
        )
    for gap in find_gaps(frame["geom"].to_numpy(), reading.municipality):
        report.add(
            "gaps",
            lon=round(gap.lon, 6),
            lat=round(gap.lat, 6),
            area_m2=round(gap.area_m2, 1),
            ground=gap.ground,
        )
    for number in sorted(set(reading.context.districts or {}) - set(keys)):
        report.add("unmatched", column="district_no", value=int(number), note="ファイルにない地区")
    whole = shapely.union_all(frame["geom"].to_numpy())
    report.totals |= {"districts": float(len(frame)), "area_km2": area_m2(whole, reading.municipality) / 1e6}
