"""The register refuses homes and rooms below the application too, by the same rule as `kyodo_geo.building_names`."""

from __future__ import annotations

import random

import psycopg
import pytest

from kyodo_geo.building_names import names_a_home, names_a_room
from tests.unit.test_building_names import BUILDINGS, HOMES, ROOMS, names

Conn = psycopg.Connection[dict[str, object]]
ENTER = (
    "INSERT INTO kyodo.named_building (municipality_code, building_id, name, address, confirmed_by, source, quality, "
    "name_vouched) VALUES ('03201', %s, %s, %s, 'x', 'x', 'real', %s)"
)


@pytest.fixture
def register(conn: Conn) -> Conn:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    return conn


def test_both_say_the_same_of_random_names(conn: Conn) -> None:
    draw = random.Random(11)
    pieces = [*"宅様方邸号室階棟旧住北の・-－()（）#,. 　0123456789１２３A F〇二ｱ氏", "山田", "コーポ", "さん", "さま",
              "101", "2000", "203", "号室", "様方", "5F", "氏宅", "第2", "公", "ビル"]  # fmt: skip
    texts = ["".join(draw.choices(pieces, k=draw.randint(1, 6))) for _ in range(4000)]
    texts += [name for block in (HOMES, ROOMS, BUILDINGS) for name in names(block)]
    said = conn.execute(
        "SELECT t, kyodo.names_a_home(t) AS home, kyodo.names_a_room(t) AS room FROM unnest(%s::text[]) t",
        (texts,),
    ).fetchall()
    wrong = [
        row for row in said
        if (row["home"], row["room"]) != (names_a_home(str(row["t"])), names_a_room(str(row["t"])))
    ]  # fmt: skip
    assert wrong == []
    assert 500 < sum(bool(row["home"] or row["room"]) for row in said) < len(said) - 500, (
        "both sides were drawn"
    )


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("山田太郎宅", "内丸1"),
        ("山田　様方", "内丸1"),
        ("ハイツ１０１", "内丸1"),
        ("コーポ山田", "内丸1 山田様方"),
    ],
)
def test_a_home_or_a_room_gets_in_by_no_way(register: Conn, name: str, address: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation), register.transaction():
        register.execute(ENTER, ("b1", name, address, False))
    register.execute(ENTER, ("b1", "コーポ山田", "内丸1", False))
    with pytest.raises(psycopg.errors.CheckViolation), register.transaction():
        register.execute("UPDATE kyodo.named_building SET name = %s, address = %s", (name, address))
    register.execute(ENTER, ("b2", name, address, True))


def test_an_office_cannot_vouch(register: Conn) -> None:
    register.execute(
        "INSERT INTO kyodo.partner (municipality_code, partner_id, name) VALUES ('03201', 'p', 'P')"
    )
    register.execute("INSERT INTO kyodo.partner_office VALUES ('03201', 'o1', 'p', 'O')")
    register.execute(
        "INSERT INTO kyodo.app_user (municipality_code, login, display_name, office_id) VALUES ('03201', 'hana', 'x', 'o1')"
    )
    register.execute("SELECT set_config('kyodo.office', 'o1', true)")
    register.execute("SET LOCAL ROLE kyodo_partner")
    with pytest.raises(psycopg.errors.CheckViolation), register.transaction():
        register.execute("SELECT kyodo.enter_building('03201', '山田邸', 'k', '内丸1', 'hana', true)")
    register.execute("SELECT kyodo.enter_building('03201', '旧山田邸', 'k', '内丸1', 'hana', true)")
    register.execute("RESET ROLE")
    row = register.execute("SELECT name_vouched FROM kyodo.named_building").fetchone()
    assert row == {"name_vouched": False}
