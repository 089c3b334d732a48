"""Names that a spreadsheet would run, planted in every text that people type: no table that leaves runs one.

Every GET route of the table of access whose address ends in .csv or .xlsx, and the CSV of every collection, is asked as a
user with every role; each cell is read back with an independent reader.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator

import openpyxl
import psycopg
import pytest
from psycopg import sql
from starlette.testclient import TestClient

from api.access_table import ACCESS
from api.app import create_app
from api.auth.sign_in import SignIn
from api.settings import Settings
from geodata import accounts
from geodata.database import Audience
from kyodo_geo.collections import COLLECTIONS
from kyodo_geo.roles import Role
from kyodo_geo.spreadsheets import FORMULA, HARMLESS, harmless
from tests.api.conftest import client_of
from tests.fixtures_db import DatabaseUrls

MARK = "=cmd|'/C calc'!A1"
NASTY = f'{MARK}",;<img src=x onerror=alert(1)>&'
TYPED = re.compile(
    r"name|title|source|licence|authority|note|kana|address|operator|display_name|label|reason|author|area_text|purpose"
    r"|venue|summary|action|detail|remark|description|subject|works|contractor|evidence|basis_text"
)  # fmt: skip
NEVER = frozenset({"quality", "kind", "login", "source_url", "name_key", "file_name", "rule_set"})
LEAST_ANSWERED, LEAST_MARKED = 25, 12
CSV_ROUTES = sorted(path for method, path in ACCESS if method == "GET" and path.endswith((".csv", ".xlsx")))


def planted(superuser: str) -> int:
    """Put the text before what stands in each column that people type into; returns how many columns took it."""
    taken = 0
    with psycopg.connect(superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        columns = conn.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns c JOIN information_schema.tables t "
            "USING (table_schema, table_name) WHERE table_schema IN ('kyodo', 'kyodo_vacant') AND data_type IN ('text', "
            "'character varying') AND t.table_type = 'BASE TABLE' ORDER BY 1, 2, 3"
        ).fetchall()
        for schema, table, column in columns:
            if (
                not TYPED.search(column)
                or column in NEVER
                or column.endswith(("_id", "_no", "_code", "_kind"))
            ):
                continue
            try:
                with conn.transaction():
                    done = conn.execute(
                        sql.SQL("UPDATE {}.{} SET {c} = %s || {c} WHERE {c} IS NOT NULL").format(
                            sql.Identifier(schema), sql.Identifier(table), c=sql.Identifier(column)
                        ),
                        (NASTY,),
                    )
                    taken += bool(done.rowcount)
            except psycopg.Error:
                continue
    return taken


@pytest.fixture(scope="module")
def everybody(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    """A browser of a user with every role on the planted sample."""
    assert planted(sample_town.superuser) > 20
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        services = client.app.state.services
        with services.database.write(Audience.AUTH) as conn:
            roles = set(Role) - {Role.PUBLIC}
            user = accounts.add_user(conn, settings.municipality, "everybody", NASTY[:40], roles, by="test")
            token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
        client.cookies.set("kyodo_session", token)
        yield client


def known(client: TestClient) -> dict[str, list[str]]:
    """Values of the parameters of addresses."""
    first = {
        name: client.get(f"/ogc/collections/{name}/items?limit=1&f=json").json()["features"][0]["id"]
        for name in ("associations", "facilities")
    }
    scenarios = client.get("/api/v1/facilities/scenarios").json()
    found = re.findall(r'"(?:scenario_)?id": ?"([^"]+)"', json.dumps(scenarios))
    return {
        "facility_id": [str(first["facilities"])], "association_id": [str(first["associations"])], "no": ["7"],
        "scenario_id": found[:1], "dataset_id": ["1", "2"], "kind": ["events", "projects"],
        "name": [
            "plan-adoption", "membership", "projects", "facility-coverage", "facilities", "support", "indicators", "initiatives",
            "public-facilities", "events", "public_facility", "agreement", "halls", "at-risk", "local-events",
        ],
    }  # fmt: skip


def filled(path: str, values: dict[str, list[str]]) -> list[str]:
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return [path]
    (name, *more) = names
    return [path.replace(f"{{{name}}}", value) for value in values.get(name, [])] if not more else []


def bad_cells(content: bytes, kind: str) -> tuple[list[str], bool]:
    """Cells that a spreadsheet would run, and whether the planted text is in the table at all."""
    if "spreadsheetml" in kind:
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [
            cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        bad = [
            str(c.value) for c in cells
            if c.data_type == "f" or (isinstance(c.value, str) and harmless(c.value) != c.value and not c.quotePrefix)
        ]  # fmt: skip
        return bad, any(MARK in str(cell.value) for cell in cells)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    assert len({len(row) for row in rows if row}) <= 2, "a delimiter or a line end got out of its cell"
    texts = [cell for row in rows for cell in row]
    bad = [cell for cell in texts if cell.lstrip(" 　").startswith(FORMULA) and not HARMLESS.fullmatch(cell)]
    return bad, any(MARK in cell for cell in texts)


def walk(client: TestClient, paths: list[str]) -> tuple[list[str], list[str]]:
    """Ask and check; returns which addresses answered with a table, and which of them hold the planted text."""
    answered, marked, wrong = [], [], {}
    for path in paths:
        answer = client.get(path)
        assert answer.status_code < 500, path
        kind = answer.headers["content-type"]
        if answer.status_code != 200 or not kind.startswith(("text/csv", "application/vnd.openxml")):
            continue
        bad, found = bad_cells(answer.content, kind)
        answered.append(path)
        marked += [path] if found else []
        if bad:
            wrong[path] = bad[:3]
    assert not wrong
    return answered, marked


def test_a_share_of_the_tables_runs_no_planted_name(everybody: TestClient) -> None:
    paths = ["/downloads/membership.csv", "/downloads/facility-list.csv", "/staff/audit.csv", "/progress/report.xlsx",
             "/downloads/districts.csv", "/ogc/collections/associations/items?f=csv&limit=50"]  # fmt: skip
    answered, marked = walk(everybody, paths)
    assert len(answered) == len(paths) and len(marked) >= 4, marked


@pytest.mark.full
def test_no_table_runs_a_planted_name(everybody: TestClient) -> None:
    values = known(everybody)
    paths = [made for path in CSV_ROUTES for made in filled(path, values)]
    paths += [f"/ogc/collections/{name}/items?f=csv&limit=50" for name in COLLECTIONS]
    answered, marked = walk(everybody, paths)
    assert len(answered) >= LEAST_ANSWERED and len(marked) >= LEAST_MARKED, (len(answered), marked)


def test_the_look_at_cells_finds_what_runs() -> None:
    assert bad_cells(f'\ufeffa,b\r\n"{MARK}",1\r\n'.encode(), "text/csv") == ([MARK], True)
    assert bad_cells(b"a,b\r\n-5,+81-19-626-7535\r\n", "text/csv") == ([], False)
    book = openpyxl.Workbook()
    book.active["A1"] = MARK
    out = io.BytesIO()
    book.save(out)
    assert bad_cells(out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") == (
        [MARK],
        True,
    )


@pytest.mark.parametrize("ending", ["geojson", "kml", "jsonld", pytest.param("html", marks=pytest.mark.full)])
def test_no_other_format_breaks_on_a_planted_name(everybody: TestClient, ending: str) -> None:
    """JSON parses and holds the text as it is; XML parses and has no element of ours in it; pages show it as text."""
    from xml.etree import ElementTree

    paths = {
        "geojson": ["/downloads/membership.geojson", "/ogc/collections/facilities/items?f=geojson&limit=20"],
        "kml": ["/ogc/collections/facilities/items?f=kml&limit=20"],
        "jsonld": ["/opendata/catalog.jsonld", "/api/v1/datasets"],
        "html": ["/maps", "/maps/membership", "/districts", "/districts/7", "/facilities", "/datasets", "/staff", "/staff/audit",
                 "/staff/associations", "/ogc/collections/facilities/items?f=html"],
    }[ending]  # fmt: skip
    for path in paths:
        answer = everybody.get(path, headers={"accept": "text/html"} if ending == "html" else {})
        assert answer.status_code == 200, path
        if ending in ("geojson", "jsonld"):
            assert MARK in json.dumps(answer.json(), ensure_ascii=False), path
        elif ending == "kml":
            tags = {
                element.tag.rpartition("}")[2] for element in ElementTree.fromstring(answer.content).iter()
            }
            assert "img" not in tags and MARK.encode() in answer.content.replace(b"&apos;", b"'").replace(
                b"&#39;", b"'"
            )
        else:
            assert "<img src=x" not in answer.text, path
