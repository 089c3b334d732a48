"""Files for the service's surroundings: units that systemd accepts, configurations, alerts on figures that exist."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from api import metrics, metrics_page
from api.commands import deploy
from api.commands.deploy import FOLDER, NGINX, PGBOUNCER, UNITS, filled
from api.commands.priority import NICE
from api.settings import PREFIX, Settings
from kyodo_geo.errors import InputError
from tests.conftest import ROOT

SERVICES = [name for name in UNITS if name.endswith(".service")]


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The units as an administrator gets them, for a program that is there."""
    folder = tmp_path_factory.mktemp("units")
    program = folder / "kyodo-geo"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    done = CliRunner().invoke(deploy.app, ["systemd", "--to", str(folder), "--program", str(program)])
    assert done.exit_code == 0, done.output
    return folder


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    assert program is not None
    return subprocess.run(
        [program, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
    )


@pytest.mark.parametrize("name", UNITS)
def test_systemd_accepts_the_unit(units: Path, name: str) -> None:
    done = analyzed("verify", "--man=no", str(units / name))
    assert (done.returncode, done.stderr.strip()) == (0, "")


def test_systemd_would_complain_of_a_wrong_one(units: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.service"
    wrong.write_text(
        (units / "kyodo-geo-worker.service").read_text().replace("PrivateTmp=yes", "PrivateTemp=yes")
    )
    assert "PrivateTemp" in analyzed("verify", "--man=no", str(wrong)).stderr


@pytest.mark.parametrize("name", SERVICES)
def test_the_service_is_exposed_as_little_as_can_be(units: Path, name: str) -> None:
    done = analyzed("security", "--offline=true", "--threshold=15", str(units / name))
    assert done.returncode == 0, done.stdout[-600:]
    assert "Overall exposure level" in done.stdout


def test_an_unprotected_one_is_over_the_threshold(tmp_path: Path) -> None:
    bare = tmp_path / "bare.service"
    bare.write_text("[Service]\nExecStart=/bin/true\n")
    assert analyzed("security", "--offline=true", "--threshold=15", str(bare)).returncode != 0


@pytest.mark.parametrize("name", SERVICES)
def test_units_hold_settings_that_exist_and_no_secret(units: Path, name: str) -> None:
    text = (units / name).read_text(encoding="utf-8")
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", text)) <= known
    assert "LoadCredential=pgpass:/etc/kyodo-geo/pgpass" in text
    assert "PASSWORD" not in text


@pytest.mark.parametrize("name", SERVICES)
def test_units_start_commands_that_exist(name: str) -> None:
    from api.cli import COMMANDS

    (line,) = re.findall(r"ExecStart=\S+ (.+)", (FOLDER / name).read_text(encoding="utf-8"))
    assert line.split()[0] in COMMANDS


@pytest.mark.parametrize("name", SERVICES)
def test_only_the_backup_sees_the_backups(name: str) -> None:
    """The same user owns them: what answers the public must not be able to read them all the same."""
    (kept,) = re.findall(r"ExecStart=\S+ db backup (\S+)", (FOLDER / "kyodo-geo-backup.service").read_text())
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert (f"InaccessiblePaths=-{kept}\n" in text) is (name != "kyodo-geo-backup.service")


def test_the_worker_starts_where_it_may_not_change_its_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filter of its unit answers EPERM to `nice` and `setpriority`; the unit itself steps back."""
    from api.commands import worker
    from api.jobs import app as jobs

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    ran = []

    async def run(settings: Settings) -> None:
        ran.append(settings)

    monkeypatch.setattr(os, "nice", refused)
    monkeypatch.setattr(os, "setpriority", refused)
    monkeypatch.setattr(jobs, "run", run)
    monkeypatch.setattr(
        worker, "load_settings", lambda: Settings(database_url="postgresql:///never", log_level="error")
    )
    monkeypatch.setattr("api.logs.configure", lambda *_: None)
    # Not in the main thread: Playwright keeps a loop running there once this process has opened its browser.
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(worker.worker).result()
    assert len(ran) == 1
    text = (FOLDER / "kyodo-geo-worker.service").read_text(encoding="utf-8")
    assert f"Nice={NICE}\n" in text


def test_stopping_is_given_the_time_it_may_take() -> None:
    fields = Settings.model_fields
    needed = fields["shutdown_seconds"].default + fields["drain_seconds"].default
    for name in ("kyodo-geo.service", "kyodo-geo-worker.service"):
        (given,) = re.findall(r"TimeoutStopSec=([0-9]+)", (FOLDER / name).read_text(encoding="utf-8"))
        assert int(given) > needed + 5


# -- the command for hands


@pytest.mark.parametrize(
    ("name", "owner", "passwords"),
    [("kyodo", "unset", "pgpass"), ("kyodo-owner", "postgresql://o@h/d", "pgpass-owner")],
)
def test_the_command_for_hands_works_on_the_services_database(
    tmp_path: Path, name: str, owner: str, passwords: str
) -> None:
    program = tmp_path / "program"
    program.write_text(
        '#!/bin/sh\necho "$KYODO_DATABASE_URL|${KYODO_OWNER_DATABASE_URL-unset}|$KYODO_BASE_URL|'
        '$KYODO_STATE_DIR|$HOME|$PGPASSFILE|$*"\n'
    )
    as_user = tmp_path / "bin" / "setpriv"
    as_user.parent.mkdir()
    as_user.write_text(
        '#!/bin/sh\nwhile case $1 in --*) ;; *) false ;; esac; do shift; done\nPATH=/none exec "$@"\n'
    )
    (as_user.parent / "id").write_text("#!/bin/sh\necho 0\n")
    for path in (program, as_user, as_user.parent / "id"):
        path.chmod(0o755)
    (tmp_path / "kyodo-geo.env").write_text(
        "# text\nKYODO_DATABASE_URL=postgresql://a@h/d\nKYODO_BASE_URL='https://x; touch y'\nPATH=/evil\nEVIL=$(touch z)\n"
    )
    (tmp_path / "backup.env").write_text("KYODO_OWNER_DATABASE_URL=postgresql://o@h/d")
    for _ in range(2):
        done = CliRunner().invoke(deploy.app, ["wrapper", "--to", str(tmp_path), "--program", str(program)])
        assert done.exit_code == 0, done.output
    ran = subprocess.run(
        [tmp_path / name, "db", "status", "a b"], check=True, capture_output=True, text=True, cwd=tmp_path,
        env={"PATH": f"{as_user.parent}:/usr/bin:/bin", "HOME": "/root", "KYODO_CONFIG_DIR": str(tmp_path)},
    )  # fmt: skip
    home = "/var/lib/kyodo-geo" if name == "kyodo" else "/root"
    assert ran.stdout == (
        f"postgresql://a@h/d|{owner}|https://x; touch y|/var/lib/kyodo-geo|{home}|{tmp_path}/{passwords}|db status a b\n"
    )
    assert not {path.name for path in tmp_path.iterdir()} & {"y", "z"}


def test_the_command_for_hands_runs_as_the_service_and_never_for_others(tmp_path: Path) -> None:
    text = (FOLDER / "kyodo.sh").read_text(encoding="utf-8")
    assert "setpriv --reuid=kyodo --regid=kyodo --init-groups --no-new-privs" in text
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = subprocess.run(
        ["sh", FOLDER / "kyodo.sh", "db", "url"], env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "root で実行" in done.stderr


# -- templates


@pytest.mark.parametrize(
    ("name", "values"), [("nginx.conf.template", NGINX), ("pgbouncer.ini.template", PGBOUNCER)]
)
def test_the_template_asks_for_what_is_known_and_nothing_else(name: str, values: dict[str, str]) -> None:
    asked = set(deploy.NAME.findall((FOLDER / name).read_text(encoding="utf-8"))) - {"NAME"}
    assert asked == set(values)
    assert deploy.NAME.findall(filled(name, values)) in ([], ["NAME"])


@pytest.mark.parametrize("value", ['a"b', "a'b", "x; } server {", "a\nb", "`id`", "a\\b"])
def test_no_value_breaks_out_of_its_place(value: str) -> None:
    with pytest.raises(InputError):
        filled("nginx.conf.template", NGINX | {"SERVER_NAME": value})


def test_nginx_keeps_its_files_where_debian_has_a_folder_for_them() -> None:
    """Debian's nginx brings /var/lib/nginx, and no /var/cache/nginx."""
    for name in ("CACHE_DIR", "TEMP_DIR"):
        assert Path("/var/lib/nginx") in [Path(NGINX[name]), *Path(NGINX[name]).parents][:2]
    assert Path("/var/lib/nginx").is_dir()


def test_values_are_set_by_name() -> None:
    run = CliRunner().invoke
    done = run(deploy.app, ["nginx", "--set", "SERVER_NAME=gis.city.example.lg.jp"])
    assert done.exit_code == 0 and "server_name gis.city.example.lg.jp;" in done.output
    assert isinstance(run(deploy.app, ["nginx", "--set", "NOSUCH=1"]).exception, InputError)


def test_every_route_that_takes_large_bodies_does_so_in_nginx_too() -> None:
    from api.middleware import MAX_BODY_BY_ROUTE

    text = (FOLDER / "nginx.conf.template").read_text(encoding="utf-8")
    general = int(re.findall(r"\n    client_max_body_size ([0-9]+)m;", text)[0]) << 20
    special = {
        path: int(size) << 20
        for path, size in re.findall(r"location = (\S+) \{ client_max_body_size ([0-9]+)m;", text)
    }
    for (_, path), limit in MAX_BODY_BY_ROUTE.items():
        assert special.get(path, general) >= limit, path


def test_pgbouncers_container_writes_what_the_command_does(tmp_path: Path) -> None:
    fake = tmp_path / "bin" / "pgbouncer"
    fake.parent.mkdir()
    fake.write_text(f"#!{sys.executable}\nimport os; print(os.environ.get('DB_APP_PASSWORD'))\n")
    fake.chmod(0o755)
    given = PGBOUNCER | {"AUTH_FILE": str(tmp_path / "users"), "DATABASE_SERVER": "host=db port=5432"}
    done = subprocess.run(
        ["sh", str(FOLDER / "start-pgbouncer.sh")], check=True, capture_output=True, text=True,
        env=given | {
            "PATH": f"{fake.parent}:{os.environ['PATH']}", "DB_APP_PASSWORD": 'a"b&\\c $x', "CONFIG": str(tmp_path / "ini"),
            "TEMPLATE": str(FOLDER / "pgbouncer.ini.template"),
        },
    )  # fmt: skip
    assert done.stdout.strip() == "None", "the program itself is not told the password"
    assert (tmp_path / "ini").read_text() == filled("pgbouncer.ini.template", given)
    assert (tmp_path / "users").read_text() == '"kyodo_app" "a""b&\\c $x"\n'
    assert (tmp_path / "users").stat().st_mode & 0o777 == 0o600


# -- alerts


def rules() -> list[dict]:
    (group,) = yaml.safe_load((FOLDER / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    return group["rules"]


def test_alerts_are_about_figures_that_exist() -> None:
    source = Path(metrics_page.__file__).read_text(encoding="utf-8")
    known = set(metrics.HELP) | set(re.findall(r'"(kyodo_[a-z_]+)"', source))
    named = {name for rule in rules() for name in re.findall(r"kyodo_[a-z_]+", rule["expr"])}
    assert {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in named} <= known
    assert len(named) > 12


def test_each_alert_leads_to_a_part_of_the_guide() -> None:
    guide = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
    headings = {line.lstrip("# ").strip() for line in guide.splitlines() if line.startswith("#")}
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        page, _, part = rule["annotations"]["runbook"].partition("#")
        assert page == "OPERATIONS.md" and part in headings, part
