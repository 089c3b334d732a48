"""Children of ours end with the process that started them, however that ends."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import pytest

from api.bounded import ROOT, environment

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE)
child.wait()
"""
CHILD = """
import os, signal, sys
sys.path.insert(0, os.getcwd())
from api.bounded import end_with_parent
{call}
print(os.getpid(), flush=True)
signal.pause()
"""


@pytest.mark.parametrize(("database", "given"), [(False, False), (True, True)])
def test_only_a_child_that_asks_the_database_is_told_how_to_sign_in_there(
    monkeypatch: pytest.MonkeyPatch, database: bool, given: bool
) -> None:
    monkeypatch.setenv("PGPASSFILE", "/run/credentials/pgpass")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("KYODO_SMTP_PASSWORD", "secret")
    found = environment(database=database)
    assert ("PGPASSFILE" in found, "PGPASSWORD" in found) == (given, given)
    assert "KYODO_SMTP_PASSWORD" not in found and "PATH" in found


def test_a_sign_in_and_a_look_at_a_strangers_table_are_not() -> None:
    for name in ("auth/apart.py", "looking.py"):
        assert "database=True" not in (ROOT / "api" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("call", "ends"), [("end_with_parent()", True), ("", False)])
def test_a_child_ends_with_a_parent_that_is_killed_outright(call: str, ends: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, CHILD.format(call=call)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        watched = os.pidfd_open(child)
        try:
            os.kill(parent.pid, signal.SIGKILL)
            ended = bool(select.select([watched], [], [], 20 if ends else 0.5)[0])
            assert ended is ends
        finally:
            if not ends:
                os.kill(child, signal.SIGKILL)
            os.close(watched)
