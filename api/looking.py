"""Starts the child that looks an uploaded table (or forms) through: the web process itself never opens one."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
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
    told = {"memory": memory, "seconds": seconds, "most": most}
    found = orjson.loads(child_over("api.look_child", [(name, stream)], told, name))
    return Looked(**found)


def child_over(
    module: str, files: Sequence[tuple[str, IO[bytes]]], told: dict[str, Any], shown: str
) -> bytes:
    """What a child of ours says of files (name, stream) that strangers sent; it gets them as open files without a name.

    `told` is its line besides `files`. `shown` is what people know the files by. Raises FileFormatError with the child's own
    words, or when it needed more than its bounds.
    """
    with ExitStack() as stack:
        told = {**told, "files": []}
        for name, stream in files:
            whole = stack.enter_context(tempfile.TemporaryFile())  # nothing is left behind, whatever ends us
            stream.seek(0)
            shutil.copyfileobj(stream, whole, 1 << 20)
            whole.flush()
            whole.seek(0)
            told["files"].append({"name": name, "fd": whole.fileno()})
        try:
            done = subprocess.run(  # noqa: S603 - a module of ours
                [sys.executable, "-m", module],
                input=orjson.dumps(told) + b"\n", capture_output=True, cwd=ROOT, env=environment(),
                pass_fds=[file["fd"] for file in told["files"]], timeout=MAX_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise too_large(shown) from None
    if done.returncode == REFUSED:
        raise FileFormatError(done.stderr.decode("utf-8", "replace"), file=shown)
    if done.returncode:
        logs.SERVICE.warning("an uploaded table ended its child: %d", done.returncode)
        raise too_large(shown)
    return done.stdout


def too_large(name: str) -> FileFormatError:
    return FileFormatError(
        f"{name} は、読み取りに使えるメモリか時間を超えました。必要な行と列だけを新しい表に写してください。",
        file=name,
    )
