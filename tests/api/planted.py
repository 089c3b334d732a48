"""Secrets planted in the town of squares, and the search for them in whatever an answer, cache, file or log holds.

A search looks at bytes as they are, at text they decode to, into archives, databases, tables, tiles and PDFs, and at
numbers: a point written with six digits, rounded to four, in metres of two projections, as two doubles, as the place in a
tile. Each secret is found for somebody who may see it (`test_planted_secrets.py`), so that the search can fail.
"""

from __future__ import annotations

import io
import re
import sqlite3
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import psycopg
import zstandard

from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from kyodo_geo.tile_grid import EXTENT, position
from tests.api.tile_reading import decoded

LON, LAT = 141.137843, 39.708617
"""Of a house in the survey, on nobody's edge or middle."""
ADDRESS = "秘密町七丁目77番7号"
YEAR = 2018
THRESHOLD = 200_000
"""Households below which a figure is withheld in this town: high, so that what is withheld can be told from any number."""
FIGURES = {"a41": (173_941, 156_677), "a42": (200, 172), "a11": (512_345, 401_239), "a21": (900_001, 700_003)}
"""Households and members by association: district 4 is withheld, and so must be district 1, which with the city's total and
district 2 would give it away.
"""
WITHHELD = (173_941, 156_677, 174_141, 156_849, 512_345, 401_239)
TOLD = (900_001, 900_001 + 512_345 + 174_141)
PHONE, PERSON = "019-987-6543", "非公開 花子"


@dataclass(frozen=True, slots=True)
class Secret:
    """`texts` are looked for as they are, `numbers` as whole numbers with and without separators."""

    name: str
    readers: frozenset[Role]
    texts: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    point: tuple[float, float] | None = None


SECRETS = (
    Secret("house-address", VACANT_HOUSE_READERS, (ADDRESS, "秘密町七丁目")),
    Secret("house-rank", VACANT_HOUSE_READERS, ("survey-house-77",)),
    Secret("house-point", VACANT_HOUSE_READERS, point=(LON, LAT)),
    Secret("membership", STAFF, numbers=WITHHELD),
    Secret("contact", STAFF, (PHONE, PERSON, "0199876543")),
)
"""The rank is a letter: what gives it away is the id that it stands beside, which leaves no more than it does."""


def plant(conn: psycopg.Connection[Any]) -> None:
    """A generation with the secrets in it, over the active one."""
    from tests.api.test_vacant_houses import again, house

    town = again(conn)
    town.dataset("vacant-houses", "sample")
    house(town, "survey-house-77", LON, LAT, rank="A", address=ADDRESS)
    town.activate()
    conn.execute("UPDATE kyodo.municipality SET suppress_below_households = %s", (THRESHOLD,))
    # a dataset that was activated is closed; this is the test's own
    conn.execute("ALTER TABLE kyodo.membership DISABLE TRIGGER USER")
    for association, (households, members) in FIGURES.items():
        town.row(
            "membership", dataset_id=town.ids["membership"], association_id=association, fiscal_year=YEAR,
            households=households, member_households=members, denominator="register",
        )  # fmt: skip
    conn.execute("ALTER TABLE kyodo.membership ENABLE TRIGGER USER")
    town.row(
        "association_contact", association_id="a41", contact_no=9, role="president", name=PERSON, phone=PHONE,
        published=False,
    )  # fmt: skip


@cache
def _metres(epsg: int) -> tuple[float, float]:
    from pyproj import Transformer

    found: tuple[float, float] = Transformer.from_crs(4326, epsg, always_xy=True).transform(LON, LAT)
    return found


def _pair(first: str, second: str) -> str:
    """Two numbers near each other in either order, each possibly with further digits."""
    a, b = (rf"(?<!\d){re.escape(one)}\d*" for one in (first, second))
    return rf"{a}\D{{1,24}}{b}|{b}\D{{1,24}}{a}"


@cache
def _pattern(secret: Secret) -> re.Pattern[str]:
    parts = [re.escape(text) for text in secret.texts]
    parts += [
        rf"(?<![\d.,]){form}(?![\d.]|,\d)"
        for number in secret.numbers
        for form in (str(number), f"{number:,}")
    ]
    if secret.point is not None:
        parts.append(r"141\.137[89]\d*\D{1,24}39\.708[56]\d*|39\.708[56]\d*\D{1,24}141\.137[89]\d*")
        for epsg in (3857, 6678, 2452):
            x, y = (str(int(value)) for value in _metres(epsg))
            parts.append(_pair(x, y))
    return re.compile("|".join(parts))


def _words(secret: Secret) -> Iterator[bytes]:
    for text in secret.texts:
        yield text.encode()
        yield text.encode("cp932", "ignore")
        yield text.encode("utf-16-le")
        yield text.encode("unicode_escape")
    if secret.point is not None:
        for order in "<>":
            for x, y in (secret.point, _metres(3857), _metres(6678)):
                yield struct.pack(f"{order}2d", x, y)
                yield struct.pack(f"{order}2d", y, x)
            yield struct.pack(f"{order}2f", *secret.point)


def seen(secret: Secret, body: bytes) -> bool:
    """Whether the secret is in the bytes, in whatever they decode to."""
    return any(_in(secret, one) for one in unpacked(body))


def _in(secret: Secret, body: bytes) -> bool:
    if any(word in body for word in _words(secret)):
        return True
    text = body.decode("utf-8", "replace")
    if _pattern(secret).search(text):
        return True
    return "\\u" in text and bool(_pattern(secret).search(re.sub(r"\\u([0-9a-fA-F]{4})", _char, text)))


def _char(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def plain(body: bytes, encoding: str) -> bytes:
    """Undo a content encoding."""
    if encoding == "gzip":
        return zlib.decompress(body, wbits=31)
    if encoding == "br":
        return brotli.decompress(body)
    if encoding == "zstd":
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            return reader.read()
    assert encoding in ("", "identity"), encoding
    return body


def unpacked(body: bytes) -> Iterator[bytes]:
    """The bytes, and what lies in them."""
    yield body
    if body[:4] == b"PK\x03\x04":  # a compressed body may well begin with PK
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from unpacked(archive.read(name))
    elif body[:2] == b"\x1f\x8b":
        yield from unpacked(zlib.decompress(body, wbits=31))
    elif body[:4] == b"%PDF":
        yield from _of_pdf(body)
    elif body[:15] == b"SQLite format 3":
        yield from _of_sqlite(body)
    elif body[:4] == b"PAR1":
        import pyarrow.parquet as parquet

        table = parquet.read_table(io.BytesIO(body))
        yield str(table.schema.metadata).encode()
        for row in table.to_pylist():
            yield from (cell if isinstance(cell, bytes) else str(cell).encode() for cell in row.values())


def _of_pdf(body: bytes) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        Path(file.name).write_bytes(body)
        for command in (["pdftotext", "-raw", file.name, "-"], ["pdfinfo", file.name]):
            yield subprocess.run(command, check=False, capture_output=True).stdout
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL):
        try:
            yield zlib.decompress(stream)
        except zlib.error:
            continue


def _of_sqlite(body: bytes) -> Iterator[bytes]:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        Path(file.name).write_bytes(body)
        with sqlite3.connect(file.name) as conn:
            tables = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                if table.startswith("rtree_"):
                    continue
                for row in conn.execute(f'SELECT * FROM "{table}"'):
                    for cell in row:
                        yield cell if isinstance(cell, bytes) else str(cell).encode()


def point_in_tile(body: bytes, zoom: int, row: int, col: int) -> bool:
    """Whether a tile has a point at the place of the house, to within 2 units of the tile."""
    x, y = position(LON, LAT, zoom)
    unit = ((x - col) * EXTENT, (y - row) * EXTENT)
    for layer in decoded(body).values():
        for feature in layer["features"]:
            shape = feature["geometry"]
            if shape["type"] == "Point":
                px, py = shape["coordinates"]
                if abs(px - unit[0]) <= 2 and abs(py - unit[1]) <= 2:
                    return True
    return False
