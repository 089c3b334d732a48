"""The XML parts of a workbook, looked through before any of them is parsed: for both readers of workbooks."""

from __future__ import annotations

import zipfile

PIECE = 1 << 20
MAX_TAGS = 2_000_000
"""Of the shared strings, which are read into memory whole: about 500,000 different texts."""
MAX_STRINGS = 64 << 20
XML = (".xml", ".rels", ".vml")
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
"""No program writes them into a workbook; they can only be meant to blow up the reader or to fetch something."""


def declares(archive: zipfile.ZipFile) -> bool:
    """Whether any XML part holds a document type, wherever it stands and in whatever encoding."""
    for part in archive.infolist():
        if part.filename.lower().endswith(XML):
            with archive.open(part) as content:
                before = b""
                while piece := content.read(PIECE):
                    seen = (before + piece).replace(b"\0", b"").upper()
                    if any(word in seen for word in DECLARATIONS):
                        return True
                    before = seen[-16:]
    return False


def too_many_strings(archive: zipfile.ZipFile) -> bool:
    """Whether the shared strings are more than a table of the largest size holds."""
    for part in archive.infolist():
        if part.filename.lower().endswith("sharedstrings.xml"):
            if part.file_size > MAX_STRINGS:
                return True
            tags = 0
            with archive.open(part) as content:
                while piece := content.read(PIECE):
                    tags += piece.count(b"<")
                    if tags > MAX_TAGS:
                        return True
    return False
