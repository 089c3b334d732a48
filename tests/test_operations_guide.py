"""Every command of the operators' guide exists, with these options; every path it names to edit is one the units use."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from api import cli
from api.settings import PREFIX, Settings
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.S)
NAMES = "(?:kyodo-geo|kyodo-owner|kyodo)"
"""The program, and the two names by which the wrapper calls it with the service's settings."""
OURS = re.compile(rf"(?:^|[|] )(?:/[a-z/-]+/bin/)?({NAMES} [^|&;\n#>]+)", re.M)
INLINE = re.compile(rf"`(?:/[a-z/-]+/bin/)?({NAMES} [^`]+)`")


def commands() -> list[str]:
    written = [line for block in BLOCKS for line in OURS.findall(block)] + INLINE.findall(GUIDE)
    return sorted({line.strip() for line in written})


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and what is left: its arguments and options."""
    found: Any = get_command(cli.app)
    context = found.make_context("kyodo-geo", [], resilient_parsing=True)
    while hasattr(found, "get_command") and words:
        following = found.get_command(context, words[0])
        if following is None:
            raise LookupError(words[0])
        found, words = following, words[1:]
    return found, words


def unknown(line: str) -> str | None:
    """What of a command line does not exist."""
    try:
        command, rest = command_of(shlex.split(line)[1:])
    except LookupError as error:
        return str(error)
    known = {name for parameter in command.params for name in parameter.opts}
    for word in rest:
        name = word.partition("=")[0]
        if name.startswith("--") and name not in known:
            return name
    return None


def test_the_guide_names_many_commands() -> None:
    assert len(commands()) > 20


@pytest.mark.parametrize("line", commands())
def test_the_command_exists_with_its_options(line: str) -> None:
    assert unknown(line) is None


@pytest.mark.parametrize("guide", ["BACKUP", "ZONES", "SIGN_IN", "DATA_PROTECTION", "DOCKER", "REPLICAS"])
def test_so_do_the_commands_of_the_other_guides(guide: str) -> None:
    text = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:sh|text)?\n(.*?)```", text, re.S)
    lines = {line.rstrip(" …") for block in [*blocks, *INLINE.findall(text)] for line in OURS.findall(block)}
    assert len(lines) > 1 or guide == "REPLICAS"
    assert {line: unknown(line) for line in lines if unknown(line)} == {}


@pytest.mark.parametrize("line", ["kyodo-geo nosuch", "kyodo-geo db nosuch", "kyodo-geo db upgrade --nosuch"])
def test_one_that_does_not_is_found(line: str) -> None:
    assert unknown(line) is not None


@pytest.mark.parametrize("block", BLOCKS)
def test_the_block_is_shell(block: str) -> None:
    subprocess.run(["bash", "-n"], input=block, text=True, check=True)


def test_what_asks_the_database_is_called_with_the_services_settings() -> None:
    """`kyodo-geo` alone would make a private database and act on that."""
    bare = {line for line in commands() if line.startswith("kyodo-geo ")}
    without = (
        "kyodo-geo deploy ",
        "kyodo-geo bundle",
        "kyodo-geo publish keygen",
        "kyodo-geo user totp-key",
        "kyodo-geo serve",
    )
    assert {line for line in bare if not line.startswith(without)} <= {"kyodo-geo db start"}
    assert {line.split()[2] for line in commands() if line.startswith("kyodo-owner ")} == {
        "upgrade",
        "restore",
    }


def test_postgresql_is_told_to_log_as_little_as_the_private_one(tmp_path: Path) -> None:
    from geodata.cluster import config, layout

    private = config.postgresql_conf(layout.Layout(tmp_path), durable=True).splitlines()
    (told,) = re.findall(r"```\n(log_error.*?)```", GUIDE, re.S)
    assert set(told.splitlines()) <= set(private)
    assert {line for line in private if line.startswith(("log_error_", "log_min_", "log_parameter_"))} <= set(
        told.splitlines()
    )


def test_examples_of_configuration_can_be_read() -> None:
    for block in re.findall(r"```yaml\n(.*?)```", GUIDE, re.S):
        assert yaml.safe_load(block)
    (example,) = re.findall(r"```\n(KYODO_.*?)```", GUIDE, re.S)
    given = dict(line.split("=", 1) for line in example.splitlines())
    Settings(**{name.removeprefix(PREFIX).lower(): value for name, value in given.items()})


def test_every_setting_that_is_named_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", GUIDE)) <= known


def test_what_the_units_read_is_what_the_guide_tells_to_write() -> None:
    units = "".join(
        path.read_text(encoding="utf-8") for path in Path(ROOT / "api" / "deploy").glob("*.service")
    )
    for path in re.findall(r"/etc/kyodo-geo/[a-z.-]+|/var/backups/kyodo-geo", units):
        assert path in GUIDE


def test_the_figures_of_the_guide_exist() -> None:
    from api import metrics, metrics_page

    source = Path(metrics_page.__file__).read_text(encoding="utf-8")
    known = {*metrics.HELP, *re.findall(r'"(kyodo_[a-z_]+)"', source)}
    roles = {"kyodo_app", "kyodo_owner", "kyodo_replica", "kyodo_before"}
    for name in set(re.findall(r"kyodo_[a-z_]+", GUIDE)) - roles:
        bare = re.sub(r"_(total|bucket)$", "", name)
        assert bare in known or (bare.endswith("_") and any(one.startswith(bare) for one in known)), name
