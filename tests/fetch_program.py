"""`kyodo-geo fetch` as a process of its own, with small originals from a local server (fixtures)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from geodata.database import Audience, Database
from geodata.fetch.sources import BUILT_IN
from tests import fetch_server, originals
from tests.conftest import ROOT
from tests.fetch_server import Server, whole
from tests.fixtures_db import DatabaseUrls

CODE = "03201"
FILES = {
    "outline": "N03-20250101_03_GML.zip",
    "small-areas": "A002005212020DDSWC03201-JGD2011.zip",
    "towns": "03201-19.0b.zip",
    "blocks": "03201-24.0a.zip",
    "shelters": "shelters-03201.geojson",
}


@pytest.fixture
def server() -> Iterator[Server]:
    with fetch_server.running() as found:
        yield found


@pytest.fixture
def city(server: Server, tmp_path: Path) -> Server:
    """Small originals, served well."""
    server.routes |= {
        "/outline": whole(originals.outline(), etag='"outline"'),
        "/small-areas": whole(originals.small_areas(tmp_path / "shapes"), etag=None),
        "/towns": whole(originals.towns(), etag='"towns"'),
        "/blocks": whole(originals.blocks(), etag='"blocks"'),
        "/shelters": whole(originals.shelters(), etag='"shelters"'),
        "/assignment": whole(originals.assignment(), etag='"assignment"'),
    }
    return server


def sources_toml(server: Server, *, small: bool = True) -> str:
    """The built-in table with the server's addresses; `small` also takes the figures of the small originals."""
    text = BUILT_IN.read_text(encoding="utf-8")
    for source in FILES:
        text = re.sub(
            rf'(id = "{source}"\n(?:.+\n)*?url = ")[^"]+', rf"\g<1>{server.url('/' + source)}", text
        )
    if small:
        text = text.replace("rows = 964", "rows = 4").replace("loaded_rows = 956", "loaded_rows = 4")
        text = text.replace("JINKO = 289_731", "JINKO = 100").replace("SETAI = 131_110", "SETAI = 50")
        text = text.replace("people = 289_731", "people = 100").replace(
            "households = 131_110", "households = 50"
        )
        text = text.replace("rows = 956", "rows = 4")
        text = text.replace(
            'bundled = "sample/small_area_district_unofficial.csv"',
            f'url = "{server.url("/assignment")}"\nfilename = "assignment.csv"',
        )
    return re.sub(r"rows_min = [0-9_]+", "rows_min = 1", text)


class Program:
    """`kyodo-geo fetch` as a process of its own."""

    def __init__(self, urls: DatabaseUrls, folder: Path) -> None:
        self.urls, self.folder = urls, folder
        self.table = folder / "sources.toml"

    def fetch(self, *options: str) -> subprocess.CompletedProcess[str]:
        plain = {
            k: v for k, v in os.environ.items() if not k.startswith("KYODO_") and "proxy" not in k.lower()
        }
        environment = plain | {
            "KYODO_DATABASE_URL": self.urls.app,
            "KYODO_STATE_DIR": str(self.folder / "state"),
        }
        command = [sys.executable, "-m", "api.cli", "fetch", "--sources", str(self.table), *options]
        return subprocess.run(
            command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True, timeout=300
        )

    def query(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        database = Database(self.urls.app)
        try:
            with database.read(Audience.LOADER) as conn:
                return conn.execute(sql, values).fetchall()  # type: ignore[arg-type]
        finally:
            database.close()

    def active(self) -> dict[str, dict[str, Any]]:
        """kind → active dataset."""
        rows = self.query(
            "SELECT d.* FROM dataset d JOIN generation_dataset g USING (municipality_code, dataset_id, kind)"
            " WHERE generation_no = (SELECT max(generation_no) FROM generation)"
        )
        return {row["kind"]: row for row in rows}


@pytest.fixture
def program(database: DatabaseUrls, city: Server, tmp_path: Path) -> Program:
    found = Program(database, tmp_path)
    found.table.write_text(sources_toml(city), encoding="utf-8")
    return found
