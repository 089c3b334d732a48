"""A GeoPackage is a database that may hold programs (views, virtual tables): looked through by SQLite before GDAL opens it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from geodata.sqlite_files import opened_safely
from kyodo_geo.errors import FileFormatError

MAX_STEPS = 20_000_000
"""Of SQLite's machine for reading the schema, which takes a few thousand."""
MAX_OBJECTS = 10_000
STANDARD = frozenset({"st_spatial_ref_sys", "spatial_ref_sys", "st_geometry_columns", "geometry_columns"})
"""Views of the standard itself: other names of its own tables."""


def check_package(path: Path, shown: str) -> None:
    """Raise `FileFormatError` for what is damaged, or holds what is worked out while it is read: without bounds of time and
    memory, by functions that may reach other files."""
    try:
        with closing(opened_safely(path, steps=MAX_STEPS)) as conn:
            found = conn.execute(
                "SELECT type, lower(name), lower(coalesce(sql, '')) FROM sqlite_master LIMIT ?",
                (MAX_OBJECTS + 1,),
            ).fetchall()
    except sqlite3.Error as error:
        raise FileFormatError(
            f"{shown} を読めません。壊れているか、途中で切れています。", file=shown
        ) from error
    virtual = [
        sql for kind, _, sql in found if kind == "table" and "virtual" in sql.split("(")[0].split()[:3]
    ]
    foreign = any("rtree" not in sql.partition("using")[2].split("(")[0] for sql in virtual)
    views = [name for kind, name, sql in found if kind == "view" and (name not in STANDARD or "(" in sql)]
    if views:
        raise FileFormatError(
            f"{shown} にビュー（{views[0][:40]}）が入っています。"
            "表（レイヤー）だけを新しいGeoPackageに書き出してから読み込んでください。",
            file=shown,
        )
    if foreign or len(found) > MAX_OBJECTS:
        raise FileFormatError(
            f"{shown} には、ほかのファイルやプログラムを使う表が入っています。"
            "レイヤーだけを新しいGeoPackageに書き出してください。",
            file=shown,
        )
