"""Bulk work over GeoParquet: the service's answers and figures, files that are whole, runs that go on where they stopped."""

from __future__ import annotations

import csv
import json
import os
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from typer.testing import CliRunner

from api.cli import app
from geodata import reach_arrays
from geodata.bulk import coverage, ground, lookup, parts, running
from geodata.database import Database
from geodata.queries.generation import Ref, resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.errors import ConflictError, FileFormatError, InputError
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup.columns import COLUMNS, columns_of
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.reach.figures import figures, nearest
from tests.bulk_world import HOME, also_as, exported, rows_of, write_addresses
from tests.fixtures_db import DatabaseUrls

OTHER = "03202"


@pytest.fixture(scope="module")
def grounds(sample_town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled sample under two codes."""
    found = exported(sample_town.app, tmp_path_factory.mktemp("ground"))
    also_as(found, [OTHER])
    return found


@pytest.fixture(scope="module")
def read(sample_town: DatabaseUrls) -> tuple[Ref, Snapshot]:
    database = Database(sample_town.app, max_size=2)
    with database.read() as conn:
        ref = resolve(conn, HOME)
        found = ref, lookup_snapshot(conn, ref)
    database.close()
    return found


@pytest.fixture(scope="module")
def texts(read: tuple[Ref, Snapshot]) -> list[str | None]:
    """Addresses of every kind of outcome."""
    found: list[str | None] = [
        f"盛岡市{row.town}{number}番{house}号"
        for at, (row, number) in enumerate(read[1].blocks.whole())
        for house in (1, 7)
        if at % 4 == 0
    ]
    return [
        *found[:1400],
        None,
        "",
        "   ",
        "x" * 300,
        "東京都千代田区千代田1-1",
        "盛岡市\n内丸",
        "ここではない",
        "盛岡市内丸12番2号",
    ]


@pytest.fixture
def source(tmp_path: Path, texts: list[str | None]) -> Path:
    write_addresses(tmp_path / "in", OTHER, texts[::-3])
    return write_addresses(tmp_path / "in", HOME, texts)


def command(*arguments: object) -> str:
    done = CliRunner().invoke(app, ["bulk", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


# -- one index, one function, one answer ------------------------------------------------------------------------------


def test_every_row_has_the_services_answer(
    source: Path, grounds: Path, tmp_path: Path, texts: list[str | None], read: tuple[Ref, Snapshot]
) -> None:
    command("lookup", source, tmp_path / "out", "--ground", grounds, "--rows", 1000)
    rows = [row for row in rows_of(tmp_path / "out") if row["municipality_code"] == HOME]
    assert [row["番号"] for row in rows] == list(range(len(texts))), "all rows, in their order"
    index = LookupIndex(read[1])
    outcomes = set()
    for row, text in zip(rows, texts, strict=True):
        plain = " ".join((text or "").split())
        if plain and len(plain) <= 200:
            wanted = dict(zip(COLUMNS, columns_of(index.by_address(plain)).cells(), strict=True))
            assert {name: row[name] for name in COLUMNS} == wanted
            spot = None if row["geometry"] is None else shapely.from_wkb(row["geometry"])
            assert (spot.x, spot.y) if spot else (row["lon"], row["lat"]) == (None, None)
        else:
            assert row["outcome"] == "not_understood"
        outcomes.add(row["outcome"])
    assert outcomes >= {"one", "outside_city", "not_understood"}


def test_the_result_is_geoparquet(source: Path, grounds: Path, tmp_path: Path) -> None:
    import geopandas as gpd

    command("lookup", source, tmp_path / "out", "--ground", grounds)
    path = next((tmp_path / "out").glob(f"municipality={HOME}/*.parquet"))
    frame = gpd.read_parquet(path.open("rb"))
    known = frame[frame.lon.notna()]
    assert (known.geometry.x == known.lon).all()
    assert frame.crs.to_authority() == ("OGC", "CRS84")
    meta = json.loads(pq.ParquetFile(path.open("rb")).metadata.metadata[b"geo"])
    assert meta["columns"]["geometry"]["bbox"] == pytest.approx(known.total_bounds.tolist())


def test_an_index_of_the_export_is_that_of_the_database(grounds: Path, read: tuple[Ref, Snapshot]) -> None:
    made, of_database = ground.snapshot(grounds, HOME), read[1]
    assert made.towns == of_database.towns
    assert made.rules == of_database.rules
    assert [(a.association_id, a.name, a.district_no) for a in made.associations] == [
        (a.association_id, a.name, a.district_no) for a in of_database.associations
    ]
    assert (made.phone, made.department, made.revision) == (
        of_database.phone,
        of_database.department,
        of_database.revision,
    )
    assert len(made.blocks) == len(of_database.blocks)
    assert len(made.lots) == len(of_database.lots)
    assert made.dataset["quality"] == of_database.dataset["quality"]


def test_no_contact_and_no_vacant_house_is_exported(grounds: Path) -> None:
    assert not list(grounds.glob("*vacant*"))
    for path in grounds.glob(f"*/municipality={HOME}/*.parquet"):
        names = pq.ParquetFile(path.open("rb")).schema_arrow.names
        assert not {"contact", "owner_willing", "consented_on"} & set(names), path


def test_coverage_is_that_of_the_services_pages(
    grounds: Path, tmp_path: Path, sample_town: DatabaseUrls
) -> None:
    day = date(2026, 10, 1)
    command("coverage", tmp_path / "out", "--ground", grounds, "--on", day, "--distances", "500,1200")
    database = Database(sample_town.app, max_size=2)
    with database.read() as conn:
        ref = resolve(conn, HOME)
        held = reach_arrays.gathered(conn, ref, with_network=False)
        own = {
            row["key_code"]: row["people"]
            for row in conn.execute(
                "SELECT key_code, people FROM small_area WHERE municipality_code = %s", (HOME,)
            )
        }
    database.close()
    inside = held.activity & (held.opened <= day.toordinal()) & (day.toordinal() < held.closed)
    _, cost = nearest(held.straight[:, inside])
    people = np.array([own[str(key)] or 0 for key in held.key], dtype=float)
    wanted = figures(cost, people, (500, 1200))
    with (tmp_path / "out" / "coverage.csv").open(encoding="utf-8-sig") as file:
        row = next(row for row in csv.DictReader(file) if row["市区町村"] == HOME)
    assert int(row["施設"]) == inside.sum()
    assert int(row["人口"]) == round(float(wanted.people[0, 0]))
    assert int(row["500m以内"]) == round(float(wanted.within[0, 0, 0]))
    assert int(row["1200m以内"]) == round(float(wanted.within[1, 0, 0]))
    assert float(row["平均距離m"]) == pytest.approx(float(wanted.mean_cost[0, 0]), abs=1)
    areas = {r["key_code"]: r for r in rows_of(tmp_path / "out") if r["municipality_code"] == HOME}
    for key, metres in zip(held.key, cost, strict=True):
        assert areas[str(key)]["metres"] == pytest.approx(float(metres), abs=1)


def test_coverage_of_halls_and_of_a_place_without_any(grounds: Path, tmp_path: Path) -> None:
    for folder in grounds.glob("halls/municipality=" + OTHER):
        for path in folder.iterdir():
            path.unlink()
    command("coverage", tmp_path / "out", "--ground", grounds, "--of", "halls", "--on", "2026-10-01")
    facts = {f["municipality"]: f for f in map(coverage.facts_of, (tmp_path / "out").glob("*/*.parquet"))}
    assert facts[HOME]["facilities"] > 50
    assert 0 < facts[HOME]["within"]["500"] < facts[HOME]["people"]
    assert facts[OTHER]["facilities"] == 0
    assert facts[OTHER]["unreachable"] == facts[OTHER]["people"] > 0
    assert facts[OTHER]["mean_m"] is None


# -- whole files, going on -------------------------------------------------------------------------------------------


def test_a_run_that_was_stopped_goes_on_and_makes_nothing_twice(
    source: Path, grounds: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    command("lookup", source, target, "--ground", grounds, "--rows", 1000)
    once = rows_of(target)
    next(target.glob(f"municipality={OTHER}/*.parquet")).unlink()
    (target / f"municipality={HOME}" / ".part-00000-x.tmp").write_bytes(b"half")
    kept = {path: path.stat().st_mtime_ns for path in target.glob("*/*.parquet")}
    command("lookup", source, target, "--ground", grounds, "--rows", 1000)
    assert rows_of(target) == once
    assert all(path.stat().st_mtime_ns == at for path, at in kept.items()), "what was there is not made again"
    assert not list(target.glob("*/.part-*"))
    manifest = json.loads((target / "_manifest.json").read_text())
    assert sum(part["rows"] for part in manifest["parts"]) == len(once)


def test_another_plan_does_not_mix_with_a_result(source: Path, grounds: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    command("lookup", source, target, "--ground", grounds, "--rows", 1000)
    write_addresses(source, HOME, ["盛岡市内丸12番2号"])
    with pytest.raises(ConflictError):
        command("lookup", source, target, "--ground", grounds, "--rows", 1000)
    command("lookup", source, target, "--ground", grounds, "--rows", 1000, "--force")
    assert len([row for row in rows_of(target) if row["municipality_code"] == HOME]) == 1


def test_a_folder_of_something_else_is_not_written_to(source: Path, grounds: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine")
    with pytest.raises(ConflictError):
        command("lookup", source, tmp_path / "out", "--ground", grounds)


def test_two_do_not_lead_the_same_work(tmp_path: Path) -> None:
    other = parts.result(tmp_path / "out", [], about={}, force=False)
    with parts.result(tmp_path / "out", [], about={}, force=False), pytest.raises(ConflictError):
        other.__enter__()


def test_a_part_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "municipality=03201" / "part-00000-x.parquet"
    with pytest.raises(ZeroDivisionError), parts.whole(path) as passing:
        passing.write_bytes(b"half")
        raise ZeroDivisionError
    assert list(path.parent.iterdir()) == []


def test_what_goes_wrong_is_told_without_the_row(tmp_path: Path) -> None:
    part = lookup.LookupPart("03201", "x", 0, 1, "住所", "y", "v", str(tmp_path / "t"))

    def work(_: lookup.LookupPart) -> running.Done:
        raise ValueError("盛岡市内丸12番2号")

    found = running.guarded(part, work)
    assert isinstance(found, running.Failed)
    assert "内丸" not in found.why
    assert found.why.startswith("ValueError at test_bulk.py:")


def test_parts_are_stretches_whatever_the_row_groups(
    source: Path, grounds: Path, tmp_path: Path, texts: list[str | None]
) -> None:
    for rows in (1, 699, 700, 701, 5000):
        with (source / f"municipality={HOME}" / "part-0.parquet").open("rb") as stream:
            file = pq.ParquetFile(stream)
            found = [
                pa.Table.from_batches(list(lookup._stretch(file, start, start + rows)))
                .column("番号")
                .to_pylist()
                for start in range(0, len(texts) if rows > 1 else 3, rows)
            ]
        assert [n for part in found for n in part] == list(range(len(texts) if rows > 1 else 3))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"column": "無い列"}, "column"), ({"grounds": "empty"}, "ground"), ({"source": "empty"}, "IN")],
)
def test_what_cannot_work_is_said_before_anything_is_written(
    source: Path, grounds: Path, tmp_path: Path, change: dict[str, str], field: str
) -> None:
    (tmp_path / "empty").mkdir()
    given = {"source": source, "grounds": grounds} | {
        k: tmp_path / v for k, v in change.items() if k != "column"
    }
    with pytest.raises(InputError) as raised:
        lookup.plan(given["source"], tmp_path / "out", given["grounds"], change.get("column", "住所"))
    assert raised.value.details["field"] == field
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("harm", ["cut", "empty", "text", "footer", "pages"])
def test_damaged_files_are_said(source: Path, grounds: Path, tmp_path: Path, harm: str) -> None:
    """A file cut short, of another kind or with bytes changed: named in words, and no part of a result is left."""
    folder = tmp_path / "damaged" / f"municipality={HOME}"
    folder.mkdir(parents=True)
    whole = next((source / f"municipality={HOME}").glob("*.parquet")).read_bytes()
    (folder / "a.parquet").write_bytes(
        {
            "cut": whole[: len(whole) // 2],
            "empty": b"",
            "text": "番号,住所\n1,内丸".encode(),
            "footer": whole[:-200] + bytes(192) + whole[-8:],
            "pages": whole[:4] + b"\xff" * (len(whole) // 3) + whole[4 + len(whole) // 3 :],
        }[harm]
    )
    target = tmp_path / "out"
    if harm == "pages":
        (part, *_) = lookup.plan(folder.parent, target, grounds, "住所")
        (failed,) = running.run([part], lookup.run)
        assert failed.code == HOME and "内丸" not in failed.why
        assert not list(target.rglob("*.parquet"))
        return
    with pytest.raises(FileFormatError, match="Parquet として読めません"):
        lookup.plan(folder.parent, target, grounds, "住所")
    assert not target.exists()


def test_indexes_of_a_few_municipalities_are_kept(grounds: Path) -> None:
    kept = lookup.Indexes(most=1)
    first = kept.get(str(grounds), HOME, "v")
    assert kept.get(str(grounds), HOME, "v") is first
    kept.get(str(grounds), OTHER, "v")
    assert kept.get(str(grounds), HOME, "v") is not first


def test_results_are_readable_by_their_owner_alone(source: Path, grounds: Path, tmp_path: Path) -> None:
    command("lookup", source, tmp_path / "out", "--ground", grounds)
    for path in (tmp_path / "out").glob("*/*.parquet"):
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_uid == os.geteuid()
