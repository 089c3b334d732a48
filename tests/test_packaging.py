"""What leaves the repository: the wheel, the lock files, and what continuous integration runs."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests import packaging
from tests.architecture import PACKAGES
from tests.conftest import ROOT


def tracked() -> list[str]:
    """Files under version control; those of the packages when this is no git checkout (an unpacked archive)."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
    found = (path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*"))
    return [path.as_posix() for path in found if (ROOT / path).is_file() and "__pycache__" not in path.parts]


# -- the wheel ----------------------------------------------------------------------------------------------


def test_everything_in_the_packages_gets_into_the_wheel() -> None:
    assert packaging.left_out_of_the_wheel(ROOT, tracked()) == []


@pytest.mark.parametrize("file", ["geodata/notes.xyz", "maps/new/page.py", "api/templates/page.txt"])
def test_a_planted_file_without_package_data_is_found(file: str) -> None:
    assert len(packaging.left_out_of_the_wheel(ROOT, ["maps/__init__.py", file])) == 1


# -- lock files, paths, continuous integration --------------------------------------------------------------


def requirements(name: str) -> dict[str, str]:
    """Pinned `name==version ; marker` → block of text with its hashes."""
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text(encoding="utf-8"))
    return {block.split("\\")[0].strip(): block for block in blocks}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_versions_and_hashes_and_names_no_host(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"(?m)://|^-.*$|^\S.* @ .*$", text) == []
    for pin, block in requirements(name).items():
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", pin), pin
        assert "--hash=sha256:" in block, pin


def test_the_test_environment_contains_the_service_at_the_same_versions() -> None:
    service, tests = (
        {pin.split(" ;")[0] for pin in requirements(name)}
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert service <= tests


def test_the_locks_hold_every_declared_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    def names(entries: list[object]) -> set[str]:
        plain = [entry for entry in entries if isinstance(entry, str)]
        return {re.split(r"[\[><=;! ]", entry)[0].lower().replace("_", "-") for entry in plain}

    pinned = {pin.split("==")[0].split("[")[0] for pin in requirements("requirements.lock")}
    pinned_dev = {pin.split("==")[0].split("[")[0] for pin in requirements("requirements-dev.lock")}
    assert names(project["project"]["dependencies"]) | names(project["dependency-groups"]["build"]) <= pinned
    assert names(project["dependency-groups"]["dev"]) <= pinned_dev


def test_no_other_lock_file_is_kept() -> None:
    unwanted = {"uv.lock", "package-lock.json", "poetry.lock", "Pipfile.lock", "package.json"}
    assert [name for name in tracked() if Path(name).name in unwanted] == []


def test_no_file_names_a_path_of_this_machine_or_a_registry() -> None:
    hosts = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
    unwanted = [str(ROOT), str(ROOT.parent / "shared"), *hosts]
    found = []
    for name in tracked():
        content = (ROOT / name).read_bytes()
        found += [f"{name}: {text}" for text in unwanted if text.encode() in content]
    assert found == []


def test_continuous_integration_runs_exactly_make_test() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test </dev/null"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_make_test_sets_up_and_runs_every_check() -> None:
    done = subprocess.run(["make", "-n", "test"], cwd=ROOT, check=True, capture_output=True, text=True)
    for command in (
        ".ci/system-packages test",
        ".ci/python-env test",
        "ruff check .",
        "ruff format --check .",
        "bin/mypy",
        "lint-imports",
        '-m "not full"',
    ):
        assert command in done.stdout


def test_the_scripts_are_valid_shell() -> None:
    for script in sorted(
        path for path in (ROOT / ".ci").rglob("*") if path.is_file() and path.suffix != ".py"
    ):
        subprocess.run(["bash", "-n", script], check=True)


def test_a_second_start_beyond_ten_seconds_fails_the_proof_of_the_bare_machine() -> None:
    proof = (ROOT / ".ci" / "prove-bookworm").read_text(encoding="utf-8")
    assert re.search(r'measure "make up, second" start_and_wait 60\n +within 10 "\$took" ', proof)

    def judged(seconds: str) -> subprocess.CompletedProcess[str]:
        line = f". .ci/common.sh; within 10 {seconds} 起動; echo reached"
        return subprocess.run(["bash", "-euc", line], cwd=ROOT, capture_output=True, text=True, check=False)

    assert judged("9.97").stdout == "reached\n"
    slow = judged("10.04")
    assert (slow.returncode, slow.stdout) == (1, "")
    assert "起動 に 10.0 秒かかりました（上限 10 秒）" in slow.stderr
