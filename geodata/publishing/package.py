"""The package between the zones: a ZIP of plain texts, a list of contents with their hashes, a signature over the list.

What is signed is the list, not the ZIP: a gateway that unpacks, looks and packs again changes nothing that counts.
Reading treats the file as hostile until all of it is checked; nothing is unpacked to the disk.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from geodata.publishing.keys import Signature, sign, verify
from kyodo_geo.errors import InputError

FORMAT = "kyodo-geo publication"
FORMAT_VERSION = 1
CONTEXT = b"kyodo-geo publication 1"
MANIFEST, SIGNATURE, READ_ME, ANSWERS = "manifest.json", "signature.json", "README.txt", "answers.json"
MAX_MANIFEST = 32 << 20
MAX_SIGNATURE = 2_000
MAX_MEMBERS = 50_000
CHUNK = 1 << 18
_NAME = re.compile(r"(?:data|figures)/[a-z_]{1,60}(?:/[0-9]{1,9})?\.csv|README\.txt|answers\.json")
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_HEX = re.compile(r"[0-9a-f]{64}")
_STAMP = (1980, 1, 1, 0, 0, 0)

READ_ME_TEXT = """kyodo-geo の公開用データです。内部の環境から公開の環境へ、一方向に渡します。

manifest.json   中身の一覧（世代、通し番号、ファイルごとの行数・大きさ・SHA-256）
signature.json  manifest.json への署名（Ed25519）
data/           表ごとの CSV（UTF-8）。図形は WKT（経度 緯度）
figures/        少ない数を伏せ終えた集計の CSV
answers.json    公開の環境で受け付けた会員店の取次への回答（あるときだけ）

どのファイルも文字だけで、マクロやプログラムはふくみません。公開してよい行だけが入っています。
1 文字でも変えると、公開の環境は取り込みません。取り込み方は docs/ZONES.md にあります。
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One text in the package."""

    sha256: str
    bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the package says of itself. `parts` by the name in the ZIP."""

    municipality: str
    sequence: int
    generation_no: int
    schema: str
    program: str
    created: str
    parts: dict[str, Part]
    acknowledged: tuple[str, ...] = ()
    """Ids of the tickets that the internal side has taken in."""

    def to_bytes(self) -> bytes:
        """As it is signed and stored."""
        content = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "municipality": self.municipality,
            "sequence": self.sequence,
            "generation": self.generation_no,
            "schema": self.schema,
            "program": self.program,
            "created": self.created,
            "acknowledged": list(self.acknowledged),
            "parts": {
                name: {"sha256": part.sha256, "bytes": part.bytes, "rows": part.rows}
                for name, part in sorted(self.parts.items())
            },
        }
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts.values())

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts.values())


class Writer:
    """Makes a package at `file`: parts one after the other, then the list and its signature. Nothing is there until the end."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._draft = file.with_name(f".{file.name}.{os.getpid()}.part")
        self.parts: dict[str, Part] = {}
        self._zip: zipfile.ZipFile | None = None

    def __enter__(self) -> Writer:
        try:
            handle = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise InputError(f"{self.file} に書けません（{error.strerror}）。") from error
        self._opened = os.fdopen(handle, "w+b")
        self._zip = zipfile.ZipFile(self._opened, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(Exception):  # what is half written is thrown away
            if self._zip is not None:
                self._zip.close()
        self._opened.close()
        self._draft.unlink(missing_ok=True)

    @contextmanager
    def part(self, name: str) -> Iterator[_PartWriter]:
        """A part to write into; its hash and size are taken on the way."""
        assert self._zip is not None
        with self._zip.open(_entry(name), "w", force_zip64=True) as opened:
            writing = _PartWriter(opened)
            yield writing
        self.parts[name] = Part(writing.hash.hexdigest(), writing.size, writing.rows)

    def text(self, name: str, content: str, *, rows: int = 0) -> None:
        """A part that is one text."""
        with self.part(name) as writing:
            writing.write(content.encode())
            writing.rows = rows

    def finish(self, manifest: Manifest, private_key: Path) -> tuple[Signature, str]:
        """Write the list, sign it, make the file durable and put it in its place; signature and SHA-256 of the list."""
        assert self._zip is not None
        listed = manifest.to_bytes()
        signature = sign(private_key, CONTEXT, listed)
        self._zip.writestr(_entry(MANIFEST), listed)
        told = {"algorithm": "Ed25519", "key": signature.key_id, "signature": signature.value}
        self._zip.writestr(_entry(SIGNATURE), json.dumps(told, indent=1) + "\n")
        self._zip.close()
        self._opened.flush()
        os.fsync(self._opened.fileno())
        self._draft.rename(self.file)
        folder = os.open(self.file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return signature, hashlib.sha256(listed).hexdigest()


@dataclass(slots=True)
class _PartWriter:
    opened: IO[bytes]
    size: int = 0
    rows: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        self.opened.write(piece)
        self.hash.update(piece)
        self.size += len(piece)


@dataclass(slots=True)
class Package:
    """A package whose signature and every part have been checked; `read` gives the parts."""

    manifest: Manifest
    key_id: str
    sha256: str
    """Of the signed list."""
    _zip: zipfile.ZipFile

    def read(self, name: str) -> Iterator[bytes]:
        """A part in pieces, checked once more: the file may have been changed under us."""
        yield from _checked(self._zip, name, self.manifest.parts[name])

    def whole(self, name: str) -> bytes:
        """A small part."""
        return b"".join(self.read(name))


@contextmanager
def opened_package(file: Path, public_keys: Sequence[Path], *, max_bytes: int) -> Iterator[Package]:
    """Open and check a package; raises `InputError` at the first thing that is not as it must be.

    `max_bytes` bounds its texts together, unpacked; nothing is read beyond what the signed list promises.
    """
    try:
        with file.open("rb") as handle, zipfile.ZipFile(handle) as archive:
            names = _names(archive)
            listed = _small(archive, MANIFEST, MAX_MANIFEST)
            signature = _signature(_small(archive, SIGNATURE, MAX_SIGNATURE))
            verify(public_keys, CONTEXT, listed, signature)
            manifest = read_manifest(listed)
            if names != {MANIFEST, SIGNATURE, *manifest.parts}:
                raise InputError("中身の一覧にないファイルが入っているか、あるはずのファイルがありません。")
            if manifest.bytes > max_bytes:
                raise InputError(
                    f"展開すると {manifest.bytes >> 20:,} MB になり、上限の {max_bytes >> 20:,} MB を超えます"
                    "（KYODO_PUBLISH_MAX_MB）。"
                )
            for name, part in manifest.parts.items():
                for _ in _checked(archive, name, part):
                    pass
            yield Package(manifest, signature.key_id, hashlib.sha256(listed).hexdigest(), archive)
    except OSError as error:
        raise InputError(f"{file} を読めません（{error.strerror}）。", file=str(file)) from error
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        UnicodeDecodeError,
    ):
        raise InputError("公開用データのファイル（ZIP）として読めません。壊れています。") from None


def read_manifest(content: bytes) -> Manifest:
    """The list of contents; raises `InputError` unless it is exactly of the form that this program writes."""
    told = _json(content)
    try:
        if told["format"] != FORMAT or told["version"] != FORMAT_VERSION:
            raise InputError(
                "このプログラムの知らない形式です。内部と公開のプログラムを同じ版にしてください。"
            )
        parts = {
            str(name): Part(str(part["sha256"]), _whole(part["bytes"]), _whole(part["rows"]))
            for name, part in told["parts"].items()
        }
        found = Manifest(
            str(told["municipality"]), _whole(told["sequence"]), _whole(told["generation"]), str(told["schema"]),
            str(told["program"]), str(told["created"]), parts, tuple(map(str, told["acknowledged"])),
        )  # fmt: skip
        datetime.fromisoformat(found.created)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise InputError("中身の一覧（manifest.json）を読めません。") from None
    if any(not _NAME.fullmatch(name) or not _HEX.fullmatch(part.sha256) for name, part in parts.items()):
        raise InputError("中身の一覧（manifest.json）に、使えない名前があります。")
    return found


def _names(archive: zipfile.ZipFile) -> set[str]:
    """Names of the files inside; folders are no content. Raises where a name occurs twice or is not one of ours."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    names = {info.filename for info in infos}
    if len(infos) > MAX_MEMBERS or len(names) != len(infos):
        raise InputError("ファイルの数が多すぎるか、同じ名前のファイルが入っています。")
    if any(info.flag_bits & 1 for info in infos):
        raise InputError("暗号化された ZIP は取り込めません。")
    if any(info.compress_type not in _PACKED for info in infos):
        raise InputError("この圧縮方法の ZIP は取り込めません（無圧縮か Deflate だけです）。")
    wrong = sorted(name for name in names if name not in (MANIFEST, SIGNATURE) and not _NAME.fullmatch(name))
    if wrong:
        raise InputError("公開用データにないはずのファイルが入っています。", file=wrong[0][:80])
    return names


def _small(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    if name not in archive.NameToInfo:
        raise InputError(f"{name} がありません。公開用データのファイルではありません。")
    with archive.open(name) as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise InputError(f"{name} が大きすぎます。")
    return content


def _checked(archive: zipfile.ZipFile, name: str, part: Part) -> Iterator[bytes]:
    hashed, left = hashlib.sha256(), part.bytes
    with archive.open(name) as opened:
        while piece := opened.read(min(CHUNK, left + 1)):
            left -= len(piece)
            if left < 0:
                break
            hashed.update(piece)
            yield piece
    if left != 0 or hashed.hexdigest() != part.sha256:
        raise InputError("中身が一覧のハッシュと合いません。途中で書き換えられたファイルです。", file=name)


def _signature(content: bytes) -> Signature:
    told = _json(content)
    key, value = told.get("key"), told.get("signature")
    if told.get("algorithm") != "Ed25519" or not isinstance(key, str) or not isinstance(value, str):
        raise InputError("署名（signature.json）を読めません。")
    return Signature(key, value)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise InputError("公開用データの一覧か署名を、JSON として読めません。")
    return told


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise ValueError(value)
    return value


def _entry(name: str) -> zipfile.ZipInfo:
    """Equal contents make equal files: no time of day in the entries."""
    info = zipfile.ZipInfo(name, _STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
