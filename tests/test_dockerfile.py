"""api/Dockerfile and .dockerignore, held against the lock file, the packages and the command line."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys

import pytest
import yaml

from api.cli import COMMANDS
from tests.compose import BUILD, FINAL, OURS, PROJECT, SERVICES
from tests.conftest import ROOT


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
        assert not any(re.search(r"curl|wget", step) for step in stage.all("RUN"))
    assert not any("apt-get" in step for step in BUILD.all("RUN"))


def test_the_final_image_has_the_libraries_that_the_setup_installs_for_paper() -> None:
    (step,) = [step for step in FINAL.all("RUN") if "apt-get" in step]
    installed = set(
        re.findall(r"(?:lib|fonts-)[a-z0-9.-]+", step.split("--no-install-recommends")[1].split("&&")[0])
    )
    script = (ROOT / ".ci" / "system-packages").read_text(encoding="utf-8")
    paper = script.split("# Paper:")[1].split("# `make up`")[0]
    assert installed == set(re.findall(r"echo ([a-z0-9.-]+)", paper)) != set()


def test_the_final_image_can_back_up_the_database_of_the_composition() -> None:
    (step,) = [step for step in FINAL.all("RUN") if "apt-get" in step]
    (major,) = re.findall(r"postgis:([0-9]+)-", SERVICES["db"]["image"])
    assert f"postgresql-client-{major} " in step


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
