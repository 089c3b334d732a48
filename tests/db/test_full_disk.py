"""No room left, on real file systems: in loads, edits, uploads, dumps and backups. See `tests/db/full_disk.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.conftest import ROOT

# Root has mount rights; anybody else gets them inside a user namespace of its own, staying who they are.
ROOM_OF_ITS_OWN = ["unshare", "--mount"] if os.geteuid() == 0 else [
    "unshare", "--user", "--map-current-user", "--keep-caps", "--mount",
]  # fmt: skip


def scenario(name: str) -> dict[str, Any]:
    if subprocess.run([*ROOM_OF_ITS_OWN, "true"], capture_output=True, check=False).returncode:
        pytest.xfail("this machine's kernel gives nobody a mount namespace: a full disk cannot be made here")
    done = subprocess.run(
        [*ROOM_OF_ITS_OWN, sys.executable, "-m", "tests.db.full_disk", name],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_tables_without_room_take_nothing_by_halves_and_everything_again_later() -> None:
    found = scenario("tablespace")
    for what in ("load", "upload", "edit"):
        assert found[what].startswith("StorageFullError: サーバーのディスクに空きがない"), found
    assert found["same"], "every table as before, to the last byte"
    assert found["reads"] == 40
    contacts, entries = found["edits and entries"]
    assert contacts == entries, "an edit and its entry in the log, or neither"
    assert found["afterwards"] == ["", ""]


@pytest.mark.full
def test_dumps_and_backups_without_room_leave_nothing_and_can_be_made_later() -> None:
    found = scenario("files")
    assert "空き" in found["dump"] and found["dump"].startswith("StorageFullError"), found
    assert "空き" in found["backup"] and found["backup"].startswith("StorageFullError"), found
    assert [path for path in found["left"] if not path.endswith(".lock")] == []
    assert found["afterwards"] == ["", ""]


@pytest.mark.full
def test_a_server_whose_whole_disk_is_full_ends_and_comes_back_with_all_that_was_acknowledged() -> None:
    found = scenario("cluster")
    assert found["said"] and found["acknowledged"] >= 2, found
    assert found["lost"] == []
    assert found["half"] == 0
    assert found["afterwards"] == ""
