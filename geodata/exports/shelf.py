"""Where dumps are kept: one folder per generation, whole or not at all, bounded in size.

    <root>/<municipality>/<generation>-<least households shown>/manifest.json and the files it names

The manifest is kept for good; where room is short the files of the dump that was not asked for longest go, and are made
again when they are wanted. They are the same then: if they were not, the manifest would say so (`edition`).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from geodata.exports.dump import MANIFEST
from kyodo_geo.errors import NO_ROOM_LEFT, StorageFullError, UnavailableError

Make = Callable[[Path], dict[str, Any]]


class Shelf:
    """The dumps of one installation; `limit` in bytes holds for all of them together. Several processes may share it."""

    def __init__(self, root: Path, limit: int) -> None:
        self.root, self.limit = root, limit

    def folder(self, municipality: str, generation_no: int, least: int) -> Path:
        """Place of a dump. With another rule of suppression it is another dump."""
        return self.root / municipality / f"{generation_no}-{least}"

    def manifest(self, folder: Path) -> dict[str, Any] | None:
        """What was said of the dump when it was made; None before."""
        try:
            found: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except OSError:
            return None
        return found

    def ready(self, folder: Path) -> bool:
        """Whether manifest and files are there."""
        told = self.manifest(folder)
        return told is not None and all((folder / file["name"]).is_file() for file in told["files"])

    def fill(self, folder: Path, make: Make) -> dict[str, Any]:
        """The manifest of the finished dump; `make` writes it into a folder beside, which then takes its place.

        One process at a time makes dumps; who comes later finds them. Raises what `make` raises, and
        `UnavailableError` where the place cannot be written to.
        """
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with self._alone():
                before = self.manifest(folder)
                if before is not None and self.ready(folder):
                    return before
                beside = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
                try:
                    told = self._finished(beside, make(beside), before)
                    beside.chmod(0o755)
                    shutil.rmtree(folder, ignore_errors=True)
                    beside.rename(folder)
                finally:
                    shutil.rmtree(beside, ignore_errors=True)
                self._make_room(folder)
                return told
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StorageFullError(NO_ROOM_LEFT) from error
            raise UnavailableError(
                "一括ダウンロードのファイルを置く場所に書き込めません。管理者にお問い合わせください。"
            ) from error

    def open(self, folder: Path, name: str) -> int:
        """A file of the dump as a descriptor, which stays readable when the dump has to go. Raises FileNotFoundError."""
        handle = os.open(folder / name, os.O_RDONLY)
        with suppress(OSError):
            os.utime(folder / MANIFEST)
        return handle

    def _finished(self, beside: Path, told: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
        edition = 1
        if before is not None:
            same = {f["name"]: f["sha256"] for f in before["files"]} == {
                f["name"]: f["sha256"] for f in told["files"]
            }
            edition = before["edition"] + (not same)
        told = {**told, "edition": edition}
        (beside / MANIFEST).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
        return told

    def _make_room(self, spared: Path) -> None:
        """Files of dumps not asked for longest go until the rest fits; the one just made stays."""
        sizes = {path.parent: _size(path.parent) for path in self.root.glob(f"*/*/{MANIFEST}")}
        for folder in sorted(sizes, key=lambda folder: (folder / MANIFEST).stat().st_mtime):
            if sum(sizes.values()) <= self.limit:
                return
            if folder == spared:
                continue
            for path in folder.iterdir():
                if path.name != MANIFEST:
                    path.unlink(missing_ok=True)
            sizes[folder] = _size(folder)

    def forget(self, before: float, *, dry_run: bool = False) -> int:
        """Remove the files of dumps not asked for since `before` (seconds since 1970); returns how many dumps."""
        found = 0
        with self._alone():
            for manifest in self.root.glob(f"*/*/{MANIFEST}"):
                files = [path for path in manifest.parent.iterdir() if path.name != MANIFEST]
                if not files or manifest.stat().st_mtime >= before:
                    continue
                found += 1
                for path in () if dry_run else files:
                    path.unlink(missing_ok=True)
        return found

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self.root / ".lock").open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            for left in self.root.glob("*/.making-*"):  # of a process that was ended
                shutil.rmtree(left, ignore_errors=True)
            yield


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())
