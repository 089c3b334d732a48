"""The check behind test_packaging.py: which files of the packages the wheel would lack."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from pathlib import Path

from tests.architecture import PACKAGES

# The image is built from the checkout; its recipe is of no use to an installed package.
ONLY_IN_THE_CHECKOUT = {"api/Dockerfile", "api/deploy/pgbouncer.Dockerfile"}


def left_out_of_the_wheel(root: Path, files: list[str]) -> list[str]:
    """Files of the packages that setuptools would not put into the wheel; `files` are paths from root."""
    setuptools = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    named = setuptools["packages"]["find"]["include"]
    data = setuptools["package-data"]
    found = []
    for file in files:
        package, _, inside = file.partition("/")
        if package not in PACKAGES or not inside or file in ONLY_IN_THE_CHECKOUT:
            continue
        folders = [folder.as_posix() for folder in Path(file).parents][:-1]
        if not any(fnmatch.fnmatch(package, pattern) for pattern in named):
            found.append(f"{file}: package {package} is not named")
        elif file.endswith(".py"):
            bare = [folder for folder in folders if f"{folder}/__init__.py" not in files]
            found += [f"{file}: no __init__.py in {folder}" for folder in bare]
        elif not any(
            Path(file) in set((root / package).glob(p)) or matches(inside, p) for p in data.get(package, [])
        ):
            found.append(f"{file}: in no package-data pattern")
    return found


def matches(path: str, pattern: str) -> bool:
    """Whether setuptools' glob (`**` spans folders) takes the path."""
    regex = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(regex, path) is not None
