"""docker-compose.yml and api/Dockerfile, held against settings, lock file, entry point and database set-up.

There is no Docker engine where this runs, so the files are read as data, and what can be run without one is run:
the health check, and the database's start-up options and first script on a server like the image's.
"""

from __future__ import annotations

import fnmatch
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from api.cli import COMMANDS
from api.settings import PREFIX, Settings
from geodata.cluster.bootstrap import EXTENSIONS
from geodata.cluster.config import APP_ROLE, OWNER_ROLE, postgresql_conf
from geodata.cluster.layout import Account, Layout, find_binaries, private_dir
from geodata.cluster.process import run_as
from geodata.database import Audience, Database
from tests.conftest import ROOT
from tests.fixtures_db import new_state_dir

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SECRETS = {
    "DB_SUPERUSER_PASSWORD": "su-p@ss/1",
    "DB_OWNER_PASSWORD": "ow'n\\er:2",
    "DB_APP_PASSWORD": "a$p p#3",
}
VARIABLE = re.compile(r"\$\{(\w+)(?::(?P<kind>[-?])(?P<rest>[^${}]*))?\}")  # innermost


def compose(variables: dict[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in, as the engine would; raises KeyError for a missing one."""

    def value(found: re.Match[str]) -> str:
        given = variables.get(found[1], "")
        if given or found["kind"] == "-":
            return given or found["rest"]
        raise KeyError(found[1])

    def fill(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: fill(item) for key, item in part.items()}
        if isinstance(part, list):
            return [fill(item) for item in part]
        if isinstance(part, str):
            while VARIABLE.search(part):
                part = VARIABLE.sub(value, part)
        return part

    return fill(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


SERVICES: dict[str, dict[str, Any]] = compose(SECRETS)["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


@dataclass(frozen=True)
class Stage:
    """One FROM of the Dockerfile and what follows it, as (instruction, rest) pairs."""

    base: str
    name: str | None
    steps: list[tuple[str, str]]

    def all(self, instruction: str) -> list[str]:
        return [rest for found, rest in self.steps if found == instruction]


def dockerfile() -> list[Stage]:
    text = (ROOT / "api" / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    stages: list[Stage] = []
    for line in re.sub(r"\s*\\\n\s*", " ", "\n".join(lines)).splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(Stage(base, name or None, []))
        else:
            stages[-1].steps.append((instruction, rest.strip()))
    return stages


BUILD, FINAL = dockerfile()


def environment(stage: Stage) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(stage.all("ENV"))))


# -- settings, secrets --------------------------------------------------------------------------------------


def test_the_services_are_the_database_its_migration_the_api_and_the_worker() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == {
        "db",
        "migrate",
        "api",
        "worker",
    }
    assert SERVICES["sample"]["profiles"] == ["sample"]  # only when asked for


def test_every_variable_of_ours_is_a_setting() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    text += (ROOT / "api" / "Dockerfile").read_text(encoding="utf-8")
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)) <= known


@pytest.mark.parametrize("name", OURS)
def test_the_settings_of_each_service_can_be_used(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [variable for variable in os.environ if variable.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    for variable, value in (environment(FINAL) | OURS[name]["environment"]).items():
        monkeypatch.setenv(variable, value)
    settings = Settings()
    assert settings.cluster() is None
    assert settings.app_url().startswith("postgresql://kyodo_app@db:")
    assert settings.trusted_hosts == ["127.0.0.1", "localhost"]
    assert settings.basemap == "none"
    if name != "migrate":
        assert settings.public_url == "http://127.0.0.1:8000"  # what links for people begin with


@pytest.mark.parametrize("missing", SECRETS)
def test_no_secret_has_a_default(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        compose({name: value for name, value in SECRETS.items() if name != missing})


def test_no_password_stands_in_a_file_or_an_address() -> None:
    for service in SERVICES.values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable:
                assert value in SECRETS.values(), variable
            else:
                assert not set(SECRETS.values()) & {value}
                assert re.search(r"//[^/@]*:[^/@]*@", value) is None, variable


def test_only_the_migration_knows_the_owners_password() -> None:
    def holders(secret: str) -> set[str]:
        return {name for name, s in SERVICES.items() if SECRETS[secret] in s["environment"].values()}

    assert holders("DB_OWNER_PASSWORD") == {"db", "migrate"}
    assert holders("DB_SUPERUSER_PASSWORD") == {"db"}
    assert holders("DB_APP_PASSWORD") >= {"db", "api", "worker"}
    assert "migrate" not in holders("DB_APP_PASSWORD")


# -- images, users, ports -----------------------------------------------------------------------------------


def test_images_are_pinned_and_name_no_registry() -> None:
    images = [service["image"] for service in SERVICES.values()] + [BUILD.base, FINAL.base]
    for image in images:
        repository, _, tag = image.partition(":")
        assert tag, image
        assert tag != "latest", image
        assert "." not in repository.split("/")[0], image


def test_the_database_image_is_the_version_the_project_uses() -> None:
    image = SERVICES["db"]["image"]
    assert re.fullmatch(r"postgis/postgis:15-3\.\d+", image)


def test_the_python_image_is_bookworm_slim_of_the_supported_version() -> None:
    assert BUILD.base == FINAL.base
    found = re.fullmatch(r"python:(\d+\.\d+)-slim-bookworm", FINAL.base)
    assert found is not None
    assert found[1] == PROJECT["tool"]["mypy"]["python_version"]
    assert PROJECT["project"]["requires-python"] == f">={found[1]}"


@pytest.mark.parametrize("name", OURS)
def test_the_service_runs_without_rights(name: str) -> None:
    service = OURS[name]
    (user,) = FINAL.all("USER")
    assert service["user"] == user == "10001:10001"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service


@pytest.mark.parametrize("name", OURS)
def test_what_the_service_writes_to_is_a_volume(name: str) -> None:
    state = OURS[name]["environment"]["KYODO_STATE_DIR"]
    assert state in [volume.split(":")[1] for volume in OURS[name]["volumes"]]
    assert state == environment(FINAL)["KYODO_STATE_DIR"]
    assert f"--owner=kyodo --group=kyodo --mode=0700 {state}" in " ".join(FINAL.all("RUN"))


def test_only_the_api_is_reachable_and_by_default_only_from_this_machine() -> None:
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["api"]
    assert SERVICES["api"]["ports"] == ["127.0.0.1:8000:8000"]
    assert SERVICES["api"]["environment"]["KYODO_PORT"] == "8000"
    assert FINAL.all("EXPOSE") == ["8000"]
    assert environment(FINAL)["KYODO_PORT"] == "8000"


def test_the_database_has_no_way_out() -> None:
    networks = compose(SECRETS)["networks"]
    assert [networks[name]["internal"] for name in SERVICES["db"]["networks"]] == [True]


def test_volumes_and_networks_that_are_used_are_declared() -> None:
    whole = compose(SECRETS)
    for service in SERVICES.values():
        assert set(service["networks"]) <= set(whole["networks"])
        for volume in service["volumes"]:
            origin = volume.split(":")[0]
            assert origin in whole["volumes"] or (ROOT / origin).is_file(), origin


# -- start order, health ------------------------------------------------------------------------------------


def test_nothing_starts_before_the_database_answers_and_is_migrated() -> None:
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("api", "worker", "sample"):
        needed = SERVICES[name]["depends_on"]
        assert needed["db"] == {"condition": "service_healthy"}
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_the_databases_health_is_asked_over_tcp() -> None:
    test = SERVICES["db"]["healthcheck"]["test"]
    assert test[:2] == ["CMD", "pg_isready"]
    assert "--host=127.0.0.1" in test
    assert f"--dbname={SERVICES['db']['environment']['POSTGRES_DB']}" in test


def health_checks() -> list[list[str]]:
    (step,) = FINAL.all("HEALTHCHECK")
    listed = yaml.safe_load(step[step.index("[") :])
    return [SERVICES["api"]["healthcheck"]["test"][1:], listed]


@pytest.mark.parametrize("check", health_checks(), ids=["compose", "image"])
@pytest.mark.parametrize(("answer", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_readyz(check: list[str], answer: int, healthy: bool) -> None:
    asked: list[tuple[str, str]] = []

    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"].split(":")[0]))
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        assert check[:2] == ["python", "-c"]
        program = check[2].replace(":8000/", f":{server.server_port}/")
        proxy = {"http_proxy": "http://127.0.0.1:9"}  # nobody there: the check must not use it
        done = subprocess.run([sys.executable, "-c", program], env=proxy, check=False, capture_output=True)
    finally:
        server.shutdown()
        server.server_close()
    assert (done.returncode == 0) is healthy
    assert asked == [("/readyz", "127.0.0.1")]


def test_readyz_is_a_route() -> None:
    from api.access import ACCESS

    assert ("GET", "/readyz") in ACCESS


# -- the image ----------------------------------------------------------------------------------------------


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps `path` out; the last pattern that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        keep, pattern = pattern.startswith("!"), pattern.removeprefix("!")
        whole = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]*")
        if re.fullmatch(f"{whole}(?:/.*)?", path):
            out = not keep
    return out


def test_everything_copied_exists_and_gets_into_the_build() -> None:
    copied = [words for rest in BUILD.all("COPY") for words in rest.split()[:-1]]
    for path in copied:
        assert (ROOT / path).exists(), path
        assert not ignored(path), path
    packages = {
        pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    }
    assert packages | {"requirements.lock", "pyproject.toml", PROJECT["project"]["readme"]} == set(copied)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        "tests/conftest.py",
        "docs/DOCKER.md",
        ".env",
        "geodata/__pycache__/a.pyc",
    ],
)
def test_history_secrets_and_leftovers_stay_out_of_the_build(path: str) -> None:
    assert ignored(path)


def test_only_pinned_wheels_are_installed() -> None:
    first, second = [step for step in BUILD.all("RUN") if "pip install" in step]
    for option in ("--require-hashes", "--no-deps", "--only-binary :all:", "-r requirements.lock"):
        assert option in first
    for option in ("--no-deps", "--no-build-isolation", "--no-index"):
        assert option in second
    assert "pip check" in second
    # Building without isolation needs the build backend to be in the lock.
    backend = PROJECT["build-system"]["requires"][0].split(">")[0]
    assert re.search(rf"^{backend}==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def test_the_lock_is_installed_before_the_code_is_copied() -> None:
    steps = [f"{instruction} {rest}" for instruction, rest in BUILD.steps]
    lock = next(n for n, step in enumerate(steps) if "--require-hashes" in step)
    code = next(n for n, step in enumerate(steps) if step.startswith("COPY geodata"))
    assert lock < code


def test_the_final_image_holds_only_the_environment() -> None:
    assert FINAL.all("COPY") == ["--from=build /opt/kyodo /opt/kyodo"]
    assert BUILD.name == "build"
    for stage in (BUILD, FINAL):
        assert not stage.all("ADD")
        assert not any(re.search(r"curl|wget|apt-get", step) for step in stage.all("RUN"))


def test_the_entry_point_is_our_program_and_the_commands_are_its_own() -> None:
    entry = yaml.safe_load(FINAL.all("ENTRYPOINT")[0])
    assert entry == ["kyodo-geo"]
    assert entry[0] in PROJECT["project"]["scripts"]
    default = yaml.safe_load(FINAL.all("CMD")[0])
    for command in [default, *(service["command"] for service in OURS.values())]:
        assert command[0] in COMMANDS
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *command, "--help"], cwd=ROOT, check=False, capture_output=True
        )
        assert done.returncode == 0, command


def test_the_image_runs_as_somebody_without_a_shell() -> None:
    (user,) = FINAL.all("USER")
    assert f"--uid {user.split(':')[0]}" in " ".join(FINAL.all("RUN"))
    assert "nologin" in " ".join(FINAL.all("RUN"))
    steps = [instruction for instruction, _ in FINAL.steps]
    assert steps.index("USER") < steps.index("ENTRYPOINT")


def test_the_patterns_of_the_ignore_file_mean_what_the_test_thinks() -> None:
    assert not ignored("geodata/fetch/sources.toml")
    assert ignored("geodata/fetch/__pycache__")
    assert fnmatch.fnmatch("a/__pycache__", "**/__pycache__")


# -- the database, on a server started the way the image starts it -------------------------------------------


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


def free_port() -> int:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as found:
        return found.server_port


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
    mounted = [volume.split(":") for volume in SERVICES["db"]["volumes"] if "initdb.d" in volume]
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
    script = ROOT / "deploy" / "init-database.sql"
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
