"""An internal and a public side, each a private cluster of its own, and secrets planted in the internal one."""

from __future__ import annotations

import contextlib
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from geodata.cluster import Cluster
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.layout import find_binaries
from tests.fixtures_db import DatabaseUrls, memory_with_room, new_state_dir, remove_cluster, urls

CODE = "03201"
WORDS = "秘密の値"
"""Every planted text begins with it."""
NUMBER = 48_151_623
"""Every planted number: no figure of the sample looks like it."""
LISTED = "公開した空き家の所在"
LON, LAT = "141.1123581321", "39.7198765432"


@dataclass(frozen=True)
class Side:
    """One side: its server, its database, its folder."""

    cluster: Cluster
    town: DatabaseUrls
    state_dir: Path

    def dump(self) -> str:
        """The whole database as text, and every file of the folder outside the server's own data."""
        program = find_binaries() / "pg_dump"
        told = subprocess.run(
            [program, "--dbname", self.town.superuser, "--inserts", "--no-comments"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for file in self.state_dir.rglob("*"):
            if file.is_file() and "data" not in file.relative_to(self.state_dir).parts[:1]:
                told += file.read_text(encoding="utf-8", errors="replace")
        return told


@contextlib.contextmanager
def fresh_side() -> Iterator[Side]:
    """An empty, migrated database in a cluster of its own."""
    from geodata.migrate import upgrade

    folder = new_state_dir(memory_with_room())
    try:
        cluster = Cluster(folder, durable=False)
        cluster.ensure()
        town = urls(cluster, DATABASE)
        upgrade(town.owner)
        yield Side(cluster, town, folder)
    finally:
        remove_cluster(folder)


def plant(town: DatabaseUrls) -> None:
    """Secrets of every kind in the internal side's tables: rows, columns and figures that must not leave."""
    with psycopg.connect(town.superuser) as conn:
        # What is activated stays as it is, except for whoever plants.
        conn.execute("SET session_replication_role = replica")
        conn.execute("SET search_path = kyodo, public")
        for statement in _PLANTED:
            conn.execute(
                statement.replace("{w}", WORDS).replace("{n}", str(NUMBER)).replace("{m}", CODE).encode()
            )
        conn.execute("SET session_replication_role = origin")


_PLANTED = (
    # columns of tables that go across
    "UPDATE dataset SET loaded_by = '{w}loader', report = '{\"fault\": \"{w}report\"}'",
    "UPDATE generation SET activated_by = '{w}who', note = '{w}why'",
    "UPDATE officer SET person_name = '{w}officer'",
    "UPDATE unit_cost SET created_by = '{w}who', note = '{w}note'",
    "UPDATE cost_assumption SET created_by = '{w}who', note = '{w}note'",
    "UPDATE indicator_value SET changed_by = '{w}who'",
    "UPDATE initiative_year SET changed_by = '{w}who'",
    "UPDATE scenario SET created_by = '{w}who', published_by = '{w}publisher'",
    # rows of tables that go across
    (
        "INSERT INTO association_contact (municipality_code, association_id, contact_no, role, name, phone, published) "
        "SELECT '{m}', association_id, 90, 'president', '{w}contact', '{n}', false FROM association LIMIT 1"
    ),
    (
        "INSERT INTO area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit, source) "
        "SELECT '{m}', 'association', association_id, 'fee', 2024, {n}, 'yen', '{w}figure' FROM association LIMIT 1"
    ),
    (
        "INSERT INTO scenario (municipality_code, scenario_id, version, title, author, reason, state, base_year, horizon, basis, "
        "created_by) VALUES ('{m}', 'draft', 1, '{w}draft', '{w}author', '', 'draft', 2025, 10, '{}', 'x')"
    ),
    (
        "INSERT INTO indicator_value (municipality_code, plan_id, indicator_id, fiscal_year, value, source, version, withdrawn) "
        "SELECT '{m}', plan_id, indicator_id, 2199, {n}, '{w}withdrawn', 1, true FROM indicator LIMIT 1"
    ),
    # 2 came, and the number of the next event would tell so
    (
        "INSERT INTO event (municipality_code, event_id, initiative_no, title, starts_on, state, participants, published) "
        "VALUES ('{m}', 'few', '20', '小さな会', '2024-06-01', 'held', 2, true), "
        "('{m}', 'next', '20', '次の会', '2024-07-01', 'held', {n}, true), "
        "('{m}', 'draft', '20', '{w}event', '2024-07-01', 'held', {n}, false)"
    ),
    # a dataset that nobody activated, and records that hang on it alone
    (
        "INSERT INTO dataset (municipality_code, dataset_id, kind, title, source, quality, loaded_by, row_count, report) "
        "VALUES ('{m}', 9001, 'facilities', '{w}draft dataset', 'x', 'real', 'x', 1, '{}'), "
        "('{m}', 9002, 'associations', '{w}draft dataset', 'x', 'real', 'x', 1, '{}')"
    ),
    "INSERT INTO facility VALUES ('{m}', 'secretplan'); INSERT INTO association VALUES ('{m}', 'secretassoc')",
    (
        "INSERT INTO facility_site (municipality_code, dataset_id, facility_id, name, kind, activity, geom) VALUES "
        "('{m}', 9001, 'secretplan', '{w}facility', 'x', 'yes', ST_SetSRID(ST_Point(141.15, 39.7), 4326))"
    ),
    (
        "INSERT INTO facility_year (municipality_code, facility_id, fiscal_year, cost_yen, source) "
        "VALUES ('{m}', 'secretplan', 2024, {n}, '{w}cost')"
    ),
    "INSERT INTO building (municipality_code, building_id, name) VALUES ('{m}', 'secretbuilding', '{w}building')",
    (
        "INSERT INTO facility_building (municipality_code, facility_id, building_id, use_no) "
        "VALUES ('{m}', 'secretplan', 'secretbuilding', 1)"
    ),
    (
        "INSERT INTO association_area (municipality_code, dataset_id, association_id, name, kind) "
        "VALUES ('{m}', 9002, 'secretassoc', '{w}association', 'association')"
    ),
    # tables that never leave
    (
        "INSERT INTO membership SELECT municipality_code, dataset_id, association_id, 1987, 7, 6, denominator, NULL, "
        "'{w}membership' FROM membership WHERE association_id = (SELECT min(association_id) FROM membership) LIMIT 1"
    ),
    (
        f"UPDATE kyodo_vacant.vacant_house SET address = '{{w}}house', hazard = '{{w}}hazard', state = 'survey', "
        f"geom = ST_SetSRID(ST_Point({LON}, {LAT}), 4326) WHERE house_id <> 'vacant-001'"
    ),
    (
        f"UPDATE kyodo_vacant.vacant_house SET state = 'listed', address = '{LISTED}', rank = 'D', hazard = '{{w}}hazard' "
        "WHERE house_id = 'vacant-001'"
    ),
    (
        "INSERT INTO kyodo_vacant.disclosure_end (municipality_code, house_id, end_no, ends_on, note, created_by) "
        "VALUES ('{m}', 'vacant-001', 1, '2199-01-01', '{w}end', 'x')"
    ),
    "UPDATE hall SET name = '{w}hall'; UPDATE named_building SET name = '{w}named', address = '{w}address'",
    "UPDATE facility_group SET name = '{w}group'; UPDATE building_inspection SET inspector = '{w}inspector'",
    (
        "UPDATE activity_case SET state = 'draft', story = '{w}story' WHERE case_id = 'sample-1'; "
        "UPDATE activity_case SET title = '{w}title', state = 'withdrawn', withdrawn_on = '2026-05-01' "
        "WHERE case_id = 'sample-3'"
    ),
    (
        "INSERT INTO case_consent (municipality_code, case_id, consent_no, given_by, given_on, way, covers_text, covers_photos, "
        "note, mark, entered_by) VALUES ('{m}', 'sample-2', 1, '{w}consent', '2026-04-01', 'paper', true, true, '{w}note', "
        "'x', '{w}clerk')"
    ),
    (
        "INSERT INTO case_photo (municipality_code, case_id, photo_no, sort_order, alt, credit, faces, shown, width, height, "
        "sha256) SELECT '{m}', 'sample-2', n, n, CASE n WHEN 1 THEN 'a' ELSE '{w}alt' END, 'c', 'none', n = 1, 480, 320, "
        "repeat('a', 64) FROM (VALUES (1), (2)) v(n); "
        "INSERT INTO case_photo_file SELECT '{m}', 'sample-2', n, 480, 480, 320, "
        "convert_to(CASE n WHEN 1 THEN 'jpeg' ELSE '{w}photo' END, 'UTF8') FROM (VALUES (1), (2)) v(n)"
    ),
    "UPDATE facility_stage SET reason = '{w}stage'; UPDATE hall_subsidy SET source = '{w}subsidy'",
    "INSERT INTO referral (municipality_code, ticket_no, question) VALUES ('{m}', 900, '{w}question')",
    "INSERT INTO audit (municipality_code, actor, action, details) VALUES ('{m}', '{w}actor', 'x', '{}')",
    "INSERT INTO partner (municipality_code, partner_id, name) VALUES ('{m}', 'p', '{w}partner')",
    "INSERT INTO app_user (municipality_code, login, display_name) VALUES ('{m}', 'secretlogin', '{w}person')",
    (
        "INSERT INTO lookup_count (municipality_code, day, channel, outcome, town, key_id, lookups) "
        "VALUES ('{m}', '2026-01-01', 'page', 'one', '{w}town', '', 1)"
    ),
    (
        "INSERT INTO at_risk_rule (municipality_code, version, households_below, fall_points, fall_years, aged_percent, "
        "people_fall_percent, people_fall_years, signs_needed, note, created_by) "
        "VALUES ('{m}', 90, 1, 1, 1, 1, 1, 1, 1, '{w}rule', 'x')"
    ),
)

IDS = ("secretplan", "secretassoc", "secretbuilding", "secretlogin")


def forget_drafts(town: DatabaseUrls) -> None:
    """Without what was planted of datasets that nobody has activated: some public lists of the internal side count it."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        for table in (
            "facility_building",
            "building",
            "facility_year",
            "facility_site",
            "association_area",
            "dataset",
        ):
            of = {"building": "building_id = 'secretbuilding'", "facility_year": "facility_id = 'secretplan'"}
            of |= {"facility_building": "facility_id = 'secretplan'"}
            conn.execute(f"DELETE FROM kyodo.{table} WHERE {of.get(table, 'dataset_id > 9000')}".encode())


def secrets_in(text: str) -> list[str]:
    """Which of the planted values stand in a text."""
    return [told for told in (WORDS, str(NUMBER), LON, LAT, *IDS) if told in text]


def staff_values(town: DatabaseUrls) -> set[str]:
    """What the sample holds for the staff alone: names and rows of figures, as `values_of` finds them in a dump."""
    with psycopg.connect(town.superuser) as conn:
        found = {
            str(value)
            for query in (
                "SELECT hall_id FROM kyodo.hall",
                "SELECT house_id FROM kyodo_vacant.vacant_house WHERE state <> 'listed'",
                "SELECT building_id FROM kyodo.named_building",
                "SELECT name FROM kyodo.facility_group",
            )
            for (value,) in conn.execute(query.encode())
        }
        return found | {
            f"{row[0]}, {row[1]}, {row[2]}, {row[3]}"
            for row in conn.execute(
                "SELECT association_id, fiscal_year, households, member_households FROM kyodo.membership"
            )
        }


def values_of(text: str) -> set[str]:
    """Every text of a dump or CSV, and every text that three numbers follow (an association with its figures)."""
    text = re.sub(r"[0-9A-F]{40,}|[0-9]+\.[0-9]{4,}[ ,]?", "", text)  # shapes
    found = set(re.findall(r"'([^'\n]{1,60})'", text)) | set(re.split(r"[,\n]", text))
    return found | {
        ", ".join(groups)
        for groups in re.findall(
            r"(?<![0-9A-Za-z_-])'?([0-9A-Za-z_-]{1,40})'?, ?(\d{4}), ?(\d+), ?(\d+)", text
        )
    }
