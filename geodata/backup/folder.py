"""A backup on the disk: a folder with the database's dump, a few files, and the manifest that proves them.

    TARGET/kyodo-20261126T163000Z/manifest.json · database.dump · files/…

A folder has its name only when it is whole. Everything in it is readable to its owner alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

from kyodo_geo.errors import FileFormatError, NotFoundError

FORMAT = 1
MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
NAME = re.compile(r"kyodo-\d{8}T\d{6}Z(-\d+)?")
UNFINISHED = ".unfinished"
_INSIDE = re.compile(r"(database\.dump|files/[^/\0]{1,200})")


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup whose manifest could be read; `seal` is the manifest's own checksum, to be written down elsewhere."""

    folder: Path
    manifest: dict[str, Any]
    seal: str

    @property
    def dump(self) -> Path:
        return self.folder / DUMP


def reading(path: Path) -> BufferedReader:
    """A file of a backup, open; raises `OSError` where its name is a link, which could lead anywhere."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb")


def sha256(path: Path) -> str:
    """Of a file's contents; never through a link."""
    with reading(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def newest(place: Path) -> Path:
    """`place` itself where it is a backup, else the newest one in it. Raises `NotFoundError`."""
    if (place / MANIFEST).is_file():
        return place
    found = finished(place)
    if not found:
        raise NotFoundError(f"{place} に、バックアップがありません。")
    return found[-1]


def finished(place: Path) -> list[Path]:
    """Whole backups in a folder, oldest first."""
    if not place.is_dir():
        return []
    return sorted(
        path for path in place.iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file()
    )


def opened(folder: Path) -> Backup:
    """The backup with its manifest, nothing else looked at. Raises `FileFormatError`."""
    try:
        raw = (folder / MANIFEST).read_bytes()
        told = json.loads(raw)
        if told["format"] != FORMAT:
            raise FileFormatError(
                f"このバックアップの形式（{told['format']}）は、この版の kyodo-geo では読めません。",
                file=MANIFEST,
            )
        for file in told["files"]:
            if not _INSIDE.fullmatch(file["name"]) or ".." in file["name"]:
                raise ValueError
        if DUMP not in {file["name"] for file in told["files"]}:
            raise ValueError
    except FileFormatError:
        raise
    except OSError as error:
        raise FileFormatError(
            f"{folder} は、kyodo-geo のバックアップではありません（{MANIFEST} を読めません）。", file=MANIFEST
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise FileFormatError(f"バックアップの {MANIFEST} が壊れています。", file=MANIFEST) from error
    return Backup(folder, told, hashlib.sha256(raw).hexdigest())


def check(folder: Path, *, seal: str | None = None) -> Backup:
    """The backup, every byte of it compared with its manifest. Raises `FileFormatError` naming the first file that differs.

    `seal`: what was printed when it was made; a manifest that was rewritten together with the files is found by it.
    """
    backup = opened(folder)
    if seal is not None and seal.lower() != backup.seal:
        raise FileFormatError(
            f"{MANIFEST} の SHA-256 が、指定された値と違います。バックアップが書き換えられています。",
            file=MANIFEST,
        )
    for file in backup.manifest["files"]:
        path = folder / file["name"]
        if not path.is_file() or path.is_symlink() or (folder / FILES).is_symlink():
            raise FileFormatError(f"バックアップに {file['name']} がありません。", file=file["name"])
        if path.stat().st_size != file["bytes"]:
            raise FileFormatError(
                f"バックアップの {file['name']} の大きさが違います（{file['bytes']:,} → {path.stat().st_size:,} バイト）。"
                "途中で切れているか、書き換えられています。",
                file=file["name"],
            )
        if sha256(path) != file["sha256"]:
            raise FileFormatError(
                f"バックアップの {file['name']} の内容が、作ったときと違います（SHA-256）。"
                "壊れているか、書き換えられています。",
                file=file["name"],
            )
    return backup


def sync(path: Path) -> None:
    """What was written to a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def thin_out(place: Path, keep: int, spared: Path) -> list[str]:
    """Remove all but the `keep` newest whole backups; nothing else in the folder is touched. Returns their names."""
    gone = []
    for folder in finished(place)[:-keep]:
        if folder != spared:
            shutil.rmtree(folder)
            gone.append(folder.name)
    return gone
