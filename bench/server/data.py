"""The data every server answers from: our datasets, and plain tables of equal content for the peers.

Three municipalities in one private PostGIS: the bundled sample city, one with 500 associations, one with 300,000. Both
invented ones have the same outline and the same 30 districts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import psycopg

from bench.server import ground
from geodata.cluster import Cluster
from geodata.database import Database
from geodata.datasets import DatasetMeta, load
from geodata.generations import activate
from geodata.migrate import upgrade
from geodata.municipalities import Municipality, ensure_municipality
from geodata.readers.result import LoadReport, ReadResult
from geodata.sample.load import load_sample
from kyodo_geo.crs import WGS84
from kyodo_geo.quality import Quality

DISTRICTS = ground.Cut(6, 5, 150)
"""About 412 KB of GeoJSON at 6 digits, as the real districts of a city have."""


@dataclass(frozen=True)
class City:
    """A municipality of the bench; `table` is the peers' table of its areas."""

    code: str
    name: str
    cut: ground.Cut
    table: str


SMALL = City("03202", "試験市", ground.Cut(25, 20, 6), "areas_small")
LARGE = City("03203", "大試験市", ground.Cut(600, 500, 6), "areas_large")
CITIES = (SMALL, LARGE)

PEER_SCHEMA = "peers"
_PEER_TABLE = """
    CREATE TABLE {schema}.{table} AS
    SELECT row_number() OVER (ORDER BY {key})::int AS id, {key}::text AS code, name, geom
    FROM kyodo.{source} WHERE municipality_code = '{code}';
    ALTER TABLE {schema}.{table} ADD PRIMARY KEY (id);
    CREATE INDEX ON {schema}.{table} USING gist (geom);
"""


def prepare(cluster: Cluster, cities: tuple[City, ...] = CITIES) -> None:
    """Load what is missing; a second run finds everything there."""
    upgrade(cluster.url("kyodo_owner"))
    database = Database(cluster.url(), min_size=1, max_size=2)
    try:
        if not _there(cluster):
            load_sample(database)
            for city in cities:
                _load_city(database, city)
            _peer_tables(cluster, cities)
    finally:
        database.close()


def _load_city(database: Database, city: City) -> None:
    ensure_municipality(database, Municipality(city.code, city.name, "岩手県"), by="bench")
    shapes = ground.areas(city.cut)
    frames = {
        "outline": gpd.GeoDataFrame({"part_no": [1], "name": [city.name], "geom": [ground.outline()]}),
        "districts": gpd.GeoDataFrame(
            {
                "district_no": range(1, DISTRICTS.count + 1),
                "name": [f"試験地区{i + 1}" for i in range(DISTRICTS.count)],
                "kana": None,
                "aliases": [[] for _ in range(DISTRICTS.count)],
                "geom": ground.areas(DISTRICTS),
            }
        ),
        "associations": gpd.GeoDataFrame(
            {
                "association_id": [f"a{i + 1:06d}" for i in range(city.cut.count)],
                "name": [f"試験第{i + 1}町内会" for i in range(city.cut.count)],
                "kana": None,
                "kind": "association",
                "area_text": None,
                "geom": shapes,
            }
        ),
        "association-districts": _districts_of(city),
    }
    ids = []
    for kind, frame in frames.items():
        if "geom" in frame:
            frame = frame.set_geometry("geom", crs=WGS84)
        report = LoadReport(rows_read=len(frame), rows_loaded=len(frame))
        result = ReadResult(kind, frame, report, f"bench-{city.code}-{kind}", f"試験用（{kind}）")
        meta = DatasetMeta(
            title=result.default_title,
            source="kyodo-geo の試験用の架空のデータ",
            quality=Quality.SAMPLE,
            loaded_by="bench",
            licence="自由に利用できます（架空のデータ）",
        )
        ids.append(load(database, city.code, result, meta).dataset_id)
        # Each at once: the list of districts stands on the areas.
        activate(database, city.code, ids[-1:], by="bench")


def _districts_of(city: City) -> Any:
    """The city's list: areas by the place in the cut, as regular as the districts themselves."""
    import pandas as pd

    cut = city.cut
    rows = [
        (
            f"a{row * cut.columns + column + 1:06d}",
            row * DISTRICTS.rows // cut.rows * DISTRICTS.columns
            + column * DISTRICTS.columns // cut.columns
            + 1,
        )
        for row in range(cut.rows)
        for column in range(cut.columns)
    ]
    return pd.DataFrame(rows, columns=["association_id", "district_no"])


def _peer_tables(cluster: Cluster, cities: tuple[City, ...]) -> None:
    """The same rows as plain tables, with the index a peer needs; statistics for everybody."""
    sources = [(city.table, "association_area", "association_id", city.code) for city in cities]
    sources.append(("districts", "district_area", "district_no", cities[0].code))
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
        conn.execute(f"CREATE SCHEMA {PEER_SCHEMA} AUTHORIZATION kyodo_owner")
        for table, source, key, code in sources:
            conn.execute(
                _PEER_TABLE.format(schema=PEER_SCHEMA, table=table, source=source, key=key, code=code)
            )
            conn.execute(f"ALTER TABLE {PEER_SCHEMA}.{table} OWNER TO kyodo_owner")
        conn.execute("VACUUM (ANALYZE)")
        conn.execute(f"CREATE TABLE {PEER_SCHEMA}_done ()")


def _there(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.url("postgres")) as conn:
        return conn.execute(f"SELECT to_regclass('{PEER_SCHEMA}_done')").fetchone() != (None,)
