"""Roads, timetables and tiles made to hurt."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from pathlib import Path

from tests.hostile.archives import zeros


def message(field: int, content: bytes) -> bytes:
    """A length-delimited field of a protocol buffer."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    out = b""
    while True:
        number, low = number >> 7, number & 0x7F
        out += bytes([low | (0x80 if number else 0)])
        if not number:
            return out


def pbf_blob(kind: bytes, raw_size: int, packed: bytes) -> bytes:
    blob = varint(2 << 3) + varint(raw_size) + message(3, packed)
    header = message(1, kind) + varint(3 << 3) + varint(len(blob))
    return struct.pack(">I", len(header)) + header + blob


def pbf_bomb(path: Path, announced: int, real: int) -> Path:
    """Blobs that unpack to `real` bytes of nothing, and announce another size."""
    head = message(4, b"OsmSchema-V0.6") + message(4, b"DenseNodes")
    zipped = zlib.compress(bytes(64)) if not real else b"\x78\xda" + zeros(real) + b"\0\0\0\0"
    path.write_bytes(
        pbf_blob(b"OSMHeader", len(head), zlib.compress(head)) + pbf_blob(b"OSMData", announced, zipped) * 50
    )
    return path


def pbf_strings(path: Path) -> Path:
    """A header whose length points far behind the file."""
    path.write_bytes(struct.pack(">I", 0x7FFFFFFF) + bytes(1000))
    return path


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    """A PMTiles directory of (tile id, run length, length, offset)."""
    out = varint(len(entries))
    last = 0
    for tile, _, _, _ in entries:
        out += varint(tile - last)
        last = tile
    for _, run, _, _ in entries:
        out += varint(run)
    for _, _, length, _ in entries:
        out += varint(length)
    for _, _, _, offset in entries:
        out += varint(offset + 1)
    return gzip.compress(out, mtime=0)


def pmtiles(path: Path, root: bytes, leaves: bytes, tiles: bytes, metadata: bytes | None = None) -> Path:
    about = gzip.compress(json.dumps({"attribution": "x"}).encode()) if metadata is None else metadata
    at = 127
    places = []
    for part in (root, about, leaves, tiles):
        places += [at, len(part)]
        at += len(part)
    header = (
        b"PMTiles\x03"
        + struct.pack("<8Q", *places)
        + struct.pack("<3Q", 1, 1, 1)
        + bytes([1, 2, 1, 2, 0, 10])
    )
    header += struct.pack("<4i", *(int(v * 1e7) for v in (140.0, 39.0, 142.0, 40.0))) + bytes([5]) + bytes(8)
    path.write_bytes(header.ljust(127, b"\0") + root + about + leaves + tiles)
    return path


def looping(path: Path) -> Path:
    """A leaf directory whose only entry is that leaf again."""
    size = 0
    for _ in range(6):  # until the entry's own length is its length
        leaf = directory([(0, 0, size, 0)])
        size = len(leaf)
    return pmtiles(path, directory([(0, 0, len(leaf), 0)]), leaf, b"\x89PNG\r\n\x1a\n")


def directory_bomb(path: Path) -> Path:
    """A root of a few hundred kilobytes that unpacks to 1 GB and says it has 2^40 entries."""
    root = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(512 << 20) + bytes(8)
    return pmtiles(path, root, b"", b"\x89PNG\r\n\x1a\n")


def metadata_bomb(path: Path) -> Path:
    content = b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(512 << 20) + bytes(8)
    return pmtiles(path, directory([(0, 1, 8, 0)]), b"", b"\x89PNG\r\n\x1a\n", content)


def many_entries(path: Path) -> Path:
    """A directory that claims a billion entries in a few bytes."""
    return pmtiles(path, gzip.compress(varint(10**9) + bytes(1000)), b"", b"\x89PNG\r\n\x1a\n")
