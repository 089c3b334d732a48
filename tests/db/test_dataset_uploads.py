"""Uploads and trials: what a trial stores is gone, what it found is what an import would give."""

from __future__ import annotations

import io
import json
from pathlib import Path

import psycopg
import pytest
import shapely

from geodata import dataset_uploads as uploads
from geodata.database import Audience, Database
from geodata.datasets import DatasetMeta
from geodata.diffs import diff
from geodata.generations import activate, plan, rollback
from geodata.importing import ImportOptions, import_files, try_files
from geodata.trial_findings import findings
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.quality import Quality
from tests.factories import CODE, district_rows, make_active, put, square

META = DatasetMeta(title="施設", source="市", quality=Quality.REAL, loaded_by="test")
CSV = "施設番号,名称,種別,経度,緯度\nn1,北館,公民館,141.1,39.7\nn2,南館,公民館,141.2,39.8\n"


@pytest.fixture
def centres(tmp_path: Path) -> Path:
    path = tmp_path / "施設.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def count(db: Database, table: str) -> int:
    with db.read(Audience.LOADER) as conn:
        row = conn.execute(f"SELECT count(*) AS n FROM {table}").fetchone()
    assert row is not None
    return int(row["n"])


def test_a_trial_finds_what_the_import_gives_and_leaves_nothing(db: Database, centres: Path) -> None:
    seen: dict = {}
    tables = ("dataset", "facility_site", "audit", "facility")
    before = {table: count(db, table) for table in tables}
    try_files(
        db, CODE, "facilities", [centres], META, ImportOptions(),
        within=lambda conn, done: seen.update(findings(conn, CODE, done)),
    )  # fmt: skip
    assert {table: count(db, table) for table in tables} == before
    assert seen["rows"][0][:2] == ["n1", "北館"] and seen["columns"][:2] == ["施設番号", "名称"]
    stored = import_files(db, CODE, "facilities", [centres], META, ImportOptions())
    with db.read(Audience.LOADER) as conn:
        real = diff(conn, CODE, stored.stored[0].dataset_id).as_dict()
    assert {**seen["diff"], "dataset_id": 0} == {**real, "dataset_id": 0}
    json.dumps(seen, default=str)


def test_the_first_rows_of_a_network_tell_lines(db: Database, tmp_path: Path) -> None:
    seen: dict = {}
    line = {"type": "LineString", "coordinates": [[141.1, 39.7], [141.1005, 39.7], [141.101, 39.7]]}
    way = {
        "type": "Feature",
        "properties": {"u": 1, "v": 2, "length": 86.0, "highway": "path"},
        "geometry": line,
    }
    path = tmp_path / "edges.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [way]}))
    try_files(
        db, CODE, "walk-network", [path], META, ImportOptions(),
        within=lambda conn, done: seen.update(findings(conn, CODE, done)),
    )  # fmt: skip
    assert "線（3 点）" in seen["rows"][0]


def test_an_exception_within_the_storing_undoes_it(db: Database, centres: Path) -> None:
    def refuse(conn, done) -> None:
        raise InputError("いいえ")

    with pytest.raises(InputError):
        import_files(db, CODE, "facilities", [centres], META, ImportOptions(), within=refuse)
    assert count(db, "dataset") == 0


def add(db: Database, name: str = "aaa") -> None:
    with db.write(Audience.LOADER) as conn:
        uploads.add(
            conn, CODE, name, [("施設.csv", io.BytesIO(CSV.encode()))], kind="facilities", size=len(CSV), options={},
            meta={}, by="hanako",
        )  # fmt: skip


def test_an_upload_goes_to_one_worker_and_comes_back_from_a_silent_one(db: Database) -> None:
    add(db)
    with db.write(Audience.LOADER) as conn:
        first = uploads.claim(conn)
        assert first is not None and uploads.claim(conn) is None
        conn.execute("UPDATE dataset_upload SET touched_at = now() - interval '3 minutes'")
        second = uploads.claim(conn)
        assert second is not None and second.attempts == 2
        assert not uploads.touch(conn, first, 1) and uploads.touch(conn, second, 1)
        assert not uploads.kept(conn, first, [1]), "the first one stores nothing any more"


def test_the_bytes_come_back_and_go_with_the_upload(db: Database) -> None:
    add(db)
    out = io.BytesIO()
    assert uploads.read_into(db, CODE, "aaa", "input", 0, out) and out.getvalue() == CSV.encode()
    with db.write(Audience.LOADER) as conn:
        uploads.discard(conn, CODE, "aaa", by="hanako")
    assert count(db, "dataset_upload_piece") == 0
    with db.read(Audience.LOADER) as conn, pytest.raises(NotFoundError):
        uploads.upload(conn, CODE, "aaa")


def test_old_uploads_are_purged_and_there_are_not_too_many(db: Database) -> None:
    for number in range(uploads.MAX_UPLOADS):
        add(db, f"u{number}")
    with pytest.raises(ConflictError, match="取りやめ"):
        add(db, "one-more")
    with db.write(Audience.LOADER) as conn:
        conn.execute("UPDATE dataset_upload SET expires_at = now() WHERE upload_id < 'u5'")
        assert uploads.purge(conn) == 5


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.STAFF, Audience.PARTNER, Audience.AUTH])
def test_nobody_but_the_loader_reads_the_files(db: Database, audience: Audience) -> None:
    add(db)
    for table in ("dataset_upload", "dataset_upload_piece"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.read(audience) as conn:
            conn.execute(f"SELECT * FROM {table}")


def test_the_files_reach_no_write_ahead_log(db: Database) -> None:
    with db.read(Audience.LOADER) as conn:
        row = conn.execute(
            "SELECT relpersistence::text AS p FROM pg_class WHERE relname = 'dataset_upload_piece'"
        ).fetchone()
    assert row == {"p": "u"}


def test_an_activation_is_refused_when_another_generation_came_meanwhile(db: Database) -> None:
    first = put(db, "districts", district_rows({1: square(0, 0)}))
    second = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    activate(db, CODE, [first], by="hanako", note="初回", expected=0)
    with pytest.raises(ConflictError, match=r"hanako さんが世代 1 .*初回"):
        activate(db, CODE, [second], by="taro", expected=0)
    activate(db, CODE, [second], by="taro", expected=1)
    with pytest.raises(ConflictError, match="taro"):
        rollback(db, CODE, by="hanako", expected=1)


def test_the_plan_says_what_the_activation_does_and_the_audit_how_much(db: Database) -> None:
    make_active(db, put(db, "districts", district_rows({1: square(0, 0)})))
    new = put(db, "districts", district_rows({1: square(0, 0), 2: square(1, 0)}))
    with db.read(Audience.LOADER) as conn:
        planned = plan(conn, CODE, [new])
    done = activate(db, CODE, [new], by="taro", expected=planned.current_no)
    assert tuple(planned.fresh) == done.activated and tuple(planned.retired) == done.retired
    with db.read(Audience.LOADER) as conn:
        row = conn.execute("SELECT details FROM audit ORDER BY entry_no DESC LIMIT 1").fetchone()
    assert row is not None
    assert row["details"]["figures"]["districts"] == {
        "added": 1, "removed": 0, "changed": 0, "moved_m2": 0, "moved_people": 0,
    }  # fmt: skip


def test_a_shape_that_only_begins_elsewhere_has_not_changed(db: Database) -> None:
    whole = square(0, 0)
    ring = list(whole.geoms[0].exterior.coords)[:-1]
    turned = shapely.MultiPolygon([shapely.Polygon([*ring[2:], *ring[:2]])])
    make_active(db, put(db, "districts", district_rows({1: whole})))
    other = put(db, "districts", district_rows({1: turned}))
    with db.read(Audience.LOADER) as conn:
        assert diff(conn, CODE, other).changed == 0
