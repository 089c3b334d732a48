"""Municipalities as GeoParquet for bulk work: exported from a database, copied under further codes, with addresses."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from geodata.bulk.export import export
from geodata.bulk.lookup import LookupPart, run
from geodata.bulk.parts import whole
from geodata.bulk.running import Done
from geodata.database import Audience, Database
from geodata.queries.generation import resolve

HOME = "03201"


def exported(url: str, target: Path, code: str = HOME) -> Path:
    """The ground of a municipality."""
    database = Database(url, max_size=2)
    try:
        with database.read(Audience.STAFF) as conn:
            export(conn, resolve(conn, code), target)
    finally:
        database.close()
    return target


def also_as(ground: Path, codes: list[str]) -> None:
    """The same municipality under further codes."""
    for folder in list(ground.glob(f"*/municipality={HOME}")):
        for code in codes:
            shutil.copytree(folder, folder.with_name(f"municipality={code}"))


def write_addresses(target: Path, code: str, texts: list[str | None], name: str = "part-0.parquet") -> Path:
    """A table of addresses of a municipality, with a number of each row's own."""
    folder = target / f"municipality={code}"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.table({"番号": pa.array(range(len(texts)), pa.int64()), "住所": pa.array(texts, pa.string())})
    pq.write_table(table, folder / name, row_group_size=700)
    return target


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Every row of a result with its municipality, part by part in the order of their names."""
    found = []
    for path in sorted(folder.glob("municipality=*/part-*.parquet")):
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            rows = file.read().to_pylist()
        found += [{"municipality_code": path.parent.name[-5:], **row} for row in rows]
    return found


def caught_once(part: LookupPart) -> Done:
    """The work of a lookup; the first worker to get here stops in the middle of its file, and waits to be killed."""
    marker = Path(part.ground) / "caught"
    try:
        descriptor = os.open(marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
    except FileExistsError:
        return run(part)
    with whole(Path(part.target)) as passing:
        passing.write_bytes(b"PAR1 half a file")
        os.write(descriptor, str(os.getpid()).encode())
        os.close(descriptor)
        time.sleep(600)
    raise AssertionError("nobody came")
