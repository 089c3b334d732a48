"""docker-compose.yml, held against settings, secrets, rights, start order and health checks.

There is no Docker engine where this runs, so the file is read as data; the health check is run for real. The
image is in test_dockerfile.py, the database's first start in db/test_compose_database.py.
"""

from __future__ import annotations

import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import PREFIX, Settings
from tests.compose import BUILD, FINAL, OURS, PROJECT, REPLICA_SECRET, SECRETS, SERVICES, compose, environment
from tests.conftest import ROOT

# -- settings, secrets --------------------------------------------------------------------------------------


def test_the_services_are_the_database_its_migration_the_api_and_the_worker() -> None:
    assert {name for name, service in SERVICES.items() if "profiles" not in service} == {
        "db",
        "migrate",
        "api",
        "worker",
    }
    assert SERVICES["sample"]["profiles"] == ["sample"]  # only when asked for
    assert SERVICES["replica"]["profiles"] == ["replica"]
    assert SERVICES["backup"]["profiles"] == ["backup"]


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
    assert settings.listen_url().startswith("postgresql://kyodo_app@db:")
    assert settings.pooled == (name == "web")
    assert settings.app_url().startswith(
        f"postgresql://kyodo_app@{'pgbouncer:6432' if settings.pooled else 'db:'}"
    )
    assert settings.trusted_hosts == ["127.0.0.1", "localhost"]
    assert settings.basemap == "none"
    if name == "web":
        assert settings.public_url.startswith("https://") and settings.secure_cookies
        assert settings.trusted_proxies == [NETWORKS["edge"]["ipam"]["config"][0]["subnet"]]
        assert settings.log_format == "json"
    elif name not in ("migrate", "backup"):
        assert settings.public_url == "http://127.0.0.1:8000"  # what links for people begin with


@pytest.mark.parametrize("missing", SECRETS)
def test_no_secret_has_a_default(missing: str) -> None:
    with pytest.raises(KeyError, match=missing):
        compose({name: value for name, value in SECRETS.items() if name != missing})


NETWORKS = compose(SECRETS)["networks"]
THEIRS = ("/etc/kyodo-geo/tls", "/var/backups/kyodo-geo")
"""Where a city puts its certificate and its backups; no files of ours."""
KNOWN = {*SECRETS.values(), *REPLICA_SECRET.values()}


def test_no_password_stands_in_a_file_or_an_address() -> None:
    for service in SERVICES.values():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable:
                assert value in KNOWN, variable
            else:
                assert not KNOWN & {value}
                assert re.search(r"//[^/@]*:[^/@]*@", value) is None, variable


def test_only_the_migration_and_the_backup_know_the_owners_password() -> None:
    def holders(secret: str) -> set[str]:
        return {name for name, s in SERVICES.items() if SECRETS[secret] in s["environment"].values()}

    assert holders("DB_OWNER_PASSWORD") == {"db", "migrate", "backup"}
    assert holders("DB_SUPERUSER_PASSWORD") == {"db"}
    assert holders("DB_APP_PASSWORD") >= {"db", "api", "worker"}
    assert not {"migrate", "backup"} & holders("DB_APP_PASSWORD")


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
    open_ones = {name: service["ports"] for name, service in SERVICES.items() if service.get("ports")}
    assert open_ones.keys() == {"api", "nginx"}
    assert open_ones["nginx"] == ["127.0.0.1:443:443", "127.0.0.1:80:80"]
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
            assert origin in whole["volumes"] or (ROOT / origin).is_file() or origin in THEIRS, origin


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
    from api.access_table import ACCESS

    assert ("GET", "/readyz") in ACCESS


# -- what the guide adds --------------------------------------------------------------------------------------

DOCKER = (ROOT / "docs" / "DOCKER.md").read_text(encoding="utf-8")


def test_the_guides_override_is_for_services_that_exist_and_its_settings_can_be_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (override,) = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", DOCKER, re.S))
    assert set(override["services"]) == {"api", "web", "worker"}
    for name, added in override["services"].items():
        assert set(SERVICES[name]["volumes"]) <= set(added["volumes"])
    (example,) = re.findall(r"```\n(KYODO_.*?)```", DOCKER, re.S)
    given = dict(line.split("=", 1) for line in example.splitlines())
    for service in override["services"]:
        assert not set(given) & set(SERVICES[service]["environment"]), "the composition's own value would win"
    settings = Settings(**{name.removeprefix(PREFIX).lower(): value for name, value in given.items()})
    assert settings.faults() == {}


def test_every_variable_that_can_be_set_is_in_the_guide() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"\$\{(\w+)", text)) - {"KYODO_LOG_FORMAT"}
    assert {name for name in named if name not in DOCKER} == set()


@pytest.mark.parametrize("block", re.findall(r"```sh\n(.*?)```", DOCKER, re.S))
def test_the_guides_commands_are_shell_on_services_that_exist(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)
    for words in re.findall(
        r"^docker compose.* (?:run --rm|exec(?: -T)?|stop) (.+?)(?:\s+#.*|<<.*)?$", block, re.M
    ):
        assert words.split()[0] in SERVICES, words
    for profile in re.findall(r"--profile (\w+)", block):
        assert profile in {name for service in SERVICES.values() for name in service.get("profiles", [])}


# -- the replica --------------------------------------------------------------------------------------------


def test_the_replica_is_as_quiet_and_as_shut_off_as_the_primary() -> None:
    primary, replica = SERVICES["db"], SERVICES["replica"]
    assert replica["image"] == primary["image"]
    assert replica["networks"] == primary["networks"]
    assert replica["command"][: len(primary["command"]) - 1] == primary["command"][1:], (
        "its log holds no values either"
    )
    assert "ports" not in replica
    assert {
        name for name, s in SERVICES.items() if set(REPLICA_SECRET.values()) & set(s["environment"].values())
    } == {
        "db",
        "replica",
    }


@pytest.mark.parametrize("name", ["init-replication.sh", "start-replica.sh"])
def test_the_scripts_of_the_replica_are_shell(name: str) -> None:
    subprocess.run(["sh", "-n", ROOT / "geodata" / name], check=True)


def test_a_replica_without_a_password_does_not_start(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", ROOT / "geodata" / "start-replica.sh"], env={"PGDATA": str(tmp_path / "x"), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "DB_REPLICA_PASSWORD" in done.stderr


# -- the whole of a city's service --------------------------------------------------------------------------

FRONT = ("nginx", "web", "pgbouncer")


@pytest.mark.parametrize("name", FRONT)
def test_the_front_starts_only_when_asked_for_and_without_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["profiles"] == ["front"]
    assert service["read_only"] is True and service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_several_processes_stand_behind_nginx_and_one_worker_works() -> None:
    assert SERVICES["web"]["deploy"]["replicas"] == "2"
    assert compose(SECRETS | {"API_COUNT": "4"})["services"]["web"]["deploy"]["replicas"] == "4"
    assert "ports" not in SERVICES["web"], "a number of one machine cannot be had twice"
    assert "deploy" not in SERVICES["worker"]
    assert SERVICES["web"]["healthcheck"] == SERVICES["api"]["healthcheck"]


def test_nginx_reaches_the_processes_and_nothing_behind_them() -> None:
    assert set(SERVICES["nginx"]["networks"]) == {"edge", "front"}
    assert set(SERVICES["web"]["networks"]) == {"backend", "edge", "outward"}
    assert not set(SERVICES["web"]["networks"]) & set(SERVICES["nginx"]["networks"]) - {"edge"}, (
        "nginx would reach it from an address that is not trusted"
    )
    assert not NETWORKS["outward"], "the sign-in system and the mail server are reached through it"
    assert SERVICES["pgbouncer"]["networks"] == ["backend"]
    assert NETWORKS["edge"]["internal"] is True


def test_nginx_and_pgbouncer_are_told_everything_their_templates_ask_for() -> None:
    from api.commands.deploy import FOLDER, NAME

    for service, template in (("nginx", "nginx.conf.template"), ("pgbouncer", "pgbouncer.ini.template")):
        asked = set(NAME.findall((FOLDER / template).read_text(encoding="utf-8")))
        if service == "nginx":
            asked -= {"NAME"}
        assert asked <= set(SERVICES[service]["environment"]), service


def test_the_images_program_of_pgbouncer_is_debians() -> None:
    text = (ROOT / "api" / "deploy" / "pgbouncer.Dockerfile").read_text(encoding="utf-8")
    assert "FROM debian:bookworm-slim" in text and "USER 10001:10001" in text
