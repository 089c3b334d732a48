"""Random tokens and their hashes. Only hashes are stored: a copy of the database opens no session."""

from __future__ import annotations

import hashlib
import re
import secrets

TOKEN_FORM = re.compile(r"[0-9A-Za-z_-]{43}")


def new_token() -> str:
    """256 random bits, safe in URLs and cookies."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """SHA-256 of a token, 32 bytes; a slow hash is for passwords, not for 256 random bits."""
    return hashlib.sha256(token.encode()).digest()


def well_formed(token: str | None) -> bool:
    """Whether the text can be one of our tokens at all."""
    return token is not None and TOKEN_FORM.fullmatch(token) is not None
