"""A collection with a property of each type, and rows to filter: what the tests of the filter language stand on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import psycopg
import shapely

from kyodo_geo.collections import Collection, Kind, Property
from kyodo_geo.crs import WGS84

PLANE = 6678

THINGS = Collection(
    "things",
    "試験用",
    "型ごとに1つ以上のプロパティがある。",
    (),
    "Geometry",
    "id",
    (
        Property("id", "番号", Kind.INTEGER),
        Property("whole", "整数", Kind.INTEGER),
        Property("ratio", "実数", Kind.NUMBER),
        Property("name", "名前", Kind.STRING),
        Property("kana", "読み", Kind.STRING),
        Property("open", "開いている", Kind.BOOLEAN),
        Property("since", "最初の日", Kind.DATE),
        Property("until", "終わりの次の日", Kind.DATE),
        Property("built", "建てた日", Kind.DATE),
        Property("seen", "見た時", Kind.TIMESTAMP),
        Property("tags", "札", Kind.LIST),
        Property("hidden", "検索できない", Kind.STRING, queryable=False),
    ),
    interval=("since", "until"),
)

WEST, SOUTH, STEP = 141.0, 39.0, 1 / 64  # exact in binary: relations of places do not hang on rounding


def at(x: float, y: float) -> tuple[float, float]:
    """Lon/lat of a knot of a small grid."""
    return (WEST + STEP * x, SOUTH + STEP * y)


def square(x: float, y: float, side: float = 2) -> shapely.Polygon:
    return shapely.Polygon([at(x, y), at(x + side, y), at(x + side, y + side), at(x, y + side)])


NAMES = [
    "青山",
    "みたけ",
    "がけ",
    "かけ",
    "É",
    "e\u0301t",
    "ET",
    "straße",
    "STRASSE",
    "50%",
    "a_b",
    "axb",
    "",
    "it's",
]
SHAPES = [
    shapely.Point(at(1, 1)),
    shapely.Point(at(4, 2)),
    shapely.LineString([at(0, 0), at(4, 4)]),
    shapely.LineString([at(0, 2), at(6, 2)]),
    square(0, 0),
    square(1, 1),
    square(2, 0),
    square(0, 0, 6),
    shapely.MultiPolygon([square(0, 4), square(4, 0)]),
    shapely.MultiPoint([at(0, 0), at(3, 3)]),
    None,
]


def rows() -> list[dict[str, Any]]:
    """Sixty rows; every property is empty in some of them."""
    found = []
    for n in range(60):
        found.append(
            {
                "id": n,
                "whole": None if n % 11 == 0 else n % 7 - 3,
                "ratio": None if n % 13 == 0 else (n % 9 - 4) / 4,
                "name": None if n % 17 == 0 else NAMES[n % len(NAMES)],
                "kana": None if n % 5 == 0 else NAMES[(n * 3 + n // 14) % len(NAMES)],
                "open": (None, True, False)[n % 3],
                "since": None if n % 4 == 0 else date(2020 + n % 4, 1 + n % 12, 1),
                "until": None if n % 3 == 0 else date(2022 + n % 4, 1 + n % 12, 1),
                "built": None if n % 7 == 0 else date(2020 + n % 5, 4, 1),
                "seen": None if n % 6 == 0 else datetime(2021 + n % 3, 1, 1, n % 24, tzinfo=UTC),
                "tags": None if n % 8 == 0 else [t for i, t in enumerate("abc") if n >> i & 1],
                "hidden": "秘",
                "geom": SHAPES[n % len(SHAPES)],
            }
        )
    return found


def make_table(conn: psycopg.Connection[Any]) -> None:
    """The rows as the temporary table `things`, as a source of a collection gives them."""
    conn.execute(
        'CREATE TEMP TABLE things (id int, whole int, ratio float8, name text COLLATE "ja-x-icu", kana text,'
        " open boolean, since date, until date, built date, seen timestamptz, tags text[], hidden text, geom geometry)"
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO things VALUES (%(id)s, %(whole)s, %(ratio)s, %(name)s, %(kana)s, %(open)s, %(since)s, %(until)s,"
            " %(built)s, %(seen)s, %(tags)s, %(hidden)s, ST_GeomFromWKB(%(wkb)s, %(srid)s))",
            [row | {"wkb": row["geom"] and row["geom"].wkb, "srid": WGS84} for row in rows()],
        )
