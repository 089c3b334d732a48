"""The archive: a folder's files with their hashes in one list, which may be signed, as one tar."""

from __future__ import annotations

import base64
import hashlib
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

from geodata.publishing.keys import sign
from kyodo_geo.errors import InputError

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
CONTEXT = b"kyodo-geo bundle 1"
FOLDER = "kyodo-geo-bundle"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._+~@%=/-]+)")


def sums_of(folder: Path) -> dict[str, str]:
    """File (as its path from the folder) → SHA-256."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name not in (SUMS, SIGNATURE):
            with file.open("rb") as opened:
                found[file.relative_to(folder).as_posix()] = hashlib.file_digest(opened, "sha256").hexdigest()
    wrong = [name for name in found if not _LINE.fullmatch(f"{'0' * 64}  {name}")]
    if wrong:
        raise InputError(f"使えないファイル名があります: {wrong[0]}")
    return found


def written_sums(sums: Mapping[str, str]) -> str:
    """The text of SHA256SUMS, as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))


def read_sums(text: str) -> dict[str, str]:
    """The same back; raises `InputError`."""
    lines = [_LINE.fullmatch(line) for line in text.splitlines()]
    if not lines or None in lines:
        raise InputError("SHA256SUMS を読めません。")
    return {line[2]: line[1] for line in lines if line}


def sums_of_archive(file: Path) -> dict[str, str]:
    """The list in an earlier archive."""
    try:
        with tarfile.open(file) as opened:
            member = opened.extractfile(f"{FOLDER}/{SUMS}")
            text = member.read(10_000_000).decode() if member else ""
    except (OSError, tarfile.TarError, KeyError, UnicodeDecodeError) as error:
        raise InputError(f"{file} を、前の組として読めません。", file=str(file)) from error
    return read_sums(text)


def pack(
    folder: Path, target: Path, *, private_key: Path | None = None, since: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """Write the list and its signature into the folder, and the tar; (files in it, files in the list).

    `since`: the list of an earlier archive, whose files are left out; who installs has them in his store.
    """
    sums = sums_of(folder)
    text = written_sums(sums)
    (folder / SUMS).write_text(text, encoding="ascii")
    names = [SUMS]
    if private_key is not None:
        signature = sign(private_key, CONTEXT, text.encode("ascii"))
        (folder / SIGNATURE).write_bytes(base64.b64decode(signature.value))
        names.append(SIGNATURE)
    known = set((since or {}).values())
    always = {"install.sh", "bundle.json"}
    names += [name for name, digest in sorted(sums.items()) if name in always or digest not in known]
    try:
        with tarfile.open(target, "x", format=tarfile.PAX_FORMAT) as opened:
            for name in names:
                opened.add(folder / name, f"{FOLDER}/{name}", filter=_plain)
    except FileExistsError:
        raise InputError(f"{target} はすでにあります。") from None
    return len(names), len(sums)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Equal contents make equal archives: nobody's name, no time of day."""
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.name.endswith(".sh") else 0o644
    return entry
