"""What the database refuses to each audience, whatever a route forgot."""

from __future__ import annotations

import psycopg
import pytest

from geodata.database import Audience, Database

Conn = psycopg.Connection[dict[str, object]]

EVERYTHING = "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname LIKE 'kyodo%'"

PUBLIC_MAY_NOT_READ = [
    "kyodo_vacant.vacant_house",
    "kyodo.membership",
    "kyodo.hall",
    "kyodo.app_user",
    "kyodo.user_role",
    "kyodo.session",
    "kyodo.sign_in_link",
    "kyodo.partner_key",
    "kyodo.partner",
    "kyodo.partner_office",
    "kyodo.referral",
    "kyodo.district_request",
    "kyodo.lookup_count",
    "kyodo.audit",
    "kyodo.named_building",
    "kyodo.join_wish",
    "kyodo.ticket_event",
    "kyodo.leaflet_count",
]


@pytest.mark.parametrize("table", PUBLIC_MAY_NOT_READ)
def test_the_public_role_cannot_read(conn: Conn, table: str) -> None:
    conn.execute("SET LOCAL ROLE kyodo_public")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"SELECT * FROM {table}")


def test_the_public_role_writes_nothing(conn: Conn) -> None:
    tables = [row["name"] for row in conn.execute(EVERYTHING)]
    assert len(tables) > 40
    writable = [
        table
        for table in tables
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if conn.execute(
            "SELECT has_table_privilege('kyodo_public', %s, %s) AS may", (table, right)
        ).fetchone()
        != {"may": False}
    ]
    assert writable == []


@pytest.mark.parametrize("audience", ["kyodo_public", "kyodo_staff", "kyodo_loader"])
@pytest.mark.parametrize("table", ["app_user", "user_role", "session", "sign_in_link", "partner_key"])
def test_accounts_and_keys_are_for_the_sign_in_alone(conn: Conn, audience: str, table: str) -> None:
    row = conn.execute(
        "SELECT has_table_privilege(%s, %s, 'SELECT') AS may", (audience, f"kyodo.{table}")
    ).fetchone()
    assert row == {"may": False}


def test_the_public_role_sees_neither_reports_nor_loaders_names_nor_officers_names(conn: Conn) -> None:
    for query in ("SELECT report FROM kyodo.dataset", "SELECT loaded_by FROM kyodo.dataset"):
        with conn.transaction(force_rollback=True):
            conn.execute("SET LOCAL ROLE kyodo_public")
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(query)
    conn.execute("SET LOCAL ROLE kyodo_public")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT person_name FROM kyodo.officer")


def test_only_published_contacts_reach_the_public(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.association VALUES ('03201', 'A1')")
    conn.execute(
        "INSERT INTO kyodo.association_contact (municipality_code, association_id, contact_no, role, phone, published) "
        "VALUES ('03201', 'A1', 1, 'president', '000-PRIVATE', false), ('03201', 'A1', 2, 'office', '000-OPEN', true)"
    )
    query = "SELECT phone FROM kyodo.association_contact ORDER BY contact_no"
    with conn.transaction(force_rollback=True):
        conn.execute("SET LOCAL ROLE kyodo_staff")
        assert [row["phone"] for row in conn.execute(query)] == ["000-PRIVATE", "000-OPEN"]
    conn.execute("SET LOCAL ROLE kyodo_public")
    assert [row["phone"] for row in conn.execute(query)] == ["000-OPEN"]


def test_the_public_does_not_even_learn_of_vacant_house_datasets(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute(
        "INSERT INTO kyodo.dataset (municipality_code, kind, title, source, quality, loaded_by, row_count, report) "
        "VALUES ('03201', 'vacant-houses', 'x', 'x', 'real', 'x', 0, '{}'), "
        "('03201', 'outline', 'x', 'x', 'real', 'x', 0, '{}')"
    )
    conn.execute("SET LOCAL ROLE kyodo_public")
    assert [row["kind"] for row in conn.execute("SELECT kind FROM kyodo.dataset")] == ["outline"]


def _two_offices(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.association VALUES ('03201', 'A1')")
    conn.execute("INSERT INTO kyodo.partner (municipality_code, partner_id, name) VALUES ('03201', 'p', 'P')")
    for number, office in enumerate(("o1", "o2"), start=1):
        conn.execute(
            "INSERT INTO kyodo.partner_office (municipality_code, office_id, partner_id, name) "
            "VALUES ('03201', %s, 'p', 'O')",
            (office,),
        )
        conn.execute(
            "INSERT INTO kyodo.referral (municipality_code, ticket_no, office_id, question) "
            "VALUES ('03201', %s, %s, 'q')",
            (number, office),
        )
        conn.execute(
            "INSERT INTO kyodo.join_wish (municipality_code, ticket_no, office_id, association_id, name, purpose, "
            "consent_at) VALUES ('03201', %s, %s, 'A1', 'n', 'p', now())",
            (number + 10, office),
        )
        for ticket in (number, number + 10):
            conn.execute(
                "INSERT INTO kyodo.ticket_event (municipality_code, ticket_no, event_no, actor, state) "
                "VALUES ('03201', %s, 1, 'a', 'received')",
                (ticket,),
            )


@pytest.mark.parametrize(("office", "seen"), [("o1", [1, 11]), ("o2", [2, 12]), ("", []), ("o3", [])])
def test_an_office_sees_its_own_tickets_alone(conn: Conn, office: str, seen: list[int]) -> None:
    _two_offices(conn)
    conn.execute("SELECT set_config('kyodo.office', %s, true)", (office,))
    conn.execute("SET LOCAL ROLE kyodo_partner")
    numbers = [
        [row["ticket_no"] for row in conn.execute(query)]
        for query in (
            "SELECT ticket_no FROM kyodo.referral UNION ALL SELECT ticket_no FROM kyodo.join_wish ORDER BY 1",
            "SELECT ticket_no FROM kyodo.ticket_event ORDER BY 1",
        )
    ]
    assert numbers == [seen, seen]


@pytest.mark.parametrize("table", ["membership", "hall", "app_user", "audit", "named_building"])
def test_a_partner_reads_no_more_than_the_public_otherwise(conn: Conn, table: str) -> None:
    conn.execute("SET LOCAL ROLE kyodo_partner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(f"SELECT * FROM kyodo.{table}")


def test_an_office_enters_tickets_in_its_own_name_and_alters_none(conn: Conn) -> None:
    _two_offices(conn)
    conn.execute("SELECT set_config('kyodo.office', 'o1', true)")
    conn.execute("SET LOCAL ROLE kyodo_partner")
    enter = "INSERT INTO kyodo.referral (municipality_code, ticket_no, office_id, question) VALUES ('03201', %s, %s, 'q')"
    conn.execute(enter, (5, "o1"))
    for number, office in ((6, "o2"), (7, None)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"), conn.transaction():
            conn.execute(enter, (number, office))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("UPDATE kyodo.referral SET question = 'x'")


def test_nothing_personal_is_kept_without_consent_or_after_erasing(conn: Conn) -> None:
    _two_offices(conn)
    for change in (
        "UPDATE kyodo.referral SET customer_name = 'n' WHERE ticket_no = 1",
        "UPDATE kyodo.join_wish SET erased_at = now() WHERE ticket_no = 11",
    ):
        with pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
            conn.execute(change)


def test_nobody_rewrites_the_audit_log(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute(
        "INSERT INTO kyodo.audit (municipality_code, actor, action, details) VALUES ('03201', 'x', 'y', '{}')"
    )
    for statement in (
        "UPDATE kyodo.audit SET actor = 'z'",
        "DELETE FROM kyodo.audit",
        "TRUNCATE kyodo.audit",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), conn.transaction():
            conn.execute(statement)


def test_the_loader_cannot_alter_what_was_loaded(conn: Conn) -> None:
    generational = [
        "dataset",
        "small_area",
        "district_area",
        "association_area",
        "address_rule",
        "membership",
        "town",
        "generation",
    ]
    may = [
        table
        for table in generational
        if conn.execute(
            "SELECT has_table_privilege('kyodo_loader', %s, 'UPDATE') AS may", (f"kyodo.{table}",)
        ).fetchone()
        != {"may": False}
    ]
    assert may == []


def test_the_login_role_may_do_nothing_by_itself(db_url: str) -> None:
    with psycopg.connect(db_url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("SELECT * FROM kyodo.municipality")


def test_a_read_cannot_write(db_url: str) -> None:
    db = Database(db_url)
    try:
        with db.read(Audience.LOADER) as conn, pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            conn.execute("DELETE FROM municipality")
    finally:
        db.close()


def test_the_role_does_not_outlive_its_transaction(db_url: str) -> None:
    db = Database(db_url, min_size=1, max_size=1)
    try:
        with db.read(Audience.STAFF) as conn:
            conn.execute("SELECT count(*) FROM kyodo_vacant.vacant_house")
        with db.read(Audience.PUBLIC) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT count(*) FROM kyodo_vacant.vacant_house")
    finally:
        db.close()


def test_a_closed_database_can_be_opened_again(db_url: str) -> None:
    db = Database(db_url)
    for _ in range(2):
        with db.read() as conn:
            assert conn.execute("SELECT current_user AS who").fetchone() == {"who": "kyodo_public"}
        db.close()
