"""Names are ordered as Japanese lists are, not by the numbers of their characters."""

from __future__ import annotations

from typing import Any

import psycopg

from geodata.schema import metadata

NAMES = ["アイ町", "あう町", "いあ町", "ばば町", "ハバ町", "一本木", "愛宕町", "山岸", "上田", "茶畑"]


def _towns(conn: psycopg.Connection[dict[str, Any]]) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute(
        "INSERT INTO kyodo.dataset (municipality_code, dataset_id, kind, title, source, quality, loaded_by, row_count, "
        "report) VALUES ('03201', 1, 'towns', 'x', 'x', 'real', 'x', 0, '{}')"
    )
    for name in NAMES:
        conn.execute(
            "INSERT INTO kyodo.town (municipality_code, dataset_id, town_id, name, oaza, level) "
            "VALUES ('03201', 1, %s, %s, %s, 'oaza')",
            (name, name, name),
        )


def _ordered(conn: psycopg.Connection[dict[str, Any]], order: str) -> list[str]:
    return [row["name"] for row in conn.execute(f"SELECT name FROM kyodo.town ORDER BY {order}")]


def test_kana_stand_together_and_before_kanji(conn: psycopg.Connection[dict[str, Any]]) -> None:
    _towns(conn)
    found = _ordered(conn, "name")
    # アイ before あう: what is spoken decides, not which kana it is written with; ハバ before ばば likewise.
    assert found[:5] == ["アイ町", "あう町", "いあ町", "ハバ町", "ばば町"]
    # Kanji in the order of JIS X 0208, level one by reading: 愛 アイ, 一 イチ, 山 サン, 上 ジョウ, 茶 チャ.
    assert found[5:] == ["愛宕町", "一本木", "山岸", "上田", "茶畑"]
    assert _ordered(conn, 'name COLLATE "C"') != found
    assert _ordered(conn, 'name COLLATE "default"') != found


def test_names_are_equal_only_when_every_character_is(conn: psycopg.Connection[dict[str, Any]]) -> None:
    _towns(conn)
    row = conn.execute("SELECT count(*) AS n FROM kyodo.town WHERE name IN ('あい町', 'アイ町')").fetchone()
    assert row == {"n": 1}


def test_every_name_and_reading_of_a_place_has_that_order() -> None:
    """On each table with a shape, so that a new one cannot forget it."""
    plain = [
        f"{table.fullname}.{column.name}"
        for table in metadata.tables.values()
        if "geom" in table.columns
        for column in table.columns
        if column.name in ("name", "kana") and getattr(column.type, "collation", None) != "ja-x-icu"
    ]
    assert plain == []
