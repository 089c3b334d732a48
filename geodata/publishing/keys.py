"""Ed25519 keys that sign packages: made, read, used. The private one stands in a file that its owner alone may read."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kyodo_geo.errors import ConflictError, InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_KEY_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class Signature:
    """What stands beside the signed bytes: which key, and its signature in base64."""

    key_id: str
    value: str


def key_id(public: Ed25519PublicKey) -> str:
    """16 hexadecimal digits that name a key, to be compared by eye."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def generate(private_file: Path, public_file: Path) -> str:
    """Make a pair: the private file (0600) and the public one. Returns the key's id.

    Raises `ConflictError` when one of the files is there already: a key is never written over.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    for file in (private_file, public_file):
        if file.exists():
            raise ConflictError(f"{file} はすでにあります。鍵を上書きすることはできません。")
    private = Ed25519PrivateKey.generate()
    public = private.public_key()
    _write_new(private_file, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write_new(public_file, public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return key_id(public)


def sign(private_file: Path, context: bytes, content: bytes) -> Signature:
    """Sign `content`; `context` says for what, so that a signature is good for nothing else."""
    private = _private(private_file)
    value = private.sign(context + b"\0" + content)
    return Signature(key_id(private.public_key()), base64.b64encode(value).decode())


def verify(public_files: Sequence[Path], context: bytes, content: bytes, signature: Signature) -> None:
    """Raise `InputError` unless one of the public keys made the signature."""
    from cryptography.exceptions import InvalidSignature

    known = {key_id(public): public for public in map(_public, public_files)}
    if not known:
        raise InputError(
            "受け入れる公開鍵がありません。KYODO_PUBLISH_PUBLIC_KEYS に公開鍵のファイルを指定してください。",
            field="KYODO_PUBLISH_PUBLIC_KEYS",
        )
    public = known.get(signature.key_id)
    if public is None:
        names = "、".join(sorted(known))
        raise InputError(
            f"このファイルは、受け入れていない鍵（{signature.key_id[:16]}）で署名されています。受け入れる鍵: {names}"
        )
    try:
        public.verify(base64.b64decode(signature.value, validate=True), context + b"\0" + content)
    except (InvalidSignature, binascii.Error, ValueError):
        raise InputError("署名が合いません。途中で書き換えられたファイルです。取り込みません。") from None


def _private(file: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(file, private=True)
    try:
        found = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise InputError(
            f"{file} は、`kyodo-geo publish keygen` で作った秘密鍵ではありません。", file=str(file)
        )
    return found


def _public(file: Path) -> Ed25519PublicKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        found = load_pem_public_key(_read(file))
    except ValueError:
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise InputError(
            f"{file} は、`kyodo-geo publish keygen` で作った公開鍵ではありません。", file=str(file)
        )
    return found


def _read(file: Path, *, private: bool = False) -> bytes:
    try:
        with file.open("rb") as opened:
            told = os.fstat(opened.fileno())
            if private and stat.S_IMODE(told.st_mode) & 0o077:
                raise InputError(
                    f"秘密鍵 {file} を、ほかの利用者が読めます。chmod 600 {file} を実行してください。",
                    file=str(file),
                )
            return opened.read(MAX_KEY_BYTES)
    except OSError as error:
        raise InputError(f"鍵 {file} を読めません（{error.strerror}）。", file=str(file)) from error


def _write_new(file: Path, content: bytes, mode: int) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise InputError(f"{file} を作れません（{error.strerror}）。", file=str(file)) from error
    with os.fdopen(handle, "wb") as opened:
        os.fchmod(opened.fileno(), mode)
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
