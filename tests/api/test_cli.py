"""`kyodo-geo` itself: which commands there are, how failures look, and that starting it is cheap."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import COMMANDS, LONG, load_command
from api.commands.priority import NICE
from geodata.cluster import Cluster
from kyodo_geo.kinds import KINDS
from tests.conftest import ROOT
from tests.fixtures_db import new_state_dir, remove_cluster


def kyodo(
    *arguments: str, state_dir: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the program the way a person does."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
    environment.update(variables)
    if state_dir is not None:
        environment["KYODO_STATE_DIR"] = str(state_dir)
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture
def state_dir() -> Iterator[Path]:
    folder = new_state_dir()
    yield folder
    remove_cluster(folder)


# -- commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_says_what_it_does(name: str) -> None:
    command = load_command(name)
    assert command.name == name
    assert command.get_short_help_str()


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("db", {"start", "stop", "status", "url", "upgrade"}),
        ("dataset", {"list", "show", "diff", "activate", "rollback"}),
        ("sample", {"load"}),
    ],
)
def test_a_group_has_its_sub_commands(group: str, expected: set[str]) -> None:
    assert expected <= set(load_command(group).commands)


def test_long_commands_are_commands() -> None:
    assert set(COMMANDS) >= LONG


def test_help_lists_all_commands() -> None:
    shown = kyodo("--help")
    assert shown.returncode == 0
    assert all(f" {name} " in shown.stdout for name in COMMANDS)


# -- failures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "steps_back"), [("import", True), ("reach", True), ("lookup", False), ("up", False)]
)
def test_what_computes_for_long_lets_pages_go_first(name: str, steps_back: bool) -> None:
    script = (
        "import atexit, os, sys; from api import cli; "
        "atexit.register(lambda: print('nice', os.getpriority(os.PRIO_PROCESS, 0))); "
        f"sys.argv = ['kyodo-geo', {name!r}, '--help']; cli.main()"
    )
    own = os.getpriority(os.PRIO_PROCESS, 0)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.stdout.splitlines()[-1] == f"nice {max(own, NICE) if steps_back else own}"


def test_a_refusal_is_one_japanese_sentence_and_status_1(state_dir: Path) -> None:
    refused = kyodo("db", "url", state_dir=state_dir, KYODO_PORT="eighty")
    assert refused.returncode == 1
    assert refused.stderr.startswith("エラー: 設定の値が正しくありません: KYODO_PORT")
    assert "Traceback" not in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("arguments", [["nope"], ["db", "nope"], ["db", "url", "--role", "root"]])
def test_what_is_not_understood_is_status_2(arguments: list[str]) -> None:
    refused = kyodo(*arguments)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_an_unknown_kind_of_file_is_answered_with_the_kinds_there_are(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b\n", encoding="utf-8")
    refused = kyodo("import", "nosuch", str(file))
    assert refused.returncode == 1
    assert refused.stderr.startswith("エラー: データの種類「nosuch」はありません。使える種類: ")
    assert all(kind in refused.stderr for kind in KINDS)
    assert "Traceback" not in refused.stderr


# -- db -----------------------------------------------------------------------------------------------------


def test_the_private_server_is_started_asked_and_stopped(state_dir: Path) -> None:
    before = kyodo("db", "status", state_dir=state_dir)
    assert (before.returncode, "まだ作られていません" in before.stdout) == (1, True)
    assert "起動しました" in kyodo("db", "start", state_dir=state_dir).stdout
    assert "動いています" in kyodo("db", "start", state_dir=state_dir).stdout
    running = kyodo("db", "status", state_dir=state_dir)
    assert running.returncode == 0
    assert str(state_dir) in running.stdout
    assert kyodo("db", "url", state_dir=state_dir).stdout.strip() == Cluster(state_dir).url()
    assert "停止しました" in kyodo("db", "stop", state_dir=state_dir).stdout
    assert "止まっています" in kyodo("db", "status", state_dir=state_dir).stdout


def test_upgrade_brings_the_schema_and_leaves_the_server_as_it_was(state_dir: Path) -> None:
    upgraded = kyodo("db", "upgrade", state_dir=state_dir)
    assert upgraded.returncode == 0, upgraded.stderr
    assert "スキーマの版" in upgraded.stdout
    assert not Cluster(state_dir).status().running


def test_start_and_stop_refuse_a_database_of_ones_own() -> None:
    for action in ("start", "stop", "status"):
        refused = kyodo("db", action, KYODO_DATABASE_URL="postgresql://app@db.example/kyodo")
        assert refused.returncode == 1
        assert "KYODO_DATABASE_URL" in refused.stderr


def test_the_url_of_a_database_of_ones_own_is_shown() -> None:
    url = "postgresql://app@db.example/kyodo"
    assert kyodo("db", "url", KYODO_DATABASE_URL=url).stdout.strip() == url


def test_a_command_without_a_running_server_says_how_to_start_it(state_dir: Path) -> None:
    refused = kyodo("serve", state_dir=state_dir)
    assert refused.returncode == 1
    assert "kyodo-geo db start" in refused.stderr
