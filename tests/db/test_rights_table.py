"""Every table, column, function, sequence and schema × every database role, against one expected table (`rights.txt`).

What is not decided fails: a new table or function has to be written into the file, where a reviewer sees who gets it.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import psycopg
import pytest

from geodata.database import Audience

Conn = psycopg.Connection[dict[str, object]]

EXPECTED = Path(__file__).with_name("rights.txt")
ROLES = [audience.value for audience in Audience] + ["kyodo_app"]

TABLES = """
    SELECT 'table ' || n.nspname || '.' || c.relname AS what, replace(r.rolname, 'kyodo_', '') AS role,
           string_agg(p.letter, '' ORDER BY p.place) AS may
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN unnest(%(roles)s::text[]) r (rolname)
    CROSS JOIN (VALUES ('SELECT', 'r', 1), ('INSERT', 'a', 2), ('UPDATE', 'w', 3), ('DELETE', 'd', 4), ('TRUNCATE', 'D', 5),
                       ('REFERENCES', 'x', 6), ('TRIGGER', 't', 7)) p (name, letter, place)
    WHERE n.nspname LIKE 'kyodo%%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND has_table_privilege(r.rolname, c.oid, p.name)
    GROUP BY 1, 2
"""
NOBODYS = """
    SELECT 'table ' || n.nspname || '.' || c.relname AS what, 'nobody' AS role, '-' AS may
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname LIKE 'kyodo%%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
        SELECT FROM unnest(%(roles)s::text[]) r (rolname)
        WHERE has_any_column_privilege(r.rolname, c.oid, 'SELECT, INSERT, UPDATE')
           OR has_table_privilege(r.rolname, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
    ) AND NOT c.relispartition
"""
COLUMNS = """
    SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname AS what, replace(r.rolname, 'kyodo_', '') AS role,
           string_agg(p.letter, '' ORDER BY p.place) AS may
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN unnest(%(roles)s::text[]) r (rolname)
    CROSS JOIN (VALUES ('SELECT', 'r', 1), ('INSERT', 'a', 2), ('UPDATE', 'w', 3)) p (name, letter, place)
    WHERE n.nspname LIKE 'kyodo%%' AND a.attacl IS NOT NULL AND a.attnum > 0
      AND has_column_privilege(r.rolname, c.oid, a.attnum, p.name) AND NOT has_table_privilege(r.rolname, c.oid, p.name)
    GROUP BY 1, 2
"""
FUNCTIONS = """
    SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS what,
           replace(r.rolname, 'kyodo_', '') AS role, CASE WHEN p.prosecdef THEN 'X!' ELSE 'X' END AS may
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    CROSS JOIN unnest(%(roles)s::text[]) r (rolname)
    WHERE n.nspname IN ('kyodo', 'kyodo_vacant') AND has_function_privilege(r.rolname, p.oid, 'EXECUTE')
"""
SEQUENCES = """
    SELECT 'sequence ' || n.nspname || '.' || c.relname AS what, replace(r.rolname, 'kyodo_', '') AS role,
           string_agg(p.letter, '' ORDER BY p.place) AS may
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN unnest(%(roles)s::text[]) r (rolname)
    CROSS JOIN (VALUES ('USAGE', 'U', 1), ('SELECT', 'r', 2), ('UPDATE', 'w', 3)) p (name, letter, place)
    WHERE n.nspname LIKE 'kyodo%%' AND c.relkind = 'S' AND has_sequence_privilege(r.rolname, c.oid, p.name)
    GROUP BY 1, 2
"""
SCHEMAS = """
    SELECT 'schema ' || n.nspname AS what, replace(r.rolname, 'kyodo_', '') AS role,
           string_agg(p.letter, '' ORDER BY p.place) AS may
    FROM pg_namespace n CROSS JOIN unnest(%(roles)s::text[]) r (rolname)
    CROSS JOIN (VALUES ('USAGE', 'U', 1), ('CREATE', 'C', 2)) p (name, letter, place)
    WHERE (n.nspname LIKE 'kyodo%%' OR n.nspname = 'public') AND has_schema_privilege(r.rolname, n.oid, p.name)
    GROUP BY 1, 2
"""


def found(conn: Conn) -> list[str]:
    """The catalogue as lines of the file."""
    lines: dict[str, dict[str, str]] = {}
    for query in (SCHEMAS, TABLES, NOBODYS, COLUMNS, FUNCTIONS, SEQUENCES):
        for row in conn.execute(query, {"roles": ROLES}):
            lines.setdefault(str(row["what"]), {})[str(row["role"])] = str(row["may"])
    return sorted(
        f"{what}: {' '.join(f'{role}={may}' for role, may in sorted(roles.items()))}"
        for what, roles in lines.items()
    )


def expected() -> list[str]:
    return sorted(
        line
        for line in EXPECTED.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    )


def test_every_right_is_one_that_was_decided(conn: Conn) -> None:
    now, decided = found(conn), expected()
    assert not set(now) - set(decided), "rights that tests/db/rights.txt does not give"
    assert not set(decided) - set(now), "lines of tests/db/rights.txt that do not hold"


def test_an_undecided_table_is_found(conn: Conn) -> None:
    conn.execute("CREATE TABLE kyodo.undecided (x int)")
    assert set(found(conn)) - set(expected()) == {"table kyodo.undecided: nobody=-"}
    conn.execute("GRANT SELECT (x) ON kyodo.undecided TO kyodo_public")
    assert set(found(conn)) - set(expected()) == {"column kyodo.undecided.x: partner=r public=r"}


SECRET = (
    "vacant_house", "disclosure_end", "membership", "hall", "app_user", "user_role", "session", "sign_in_link",
    "partner_key", "audit", "audit_chain", "lookup_log", "user_totp", "recovery_code", "user_identity", "pending_sign_in",
    "referral", "join_wish", "batch_job", "grant_case", "grant_step", "grant_budget",
    "return_round", "association_return", "return_reminder", "return_code", "return_feed", "return_note", "circulation",
    "return_visit", "return_mail",
    "department", "responsibility", "inquiry", "inquiry_sheet", "inquiry_item", "inquiry_answer", "initiative_review",
    "body_action", "case_consent",
)  # fmt: skip


def test_the_file_itself_keeps_what_the_public_must_not_read() -> None:
    """Somebody who regenerates the file without reading it must still fail."""
    for line in expected():
        kind, _, rest = line.partition(" ")
        what, _, roles = rest.partition(": ")
        given = dict(pair.split("=", 1) for pair in roles.split())
        if kind == "table":
            assert set(given.get("public", "")) <= {"r"}, line
            assert not set("".join(given.values())) & set("Dxt"), line
            if what.partition(".")[2] in SECRET:
                assert "public" not in given, line
            if what.startswith("kyodo_vacant."):
                assert set(given) <= {"staff", "loader"}, line
        if kind == "column":
            assert set(given.get("public", "")) <= {"r"}, line
        if kind == "schema":
            assert not any("C" in may for may in given.values()), line
            if what in ("kyodo_vacant", "kyodo_jobs"):
                assert "public" not in given and "partner" not in given, line
        pure = kind == "function" and set(given.values()) == {"X"}  # reads no table: everybody may call it
        assert "app" not in given or what == "public" or pure, f"the login itself may nothing: {line}"


def test_functions_with_the_owners_rights_cannot_be_led_astray(conn: Conn) -> None:
    """A fixed search path whose last part is pg_temp: else a temporary table would stand before the real one."""
    rows = conn.execute(
        "SELECT p.oid::regprocedure::text AS name, p.proconfig AS config FROM pg_proc p "
        "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef AND n.nspname LIKE 'kyodo%'"
    ).fetchall()
    assert len(rows) > 15
    for row in rows:
        (setting,) = [c for c in (row["config"] or []) if str(c).startswith("search_path=")]  # type: ignore[attr-defined]
        path = setting.removeprefix("search_path=").split(", ")
        assert path[-1] == "pg_temp" and path[0] == "kyodo", row
        # public is in no reader's hand: CREATE on it is nobody's (the file says so).
        assert set(path) <= {"kyodo", "kyodo_vacant", "public", "pg_temp"}, row


def test_a_temporary_table_of_the_same_name_changes_nothing(conn: Conn) -> None:
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("SET LOCAL ROLE kyodo_partner")
    conn.execute("SET LOCAL search_path = pg_temp, kyodo, public")
    conn.execute(
        "CREATE TEMP TABLE session AS SELECT '03201'::text AS municipality_code, decode(repeat('00', 32), 'hex') AS "
        "session_hash, 1 AS user_id, now() + interval '1 day' AS expires_at"
    )
    conn.execute(
        "CREATE TEMP TABLE generation AS SELECT '03201'::text AS municipality_code, 1 AS generation_no"
    )
    found_ = conn.execute(
        "SELECT * FROM kyodo.consented_houses('03201', decode(repeat('00', 32), 'hex'))"
    ).fetchall()
    assert found_ == []


FORBIDDEN = [
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_read_binary_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_stat_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/kyodo-rights'",
    "SELECT * FROM pg_statistic",
    "SELECT * FROM pg_authid",
    "SELECT pg_current_logfile()",
    "CREATE TABLE public.mine (x int)",
    "CREATE TABLE kyodo.mine (x int)",
    "CREATE SCHEMA mine",
    "CREATE EXTENSION pg_stat_statements",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE ROLE mine",
    "SET LOCAL log_statement = 'all'",
    "SET LOCAL session_replication_role = replica",
    "ALTER TABLE kyodo.audit DISABLE TRIGGER ALL",
    "ALTER TABLE kyodo.association_contact DISABLE ROW LEVEL SECURITY",
    "GRANT kyodo_staff TO kyodo_public",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid()",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "DROP TABLE kyodo.session",
    "TRUNCATE kyodo.audit",
]


@pytest.mark.parametrize("role", [audience.value for audience in Audience])
def test_no_role_reaches_files_programs_other_schemas_or_the_server(conn: Conn, role: str) -> None:
    for statement in FORBIDDEN:
        refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)
        with pytest.raises(refused), conn.transaction():
            conn.execute(f"SET LOCAL ROLE {role}")
            conn.execute(statement)


@pytest.mark.parametrize("role", [audience.value for audience in Audience])
def test_no_role_sees_what_other_connections_ask(conn: Conn, rollback_database: object, role: str) -> None:
    with psycopg.connect(rollback_database.app) as other:  # type: ignore[attr-defined]
        other.execute("SELECT 'a secret of another connection'")
        conn.execute(f"SET LOCAL ROLE {role}")
        seen = conn.execute("SELECT query FROM pg_stat_activity WHERE usename = 'kyodo_app'").fetchall()
    assert seen and not any("a secret" in str(row["query"]) for row in seen)


def test_the_login_has_no_right_of_its_own_and_cannot_become_the_owner(rollback_database: object) -> None:
    with psycopg.connect(rollback_database.app, autocommit=True) as login:  # type: ignore[attr-defined]
        for statement in (
            "SELECT * FROM kyodo.municipality",
            "SET ROLE kyodo_owner",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION kyodo_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                login.execute(statement)


def test_planner_statistics_of_hidden_rows_are_hidden(conn: Conn) -> None:
    """pg_stats shows values of columns: only of tables the role may read, and of none whose rows are chosen."""
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.association VALUES ('03201', 'A1')")
    conn.execute(
        "INSERT INTO kyodo.association_contact (municipality_code, association_id, contact_no, role, phone, published) "
        "SELECT '03201', 'A1', n, 'president', '000-PRIVATE', false FROM generate_series(1, 50) n"
    )
    conn.execute("ANALYZE kyodo.association_contact")
    query = "SELECT most_common_vals::text AS v FROM pg_stats WHERE tablename = 'association_contact'"
    assert "000-PRIVATE" in str(conn.execute(query).fetchall()), "it is there to be found"
    for role in ("kyodo_public", "kyodo_partner", "kyodo_auth"):
        with conn.transaction(force_rollback=True):
            conn.execute(f"SET LOCAL ROLE {role}")
            assert "000-PRIVATE" not in str(conn.execute(query).fetchall())


def test_a_functions_in_a_filter_sees_no_hidden_row(conn: Conn) -> None:
    """A cheap function in the filter runs after the row-level rule, not before."""
    conn.execute("INSERT INTO kyodo.municipality VALUES ('03201', '盛岡市', '岩手県', 6678)")
    conn.execute("INSERT INTO kyodo.association VALUES ('03201', 'A1')")
    conn.execute(
        "INSERT INTO kyodo.association_contact (municipality_code, association_id, contact_no, role, phone, published) "
        "VALUES ('03201', 'A1', 1, 'president', '000-PRIVATE', false)"
    )
    conn.execute("SET LOCAL ROLE kyodo_public")
    # The cast would fail on the hidden number and tell it in the message.
    assert conn.execute("SELECT 1 FROM kyodo.association_contact WHERE phone::int > 0").fetchall() == []


def test_ranges_of_the_file_are_in_order() -> None:
    lines = [
        line
        for line in EXPECTED.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert all(a < b for a, b in pairwise(lines)), "sorted, so that merges are easy to read"
