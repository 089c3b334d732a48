"""Tables and texts made to hurt."""

from __future__ import annotations

import random
from pathlib import Path

HEAD = "名称,経度,緯度,種別"
ROW = "城北,141.10,39.70,集会所"


def written(path: Path, text: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding, "replace"))
    return path


def table(*lines: str, end: str = "\n") -> str:
    return end.join([HEAD, *lines]) + end


def damaged(content: bytes, seed: int) -> bytes:
    """The content cut at a random place, or with a few bits turned."""
    chance = random.Random(seed)
    if seed % 2:
        return content[: chance.randrange(1, max(2, len(content)))]
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 10, 40))):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)
