"""The compose file's database, migration and service, on a server started the way its image starts it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from api.settings import PREFIX
from geodata.cluster.bootstrap import EXTENSIONS
from geodata.cluster.config import APP_ROLE, OWNER_ROLE, postgresql_conf
from geodata.cluster.layout import Account, Layout, find_binaries, private_dir
from geodata.cluster.process import run_as
from geodata.database import Audience, Database
from tests.compose import SECRETS, SERVICES, free_port
from tests.conftest import ROOT
from tests.fixtures_db import new_state_dir


@dataclass(frozen=True)
class Server:
    """A server with passwords over TCP, as in the container; `environment` finds it."""

    port: int
    socket_dir: Path

    def url(self, role: str, dbname: str = "kyodo") -> str:
        return f"postgresql://{role}@127.0.0.1:{self.port}/{dbname}"

    def connect(self, role: str, password: str, dbname: str = "kyodo") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.url(role, dbname), password=password, autocommit=True)

    def psql(self, script: Path, dbname: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """As the image's entry point runs a script of /docker-entrypoint-initdb.d."""
        command = ["psql", "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "--dbname", self.url("postgres", dbname)]
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "DB_"))}
        return subprocess.run(
            [*command, "-f", script], check=False, capture_output=True, text=True, env={**plain, **variables}
        )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """initdb and start with the options of the compose file; stopped and removed at the end."""
    account, binaries, folder = Account.for_server(), find_binaries(), new_state_dir()
    data, sockets = folder / "data", Layout(folder).socket_dir
    private_dir(data, account)
    private_dir(sockets, account)
    secret = data.with_name("secret")
    secret.write_text(SECRETS["DB_SUPERUSER_PASSWORD"] + "\n")
    secret.chmod(0o644)
    given = SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split()
    port = free_port()
    command = SERVICES["db"]["command"]
    assert command[0] == "postgres"
    options = [f"{flag}{value}" for flag, value in zip(command[1::2], command[2::2], strict=True)]
    options += [
        f"-cport={port}",
        "-clisten_addresses=127.0.0.1",
        f"-cunix_socket_directories={sockets}",
        "-cfsync=off",
    ]
    pg_ctl = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
    try:
        initdb = [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "--username=postgres",
            f"--pwfile={secret}",
            "--no-sync",
        ]
        run_as(account, [*initdb, "--auth=scram-sha-256", *given], "initdb")
        run_as(account, [*pg_ctl, "-s", "-l", str(data / "log"), "-o", " ".join(options), "start"], "start")
        found = Server(port, sockets)
        with found.connect("postgres", SECRETS["DB_SUPERUSER_PASSWORD"], "postgres") as conn:
            conn.execute("CREATE DATABASE kyodo")
        yield found
    finally:
        if (data / "postmaster.pid").exists():
            run_as(account, [*pg_ctl, "-m", "immediate", "stop"], "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def prepared(server: Server) -> Server:
    """After the image's first start: the mounted script has run once."""
    mounted = [volume.split(":") for volume in SERVICES["db"]["volumes"] if "init-database.sql" in volume]
    assert len(mounted) == 1
    assert mounted[0][1].endswith(".sql")
    variables = {
        name: value for name, value in SERVICES["db"]["environment"].items() if name.startswith("DB_")
    }
    done = server.psql(
        ROOT / mounted[0][0], "kyodo", PGPASSWORD=SECRETS["DB_SUPERUSER_PASSWORD"], **variables
    )
    assert done.returncode == 0, done.stderr
    return server


@pytest.fixture(scope="module")
def migrated(prepared: Server) -> Server:
    """After the one-shot service: its own command with its own environment."""
    service = SERVICES["migrate"]
    variables = {
        name: value.replace("@db:5432", f"@127.0.0.1:{prepared.port}")
        for name, value in service["environment"].items()
    }
    plain = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PG"))}
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *service["command"]],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={**plain, **variables},
    )
    assert done.returncode == 0, done.stderr
    return prepared


def test_the_options_of_the_database_are_the_private_clusters(server: Server) -> None:
    """Rows can hold addresses of vacant houses: neither server may write them to its log."""
    ours = dict(
        re.findall(
            r"^(\w+) = '?([^'\n]*)'?$", postgresql_conf(Layout(Path("/x")), durable=True), re.MULTILINE
        )
    )
    with server.connect("postgres", SECRETS["DB_SUPERUSER_PASSWORD"], "postgres") as conn:
        for option in ("log_error_verbosity", "log_min_error_statement", "log_parameter_max_length_on_error"):
            (row,) = conn.execute("SELECT current_setting(%s)", (option,)).fetchall()
            assert row[0] == ours[option], option
        encoding = conn.execute(
            "SELECT current_setting('server_encoding'), current_setting('data_checksums')"
        ).fetchone()
    assert encoding == ("UTF8", "on")


@pytest.mark.parametrize(
    "given", [{}, {"DB_OWNER_PASSWORD": "x"}, {"DB_OWNER_PASSWORD": "x", "DB_APP_PASSWORD": ""}]
)
def test_without_passwords_the_first_start_fails_and_makes_nothing(
    server: Server, given: dict[str, str]
) -> None:
    script = ROOT / "geodata" / "init-database.sql"
    done = server.psql(script, "postgres", PGPASSWORD=SECRETS["DB_SUPERUSER_PASSWORD"], **given)
    assert done.returncode != 0
    assert "DB_APP_PASSWORD" in done.stderr
    with server.connect("postgres", SECRETS["DB_SUPERUSER_PASSWORD"], "postgres") as conn:
        assert conn.execute("SELECT extname FROM pg_extension WHERE extname = 'postgis'").fetchall() == []


def test_the_login_roles_have_the_private_clusters_rights_and_no_more(prepared: Server) -> None:
    with prepared.connect("postgres", SECRETS["DB_SUPERUSER_PASSWORD"]) as conn:
        rows = conn.execute(
            "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
            " FROM pg_roles WHERE rolname IN (%s, %s) ORDER BY rolname",
            (APP_ROLE, OWNER_ROLE),
        ).fetchall()
        installed = {name for (name,) in conn.execute("SELECT extname FROM pg_extension").fetchall()}
    assert rows == [
        (APP_ROLE, False, False, False, False, False, False),
        (OWNER_ROLE, False, True, True, False, False, False),
    ]
    assert set(EXTENSIONS) <= installed


@pytest.mark.parametrize("role", [APP_ROLE, OWNER_ROLE, "postgres"])
def test_nobody_gets_in_without_the_right_password(prepared: Server, role: str) -> None:
    for password in ("", "postgres", role):
        with pytest.raises(psycopg.OperationalError):
            prepared.connect(role, password).close()


def test_the_migration_runs_as_the_owner_and_the_service_serves_each_audience(
    migrated: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", SERVICES["api"]["environment"]["PGPASSWORD"])
    database = Database(migrated.url(APP_ROLE))
    try:
        for audience in Audience:
            with database.read(audience) as conn:
                row = conn.execute("SELECT current_user AS me, count(*) AS n FROM municipality").fetchone()
                assert row == {"me": audience.value, "n": 0}
    finally:
        database.close()


def test_the_service_itself_may_read_nothing_until_it_takes_a_role(migrated: Server) -> None:
    with migrated.connect(APP_ROLE, SECRETS["DB_APP_PASSWORD"]) as conn:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT * FROM kyodo.municipality")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("CREATE TABLE public.mine ()")


def test_the_api_becomes_healthy_once_there_are_data(migrated: Server, tmp_path: Path) -> None:
    """Its own command, environment and health check, and the command of the service `sample`."""
    port = free_port()

    def variables(service: dict[str, Any]) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PG"))}
        filled = {
            name: value.replace("@db:5432", f"@127.0.0.1:{migrated.port}")
            for name, value in service["environment"].items()
        }
        return (
            plain
            | filled
            | {"KYODO_STATE_DIR": str(tmp_path), "KYODO_HOST": "127.0.0.1", "KYODO_PORT": str(port)}
        )

    def run(service: dict[str, Any]) -> list[str]:
        return [sys.executable, "-m", "api.cli", *service["command"]]

    def healthy() -> bool:
        program = SERVICES["api"]["healthcheck"]["test"][-1].replace(":8000/", f":{port}/")
        return (
            subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0
        )

    def within(seconds: float, is_so: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while not (found := is_so()) and time.monotonic() < deadline:
            time.sleep(0.2)
        return found

    log = tmp_path / "log"
    with log.open("wb") as out:
        serving = subprocess.Popen(
            run(SERVICES["api"]), cwd=ROOT, env=variables(SERVICES["api"]), stdout=out, stderr=out
        )
    try:
        answers = within(30, lambda: b"startup complete" in log.read_bytes() or serving.poll() is not None)
        assert answers, log.read_text()
        assert serving.poll() is None, log.read_text()
        assert not healthy()
        done = subprocess.run(
            run(SERVICES["sample"]),
            cwd=ROOT,
            env=variables(SERVICES["sample"]),
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert within(15, healthy), log.read_text()
    finally:
        serving.terminate()
        try:
            serving.wait(30)
        except subprocess.TimeoutExpired:
            serving.kill()
            serving.wait()
