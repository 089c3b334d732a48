"""Passwords: argon2id with parameters of OWASP's list, and one strength rule told in plain words."""

from __future__ import annotations

import functools
import threading
import unicodedata

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from kyodo_geo.errors import InputError

MIN_LENGTH = 12
MAX_LENGTH = 200
RULE = f"{MIN_LENGTH} 文字以上（記号や漢字も使えます）。利用者名や、同じ文字・並び順の文字だけのものは使えません。"

AT_ONCE = 2
"""Password checks at the same time in one process: each takes memory and a processor."""

# 19 MiB per check keeps a web process small.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
_TURNS = threading.BoundedSemaphore(AT_ONCE)
# Written for this service: what people type first, here and everywhere, in one spelling (`_plain`).
_COMMON = (
    "password", "passphrase", "qwerty", "asdfgh", "zxcvbn", "letmein", "administrator", "welcome", "iloveyou", "monkey",
    "dragon", "sunshine", "princess", "football", "baseball", "changeme", "secret", "default", "login", "guest", "hello",
    "123456", "abc123", "111111", "000000",
    "morioka", "iwate", "kyodo", "shiyakusho", "yakusho", "kanri", "kanrisha", "sakura", "arigato", "konnichiwa",
    "もりおか", "盛岡市", "盛岡", "岩手", "岩手県", "市役所", "協働", "管理者", "ぱすわーど", "パスワード",
    "あいことば", "合言葉",
)  # fmt: skip
_LOOKALIKES = str.maketrans("0134578@$!", "oleastbasi")
"""Signs that stand for letters in words people think nobody guesses (pa$$w0rd)."""
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def _normal(password: str) -> str:
    """The same password however the keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    with _TURNS:
        return _HASHER.hash(_normal(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes equally long when there is no hash to compare with."""
    try:
        with _TURNS:
            _HASHER.verify(password_hash or _decoy(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


@functools.cache
def _decoy() -> str:
    return _HASHER.hash("decoy for unknown users")


def check_strength(password: str, login: str) -> None:
    """Raise InputError, naming the rule, for a password that is too easy."""
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        raise InputError(f"パスワードが短すぎます。{RULE}", field="password")
    if len(plain) > MAX_LENGTH:
        raise InputError(f"パスワードは {MAX_LENGTH} 文字以内にしてください。", field="password")
    folded = plain.casefold()
    if (
        login.casefold() in folded
        or len(set(folded)) < 5
        or _is_a_row(folded)
        or _repeats(folded)
        or _is_common(folded)
    ):
        raise InputError(f"推測されやすいパスワードです。{RULE}", field="password")


def _is_a_row(folded: str) -> bool:
    return any(folded in row * 4 or folded in row[::-1] * 4 for row in _ROWS)


def _repeats(folded: str) -> bool:
    """A short piece again and again."""
    return any(folded == (folded[:size] * len(folded))[: len(folded)] for size in range(1, 6))


def _is_common(folded: str) -> bool:
    """Well-known words with little around them."""
    return any(_rest(text) < 4 for text in (folded, folded.translate(_LOOKALIKES)))


def _rest(text: str) -> int:
    """How many characters are left without the words, digits and signs."""
    for word in sorted(_COMMON, key=len, reverse=True):
        text = text.replace(word, "")
    return len(text.strip("0123456789!@#$%&*+-_=?.,/ 年月日号第"))
