"""A town of squares: four districts in a row, two associations each, hostile names, and one secret vacant house.

    lon 141.10   141.11   141.12   141.13   141.14
lat 39.71 +--------+--------+--------+--------+
          |   1    |   2    |   3    |   4    |
lat 39.70 +--------+--------+--------+--------+
"""

from __future__ import annotations

import json
from typing import Any

import psycopg

CODE = "03201"
WEST, SOUTH, STEP = 141.10, 39.70, 0.01
HOSTILE = "<img src=x onerror=alert(1)></script>${window.x=1}`'\""
SECRET_LON, SECRET_LAT = 141.112345, 39.707891
SECRET_ADDRESS = "秘密町一丁目9番9号"
YEARS = {2019: 0.875, 2020: 0.86}

KINDS = {
    "outline": "real",
    "small-areas": "real",
    "district-assignment": "unofficial",
    "districts": "unofficial",
    "associations": "sample",
    "association-rules": "sample",
    "association-districts": "sample",
    "membership": "sample",
    "facilities": "real",
    "towns": "real",
    "vacant-houses": "sample",
}


def square(west: float, south: float, width: float = STEP, height: float = STEP) -> str:
    """WKT of one MultiPolygon. Its ring runs clockwise, as in shapefiles; GeoJSON wants the other way."""
    w, s, e, n = (round(value, 6) for value in (west, south, west + width, south + height))
    ring = f"{w} {s}, {w} {n}, {e} {n}, {e} {s}, {w} {s}"
    return f"SRID=4326;MULTIPOLYGON((({ring})))"


def point(lon: float, lat: float) -> str:
    return f"SRID=4326;POINT({lon} {lat})"


class Builder:
    """Inserts rows for one municipality; `ids` holds the dataset of each kind."""

    def __init__(self, conn: psycopg.Connection[Any], code: str = CODE) -> None:
        self.conn = conn
        self.code = code
        self.ids: dict[str, int] = {}

    def row(self, table: str, **values: Any) -> None:
        columns = ", ".join(["municipality_code", *values])
        marks = ", ".join(["%s"] * (len(values) + 1))
        plain = [json.dumps(v) if isinstance(v, dict) else v for v in values.values()]
        self.conn.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [self.code, *plain])

    def dataset(self, kind: str, quality: str, title: str | None = None) -> int:
        row = self.conn.execute(
            "INSERT INTO kyodo.dataset (municipality_code, kind, title, source, licence, authority, as_of, quality,"
            " loaded_by, row_count, report) VALUES (%s, %s, %s, %s, 'CC BY 4.0', '盛岡市', '2020-10-01', %s, 'test', 0, '{}')"
            " RETURNING dataset_id",
            (self.code, kind, title or f"{kind}の表", f"{kind}の出典", quality),
        ).fetchone()
        assert row is not None
        self.ids[kind] = row[0]
        return row[0]

    def activate(self, at: str = "now()") -> int:
        row = self.conn.execute(
            "INSERT INTO kyodo.generation (municipality_code, generation_no, activated_by, activated_at) "
            f"SELECT %s, coalesce(max(generation_no), 0) + 1, 'test', {at} FROM kyodo.generation "
            "WHERE municipality_code = %s RETURNING generation_no",
            (self.code, self.code),
        ).fetchone()
        assert row is not None
        for kind, dataset_id in self.ids.items():
            self.row("kyodo.generation_dataset", generation_no=row[0], kind=kind, dataset_id=dataset_id)
        return row[0]


def build(conn: psycopg.Connection[Any]) -> Builder:
    """The whole town in one transaction of the caller's."""
    from tests.api.city_records import add_records

    conn.execute("SET search_path = kyodo, public")
    conn.execute(
        "INSERT INTO municipality VALUES (%s, '盛岡市', '岩手県', 6678, '市民協働推進課', '019-626-7535', 'kyodo@example.jp')",
        (CODE,),
    )
    town = Builder(conn)
    for kind, quality in KINDS.items():
        town.dataset(kind, quality)
    _areas(town)
    _associations(town)
    add_records(town)
    town.activate("now() - interval '400 days'")
    return town


def _areas(town: Builder) -> None:
    ids = town.ids
    town.row(
        "outline", dataset_id=ids["outline"], part_no=1, name="盛岡市", geom=square(WEST, SOUTH, 4 * STEP)
    )
    for no in range(1, 5):
        west = WEST + (no - 1) * STEP
        name = HOSTILE if no == 4 else f"第{no}"
        town.row("district", district_no=no)
        town.row(
            "district_area",
            dataset_id=ids["districts"],
            district_no=no,
            name=name,
            kana="だい",
            geom=square(west, SOUTH),
        )
        key = f"03201{no:04d}"
        town.row(
            "small_area",
            dataset_id=ids["small-areas"],
            key_code=key,
            name=f"町{no}",
            people=1000 * no,
            households=400 * no,
            area_m2=950_000.0,
            geom=square(west, SOUTH),
        )
        town.row(
            "district_assignment",
            dataset_id=ids["district-assignment"],
            key_code=key,
            district_no=no,
            confidence="sure",
        )
        town.row(
            "town",
            dataset_id=ids["towns"],
            town_id=f"t{no}",
            name=f"試験町{'一二三四'[no - 1]}丁目",
            oaza="試験町",
            chome=no,
            kana="しけんちょう",
            level="chome",
            accuracy_m=600.0,
            geom=point(west + STEP / 2, SOUTH + STEP / 2),
        )


def _associations(town: Builder) -> None:
    """Association a<no>1 has the lower half of district <no>, a<no>2 the upper; rules say the same."""
    ids = town.ids
    for no in range(1, 5):
        for half in (1, 2):
            name = f"a{no}{half}"
            town.row("association", association_id=name)
            town.row(
                "association_area",
                dataset_id=ids["associations"],
                association_id=name,
                name=HOSTILE if name == "a41" else f"{no}-{half}町内会",
                kana="ちょうないかい",
                kind="association",
                geom=square(WEST + (no - 1) * STEP, SOUTH + (half - 1) * STEP / 2, STEP, STEP / 2),
            )
            town.row(
                "association_district",
                dataset_id=ids["association-districts"],
                association_id=name,
                district_no=no,
            )
            town.row(
                "address_rule",
                dataset_id=ids["association-rules"],
                association_id=name,
                rule_no=1,
                kind="part",
                town=f"試験町{'一二三四'[no - 1]}丁目",
                block_from=1 if half == 1 else 11,
                block_to=10 if half == 1 else 20,
            )
            for year, rate in YEARS.items():
                town.row(
                    "membership",
                    dataset_id=ids["membership"],
                    association_id=name,
                    fiscal_year=year,
                    households=200 * no,
                    member_households=round(200 * no * rate),
                    denominator="register",
                )
    contact = {"association_id": "a11", "role": "member-desk", "name": "加入の窓口", "phone": "019-000-1111"}
    town.row("association_contact", contact_no=1, published=True, **contact)
    hidden = {"association_id": "a11", "role": "president", "name": "非公開 太郎", "phone": "019-999-9999"}
    town.row("association_contact", contact_no=2, published=False, **hidden)
