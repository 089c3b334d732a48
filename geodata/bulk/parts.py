"""Files of a result: each appears whole under a name made of all it depends on, so that work can stop and go on anywhere.

OUT/_plan.json              what is to be made; another plan does not mix with it
OUT/municipality=NNNNN/part-00000-<key>.parquet
OUT/_manifest.json          written last: every part with its rows
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kyodo_geo.errors import ConflictError, FileFormatError, InputError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

PLAN, MANIFEST, LOCK = "_plan.json", "_manifest.json", "_lock"
FOLDER = re.compile(r"municipality=([0-9]{5})")
PASSING = ".part-"
"""Beginning of the names of unfinished files; readers of such folders skip names with a dot."""


def municipalities(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """(code, its parquet files in the order of their names), by code. Raises `InputError` where there is none."""
    if not folder.is_dir():
        raise InputError(f"フォルダー {folder} がありません。", field="IN")
    found = False
    for place in sorted(folder.iterdir()):
        named = FOLDER.fullmatch(place.name)
        files = files_in(place) if named else []
        if named and files:
            found = True
            yield named[1], files
    if not found:
        raise InputError(
            f"{folder} に municipality=（5桁のコード）/*.parquet がありません。市区町村ごとに分けて置いてください。",
            field="IN",
        )


def files_in(folder: Path) -> list[Path]:
    """Parquet files of one municipality."""
    return sorted(path for path in folder.glob("*.parquet") if path.name[0] not in "._")


@contextlib.contextmanager
def opened(path: Path) -> Iterator[ParquetFile]:
    """A Parquet file. Raises `FileFormatError` when it is none, cut short or damaged, now or while it is read.

    By its bytes: by its name, pyarrow would add a column from the folder's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as stream, pq.ParquetFile(stream) as file:
            yield file
    # pyarrow tells damaged pages as OSError.
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise FileFormatError(
            f"{path} は、Parquet として読めません（途中で切れているか、壊れています）。作り直してください。",
            field="IN",
        ) from error


def hash_of(paths: Iterable[Path]) -> str:
    """SHA-256 of the contents of files, in order."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def key_of(**parts: object) -> str:
    """16 letters for all a part depends on."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:16]


def part_path(target: Path, code: str, number: int, key: str) -> Path:
    return target / f"municipality={code}" / f"part-{number:05d}-{key}.parquet"


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A name to write to; on leaving without an error the file is on the disk and bears `path`'s name.

    Two processes that make the same part (one was thought dead) leave one file, and the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f"{PASSING}{path.stem}-", suffix=".tmp", dir=path.parent)
    os.close(descriptor)
    passing = Path(name)
    try:
        yield passing
        with passing.open("rb") as file:
            os.fsync(file.fileno())
        passing.chmod(0o600)
        passing.replace(path)
    finally:
        passing.unlink(missing_ok=True)


def write_json(path: Path, value: Any) -> None:
    with whole(path) as passing:
        passing.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


@contextlib.contextmanager
def result(target: Path, targets: Sequence[Path], *, about: Mapping[str, Any], force: bool) -> Iterator[None]:
    """The folder of a result while one process leads the work on it; `targets` are all files it is to hold.

    Goes on with what an interrupted run has left. Raises `ConflictError` for a folder of anything else (`force` clears
    away the parts of another plan), and while another process leads the work.
    """
    plan = {**about, "parts": [str(path.relative_to(target)) for path in targets]}
    ours = (
        (target / PLAN).exists() or not target.is_dir() or all(path.name == LOCK for path in target.iterdir())
    )
    if not ours:
        raise ConflictError(f"{target} には、ほかのファイルがあります。空のフォルダーを指定してください。")
    target.mkdir(parents=True, exist_ok=True)
    with _led(target):
        if not _same(target / PLAN, plan):
            if (target / PLAN).exists() and not force:
                raise ConflictError(
                    f"{target} は、ほかの入力や条件の結果です。別のフォルダーにするか、--force を付けてください。"
                )
            (target / MANIFEST).unlink(missing_ok=True)
            write_json(target / PLAN, plan)
        wanted = set(targets)
        for path in target.glob("municipality=*/*"):
            # The lock is ours: what is unfinished belongs to nobody, or to a worker that was given up.
            if path.name.startswith(PASSING) or (path.suffix == ".parquet" and path not in wanted):
                path.unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def _led(target: Path) -> Iterator[None]:
    with (target / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(f"{target} には、ほかの kyodo-geo bulk が書いています。") from None
        yield


def _same(path: Path, plan: Any) -> bool:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == json.loads(json.dumps(plan)))
