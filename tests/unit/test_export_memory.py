"""Memory of a file's maker does not follow the number of rows. `make bench-exports` does the same with 200,000."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from geodata.exports.formats import FORMATS
from tests.conftest import ROOT

FEW, MANY = 2_000, 30_000
ALLOWED_MB = {"text": 3.0, "file": 24.0}
"""Between few and many rows. Files: the page cache of GDAL, and 0.3 kB per row for the index of FlatGeobuf."""


def memory_of(name: str, rows: int) -> float:
    """MB at most of a process that writes so many generated rows."""
    command = [sys.executable, "-m", "bench.exports", name, "--rows", str(rows)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)["memory_mb"]


@pytest.mark.parametrize("name", FORMATS)
def test_memory_is_the_same_for_many_rows_as_for_few(name: str) -> None:
    grown = memory_of(name, MANY) - memory_of(name, FEW)
    assert grown <= ALLOWED_MB["text" if FORMATS[name].text else "file"]
