"""Blocks, house numbers and lots on their way from the database into the lookup."""

from __future__ import annotations

from datetime import date

import pytest

from geodata.database import Database
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import FormerName
from kyodo_geo.point_table import PointTable
from tests.factories import CODE, make_active, point, put

TOWN = {
    "town_id": "T1", "name": "渋民", "koaza": "鶴塚", "oaza": "渋民", "chome": None, "jiwari": None, "kana": None,
    "postal_code": None, "level": "koaza", "aliases": [], "valid_from": None, "valid_to": None,
    "accuracy_m": 800.0, "geom": point(1.5, 0.5),
}  # fmt: skip


@pytest.fixture
def points(db: Database) -> Database:
    blocks = [
        {"town": "みたけ三丁目", "koaza": None, "block": "12", "house": house, "accuracy_m": m, "geom": point(x, 0.5)}
        for house, m, x in ((None, 100.0, 1.0), ("3", 12.0, 1.1))
    ]  # fmt: skip
    lots = [
        {"town": "渋民", "koaza": "鶴塚", "lot": lot, "accuracy_m": 90.0, "geom": point(x, 0.5)}
        for lot, x in (("55", 1.501), ("甲55-2", 1.502))
    ]
    make_active(db, put(db, "towns", [TOWN]), put(db, "blocks", blocks), put(db, "lots", lots))
    return db


def test_blocks_houses_and_lots_come_as_tables_of_points(points: Database) -> None:
    with points.read() as conn:
        found = lookup_snapshot(conn, resolve(conn, CODE))
    assert isinstance(found.blocks, PointTable)
    assert (len(found.blocks), len(found.lots)) == (2, 2)
    house = found.blocks.find(0, "12-3")
    assert house is not None
    assert (house.accuracy_m, round(house.lon, 6)) == (12.0, round(point(1.1, 0.5).x, 6))
    assert found.lots.find(0, "甲55-2") is not None


def test_former_names_come_with_their_days(db: Database) -> None:
    former = [
        {"name": "鵜飼", "valid_from": "1889-04-01", "valid_to": "1954-05-03"},
        {"name": "渋民村", "valid_from": None, "valid_to": "unknown"},
    ]
    make_active(db, put(db, "towns", [{**TOWN, "former_names": former}, {**TOWN, "town_id": "T2"}]))
    with db.read() as conn:
        first, second = lookup_snapshot(conn, resolve(conn, CODE)).towns
    assert first.former_names == (
        FormerName("鵜飼", date(1889, 4, 1), date(1954, 5, 3)),
        FormerName("渋民村"),
    )
    assert second.former_names == ()


def test_the_lookup_answers_from_a_lot(points: Database) -> None:
    with points.read() as conn:
        index = LookupIndex(lookup_snapshot(conn, resolve(conn, CODE)))
    address = index.by_address("盛岡市渋民字鶴塚55").address
    assert (address.level, address.accuracy_m) == ("lot", 90.0)
