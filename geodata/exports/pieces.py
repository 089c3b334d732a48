"""Small pieces of bytes gathered into larger ones: each piece that goes out costs a turn of the web process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SIZE = 64 * 1024


def pieces(parts: Iterable[bytes], size: int = SIZE) -> Iterator[bytes]:
    """The same bytes in pieces of at least `size` (the last may be smaller)."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)
