"""Where the private cluster keeps its files, and which folders it refuses."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import psycopg
import pytest

from geodata.cluster import Cluster, default_state_dir
from geodata.cluster.layout import (
    MAX_SOCKET_PATH_BYTES,
    Account,
    Layout,
    find_binaries,
    private_dir,
    require_reachable,
)
from kyodo_geo.errors import UnavailableError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="acts as a second operating-system user")


def test_two_checkouts_have_two_state_directories() -> None:
    assert default_state_dir(Path("/srv/a")) != default_state_dir(Path("/srv/b"))
    assert default_state_dir(Path("/srv/a")) == default_state_dir(Path("/srv/a"))


def test_a_user_without_root_keeps_state_in_the_xdg_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/home/taro/state")
    assert default_state_dir().parent == Path("/home/taro/state/kyodo-geo")


@pytest.mark.parametrize("length", [10, 60, 90, 104, 120, 240])
def test_the_socket_path_always_fits(length: int) -> None:
    layout = Layout(Path("/" + "s" * (length - 1)))
    assert len(os.fsencode(layout.socket)) <= MAX_SOCKET_PATH_BYTES


def test_the_url_survives_a_path_with_special_characters() -> None:
    url = Layout(Path("/srv/a b,c&d#e")).url("kyodo_app", "kyodo")
    assert psycopg.conninfo.conninfo_to_dict(url) == {
        "user": "kyodo_app",
        "dbname": "kyodo",
        "host": "/srv/a b,c&d#e/run",
    }


def test_a_socket_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError, match="フォルダーではない"):
        private_dir(tmp_path / "run", Account.current())


@as_root
def test_a_socket_directory_of_another_user_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(UnavailableError, match="フォルダーではない"):
        private_dir(folder, Account.for_server())


@as_root
def test_a_state_directory_the_server_user_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "state").mkdir(parents=True)
    closed.chmod(0o700)
    with pytest.raises(UnavailableError, match="postgres"):
        require_reachable(closed / "state", Account.for_server())


def test_an_existing_cluster_decides_the_server_version(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("9999\n")
    with pytest.raises(UnavailableError, match="9999"):
        find_binaries(tmp_path)
    assert (find_binaries() / "initdb").exists()


def test_starting_what_was_never_made_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="db start"):
        Cluster(tmp_path).start()
