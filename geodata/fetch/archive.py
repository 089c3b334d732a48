"""Archives as they are published: whole (every CRC), harmless, and only the wanted members unpacked."""

from __future__ import annotations

import fnmatch
import re
import shutil
import zipfile
import zlib
from datetime import date
from pathlib import Path, PurePosixPath

from geodata.fetch.answers import is_page
from geodata.fetch.sources import MEGABYTE, Source
from kyodo_geo.errors import FileFormatError

MAX_UNPACKED_BYTES = 2000 * MEGABYTE
MAX_MEMBERS = 5000
_ENCRYPTED = 0x1
_PERIOD_END = re.compile(rb"<end>\s*([0-9]{4}-[0-9]{2}-[0-9]{2})\s*</end>")


def check_file(source: Source, path: Path) -> None:
    """Raise `FileFormatError` unless the file is what its source promises by form: no page, not empty, CRC right."""
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise _wrong(source, "中身が空です。もう一度取得してください。")
    if is_page(head):
        raise _wrong(source, "ファイルではなく Web ページです。アドレスかプロキシの設定を確かめてください。")
    if source.is_archive:
        with _opened(source, path) as archive:
            _check_members(source, archive)
            try:
                broken = archive.testzip()
            except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
                raise _wrong(source, f"書庫が壊れています（{error}）。もう一度取得してください。") from error
            if broken is not None:
                raise _wrong(
                    source, f"書庫の中の {broken} が壊れています（CRC 不一致）。もう一度取得してください。"
                )


def _opened(source: Source, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise _wrong(
            source, f"ZIP として開けません（{error}）。途中で切れたか、別のものが返されています。"
        ) from error


def _check_members(source: Source, archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
        raise _wrong(source, "展開すると大きくなりすぎる書庫です。内容を確かめてください。")
    for member in members:
        if member.flag_bits & _ENCRYPTED:
            raise _wrong(source, f"書庫の中の {member.filename} にパスワードが掛かっています。")


def _plain_name(member: zipfile.ZipInfo) -> str:
    """The last part of the name; some publishers write backslashes."""
    return PurePosixPath(member.filename.replace("\\", "/")).name


def unpack(source: Source, path: Path, folder: Path) -> list[Path]:
    """The wanted members as plain files in `folder` (emptied first), in the order of the patterns.

    Only the last part of a member's name is used, so nothing is written outside `folder`. Raises
    `FileFormatError` when a pattern matches nothing or the first one several files.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found: list[Path] = []
    with _opened(source, path) as archive:
        files = [member for member in archive.infolist() if _plain_name(member)]
        for number, pattern in enumerate(source.members):
            matching = [m for m in files if fnmatch.fnmatch(_plain_name(m).lower(), pattern.lower())]
            if not matching:
                listed = "、".join(_plain_name(member) for member in files[:10])
                raise _wrong(source, f"書庫の中に {pattern} がありません（あるもの: {listed}）。")
            if number == 0 and len(matching) > 1:
                listed = "、".join(_plain_name(member) for member in matching[:10])
                raise _wrong(
                    source, f"書庫の中に {pattern} が複数あり、どれを読むか決められません（{listed}）。"
                )
            for member in matching:
                target = folder / _plain_name(member)
                with archive.open(member) as packed, target.open("wb") as file:
                    shutil.copyfileobj(packed, file)
                found.append(target)
    return found


def as_of(source: Source, path: Path) -> date | None:
    """As-of date of the source: the table's, else the end of the period in the archive's metadata, else None."""
    if source.as_of is not None or source.as_of_member is None or not source.is_archive:
        return source.as_of
    with _opened(source, path) as archive:
        for member in archive.infolist():
            if fnmatch.fnmatch(_plain_name(member).lower(), source.as_of_member.lower()):
                ends = _PERIOD_END.findall(archive.read(member))
                try:
                    return max(date.fromisoformat(text.decode()) for text in ends) if ends else None
                except ValueError:
                    return None
    return None


def _wrong(source: Source, what: str) -> FileFormatError:
    return FileFormatError(f"{source.title}（{source.filename}）: {what}", file=source.filename)
