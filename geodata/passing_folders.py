"""Temporary folders that say whose they are, so that those of a process that was killed can be cleared away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READING, EXPORTS, UPLOADS = "kyodo-geo-reading-", "kyodo-export-", "kyodo-geo-upload-"
"""Folders of the readers, of files on their way out, and of uploads."""


def _started(pid: int) -> str | None:
    """When the process with this number began (clock ticks since boot): numbers are used again, this is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


@contextmanager
def passing_folder(prefix: str, inside: Path | None = None) -> Iterator[str]:
    """A folder of this process's own, gone at the end; `sweep` finds it where there was no end."""
    pid = os.getpid()
    with tempfile.TemporaryDirectory(prefix=f"{prefix}{pid}-{_started(pid)}-", dir=inside) as folder:
        yield folder


def sweep_all() -> int:
    """What any program of ours that was killed has left behind."""
    return sum(map(sweep, (READING, EXPORTS, UPLOADS)))


def sweep(prefix: str, root: Path | None = None) -> int:
    """Remove folders of this prefix, of this user, whose process is no more; returns how many."""
    removed = 0
    for folder in (root or Path(tempfile.gettempdir())).glob(f"{prefix}*"):
        pid, _, rest = folder.name.removeprefix(prefix).partition("-")
        began = rest.partition("-")[0]
        if not (pid.isdigit() and began.isdigit()) or folder.is_symlink() or not folder.is_dir():
            continue
        if folder.stat().st_uid != os.geteuid() or _started(int(pid)) == began:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        removed += 1
    return removed
