"""Every kind of record on both sides of its limit: what is younger stays, what is older goes, and a trial takes nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from api.cli import app as program
from api.jobs.auditing import check_audit, letter
from api.jobs.purging import DUMPS, KINDS, purge
from api.settings import Settings
from geodata.audit_chain import Finding, Head, read_head
from geodata.database import Database
from geodata.exports.dump import MANIFEST
from geodata.schema import metadata
from tests.api.mail_servers import Post, mail_server_running
from tests.db.test_audit_chain import age
from tests.fixtures_db import DatabaseUrls

KEEPS = {
    "app_user": "erased by command (docs/DATA_PROTECTION.md)",
    "user_role": "with the account",
    "association_contact": "until the association has another; withdrawn on its page",
    "officer": "the city's own staff",
    "partner_office": "as long as the agreement and its figures",
    "audit_chain": "with the audit log",
    "partner_key_use": "with the key",
    "return_code": "ends on its day, and goes with the kind returns",
    "batch_piece": "with the job",
    "dataset_upload_piece": "with the upload",
    "ticket_event": "its notes with the ticket",
    "ticket_notice": "a number and a kind",
    "lookup_count": "no person; has its kind all the same",
    "user_identity": "with the account",
    "user_totp": "with the account; one that was never confirmed goes with the sign-ins",
    "recovery_code": "with the account",
}
PURGED = {
    "session": "sign-ins", "sign_in_link": "sign-ins", "batch_job": "batches", "dataset_upload": "uploads",
    "pending_sign_in": "sign-ins", "referral": "tickets", "join_wish": "tickets", "lookup_log": "lookup-log",
    "grant_case": "grant-contacts", "association_return": "returns", "calendar_link": "calendar-links",
    "partner_key": "keys", "partner_key_minute": "key-minutes", "audit": "audit", "risk_case": "risk-texts",
    "risk_visit": "risk-texts", "case_consent": "cases",
}  # fmt: skip
PERSONAL = (
    "login",
    "user_id",
    "created_by",
    "customer_name",
    "person_name",
    "contact_name",
    "phone",
    "asked_by",
    "given_by",
    "entered_by",
    "key_id",
    "office_phone",
    "actor",
)


def test_every_table_that_names_people_has_a_time() -> None:
    """By its columns; a new one has its place in `KINDS`, or here with a reason. Records of the plan are the city's own."""
    records = {
        table.name for table in metadata.tables.values()
        if any(name in table.columns for name in PERSONAL) and table.name not in PURGED | KEEPS
    }  # fmt: skip
    assert records <= WORK, f"no time of keeping: {sorted(records - WORK)}"
    assert set(PURGED.values()) <= {kind.key for kind in KINDS}


WORK = {
    "scenario_version", "siting_run", "unit_cost", "cost_assumption", "hall_terms", "at_risk_rule", "generation", "dataset",
    "grant_rule",
    "edit_draft", "edit_draft_change", "named_building", "building_statement", "leaflet_count", "district_request",
    "unit_cost_set", "area_layer", "scenario", "levelling_run", "municipality", "hall", "facility", "facility_site", "body",
    "disclosure_end", "publication", "return_round", "return_reminder", "return_feed", "department", "sent_document_rule",
    "facility_stage", "city_meeting", "sent_document", "grant_step", "grant_budget",
}  # fmt: skip
"""Records of the city's work that name who entered them: kept with the work, whose document period the city decides."""


def plant(town: DatabaseUrls) -> None:
    """One row just younger and one just older than the limit of each kind."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute(
            "INSERT INTO app_user (municipality_code, login, display_name) VALUES ('03201', 'u', 'U')"
        )
        conn.execute(
            "INSERT INTO session (municipality_code, session_hash, user_id, csrf_token, last_seen_at, expires_at) "
            "SELECT '03201', sha256(n::text::bytea), user_id, 'x', now() - n * interval '1 min', now() + interval '1 h' "
            "FROM app_user, (VALUES (59), (61)) v(n) WHERE login = 'u'"
        )
        conn.execute(
            "INSERT INTO batch_job (municipality_code, job_id, user_id, file_name, kind, rows, expires_at) "
            "SELECT '03201', n::text, user_id, 'f', 'csv', 1, now() + n * interval '1 min' "
            "FROM app_user, (VALUES (1), (-1)) v(n) WHERE login = 'u'"
        )
        conn.execute(
            "INSERT INTO dataset_upload (municipality_code, upload_id, kind, file_names, bytes, options, meta, uploaded_by, "
            "expires_at) SELECT '03201', n::text, 'outline', '{x}', 1, '{}', '{}', 'u', now() + n * interval '1 min' "
            "FROM (VALUES (1), (-1)) v(n)"
        )
        conn.execute(
            "INSERT INTO referral (municipality_code, ticket_no, question, state, received_at, closed_at) "
            "SELECT '03201', 900 + n, 'q', 'closed', now() - interval '9 years', now() - n * interval '1 day' "
            "FROM (VALUES (179), (181)) v(n)"
        )
        conn.execute(
            "INSERT INTO referral (municipality_code, ticket_no, question, state, received_at) "
            "SELECT '03201', 4000 + n, 'q', 'received', now() - n * interval '1 day' FROM (VALUES (729), (731)) v(n)"
        )
        # One that is as old, and somebody wrote a note the day before yesterday.
        conn.execute(
            "INSERT INTO referral (municipality_code, ticket_no, question, state, received_at) "
            "VALUES ('03201', 3000, 'q', 'passed-on', now() - interval '9 years')"
        )
        conn.execute(
            "INSERT INTO ticket_event (municipality_code, ticket_no, event_no, at, actor, state) "
            "VALUES ('03201', 3000, 1, now() - interval '2 days', 'x', 'passed-on')"
        )
        conn.execute(
            "INSERT INTO return_round (municipality_code, fiscal_year, reference_day, opens_on, due_on, thresholds, "
            "created_by, form_key) "
            "SELECT '03201', 1600 + n, '2020-04-01', '2020-04-01', current_date - n, '{}', 'x', sha256('x') "
            "FROM (VALUES (365), (367)) v(n)"
        )
        conn.execute(
            "INSERT INTO association_return (municipality_code, fiscal_year, association_id, name, prefilled, answers, draft, "
            "state, came_by, changed_by, changed_at) SELECT '03201', 1600 + n, min(association_id), 'x', "
            '\'{"president_name": "x", "households": 9}\', \'{"president_name": "y", "households": 8}\', '
            "'{\"president_name\": \"z\"}', 'received', 'web', 'x', now() - interval '400 days' "
            "FROM association, (VALUES (365), (367)) v(n) WHERE municipality_code = '03201' GROUP BY n"
        )
        conn.execute(
            "INSERT INTO grant_case (municipality_code, case_no, scheme, fiscal_year, district_no, applicant, state, entered_by, "
            "contact_name) SELECT '03201', n, 'projects', 2026, min(district_no), 'x', 'applied', 'x', 'y' "
            "FROM district, (VALUES (731), (733)) v(n) WHERE municipality_code = '03201' GROUP BY n"
        )
        conn.execute(
            "INSERT INTO grant_step (municipality_code, case_no, step_no, deed, day, entered_by, entered_at) "
            "SELECT '03201', n, 1, 'apply', '2026-04-01', 'x', now() - n * interval '1 day' FROM (VALUES (731), (733)) v(n)"
        )
        conn.execute(
            "INSERT INTO lookup_log (municipality_code, at, channel, outcome, lookups) "
            "SELECT '03201', now() - n * interval '1 day', 'api', 'one', 1 FROM (VALUES (89), (91)) v(n)"
        )
        conn.execute(
            "INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups) "
            "SELECT '03201', current_date - n, 'page', 'one', '', '', 1 FROM (VALUES (1829), (1832)) v(n)"
        )
        conn.execute(
            "INSERT INTO partner_key (municipality_code, key_id, key_hash, label, created_by, revoked_at, expires_at) "
            "SELECT '03201', n::text, sha256(n::text::bytea), 'x', 'x', now() - n * interval '1 day', NULL "
            "FROM (VALUES (1829), (1831)) v(n)"
        )
        conn.execute(
            "INSERT INTO calendar_link (municipality_code, link_id, label, token_hash, created_by, expires_at, revoked_at) "
            "SELECT '03201', lpad(n::text, 12, '0'), 'x', sha256(n::text::bytea), 'x', now() + interval '1 day', "
            "now() - n * interval '1 day' FROM (VALUES (1829), (1831)) v(n)"
        )
        conn.execute(
            "INSERT INTO partner_key_minute VALUES ('03201', 'now', extract(epoch FROM now()) / 60, 1), "
            "('03201', 'old', extract(epoch FROM now()) / 60 - 100, 1)"
        )
        conn.execute(
            "INSERT INTO body (municipality_code, body_id, kind, name) VALUES ('03201', 'b-purge', 'centre', 'c');"
            "INSERT INTO consultation_topic (municipality_code, topic_id, label, sort_order) VALUES ('03201', 't', 't', 1);"
            "INSERT INTO consultation (municipality_code, consultation_id, body_id, held_on, asker, way, topic_id, content, "
            "result) SELECT '03201', n::text, 'b-purge', current_date - n, 'npo', 'phone', 't', 'q', 'other' "
            "FROM (VALUES (1097), (1099)) v(n);"
            "INSERT INTO risk_case (municipality_code, case_id, association_id, opened_on, state, closed_on, reason) "
            "SELECT '03201', n::text, 'a11', '2000-01-01', 'closed', current_date - n, 'q' FROM (VALUES (1829), (1831)) v(n);"
            "INSERT INTO risk_case (municipality_code, case_id, association_id, opened_on, state, reason) "
            "VALUES ('03201', 'running', 'a11', '2000-01-01', 'open', 'q');"
            "INSERT INTO activity_case (municipality_code, case_id, title, summary, theme, district_no, body, done_year, state, "
            "withdrawn_on) SELECT '03201', 'c' || n, 'x', 'x', 'care', 1, 'x', 2020, 'withdrawn', "
            "(now() AT TIME ZONE 'Asia/Tokyo')::date - n FROM (VALUES (366), (367)) v(n)"
        )
        for days in (29, 31):
            conn.execute(
                "INSERT INTO kyodo_jobs.procrastinate_jobs (queue_name, task_name, status, scheduled_at) "
                "VALUES ('q', 'x', 'failed', now() - %s * interval '1 day')", (days,),
            )  # fmt: skip
        conn.execute("UPDATE kyodo_jobs.procrastinate_events SET at = now() - interval '99 days'")
        conn.execute("DELETE FROM kyodo_jobs.procrastinate_events")
        conn.execute(
            "INSERT INTO audit (municipality_code, actor, action, details) "
            "SELECT '03201', 'x', 'y', '{}' FROM generate_series(1, 5)"
        )
        first = conn.execute("SELECT min(entry_no) FROM audit").fetchone()
    assert first is not None
    age(town, first[0] + 2)


def shelved(settings: Settings) -> list[Path]:
    """Two dumps: one asked for yesterday, one long ago."""
    made = []
    for name, days in (("1", 1), ("2", 400)):
        folder = settings.dumps_dir / "03201" / name
        folder.mkdir(parents=True)
        (folder / MANIFEST).write_text("{}")
        (folder / "x.csv").write_text("x")
        os.utime(folder / MANIFEST, (time.time() - days * 86400,) * 2)
        made.append(folder / "x.csv")
    return made


def test_each_kind_on_both_sides_of_its_limit(town: DatabaseUrls, settings_for, tmp_path: Path) -> None:
    plant(town)
    settings = settings_for(town, state_dir=tmp_path, audit_retention_days=700)
    young, old = shelved(settings)
    expected = {kind.key: 1 for kind in KINDS} | {"tickets-closed": 0, "audit": 3, DUMPS: 1}
    database = Database(town.app)
    try:
        assert purge(database, settings, dry_run=True) == expected
        assert old.exists()
        assert purge(database, settings) == expected, "the trial took nothing"
        assert young.exists() and not old.exists()
        assert set(purge(database, settings).values()) == {0}, "what is younger stays"
        found = check_audit(database, settings)
    finally:
        database.close()
    assert (found.broken, found.removed) == (None, 3)
    with psycopg.connect(town.superuser) as conn:
        never_ended = conn.execute(
            "SELECT ticket_no, question, state FROM kyodo.referral WHERE closed_at IS NULL ORDER BY ticket_no"
        ).fetchall()
        returns = conn.execute(
            "SELECT prefilled, answers, draft IS NULL FROM kyodo.association_return ORDER BY fiscal_year DESC"
        ).fetchall()
    assert returns[0] == ({"households": 9}, {"households": 8}, True), "figures stay, names go"
    assert returns[1][1] == {"president_name": "y", "households": 8}
    assert never_ended == [(3000, "q", "passed-on"), (4729, "q", "received"), (4731, "", "received")]


def test_one_kind_that_fails_keeps_no_other(town: DatabaseUrls, settings_for, tmp_path: Path) -> None:
    plant(town)
    with psycopg.connect(town.superuser) as conn:
        conn.execute("REVOKE ALL ON kyodo.session FROM kyodo_auth")
    settings = settings_for(town, state_dir=tmp_path)
    database = Database(town.app)
    try:
        done = purge(database, settings)
    finally:
        database.close()
    assert done["sign-ins"] == -1 and done["batches"] == done["lookup-log"] == 1


def test_on_the_command_line(town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    plant(town)
    for name, value in {"DATABASE_URL": town.app, "STATE_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(f"KYODO_{name}", value)
    for words, told in ((["purge", "--dry-run"], "消す件数"), (["purge"], "消した件数")):
        done = CliRunner(env={"COLUMNS": "200"}).invoke(program, words)
        assert done.exit_code == 0 and told in done.output and "KYODO_LOOKUP_LOG_DAYS=90" in done.output
    person = CliRunner().invoke(program, ["disclosure", "person", str(tmp_path / "p.xlsx")], input="だれか\n")
    assert person.exit_code == 0 and "だれか" not in person.output, person.output
    looked = [
        "disclosure",
        "lookups",
        str(tmp_path / "l.csv"),
        "--first",
        "2026-01-01",
        "--last",
        "2099-01-01",
    ]
    assert CliRunner().invoke(program, looked).exit_code == 0
    assert (tmp_path / "l.csv").stat().st_mode & 0o777 == 0o600
    assert CliRunner().invoke(program, looked).exit_code == 1, "nothing is overwritten"


def test_the_daily_check_hands_the_head_out(town: DatabaseUrls, settings_for, tmp_path: Path) -> None:
    plant(town)
    heads = tmp_path / "heads"
    database = Database(town.app)
    with mail_server_running(Post()) as post:
        settings = settings_for(
            town, audit_head_file=heads, smtp_url=f"smtp://127.0.0.1:{post.port}", smtp_starttls="off",
            mail_from="map@city.example.jp", mail_staff="desk@city.example.jp",
        )  # fmt: skip
        try:
            found = check_audit(database, settings)
            check_audit(database, settings)
        finally:
            database.close()
    lines = [line.split() for line in heads.read_text().splitlines()]
    assert [read_head(words[2]).chain_no for words in lines] == [found.head.chain_no, found.head.chain_no + 1]
    assert [to for to, _ in post.taken] == [["desk@city.example.jp"]] * 2


def test_a_broken_chain_is_the_subject_of_the_mail() -> None:
    settings = Settings(mail_from="map@city.example.jp", mail_staff="desk@city.example.jp")
    mail = letter(settings, Finding(4, Head(4, bytes(32)), "記録が消されています", 5, 9), [])
    assert "壊れています" in mail["Subject"] and "鎖の 5 番" in mail.get_content()
