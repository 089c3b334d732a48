"""Archives and workbooks made to fill a disk or a memory, to write elsewhere or to fetch something."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

CENTRES = "名称,経度,緯度,種別\n城北,141.10,39.70,集会所\n城南,141.11,39.71,集会所\n".encode()


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return path


def zeros(size: int) -> bytes:
    """A raw deflate stream of `size` zeros; kilobytes for gigabytes."""
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    content = b"".join(made.compress(block) for _ in range(size >> 20))
    return content + made.flush()


def entry(name: bytes, content: bytes, size: int, method: int = 8, crc: int = 0) -> tuple[bytes, bytes]:
    """(local header, what the central directory says after its offset is put in) of one member."""
    local = (
        struct.pack(
            "<4sHHHHHLLLHH", b"PK\3\4", 20, 0x800, method, 0, 0x21, crc, len(content), size, len(name), 0
        )
        + name
    )
    central = struct.pack(
        "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0x800, method, 0, 0x21, crc, len(content), size, len(name), 0, 0, 0, 0, 0, 0
    )  # fmt: skip
    return local + content, central


def ended(central: bytes, number: int, offset: int) -> bytes:
    return central + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, number, number, len(central), offset, 0)


def overlapping(path: Path, name: bytes = b"%d.csv", size: int = 64 << 20, number: int = 200) -> Path:
    """Every entry of the directory points at the same member: 200 × 64 MB out of 64 kB."""
    content = zeros(size)
    crc = zlib.crc32(bytes(size))
    local, _ = entry(name.replace(b"%d", b"0"), content, size, crc=crc)
    central = b""
    for at in range(number):
        own = name.replace(b"%d", str(at).encode())
        central += struct.pack(
            "<4sHHHHHHLLLHHHHHLL", b"PK\1\2", 20, 20, 0x800, 8, 0, 0x21, crc, len(content), size, len(own), 0, 0, 0, 0, 0, 0
        ) + own  # fmt: skip
    path.write_bytes(local + ended(central, number, len(local)))
    return path


def below_the_ratio(path: Path) -> Path:
    """Many members, none of which alone is out of proportion: 120 × 15 MB of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for at in range(120):
            out.writestr(f"{at}.csv", bytes(15 << 20))
    return path


def nested(path: Path, depth: int = 6) -> Path:
    """Archives in archives; the innermost holds 256 MB."""
    inner = packed(path.with_name("0.zip"), {"0.csv": bytes(256 << 20)}).read_bytes()
    for level in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for at in range(10):
                archive.writestr(f"{at}.zip", inner)
        inner = out.getvalue()
        del level
    path.write_bytes(inner)
    return path


def linking(path: Path, target: str) -> Path:
    """A symbolic link to a file outside, and a file below a link to a folder outside."""
    with zipfile.ZipFile(path, "w") as out:
        for name, to in (("a.csv", target), ("outside", str(Path(target).parent))):
            link = zipfile.ZipInfo(name)
            link.create_system = 3
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            out.writestr(link, to)
        out.writestr("outside/written.csv", CENTRES)
    return path


# fmt: off
# ruff: noqa: E501  (parts of a workbook as they stand in a file)
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
CONTENT = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
    "</Types>"
)  # fmt: skip
ROOT = f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
LINKS = (
    f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)
BOOK = f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>'

# fmt: on


def sheet(rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{SHEET}"><sheetData>{rows}</sheetData></worksheet>'


def texts(number: int, *cells: str) -> str:
    inside = "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)
    return f'<row r="{number}">{inside}</row>'


ROWS = texts(1, "名称", "経度", "緯度", "種別", "住所") + texts(
    2, "城北", "141.1", "39.7", "集会所", "みたけ3-1"
)


def workbook(path: Path, rows: str = ROWS, strings: str = "", before: str = "", **parts: str) -> Path:
    """A workbook written part by part; `parts` replace or add (`__` is a slash, `_` before the ending a dot)."""
    made = {
        "[Content_Types].xml": CONTENT, "_rels/.rels": ROOT, "xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": LINKS,
        "xl/worksheets/sheet1.xml": sheet(rows, before), "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}">{strings}</sst>',
    }  # fmt: skip
    return packed(path, {name: text.encode() for name, text in (made | parts).items()})


def laughing(word: str) -> str:
    """A document type whose last entity is a billion of the first."""
    steps = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return f'<!DOCTYPE z [<!ENTITY l0 "{word}">{steps}]>'
