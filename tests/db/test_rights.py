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
    "kyodo.facility_group",
    "kyodo.building_inspection",
    "kyodo.building_work",
    "kyodo.facility_stage",
    "kyodo.siting_run",
    "kyodo.computed",
    "kyodo.audit_chain",
    "kyodo.partner_key_use",
    "kyodo.partner_key_minute",
    "kyodo.lookup_log",
    "kyodo.grant_case",
    "kyodo.grant_step",
    "kyodo.grant_budget",
    "kyodo.busy_period",
    "kyodo.calendar_link",
    "kyodo.sent_document",
    "kyodo.sent_document_rule",
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
@pytest.mark.parametrize(
    "table",
    [
        "app_user", "user_role", "session", "sign_in_link", "partner_key", "user_identity", "user_totp", "recovery_code",
        "pending_sign_in", "sign_in_rate", "return_visit",
    ],
)  # fmt: skip
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


def _as_office(conn: Conn, office: str = "o1") -> None:
    """A partner's connection of an office with one user, one key, and users elsewhere."""
    _two_offices(conn)
    for login, of in (("hana", "o1"), ("saburo", "o2"), ("counter", None)):
        conn.execute(
            "INSERT INTO kyodo.app_user (municipality_code, login, display_name, office_id) VALUES ('03201', %s, 'x', %s)",
            (login, of),
        )
    conn.execute(
        "INSERT INTO kyodo.partner_key (municipality_code, key_id, key_hash, office_id, label, created_by) "
        "VALUES ('03201', 'k1', decode(repeat('00', 32), 'hex'), 'o1', 'x', 'x')"
    )
    conn.execute("SELECT setval('kyodo.ticket_no_seq', 100)")
    conn.execute("SELECT set_config('kyodo.office', %s, true)", (office,))
    conn.execute("SET LOCAL ROLE kyodo_partner")


def _enter(conn: Conn, table: str = "referral", **values: object) -> int:
    """A ticket as the application enters it, with these values instead."""
    drawn = conn.execute("SELECT nextval('kyodo.ticket_no_seq') AS no").fetchone()
    assert drawn is not None
    row: dict[str, object] = {"municipality_code": "03201", "ticket_no": drawn["no"], "office_id": "o1",
                              "channel": "partner", "asked_by": "hana"}  # fmt: skip
    row |= {"question": "q"} if table == "referral" else {"association_id": "A1", "purpose": "p"}
    row |= values
    now = ", now()" if table == "join_wish" and "consent_at" not in values else ""
    columns = ", ".join([*row, *(["consent_at"] if now else [])])
    conn.execute(
        f"INSERT INTO kyodo.{table} ({columns}) VALUES ({', '.join(['%s'] * len(row))}{now})", [*row.values()]
    )
    return int(str(row["ticket_no"]))


@pytest.mark.parametrize("table", ["referral", "join_wish"])
def test_an_office_enters_tickets_in_its_own_name_and_alters_none(conn: Conn, table: str) -> None:
    _as_office(conn)
    for asked_by in ("hana", "key:k1", None):
        number = _enter(conn, table, asked_by=asked_by)
        conn.execute("SELECT kyodo.begin_ticket('03201', %s)", (number,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute(f"UPDATE kyodo.{table} SET asked_by = NULL")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute(f"DELETE FROM kyodo.{table}")
    conn.execute("RESET ROLE")
    events = conn.execute(
        "SELECT actor, state, note FROM kyodo.ticket_event WHERE ticket_no > 100 ORDER BY ticket_no"
    ).fetchall()
    assert [tuple(event.values()) for event in events] == [
        (actor, "received", None) for actor in ("hana", "key:k1", "partner")
    ], "what an event says is the ticket's own"
    notices = conn.execute("SELECT kind, state FROM kyodo.ticket_notice WHERE ticket_no > 100").fetchall()
    assert notices == [{"kind": "staff-new", "state": "pending"}] * 3


@pytest.mark.parametrize("table", ["referral", "join_wish"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"office_id": "o2"},
        {"office_id": None},
        {"office_id": None, "channel": "counter"},
        {"channel": "counter"},
        {"channel": "page"},
        {"asked_by": "saburo"},
        {"asked_by": "counter"},
        {"asked_by": "key:k2"},
        {"asked_by": "市長"},
        {"ticket_no": 5000},
        {"consent_at": "2020-01-01"},
        {"state": "closed"},
        {"received_at": "2020-01-01"},
        {"closed_at": "2036-01-01"},
        {"erased_at": "2036-01-01"},
    ],
    ids=str,
)
def test_a_partners_connection_cannot_pretend(conn: Conn, table: str, wrong: dict[str, object]) -> None:
    _as_office(conn)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _enter(conn, table, **wrong)


def test_a_question_does_not_come_with_its_answer(conn: Conn) -> None:
    _as_office(conn)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _enter(conn, answer="はい")


@pytest.mark.parametrize(("channel", "asked_by"), [("page", None), ("counter", "counter")])
def test_without_an_office_tickets_come_from_pages_and_counters(
    conn: Conn, channel: str, asked_by: str | None
) -> None:
    _as_office(conn, "")
    number = _enter(conn, office_id=None, channel=channel, asked_by=asked_by)
    conn.execute("SELECT kyodo.begin_ticket('03201', %s)", (number,))
    for wrong in ({"channel": "partner"}, {"asked_by": "hana"}, {"asked_by": "key:k1"}, {"office_id": "o1"}):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            _enter(conn, **{"office_id": None, "channel": channel, "asked_by": asked_by, **wrong})


@pytest.mark.parametrize(
    "statement",
    [
        (
            "INSERT INTO kyodo.ticket_event (municipality_code, ticket_no, event_no, actor, state) "
            "VALUES ('03201', 99, 1, 'hana', 'received')"
        ),
        (
            "INSERT INTO kyodo.ticket_event (municipality_code, ticket_no, event_no, actor, state, note) "
            "VALUES ('03201', 1, 2, 'planner', 'closed', 'x')"
        ),
        "INSERT INTO kyodo.ticket_notice (municipality_code, ticket_no, kind) VALUES ('03201', 99, 'staff-new')",
        "SELECT note FROM kyodo.ticket_event",
        "SELECT actor FROM kyodo.ticket_event",
        "SELECT * FROM kyodo.ticket_notice",
        # Another office's ticket, one that is not there, one that has begun already, one of an earlier day.
        "SELECT kyodo.begin_ticket('03201', 2)",
        "SELECT kyodo.begin_ticket('03201', 5000)",
    ],
)
def test_events_and_mail_are_not_a_partners_to_write(conn: Conn, statement: str) -> None:
    _as_office(conn)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(statement)


def test_a_ticket_begins_once_and_in_the_transaction_that_enters_it(conn: Conn) -> None:
    _as_office(conn)
    number = _enter(conn)
    conn.execute("SELECT kyodo.begin_ticket('03201', %s)", (number,))
    with pytest.raises(psycopg.errors.UniqueViolation), conn.transaction():
        conn.execute("SELECT kyodo.begin_ticket('03201', %s)", (number,))
    conn.execute("RESET ROLE")
    conn.execute("DELETE FROM kyodo.ticket_event WHERE ticket_no = %s", (number,))
    conn.execute(
        "UPDATE kyodo.referral SET received_at = now() - interval '1 second' WHERE ticket_no = %s", (number,)
    )
    conn.execute("SET LOCAL ROLE kyodo_partner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        conn.execute("SELECT kyodo.begin_ticket('03201', %s)", (number,))


def test_a_building_is_confirmed_in_ones_own_name(conn: Conn) -> None:
    _as_office(conn)
    enter = "SELECT kyodo.enter_building('03201', 'ハイツ', 'k', '内丸1', %s, false) AS id"
    confirm = "SELECT kyodo.confirm_building('03201', %s, 'A1', 'household', NULL, %s)"
    entered = conn.execute(enter, ("hana",)).fetchone()
    assert entered is not None
    conn.execute(confirm, (entered["id"], "key:k1"))
    for who in ("saburo", "counter", "key:k2", "市長", "", None):
        for statement, values in ((enter, (who,)), (confirm, (entered["id"], who))):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(statement, values)
    conn.execute("RESET ROLE")
    said = conn.execute("SELECT confirmed_by, office_id FROM kyodo.building_confirmation").fetchall()
    assert said == [{"confirmed_by": "key:k1", "office_id": "o1"}]


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
    conn.execute("SET CONSTRAINTS ALL IMMEDIATE")
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
