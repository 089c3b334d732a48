"""What the right answers are, asked of the database itself."""

from __future__ import annotations

from itertools import cycle, islice

import psycopg

from bench.server import ground
from bench.server.data import PEER_SCHEMA, City
from geodata.cluster import Cluster
from geodata.database import Database
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from geodata.sample.load import MUNICIPALITY


def areas_at(cluster: Cluster, city: City, count: int) -> list[str]:
    """Code of the area at each of `ground.points(count)`."""
    places = ground.points(count)
    with psycopg.connect(cluster.url("postgres")) as conn:
        rows = conn.execute(
            f"""
            SELECT p.no, a.code FROM unnest(%s::float[], %s::float[]) WITH ORDINALITY AS p (lon, lat, no)
            JOIN {PEER_SCHEMA}.{city.table} a ON ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
            """,
            ([lon for lon, _ in places], [lat for _, lat in places]),
        ).fetchall()
    found: dict[int, str] = dict(rows)
    return [found[number + 1] for number in range(count)]


def addresses(cluster: Cluster, count: int) -> list[str]:
    """Addresses in the towns of the sample city."""
    database = Database(cluster.url(), min_size=1, max_size=1)
    try:
        with database.read() as conn:
            towns = lookup_snapshot(conn, resolve(conn, MUNICIPALITY)).towns
    finally:
        database.close()
    names = cycle(f"盛岡市{town.name}{town.koaza or ''}" for town in towns[:: max(1, len(towns) // 500)])
    return [f"{name}{i % 30 + 1}番{i % 20 + 1}号" for i, name in enumerate(islice(names, count))]
