"""One-time codes of an authenticator app (RFC 6238). The secret is encrypted at rest; only this child process opens it."""

from __future__ import annotations

import hmac
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kyodo_geo.errors import UnavailableError

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

STEP_S = 30
DRIFT = 1
"""Steps a clock may be early or late."""
NO_KEY = "確認コードの鍵を読み取れません。管理者にお問い合わせください。回復コードは使えます。"


def _keys(key_file: str) -> MultiFernet:
    """Keys of the file, one a line: the first encrypts, all of them open."""
    from cryptography.fernet import Fernet, MultiFernet

    try:
        lines = Path(key_file).read_text(encoding="ascii").split()
        return MultiFernet([Fernet(line) for line in lines])
    except (OSError, ValueError) as error:
        raise UnavailableError(NO_KEY, why=f"totp key file: {type(error).__name__}") from None


def _opened(key_file: str, sealed: str) -> str:
    from cryptography.fernet import InvalidToken

    try:
        return _keys(key_file).decrypt(sealed).decode("ascii")
    except InvalidToken:
        raise UnavailableError(NO_KEY, why="totp key file: none of its keys opens the secret") from None


def make(key_file: str) -> dict[str, Any]:
    """A new secret, encrypted."""
    import pyotp

    return {"sealed": _keys(key_file).encrypt(pyotp.random_base32().encode()).decode()}


def show(key_file: str, sealed: str, login: str, issuer: str) -> dict[str, Any]:
    """A secret as its owner enters it: text in groups of four, and a QR code as the address of an image."""
    import pyotp
    import segno

    secret = _opened(key_file, sealed)
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {
        "secret": grouped,
        "uri": uri,
        "image": segno.make(uri, error="m").svg_data_uri(scale=5, border=4),
    }


def step(key_file: str, sealed: str, code: str) -> dict[str, Any]:
    """The step of 30 s whose code it is, None for a wrong one. Whether it was used before is the database's to say."""
    import pyotp

    totp = pyotp.TOTP(_opened(key_file, sealed))
    now = int(time.time()) // STEP_S
    right = [
        now + drift
        for drift in range(-DRIFT, DRIFT + 1)
        if hmac.compare_digest(totp.generate_otp(now + drift).encode(), code.encode())
    ]
    return {"step": right[-1] if right else None}
