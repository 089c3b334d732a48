"""Filled forms that were uploaded: read by a child (`api.form_child`), then checked by their seals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import orjson

from api.looking import child_over
from api.uploads import clean_name
from kyodo_geo.errors import FileFormatError
from kyodo_geo.form_sheets import Filled, Row, checked, expect

MAX_FILES = 400
MAX_BYTES = 60 << 20
"""Of one upload altogether: 30 districts of associations are 5 MB."""
MAX_MEMORY = 1 << 30
MAX_CPU_S = 90


@dataclass(frozen=True, slots=True)
class Read:
    """One workbook of an upload: what it says, or why it is refused."""

    name: str
    filled: Filled | None
    refused: str | None = None


def read_forms(
    files: Sequence[tuple[str, IO[bytes]]],
    *,
    kind: str,
    round_: str,
    secret: bytes,
    labels: Mapping[str, str] | None = None,
    memory: int = MAX_MEMORY,
    seconds: int = MAX_CPU_S,
) -> list[Read]:
    """The forms of an upload (workbooks or ZIPs of them), each with its result line (blocking).

    `refused` does not begin with the file's name: it stands in a row of its own file. `labels`: question → its words, with
    which rows that were deleted are told.
    Where they need more than the bounds together, each is read alone, so that one bad file spoils no other.
    Raises FileFormatError for more files or bytes than `MAX_FILES` and `MAX_BYTES`.
    """
    named = [(clean_name(name), stream) for name, stream in files]
    if len(named) > MAX_FILES or sum(_size(stream) for _, stream in named) > MAX_BYTES:
        raise FileFormatError(
            f"一度に送れるのは {MAX_FILES} ファイル、合わせて {MAX_BYTES >> 20} MB までです。分けて送ってください。"
        )
    found: list[dict[str, Any]] = []
    try:
        found = _in_child(named, memory, seconds)
    except FileFormatError as error:
        for one in named:
            try:
                found += _in_child([one], memory, seconds) if len(named) > 1 else [_refused(one[0], error)]
            except FileFormatError as alone:
                found.append(_refused(one[0], alone))
    return [_read(item, kind, round_, secret, labels or {}) for item in found]


def _in_child(named: Sequence[tuple[str, IO[bytes]]], memory: int, seconds: int) -> list[dict[str, Any]]:
    shown = "、".join(name for name, _ in named[:2]) + (" など" if len(named) > 2 else "")
    told = {"memory": memory, "seconds": seconds}
    done = child_over("api.form_child", named, told, shown)
    answer: list[dict[str, Any]] = orjson.loads(done)
    return answer


def _refused(name: str, error: FileFormatError) -> dict[str, Any]:
    return {"name": name, "refused": error.message}


def _read(item: dict[str, Any], kind: str, round_: str, secret: bytes, labels: Mapping[str, str]) -> Read:
    name = item["name"]
    if "refused" in item:
        return Read(name, None, _unnamed(item["refused"], name))
    try:
        # Whose round it is comes first: a form of last year has last year's seals.
        said = item["said"]
        expect(Filled(said["kind"], said["round"], "", "", {}), kind, round_, name)
        return Read(name, checked(said, [Row(*row) for row in item["rows"]], secret, name, labels))
    except FileFormatError as error:
        return Read(name, None, _unnamed(error.message, name))


def _unnamed(message: str, name: str) -> str:
    """「a.xlsx は、…」 without what stands beside it anyway."""
    for joint in (" は、", " は ", " は", " に、", " に"):
        if message.startswith(name + joint):
            return message[len(name + joint) :]
    return message


def _size(stream: IO[bytes]) -> int:
    stream.seek(0, 2)
    size = stream.tell()
    stream.seek(0)
    return size
