"""Address Base Registry (デジタル庁): attribute tables and their `_pos` tables, given together, joined by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geodata.readers.fields import Field, has_columns
from geodata.readers.reading import SOURCE, Reading
from geodata.readers.sources import Table
from geodata.readers.values import text
from kyodo_geo.errors import FileFormatError

TOWN_IDS = ("lg_code", "machiaza_id")
HOUSE_IDS = (*TOWN_IDS, "blk_id", "rsdt_id", "rsdt2_id")
BLOCK_IDS = (*TOWN_IDS, "blk_id")
PARCEL_IDS = (*TOWN_IDS, "prc_id")
POSITION = ("rep_lon", "rep_lat", "rep_srid")
NAMES = (
    Field("oaza_cho", "大字・町名", text),
    Field("chome", "丁目名", text),
    Field("koaza", "小字名", text),
)


def is_position(table: Table) -> bool:
    """Whether the table is a `_pos` table."""
    return has_columns(table, "lg_code", "machiaza_id", *POSITION[:2])


def is_town(table: Table) -> bool:
    return (
        has_columns(table, *TOWN_IDS, "oaza_cho")
        and not has_columns(table, "blk_id")
        and not has_columns(table, "prc_id")
    )


def joined(reading: Reading, ids: Sequence[str], columns: Sequence[Field], what: str) -> Any:
    """Rows of the attribute tables with `lon`, `lat` and `srid` (None without a point), index and `_source` kept.

    Rows of other municipalities go. A position without attributes has no name and is counted as unmatched. Raises
    `FileFormatError` when only one side is given and it cannot stand alone, or the two belong apart.
    """
    import pandas as pd

    attributes = [table for table in reading.tables if not is_position(table)]
    positions = [table for table in reading.tables if is_position(table)]
    if not attributes:
        raise FileFormatError(
            f"{positions[0].source} には位置だけがあり、名前がありません。{what}の表と一緒に指定してください。",
            file=positions[0].source,
        )
    key = [Field(name, name, text) for name in ids]
    for table in (*attributes, *positions):
        reading.only_municipality(table, "lg_code")
    rows = pd.concat([reading.typed(t, (*key, *columns)).assign(**{SOURCE: t.source}) for t in attributes])
    rows[list(ids)] = rows[list(ids)].fillna("")
    rows = rows.reset_index(names="_row")
    if not positions:
        return rows.set_index("_row").assign(lon=None, lat=None, srid=None)
    points = pd.concat(
        [reading.typed(t, (*key, *(Field(name, name, text) for name in POSITION))) for t in positions]
    )
    points[list(ids)] = points[list(ids)].fillna("")
    points = points[~points.duplicated(list(ids))]
    merged = rows.merge(points, on=list(ids), how="left", indicator=True).set_index("_row")
    reading.report.rows_read -= len(points)
    matched = int((merged["_merge"] == "both").sum())
    if not matched:
        names = "、".join(table.source for table in reading.tables)
        raise FileFormatError(
            f"{names} は同じ市区町村・同じ時点の組ではありません（番号が1つも合いません）。"
        )
    if matched < len(points):
        reading.report.add(
            "unmatched",
            column=ids[-1],
            value=f"{len(points) - matched:,} 件の位置に、対応する名前がありません",
        )
    return merged.drop(columns="_merge").rename(
        columns=dict(zip(POSITION, ("lon", "lat", "srid"), strict=True))
    )


def located(reading: Reading, frame: Any, *, required: bool, label: str) -> Any:
    """`frame` with `geom`; every row names its own coordinate system (4612 and 6668 are mixed in one file)."""
    import pandas as pd

    from geodata.readers.values import number
    from kyodo_geo.errors import InputError

    def degrees(cell: str | None) -> float | None:
        try:
            return number(cell) if isinstance(cell, str) and cell else None
        except InputError:
            return None

    frame = frame.assign(
        lon=[degrees(cell) for cell in frame["lon"]], lat=[degrees(cell) for cell in frame["lat"]]
    )
    frame["srid"] = [srid if isinstance(srid, str) and srid else None for srid in frame["srid"]]
    parts = []
    for (source, srid), part in frame.groupby([SOURCE, "srid"], dropna=False, sort=False):
        table = Table(source, part, crs=srid if isinstance(srid, str) else None)
        parts.append(reading.with_points(table, part.drop(columns="srid"), required=required, label=label))
    return pd.concat(parts).sort_index(kind="stable") if parts else frame


def town_and_koaza(oaza: str | None, chome: str | None, koaza: str | None) -> tuple[str | None, str | None]:
    """(town with 丁目, 小字); where a municipality has no 大字, its 小字 is the town (屋久島町安房)."""
    if not oaza:
        return (koaza or None), None
    return f"{oaza}{chome or ''}", koaza or None
