"""Zip files from the field: backslashes and CP932 in member names, damaged members, hostile archives."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from kyodo_geo.errors import FileFormatError

MAX_MEMBERS = 2_000
MAX_TOTAL = 2 << 30
MAX_RATIO = 500
"""Text compresses 20 to 50 times; beyond this the archive is made to fill a disk."""
RATIO_MATTERS_ABOVE = 16 << 20
UTF8_FLAG = 0x800
ENCRYPTED_FLAG = 0x1


def extract(archive: Path, folder: Path) -> list[tuple[Path, str]]:
    """Unpack every file below `folder`; returns (path, "archive/member" as shown to people).

    Members are checked while they are read (CRC-32, size). Raises `FileFormatError` for what is no zip, is cut
    or damaged, asks for a password, points outside its folder or is out of all proportion; nothing of it is used.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = [member for member in content.infolist() if not member.is_dir()]
            _check_size(archive.name, members)
            return [_extract_member(content, member, archive.name, folder) for member in members]
    except (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, ValueError) as error:
        raise FileFormatError(
            f"{archive.name} はzipファイルとして読めません。壊れているか、途中で切れています。"
            "ダウンロードし直してください。",
            file=archive.name,
        ) from error
    except NotImplementedError as error:
        raise FileFormatError(
            f"{archive.name} は対応していない方式で圧縮されています。展開したファイルを指定してください。",
            file=archive.name,
        ) from error


def member_name(member: zipfile.ZipInfo) -> str:
    """Name with forward slashes; names without the UTF-8 mark are CP932 in Japan (UTF-8 on some systems)."""
    name = member.orig_filename
    if not member.flag_bits & UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "cp932"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    # Only now: the second byte of some kanji (表, ソ) is a backslash in CP932.
    return name.replace("\\", "/")


def _check_size(archive: str, members: list[zipfile.ZipInfo]) -> None:
    total = sum(member.file_size for member in members)
    # The sum as well: many members, none of which alone is out of proportion.
    sizes = [(member.file_size, member.compress_size) for member in members]
    sizes.append((total, sum(packed for _, packed in sizes)))
    swollen = any(size > RATIO_MATTERS_ABOVE and size > MAX_RATIO * max(packed, 1) for size, packed in sizes)
    if len(members) > MAX_MEMBERS or total > MAX_TOTAL or swollen:
        raise FileFormatError(
            f"{archive} は大きすぎます（{len(members):,}個、展開すると{total / 1e6:,.0f} MB）。"
            "必要なファイルだけを取り出して指定してください。",
            file=archive,
        )


def _extract_member(
    content: zipfile.ZipFile, member: zipfile.ZipInfo, archive: str, folder: Path
) -> tuple[Path, str]:
    name = member_name(member)
    parts = PurePosixPath(name).parts
    if (
        not parts
        or name.startswith("/")
        or ".." in parts
        or re.match(r"[A-Za-z]:", name)
        or any(ord(char) < 32 for char in name)
    ):
        raise FileFormatError(
            f"{archive} に、フォルダーの外を指す名前のファイルがあります。読み込みません。", file=archive
        )
    if member.flag_bits & ENCRYPTED_FLAG:
        raise FileFormatError(
            f"{archive} はパスワードで保護されています。展開したファイルを指定してください。", file=archive
        )
    target = folder.joinpath(*(_short(part) for part in parts))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with content.open(member) as source, target.open("wb") as out:
            left = member.file_size
            while block := source.read(1 << 20):
                left -= len(block)
                if left < 0:
                    raise zipfile.BadZipFile("larger than announced")
                out.write(block)
    except OSError as error:
        raise FileFormatError(
            f"{archive} の「{name[:60]}」を展開できません（{error.strerror}）。", file=archive
        ) from error
    return target, f"{archive}/{parts[-1]}"


def _short(part: str) -> str:
    """A name the file system takes: at most 255 bytes, the ending kept."""
    if len(part.encode("utf-8", "surrogateescape")) <= 255:
        return part
    stem, dot, ending = part.rpartition(".")
    return f"{stem[:60]}{dot}{ending[:10]}" if dot else part[:60]
