"""Neighbourhood associations: a layer of their areas, or a list of names without areas."""

from __future__ import annotations

from typing import Any

import shapely

from geodata.readers import persons
from geodata.readers.fields import Field, find_columns, objects
from geodata.readers.geometry import report_outside
from geodata.readers.reading import SOURCE, Reading, canonical, stable_id
from geodata.readers.sources import Table
from geodata.readers.values import choice, identifier, name, text
from kyodo_geo.areas import as_multipolygon, find_overlaps
from kyodo_geo.crs import to_plane

COLUMNS = ("association_id", "name", "kana", "kind", "area_text", "geom")
KINDS = {
    "association": "association", "building": "building", "町内会": "association", "自治会": "association",
    "町内会・自治会": "association", "マンション": "building", "集合住宅": "building", "建物": "building",
}  # fmt: skip
ASSOCIATION_ID = Field(
    "association_id",
    "町内会番号",
    identifier,
    ("町内会ID", "自治会番号", "自治会ID", "町内会コード", "自治会コード"),
)
FIELDS = (
    ASSOCIATION_ID,
    Field(
        "name", "町内会名", name,
        ("自治会名", "町内会・自治会名", "町会名", "区名", "町内会", "自治会", "団体名", "名称"), required=True,
    ),
    Field("kana", "よみ", text, ("カナ", "ふりがな", "フリガナ", "町内会名カナ", "自治会名カナ", "名称カナ")),
    Field("kind", "種別", choice(KINDS), ("区分",)),
    Field("area_text", "区域", text, ("区域の説明", "区域（文）", "範囲")),
)  # fmt: skip


def read(reading: Reading) -> Any:
    """One row per association; several rows of one id are united. Without an id column ids follow from the names."""
    report = reading.report

    def one(table: Table) -> Any:
        frame = reading.typed(table, FIELDS)
        _leave_out_persons(reading, table, frame)
        if table.geometry is None:
            frame["geom"] = None
        else:
            frame = reading.with_areas(table, frame, "name")
            report_outside(frame, table.source, "name", reading.place, report)
        return frame

    frame = reading.collect(one)
    if frame["association_id"].isna().any():
        report.note(
            "番号の列がない（または空の）町内会・自治会には、名前から番号を作りました。名前が変わると番号も変わります。"
            "番号の列があれば --map association_id=列名 で指定してください。"
        )
    frame["association_id"] = [
        given if given is not None else stable_id("n", label)
        for given, label in zip(frame["association_id"], frame["name"], strict=True)
    ]
    frame["kind"] = [kind or "association" for kind in frame["kind"]]
    frame = _united(reading, frame)
    _figures(reading, frame)
    return canonical(frame, COLUMNS)


def _leave_out_persons(reading: Reading, table: Table, frame: Any) -> None:
    """Areas in words are shown to everybody: one that names a person is left empty, and its line is told."""
    column = find_columns(table, FIELDS, reading.mapping).get("area_text")
    if column is None:
        return
    # The cell itself: parsing has joined its lines.
    cells = table.frame[column].loc[frame.index]
    persons_at = [persons.found_in(str(cell)) is not None for cell in cells]
    if not any(persons_at):
        return
    rows = [int(row) for row, person in zip(frame.index, persons_at, strict=True) if person]
    frame["area_text"] = objects(
        frame, (None if bad else words for bad, words in zip(persons_at, frame["area_text"], strict=True))
    )
    lines = "、".join(f"{row} 行目" for row in rows[:20]) + (" など" if len(rows) > 20 else "")
    reading.report.leave_out(table.source, "区域の文のうち、個人に関する記載のあるもの", len(rows))
    reading.report.note(
        f"{table.source}: 区域の文に個人に関する記載があるため、文を保存していません（{lines}）。"
    )


def _united(reading: Reading, frame: Any) -> Any:
    """First row of each id with the areas of all its rows; the same id under another name is rejected."""
    first_names = frame.groupby("association_id", sort=False)["name"].transform("first")
    frame = reading.reject(
        frame,
        (frame["name"] != first_names).to_numpy(),
        "association_id",
        "同じ番号に、違う名前が付いています。",
    )
    repeated = frame[frame.duplicated("association_id")]
    for row, source, key, label in zip(
        repeated.index, repeated[SOURCE], repeated["association_id"], repeated["name"], strict=True
    ):
        reading.report.add("duplicates", file=source, row=int(row), association_id=key, name=label)
    if len(repeated):
        reading.report.note(f"同じ町内会・自治会の {len(repeated):,} 行は、区域を合わせて1件にしました。")
    shapes = {}
    for key, part in frame.groupby("association_id", sort=False)["geom"]:
        present = [shape for shape in part if shape is not None]
        shapes[key] = as_multipolygon(shapely.union_all(present)) if present else None
    frame = frame[~frame.duplicated("association_id")].copy()
    frame["geom"] = [shapes[key] for key in frame["association_id"]]
    return frame


def _figures(reading: Reading, frame: Any) -> None:
    """Associations may overlap (two for one place) and leave gaps (none); both are told, neither is changed."""
    with_area = frame[[shape is not None for shape in frame["geom"]]]
    shapes = with_area["geom"].to_numpy()
    labels = with_area["name"].tolist()
    for overlap in find_overlaps(shapes, labels, reading.municipality) if len(shapes) else ():
        reading.report.add(
            "overlaps",
            first=overlap.first,
            second=overlap.second,
            area_m2=round(overlap.area_m2, 1),
            ground=overlap.ground,
        )
    area = float(shapely.area(to_plane(shapes, reading.municipality)).sum()) if len(shapes) else 0.0
    reading.report.totals |= {
        "with_area": float(len(with_area)),
        "without_area": float(len(frame) - len(with_area)),
        "area_km2": area / 1e6,
    }
