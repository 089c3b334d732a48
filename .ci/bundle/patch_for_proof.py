# ruff: noqa: S603, S607
"""For `.ci/prove-offline`: a patch of a bundle in which one wheel and one system package are replaced by newer builds.

    python .ci/bundle/patch_for_proof.py BUNDLE.tar PATCH.tar PRIVATE_KEY

The newer builds are the same files under a higher version: what matters is that they, and nothing else, are carried.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from api.bundling import archive, collect

WHEEL, PACKAGE = "pyotp", "libharfbuzz-subset0"


def newer_wheel(folder: Path) -> None:
    """The wheel unpacked, its version raised, packed again, and its line in the lock replaced."""
    old = next((folder / "wheels").glob(f"{WHEEL}-*.whl"))
    version = old.name.split("-")[1]
    with tempfile.TemporaryDirectory() as work:
        python = [sys.executable, "-m", "wheel"]
        subprocess.run([*python, "unpack", "--dest", work, str(old)], check=True, capture_output=True)
        root = Path(work) / f"{WHEEL}-{version}"
        info = root / f"{WHEEL}-{version}.dist-info"
        metadata = info / "METADATA"
        raised = f"{version}.post1"
        metadata.write_text(
            metadata.read_text().replace(f"\nVersion: {version}\n", f"\nVersion: {raised}\n", 1)
        )
        info.rename(root / f"{WHEEL}-{raised}.dist-info")
        old.unlink()
        subprocess.run(
            [*python, "pack", "--dest-dir", str(folder / "wheels"), str(root)],
            check=True,
            capture_output=True,
        )
    new = next((folder / "wheels").glob(f"{WHEEL}-*.whl"))
    digest = hashlib.sha256(new.read_bytes()).hexdigest()
    lock = folder / "requirements.lock"
    text, count = re.subn(
        rf"(?m)^{WHEEL}==.*(?:\n    .*)*", f"{WHEEL}=={raised} --hash=sha256:{digest}", lock.read_text()
    )
    assert count == 1, "the wheel's line in the lock"
    lock.write_text(text)


def newer_package(folder: Path) -> None:
    """The system package unpacked, its version raised, packed again, and apt's list made anew."""
    old = next((folder / "debs").glob(f"{PACKAGE}_*.deb"))
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(["dpkg-deb", "-R", str(old), f"{work}/x"], check=True)
        control = Path(work) / "x" / "DEBIAN" / "control"
        control.write_text(re.sub(r"(?m)^(Version: .*)$", r"\1+patch1", control.read_text()))
        new = folder / "debs" / old.name.replace("_amd64", "+patch1_amd64")
        old.unlink()
        subprocess.run(
            ["dpkg-deb", "--root-owner-group", "-Zxz", "-b", f"{work}/x", str(new)],
            check=True,
            capture_output=True,
        )
    collect.index(folder / "debs")


def main() -> None:
    whole, patch, private_key = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory(dir=patch.parent) as made:
        shutil.unpack_archive(whole, made, "tar")
        folder = Path(made) / archive.FOLDER
        newer_wheel(folder)
        newer_package(folder)
        told = json.loads((folder / "bundle.json").read_text())
        told["id"] += ".patch1"
        (folder / "bundle.json").write_text(json.dumps(told, indent=1) + "\n")
        inside, listed = archive.pack(
            folder, patch, private_key=private_key, since=archive.sums_of_archive(whole)
        )
    print(f"{patch.stat().st_size} bytes, {inside} files of {listed}")


if __name__ == "__main__":
    main()
