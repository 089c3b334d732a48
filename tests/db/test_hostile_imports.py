"""A hostile file leaves the database as it was: every table of ours, row for row, before and after."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from geodata.database import Database
from geodata.datasets import DatasetMeta
from geodata.importing import ImportOptions, import_files
from geodata.record_files import import_records
from kyodo_geo.errors import KyodoError
from kyodo_geo.quality import Quality
from tests.factories import CODE, make_active, point, put
from tests.fixtures_db import DatabaseUrls
from tests.hostile.cases import CASES, REFUSED, Case, World

META = DatasetMeta(title="試験", source="試験", quality=Quality.REAL, loaded_by="test")
QUICK = ("zip-name-0", "xlsx-file", "swapped-areas", "gpkg-file-view", "nul", "huge-integers")
IMPORTED = [
    (case, reader)
    for case in CASES
    for reader in case.readers
    if case.ends == REFUSED and reader.startswith(("dataset:", "records:")) and reader != "dataset:district-assignment"
    and "million" not in case.name
]  # fmt: skip


@pytest.fixture
def city(db: Database) -> Database:
    site = {"kana": None, "kind": "地区活動センター", "activity": True, "address": None, "operator": None, "capacity": None,
            "opened_on": None, "closed_on": None}  # fmt: skip
    make_active(
        db, put(db, "facilities", [{"facility_id": "f1", "name": "城北", **site, "geom": point(0, 0)}])
    )
    return db


def everything(superuser: str) -> dict[str, str]:
    """Number and contents of every table of ours, as one figure each."""
    with psycopg.connect(superuser) as conn:
        tables = conn.execute(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema LIKE 'kyodo%' "
            "AND table_type = 'BASE TABLE' ORDER BY 1, 2"
        ).fetchall()
        found = {}
        for schema, table in tables:
            rows = conn.execute(
                sql.SQL("SELECT t::text FROM {}.{} t ORDER BY 1").format(
                    sql.Identifier(schema), sql.Identifier(table)
                )
            ).fetchall()
            found[f"{schema}.{table}"] = f"{len(rows)} {sha256(repr(rows).encode()).hexdigest()}"
    return found


def bring(db: Database, case: Case, reader: str, folder: Path) -> None:
    secret = folder / "secret.csv"
    secret.write_text("名称\n極秘\n", encoding="utf-8")
    made = case.make(World(folder, secret, "http://127.0.0.1:9/"))
    files = made if isinstance(made, list) else [made]
    what, _, kind = reader.partition(":")
    options = ImportOptions(**case.options)
    if what == "records":
        import_records(db, CODE, kind, files, options, source="試験", by="test")
    else:
        import_files(db, CODE, kind, files, META, options)


@pytest.mark.parametrize(
    ("case", "reader"),
    [
        pytest.param(
            case, reader, id=f"{case.name}-{reader}",
            marks=() if case.name in QUICK and reader in (case.readers[0], "records:asset-ledger") else pytest.mark.full,
        )
        for case, reader in IMPORTED
    ],
)  # fmt: skip
def test_nothing_of_a_refused_file_is_kept(
    city: Database, database: DatabaseUrls, tmp_path: Path, case: Case, reader: str
) -> None:
    before = everything(database.superuser)
    with pytest.raises(KyodoError):
        bring(city, case, reader, tmp_path)
    assert everything(database.superuser) == before


def test_the_comparison_sees_what_an_import_keeps(
    city: Database, database: DatabaseUrls, tmp_path: Path
) -> None:
    before = everything(database.superuser)
    (good,) = (case for case in CASES if case.name == "utf8-bom")
    bring(city, good, "dataset:facilities", tmp_path)
    after = everything(database.superuser)
    assert {name for name in before if before[name] != after[name]} >= {"kyodo.dataset", "kyodo.facility"}
