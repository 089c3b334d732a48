"""Grid squares with people (e-Stat 地域メッシュ統計): two rows of headings, CP932, * where the figures are secret."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from geodata.readers import estat_tables
from geodata.readers.fields import Field, objects
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import integer, narrow
from kyodo_geo.dates import parse_fiscal_year
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.mesh import LEVELS, corners

COLUMNS = ("mesh_code", "year", "people", "aged65", "merged_into", "geom")


def mesh_code(cell: str) -> str:
    """A code of 8 to 11 digits by JIS X 0410."""
    code = narrow(cell)
    corners(code)
    return code


def _merged(cell: str) -> str | None:
    return None if narrow(cell) in estat_tables.NONE else mesh_code(cell)


def _year(cell: str) -> int:
    year = parse_fiscal_year(cell)
    if not 1920 <= year <= 2200:
        raise InputError(f"「{cell[:40]}」は年として読めません。")
    return year


def _people(cell: str) -> int | None:
    """People; None where they are secret (*), 0 where e-Stat writes a dash."""
    plain = narrow(cell)
    if plain in estat_tables.NONE:
        return 0
    if plain in estat_tables.SECRET:
        return None
    value = integer(cell)
    if value is not None and value < 0:
        raise InputError(f"「{cell[:40]}」は負の数です。0以上にしてください。")
    return value


FIELDS = (
    Field("mesh_code", "メッシュコード", mesh_code, ("KEY_CODE", "MESH_CODE", "MESH_ID", "地域メッシュコード"), required=True),
    Field("year", "調査年", _year, ("年", "年次", "西暦")),
    Field("people", "人口", _people, ("人口（総数）", "人口総数", "総人口", "人口総数男女計")),
    Field("aged65", "65歳以上人口", _people, ("65歳以上人口総数", "65歳以上人口（総数）", "65歳以上人口男女計")),
    Field("merged_into", "合算先", _merged, ("HTKSAKI", "秘匿先情報")),
    Field("secret", "秘匿処理", narrow, ("HTKSYORI",)),
)  # fmt: skip


def read(reading: Reading) -> Any:
    """One row per square and year whose middle lies in the municipality; raises for squares of several sizes."""
    stated = estat_tables.stated_year(reading)
    frame = reading.collect(lambda table: _rows(reading, table, stated))
    sizes = {len(code) for code in frame["mesh_code"]}
    if len(sizes) > 1:
        names = "、".join(LEVELS[size] for size in sorted(sizes))
        raise FileFormatError(
            f"メッシュの大きさが混ざっています（{names}）。1つの大きさのファイルにしてください。"
        )
    frame = reading.drop_duplicates(frame, ("mesh_code", "year"))
    frame = _settled(reading, frame)
    report = reading.report
    for year, part in frame.groupby("year"):
        report.totals[f"{year}年の人口"] = float(sum(value or 0 for value in part["people"]))
        report.totals[f"{year}年の65歳以上（人）"] = float(sum(value or 0 for value in part["aged65"]))
    report.totals["secret_cells"] = float(sum(code is not None for code in frame["merged_into"]))
    for name in ("people", "aged65"):
        frame[name] = frame[name].astype("Int64")
    return canonical(frame, COLUMNS)


def _rows(reading: Reading, table: Table, stated: int | None) -> Any:
    estat_tables.take_labels(table)
    if not len(table.frame):
        raise FileFormatError(f"{table.source} にデータの行がありません。", file=table.source)
    frame = reading.typed(table, FIELDS)
    years = [year or stated for year in frame["year"]]
    if any(year is None for year in years):
        raise estat_tables.need_year(table.source)
    boxes = np.array([corners(code) for code in frame["mesh_code"]], dtype=float).reshape(len(frame), 4)
    shapes = shapely.box(*boxes.T) if len(frame) else np.empty(0, dtype=object)
    frame = frame.assign(year=years, geom=objects(frame, shapes))
    return _own(reading, table, frame)


def _own(reading: Reading, table: Table, frame: Any) -> Any:
    """Squares whose middle lies in the outline (without one: near the municipality); the others are passed over."""
    outline = reading.context.outline
    middles = shapely.centroid(frame["geom"].to_numpy())
    if outline is not None:
        shapely.prepare(outline)
        mine = shapely.covers(outline, middles) if len(frame) else np.zeros(0, dtype=bool)
    else:
        mine = reading.place.holds_each(middles) if len(frame) else np.zeros(0, dtype=bool)
    if len(frame) and not mine.any():
        raise FileFormatError(
            f"{table.source} に市区町村（{reading.municipality}）のメッシュがありません。", file=table.source
        )
    if not mine.all():
        reading.report.note(
            f"{table.source}: 中心が市域の外にあるメッシュ {int((~mine).sum()):,} 件は読み飛ばしました。"
        )
    return frame[mine]


def _settled(reading: Reading, frame: Any) -> Any:
    """Figures that contradict go; a square is merged into another only where its own figures are secret."""
    over = np.array(
        [
            aged is not None and people is not None and aged > people
            for aged, people in zip(frame["aged65"], frame["people"], strict=True)
        ],
        dtype=bool,
    )
    frame = reading.reject(frame, over, "aged65", "65歳以上の人口が総数より多くなっています。")
    merged = [
        target if secret == estat_tables.MERGED_AWAY or (people is None and target != code) else None
        for target, secret, people, code in zip(
            frame["merged_into"], frame["secret"], frame["people"], frame["mesh_code"], strict=True
        )
    ]
    itself = [target == code for target, code in zip(merged, frame["mesh_code"], strict=True)]
    frame = frame.assign(merged_into=objects(frame, merged))
    frame = reading.reject(frame, np.array(itself, dtype=bool), "merged_into", "合算先が自分自身です。")
    here = set(zip(frame["mesh_code"], frame["year"], strict=True))
    for row, target, year, source in zip(
        frame.index, frame["merged_into"], frame["year"], frame[SOURCE], strict=True
    ):
        if target is not None and (target, year) not in here:
            reading.report.add("unmatched", file=source, row=int(row), column="merged_into", value=target)
    lost = [
        people is None and target is None
        for people, target in zip(frame["people"], frame["merged_into"], strict=True)
    ]
    if any(lost):
        reading.report.note(
            f"人口が公表されず、合算先もないメッシュが {sum(lost):,} 件あります（人口は不明とします）。"
        )
    return frame
