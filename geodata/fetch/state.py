"""What was downloaded into a folder: address, sha256, validators and dates, in `fetched.json` beside the files."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kyodo_geo.errors import ConflictError, FileFormatError, UnavailableError

STATE_NAME = "fetched.json"
LOCK_NAME = ".lock"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Record:
    """One file that was downloaded and passed its checks.

    `first_sha256` is what the very first download from this address had; `changes` lists (date, sha256) of
    each accepted change after it.
    """

    url: str
    filename: str
    sha256: str
    size: int
    etag: str | None
    last_modified: str | None
    fetched_at: str
    first_sha256: str
    changes: tuple[tuple[str, str], ...] = ()


class State:
    """The records of one folder. Written whole and atomically, so that a kill leaves the former state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / STATE_NAME
        self._records: dict[str, Record] = self._read()

    def _read(self) -> dict[str, Record]:
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if raw["version"] != VERSION:
                raise ValueError(f"version {raw['version']}")
            return {key: _record(value) for key, value in raw["sources"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FileFormatError(
                f"取得の記録 {self.path} を読めません（{error}）。"
                "前と同じ内容かを確かめられなくなるため、直すか、ほかの場所へ移してから実行してください。",
                file=STATE_NAME,
            ) from error

    def get(self, source_id: str, url: str | None) -> Record | None:
        """Record of the source, unless its address is another one now: other addresses hold other files."""
        found = self._records.get(source_id)
        return found if found is not None and (url is None or found.url == url) else None

    def put(self, source_id: str, record: Record) -> None:
        """Remember and write at once."""
        self._records[source_id] = record
        value = {"version": VERSION, "sources": {k: asdict(v) for k, v in sorted(self._records.items())}}
        write_whole(self.path, json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n")


def _record(value: dict[str, Any]) -> Record:
    changes = tuple((str(when), str(sha)) for when, sha in value["changes"])
    return Record(**{**value, "changes": changes})


def now() -> str:
    """This moment as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


def sha256_of(path: Path) -> str:
    """Lower-case hexadecimal sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that a reader (or a crash) sees the old or the new content, never a part."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Only one fetch at a time per folder; makes the folder. Raises `ConflictError` while another runs."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UnavailableError(
            f"保存先のフォルダー {folder} を使えません（{error.strerror}）。--dir で別の場所を指定してください。"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(
                f"{folder} では、別の fetch が動いています。終わってから、もう一度実行してください。"
            ) from None
        yield
    finally:
        os.close(descriptor)
