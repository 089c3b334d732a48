"""Starts the child that looks an uploaded table through: the web process itself never opens one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, Any

import orjson

from api import logs
from api.bounded import REFUSED, ROOT, environment
from kyodo_geo.errors import FileFormatError

MAX_MEMORY = 1 << 30
"""Address space of the child, bytes."""
MAX_CPU_S = 60
MAX_S = 180
"""Wall time, for a machine that has much else to do."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a table after it was looked through once."""

    kind: str
    rows: int
    preview: dict[str, Any]


def look(
    stream: IO[bytes],
    name: str,
    *,
    most: int | None = None,
    memory: int = MAX_MEMORY,
    seconds: int = MAX_CPU_S,
) -> Looked:
    """Look a table through (blocking, up to a minute of processor); `name` is what people know it by.

    With `most` the preview holds every row of a table of no more rows than that, without the blank ones.
    Raises FileFormatError for what is no table, or needs more than the bounds.
    """
    with tempfile.TemporaryFile() as whole:  # without a name: nothing is left behind, whatever ends us
        stream.seek(0)
        shutil.copyfileobj(stream, whole, 1 << 20)
        whole.flush()
        told = {"name": name, "fd": whole.fileno(), "memory": memory, "seconds": seconds, "most": most}
        whole.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "api.look_child"],
                input=orjson.dumps(told) + b"\n", capture_output=True, cwd=ROOT, env=environment(),
                pass_fds=[whole.fileno()], timeout=MAX_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _too_large(name) from None
    if done.returncode == REFUSED:
        raise FileFormatError(done.stderr.decode("utf-8", "replace"), file=name)
    if done.returncode:
        logs.SERVICE.warning("an uploaded table ended its child: %d", done.returncode)
        raise _too_large(name)
    return Looked(**orjson.loads(done.stdout))


def _too_large(name: str) -> FileFormatError:
    return FileFormatError(
        f"{name} は、読み取りに使えるメモリか時間を超えました。必要な行と列だけを新しい表に写してください。",
        file=name,
    )
