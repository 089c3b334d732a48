"""A made-up municipality of any size, generated inside the database: for plans of queries and for figures of speed.

Every area is the same wavy square of 24 corners moved by whole cells, so that neighbours share their borders and the
300,000 of them take seconds. Nothing of it is anybody's area, name or address.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import psycopg

from kyodo_geo.crs import WGS84

CODE = "03201"
WEST, SOUTH = 140.75, 39.25
WIDTH, HEIGHT = 0.0026, 0.0020
"""Of one area, degrees: about 220 m each way, so that 300,000 fill a tile of zoom 8."""

Conn = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class LargeCity:
    """What was made: `side` × `side` areas from the south-western corner, and the datasets by kind."""

    areas: int
    side: int
    datasets: dict[str, int]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees."""
        return WEST, SOUTH, WEST + self.side * WIDTH, SOUTH + self.side * HEIGHT

    @property
    def middle(self) -> tuple[float, float]:
        west, south, east, north = self.bounds
        return (west + east) / 2, (south + north) / 2


def _cell(scale: float = 1.0) -> str:
    """WKT of the wavy square, 24 corners, periodic: its right side is its left side one cell further."""
    wave = [0.0, 0.06, 0.09, 0.0, -0.09, -0.06]
    along = [k / 6 for k in range(6)]
    ring = [(t, w) for t, w in zip(along, wave, strict=True)]
    ring += [(1 + w, t) for t, w in zip(along, wave, strict=True)]
    ring += [(1 - t, 1 + wave[-k % 6]) for k, t in enumerate(along)]
    ring += [(wave[-k % 6], 1 - t) for k, t in enumerate(along)]
    ring.append(ring[0])
    corners = ", ".join(f"{WEST + x * WIDTH * scale:.8f} {SOUTH + y * HEIGHT * scale:.8f}" for x, y in ring)
    return f"SRID={WGS84};MULTIPOLYGON((({corners})))"


def generate(conn: Conn, areas: int, *, addresses: int = 0, former_generations: int = 0) -> LargeCity:
    """Fill an empty, migrated database (connection of a superuser); the caller commits and analyses.

    `areas` associations, 30 districts, one town per 100 associations, `addresses` blocks, facilities, small areas.
    `former_generations` name the same datasets.
    """
    side = math.isqrt(areas - 1) + 1
    conn.execute("SET search_path = kyodo, public")
    # What constraints and triggers would find out is what this program says: generated rows are right.
    conn.execute("SET session_replication_role = replica")
    conn.execute("INSERT INTO municipality VALUES (%s, '試験市', '試験県', 6678)", (CODE,))
    datasets = {kind: _dataset(conn, kind) for kind in KINDS}
    values = {
        "m": CODE, "n": areas, "side": side, "cell": _cell(), "big": _cell(side / 6), "dx": WIDTH, "dy": HEIGHT,
        "w": WEST, "s": SOUTH, "srid": WGS84, "addresses": addresses, **{k.replace("-", "_"): v for k, v in datasets.items()},
    }  # fmt: skip
    for statement in STATEMENTS:
        conn.execute(statement, values)
    conn.execute("SET session_replication_role = origin")
    last = former_generations + 1
    conn.execute(
        "INSERT INTO generation (municipality_code, generation_no, activated_at, activated_by) "
        "SELECT %s, n, now() - (%s - n) * interval '1 day', 'bench' FROM generate_series(1, %s) n",
        (CODE, last, last),
    )
    for kind, number in datasets.items():
        conn.execute(
            "INSERT INTO generation_dataset SELECT %s, n, %s, %s FROM generate_series(1, %s) n",
            (CODE, kind, number, last),
        )
    return LargeCity(areas, side, datasets)


def _dataset(conn: Conn, kind: str) -> int:
    row = conn.execute(
        "INSERT INTO dataset (municipality_code, kind, title, source, quality, loaded_by, row_count, report) "
        "VALUES (%s, %s, '試験', '試験', 'sample', 'bench', 0, '{}') RETURNING dataset_id",
        (CODE, kind),
    ).fetchone()
    assert row is not None
    number: int = row["dataset_id"] if isinstance(row, dict) else row[0]
    return number


KINDS = (
    "outline", "small-areas", "districts", "associations", "association-districts", "facilities", "towns", "blocks",
)  # fmt: skip
STATEMENTS = (
    "INSERT INTO district SELECT %(m)s, n FROM generate_series(1, 30) n",
    ("INSERT INTO outline (municipality_code, dataset_id, part_no, name, geom) SELECT %(m)s, %(outline)s, 1, '試験市', "
    "ST_Multi(ST_MakeEnvelope(%(w)s, %(s)s, %(w)s + %(side)s * %(dx)s, %(s)s + %(side)s * %(dy)s, %(srid)s))"),
    # Five columns of six: each district is one cell of its own, as wavy as the small ones.
    ("INSERT INTO district_area (municipality_code, dataset_id, district_no, name, geom) "
    "SELECT %(m)s, %(districts)s, n, '第' || n || '地区', ST_Translate(ST_GeomFromEWKT(%(big)s), "
    "(n - 1) %% 6 * %(side)s / 6.0 * %(dx)s, (n - 1) / 6 * %(side)s / 6.0 * %(dy)s) FROM generate_series(1, 30) n"),
    "INSERT INTO association SELECT %(m)s, 'A' || n FROM generate_series(1, %(n)s) n",
    ("INSERT INTO association_area (municipality_code, dataset_id, association_id, name, kind, geom) "
    "SELECT %(m)s, %(associations)s, 'A' || n, '町内会' || n, 'association', "
    "ST_Translate(cell, (n - 1) %% %(side)s * %(dx)s, (n - 1) / %(side)s * %(dy)s) "
    "FROM generate_series(1, %(n)s) n, ST_GeomFromEWKT(%(cell)s) cell"),
    ("INSERT INTO association_district SELECT %(m)s, %(association_districts)s, 'A' || n, n %% 30 + 1 "
    "FROM generate_series(1, %(n)s) n"),
    ("INSERT INTO small_area (municipality_code, dataset_id, key_code, name, people, households, area_m2, geom) "
    "SELECT %(m)s, %(small_areas)s, lpad(n::text, 11, '0'), '試験町', 100, 40, 50000, "
    "ST_Translate(cell, (n - 1) %% %(side)s * %(dx)s, (n - 1) / %(side)s * %(dy)s) "
    "FROM generate_series(1, %(n)s / 10) n, ST_GeomFromEWKT(%(cell)s) cell"),
    "INSERT INTO facility SELECT %(m)s, 'F' || n FROM generate_series(1, 1 + %(n)s / 100) n",
    ("INSERT INTO facility_site (municipality_code, dataset_id, facility_id, name, kind, activity, geom) "
    "SELECT %(m)s, %(facilities)s, 'F' || n, '施設' || n, '学校', true, ST_SetSRID(ST_MakePoint("
    "%(w)s + (n::bigint * 7919 %% %(side)s) * %(dx)s, %(s)s + (n::bigint * 104729 %% %(side)s) * %(dy)s), %(srid)s) "
    "FROM generate_series(1, 1 + %(n)s / 100) n"),
    ("INSERT INTO town (municipality_code, dataset_id, town_id, name, oaza, level, geom) "
    "SELECT %(m)s, %(towns)s, 'T' || n, '試験' || n || '町', '試験' || n || '町', 'oaza', ST_SetSRID(ST_MakePoint("
    "%(w)s + (n::bigint * 7919 %% %(side)s) * %(dx)s, %(s)s + (n::bigint * 104729 %% %(side)s) * %(dy)s), %(srid)s) "
    "FROM generate_series(1, 1 + %(n)s / 100) n"),
    ("INSERT INTO block (municipality_code, dataset_id, block_no, town, block, geom) "
    "SELECT %(m)s, %(blocks)s, n, '試験' || n %% (1 + %(n)s / 100) || '町', (n %% 97)::text, ST_SetSRID(ST_MakePoint("
    "%(w)s + (n::bigint * 7919 %% %(side)s) * %(dx)s, %(s)s + (n::bigint * 104729 %% %(side)s) * %(dy)s), %(srid)s) "
    "FROM generate_series(1, %(addresses)s) n"),
)  # fmt: skip
