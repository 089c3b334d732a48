"""Which small area belongs to which district, and the districts that follow from it."""

from __future__ import annotations

from typing import Any

from geodata.readers.fields import Field
from geodata.readers.key_codes import KEY_CODE
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.result import LoadReport, ReadContext, ReadResult
from geodata.readers.values import choice, positive
from kyodo_geo.areas import check_coverage, dissolve
from kyodo_geo.errors import FileFormatError, InputError

COLUMNS = ("key_code", "district_no", "confidence")
DISTRICT_COLUMNS = ("district_no", "name", "kana", "aliases", "geom")
CONFIDENCES = {"official": "公式", "sure": "確か", "likely": "おそらく", "guess": "推測"}
DISTRICT_NO = Field("district_no", "地区番号", positive, ("地区No", "地区コード", "番号"), required=True)
FIELDS = (
    KEY_CODE,
    DISTRICT_NO,
    Field(
        "confidence", "確からしさ", choice({code: code for code in CONFIDENCES} | {ja: code for code, ja in CONFIDENCES.items()}),
        ("確度", "信頼度"),
    ),
)  # fmt: skip


def read(reading: Reading) -> Any:
    """One row per KEY_CODE. Raises `FileFormatError` when a code is given to two districts."""
    frame = reading.collect(lambda table: reading.typed(table, FIELDS))
    if frame["confidence"].isna().any():
        reading.report.note("確からしさの書かれていない行は「公式」として扱います。")
        frame["confidence"] = frame["confidence"].where(frame["confidence"].notna(), "official")
    frame = _once(reading, frame)
    context = reading.context
    frame = reading.match(frame, "key_code", context.small_area_keys, "小地域")
    frame = reading.match(frame, "district_no", context.districts, "地区", keep=True)
    missing = sorted((context.small_area_keys or set()) - set(frame["key_code"]))
    for key in missing:
        reading.report.add("unmatched", column="key_code", value=key, note="地区が割り当てられていない小地域")
    shares = frame["confidence"].value_counts()
    for code, label in CONFIDENCES.items():
        if code in shares.index:
            reading.report.totals[f"確からしさ「{label}」の小地域"] = float(shares[code])
    reading.report.totals["districts"] = float(frame["district_no"].nunique())
    return canonical(frame, COLUMNS)


def _once(reading: Reading, frame: Any) -> Any:
    """Identical repetitions count once; a contradiction is not ours to settle."""
    frame = frame[~frame.duplicated(["key_code", "district_no", "confidence"])]
    again = frame[frame.duplicated("key_code")]
    if len(again):
        row = again.iloc[0]
        raise FileFormatError(
            f"{row[SOURCE]} の {again.index[0]} 行目: KEY_CODE {row['key_code']} が2回以上、違う内容で書かれています。",
            file=row[SOURCE],
            row=int(again.index[0]),
            column="key_code",
        )
    return frame


def dissolve_districts(small_areas: Any, assignment: Any, facts: dict[int, dict[str, Any]]) -> Any:
    """Districts frame from small areas (canonical) and their assignment (canonical), ordered by number.

    `facts`: number → {"name", "kana", "aliases"}. A district without facts is called 「地区N」.
    """
    import pandas as pd

    joined = small_areas.merge(assignment[["key_code", "district_no"]], on="key_code", how="inner")
    shapes = dissolve(joined["geom"].to_numpy(), joined["district_no"].tolist())
    rows = []
    for number in sorted(shapes):
        known = facts.get(number, {})
        rows.append(
            {
                "district_no": int(number),
                "name": known.get("name") or f"地区{number}",
                "kana": known.get("kana"),
                "aliases": list(known.get("aliases") or []),
                "geom": shapes[number],
            }
        )
    return canonical(pd.DataFrame(rows, columns=list(DISTRICT_COLUMNS)), DISTRICT_COLUMNS)


def derive_districts(assignment: ReadResult, small_areas: Any, context: ReadContext) -> ReadResult:
    """The districts that an assignment makes of the small areas, with figures and share by confidence.

    Raises `InputError` when no small area is assigned, `FileFormatError` when the result is no valid coverage.
    """
    facts = context.district_facts or {no: {"name": name} for no, name in (context.districts or {}).items()}
    frame = dissolve_districts(small_areas, assignment.frame, facts)
    if frame.empty:
        raise InputError("割り当てのKEY_CODEが、読み込まれている小地域のどれとも合いません。")
    report = LoadReport(rows_read=len(assignment.frame), rows_loaded=len(frame))
    found = check_coverage(frame["geom"].to_numpy())
    if found.invalid_edges:
        raise FileFormatError(
            "小地域の境界が合っていないため、地区にまとめられません。小地域を読み込み直してください。"
        )
    if found.holes:
        report.note(f"地区の間に {found.holes:,} か所のすき間があります。")
    for number in frame["district_no"]:
        if number not in facts:
            report.add("unmatched", column="district_no", value=int(number), note="名前の登録がない地区")
    _figures(report, assignment.frame, small_areas)
    return ReadResult(
        kind="districts",
        frame=frame,
        report=report,
        checksum=assignment.checksum,
        default_title="コミュニティ推進地区（小地域から作成）",
        as_of=assignment.as_of,
    )


def _figures(report: LoadReport, assignment: Any, small_areas: Any) -> None:
    joined = small_areas.merge(assignment, on="key_code", how="left")
    assigned = joined[joined["district_no"].notna()]
    for key in joined["key_code"][joined["district_no"].isna()]:
        report.add("unmatched", column="key_code", value=key, note="地区が割り当てられていない小地域")
    people = float(assigned["people"].sum())
    report.totals |= {
        "districts": float(assigned["district_no"].nunique()),
        "people": people,
        "households": float(assigned["households"].sum()),
        "area_km2": float(assigned["area_m2"].sum()) / 1e6,
    }
    parts = {code: float(part["people"].sum()) for code, part in assigned.groupby("confidence")}
    for code, label in CONFIDENCES.items():
        if code in parts and people:
            report.totals[f"確からしさ「{label}」の人口の割合（%）"] = round(100 * parts[code] / people, 1)
