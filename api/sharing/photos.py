"""Starts the child that makes our own JPEGs of an uploaded photo: the web process itself never opens one."""

from __future__ import annotations

import hashlib
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

MAX_FILE_BYTES = 20 * 2**20
MAX_MEMORY = 1 << 30
"""Address space of the child, bytes: 60 million pixels of a PNG take 240 MB, and some copies."""
MAX_CPU_S = 30
MAX_S = 90
"""Wall time, for a machine that has much else to do."""
TOO_MUCH = "写真の読み取りに、使えるメモリか時間を超えました。小さくした JPEG を選んでください。"


@dataclass(frozen=True, slots=True)
class Made:
    """A photo as it may be kept. `sizes`: {size, width, height, content}; `sha256` of the largest."""

    sizes: list[dict[str, Any]]
    sha256: str


def make(stream: IO[bytes], *, memory: int = MAX_MEMORY, seconds: int = MAX_CPU_S) -> Made:
    """Our JPEGs of a photo (blocking, some seconds). Raises FileFormatError for what is none, or needs too much."""
    with tempfile.TemporaryFile() as whole:  # without a name: nothing is left behind, whatever ends us
        stream.seek(0)
        shutil.copyfileobj(stream, whole, 1 << 20)
        whole.flush()
        if whole.tell() > MAX_FILE_BYTES:
            raise FileFormatError(f"写真は {MAX_FILE_BYTES >> 20} MB までです。")
        told = {"fd": whole.fileno(), "memory": memory, "seconds": seconds}
        whole.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "api.sharing.photo_child"],
                input=orjson.dumps(told) + b"\n", capture_output=True, cwd=ROOT, env=environment(),
                pass_fds=[whole.fileno()], timeout=MAX_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise FileFormatError(TOO_MUCH) from None
    if done.returncode == REFUSED:
        raise FileFormatError(done.stderr.decode("utf-8", "replace"))
    if done.returncode:
        logs.SERVICE.warning("an uploaded photo ended its child: %d", done.returncode)
        raise FileFormatError(TOO_MUCH)
    head, _, rest = done.stdout.partition(b"\n")
    sizes, at = [], 0
    for item in orjson.loads(head):
        length = item.pop("bytes")
        sizes.append({**item, "content": rest[at : at + length]})
        at += length
    return Made(sizes, hashlib.sha256(sizes[0]["content"]).hexdigest())
