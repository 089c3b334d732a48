"""What goes into the archive: wheels of the lock, our own, the closure of system packages, licences, list of parts.

Run on a machine that reaches its package sources by its usual clients (pip, apt), from a checkout.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from kyodo_geo.errors import InputError, UnavailableError

SYSTEM_PACKAGES = (
    "python3",
    "python3-venv",
    "postgresql-15",
    "postgresql-15-postgis-3",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",
    "fonts-noto-cjk",
    "openssl",
    "postgresql-client-15",
)
"""What `.ci/system-packages run` asks for (a test compares), with Python, openssl for the signature, and what backs up."""
FRONT_PACKAGES = ("nginx", "pgbouncer")
"""In the archive too, but installed by `install.sh --front` alone: Debian starts them at once, on ports 80 and 6432."""
_LICENCE = re.compile(r"(?i)(^|/)(licen[cs]e|copying|notice|authors?)[^/]*$")


def wheels(lock: Path, target: Path) -> None:
    """Wheels of a lock file, each compared with the lock's hashes by pip."""
    _run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps",
         "--require-hashes", "--only-binary", ":all:", "--dest", str(target), "-r", str(lock)],
        "Python のパッケージを集められません。",
    )  # fmt: skip


def own_wheel(checkout: Path, target: Path) -> Path:
    """Our own wheel, built of what is committed: the same commit makes the same bytes."""
    day = _run(["git", "-C", str(checkout), "log", "-1", "--format=%ct"], "git の版がわかりません。").strip()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source"
        source.mkdir()
        archive = Path(folder) / "source.tar"
        _run(["git", "-C", str(checkout), "archive", "-o", str(archive), "HEAD"], "git から取り出せません。")
        _run(["tar", "-xf", str(archive), "-C", str(source)], "取り出したものを展開できません。")
        _run(
            [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-index",
             "--no-build-isolation", "--wheel-dir", str(target), str(source)],
            "kyodo-geo のパッケージを作れません。",
            SOURCE_DATE_EPOCH=day,
        )  # fmt: skip
    return max(target.glob("kyodo_geo-*.whl"), key=lambda file: file.stat().st_mtime)


def own_lock(wheel: Path) -> str:
    """A line with which pip installs our own wheel by its hash."""
    _, version, *_ = wheel.name.split("-")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"kyodo-geo=={version} --hash=sha256:{digest}\n"


def commit(checkout: Path) -> str:
    """The commit that is bundled."""
    return _run(
        ["git", "-C", str(checkout), "rev-parse", "--short=12", "HEAD"], "git の版がわかりません。"
    ).strip()


def system_packages(wanted: Sequence[str], front: Sequence[str], target: Path) -> None:
    """The packages, those of the front and all they need, as if for an empty Debian 12: whatever is here, nothing is missing."""
    if shutil.which("apt-get") is None:
        raise UnavailableError(
            "apt-get がないため、システムのパッケージを集められません（Debian 12 で実行してください）。"
        )
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "status"
        nothing.touch()
        cache = Path(folder) / "archives"
        (cache / "partial").mkdir(parents=True)
        _run(
            ["apt-get", "-q", "-y", "--no-install-recommends", "--download-only", "-o", f"Dir::State::status={nothing}",
             "-o", f"Dir::Cache::Archives={cache}", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=root",
             "-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache=", "install", *wanted, *front],
            "システムのパッケージを集められません。apt-get update を実行してから、もう一度お試しください。",
        )  # fmt: skip
        for file in cache.glob("*.deb"):
            # A colon of the epoch is written %3a: kept, so that the name says the version.
            shutil.move(file, target / file.name)
    for name, packages in (("wanted", wanted), ("front", front)):
        (target / name).write_text("".join(f"{package}\n" for package in packages), encoding="ascii")
    index(target)


def index(folder: Path) -> None:
    """Write `Packages`, apt's list of a folder of packages."""
    parts = []
    for file in sorted(folder.glob("*.deb")):
        control = _run(["dpkg-deb", "--field", str(file)], f"{file.name} を読めません。").strip()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        parts.append(f"{control}\nFilename: ./{file.name}\nSize: {file.stat().st_size}\nSHA256: {digest}\n")
    (folder / "Packages").write_text("\n".join(parts), encoding="utf-8")


def licences(folder: Path, target: Path) -> None:
    """The licence texts of every wheel and every system package, one file each."""
    target.mkdir(parents=True, exist_ok=True)
    for wheel in sorted((folder / "wheels").glob("*.whl")):
        (target / f"{wheel.name.split('-')[0]}.txt").write_text(_of_wheel(wheel), encoding="utf-8")
    for package in sorted((folder / "debs").glob("*.deb")):
        (target / f"debian-{package.name.split('_')[0]}.txt").write_text(_of_deb(package), encoding="utf-8")


def _of_wheel(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        metadata = next(name for name in names if name.endswith(".dist-info/METADATA"))
        head = opened.read(metadata).decode("utf-8", "replace").partition("\n\n")[0]
        said = [
            line
            for line in head.splitlines()
            if re.match(r"(Name|Version|License|Classifier: License)", line)
        ]
        texts = [
            f"---- {name} ----\n{opened.read(name).decode('utf-8', 'replace')}"
            for name in names
            if _LICENCE.search(name) and not name.endswith((".py", ".pyc", ".so"))
        ]
    return "\n".join([*said, "", *texts]) + "\n"


def _of_deb(package: Path) -> str:
    listed = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE)  # noqa: S603, S607
    try:
        found = subprocess.run(
            ["tar", "-xO", "--wildcards", "./usr/share/doc/*/copyright"],  # noqa: S607
            stdin=listed.stdout, capture_output=True, check=False,
        )  # fmt: skip
    finally:
        if listed.stdout:
            listed.stdout.close()
        listed.wait()
    text = found.stdout.decode("utf-8", "replace")
    return text or f"{package.name}: see the package it links its documentation to (same source)\n"


def sbom(checkout: Path, target: Path) -> None:
    """The list of parts, as `make sbom` makes it (CycloneDX JSON)."""
    _run(
        [sys.executable, "-m", "bench.supply.sbom", str(target)],
        "部品の一覧（SBOM）を作れません（.ci/python-env test で入る道具が要ります）。",
        PYTHONPATH=str(checkout),
    )


def _run(command: list[str], said: str, **environment: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment},
    )
    if done.returncode:
        raise InputError(f"{said}\n{done.stderr.strip()[-2000:]}")
    return done.stdout
