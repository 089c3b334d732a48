"""The second step: a code of an authenticator or a recovery code, and how both are set up. Blocking."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth import elsewhere
from api.auth.sign_in import IN, Step, Visit
from api.auth.tokens import digest, well_formed
from geodata import accounts, pending_sign_ins, second_factors, sessions
from geodata.accounts import User
from geodata.audit import record
from geodata.database import Audience, Connection
from geodata.pending_sign_ins import CODE, ENROL, Pending
from kyodo_geo.errors import ConflictError, InputError, NotFoundError

if TYPE_CHECKING:
    from api.auth.sign_in import SignIn

CODES = 10
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without letters and digits that people take for each other."""
_CODE_LENGTH = 16
_DIGITS = re.compile(r"[0-9]{6}")
_RECOVERY = re.compile(f"[{_ALPHABET}]{{{_CODE_LENGTH}}}")

GONE = "サインインの途中の記録が切れました（10 分）。初めからやり直してください。"
WRONG_CODE = (
    "確認コードが違うか、使用済みです。次のコードが出るのを待って入れてください。"
    "続けて間違えると、しばらくサインインできなくなります。"
)
SETUP_GONE = "登録の途中の記録が切れた（15 分）か、別の画面で登録が始まりました。初めからやり直してください。"


@dataclass(frozen=True, slots=True)
class Shown:
    """A secret for its owner's eyes: text in groups, and the address of an image with the QR code."""

    secret: str
    image: str
    uri: str


@dataclass(frozen=True, slots=True)
class SecondStep:
    """Uses the database and settings of `SignIn`."""

    sign_in: SignIn

    @property
    def _code(self) -> str:
        return self.sign_in.settings.municipality

    def pending(self, token: str | None) -> tuple[Pending, User]:
        """The sign-in under way and whose it is; raises NotFoundError when there is none."""
        found = None
        if token is not None and well_formed(token):
            with self.sign_in.database.read(Audience.AUTH) as conn:
                found = pending_sign_ins.look(conn, self._code, digest(token), (CODE, ENROL))
                if found is not None and found.user_id is not None:
                    return found, accounts.user_by_id(conn, self._code, found.user_id)
        raise NotFoundError(GONE)

    def with_code(self, token: str, typed: str, visit: Visit) -> Step:
        """Sign in with the code that is owed. Wrong ones count against the account and the source like wrong passwords."""
        pending, user = self.pending(token)
        if pending.kind != CODE:
            raise NotFoundError(GONE)
        self.sign_in.count(visit.source)
        with self.sign_in.database.write(Audience.AUTH) as conn:
            attempt = accounts.begin_attempt(conn, self._code, user.login)
        second = self._check(user, typed) if attempt is not None else None
        with self.sign_in.database.write(Audience.AUTH) as conn:
            if second is not None:
                if pending_sign_ins.take(conn, self._code, digest(token), (CODE,)) is None:
                    raise NotFoundError(GONE)
                return self._enter(conn, user, pending, visit, second)
            accounts.attempt_failed(conn, self._code, user.login, why="code")
        raise InputError(WRONG_CODE, field="code")

    def _check(self, user: User, typed: str) -> str | None:
        """How the code is right: `totp` or `recovery`; None when it is not. A right one is used up."""
        plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed)).lower()
        if _DIGITS.fullmatch(plain):
            totp = self._totp(user)
            step = self._step(totp, plain) if totp is not None else None
            if step is None:
                return None
            with self.sign_in.database.write(Audience.AUTH) as conn:
                return "totp" if second_factors.use_step(conn, self._code, user.user_id, step) else None
        if _RECOVERY.fullmatch(plain):
            with self.sign_in.database.write(Audience.AUTH) as conn:
                used = second_factors.use_code(conn, self._code, user.user_id, digest(plain))
            return "recovery" if used else None
        return None

    def _totp(self, user: User, begun_by: bytes | None = None) -> second_factors.Totp | None:
        with self.sign_in.database.read(Audience.AUTH) as conn:
            return second_factors.totp_of(conn, self._code, user.user_id, begun_by)

    def _step(self, totp: second_factors.Totp, digits: str) -> int | None:
        found = elsewhere.ask_authenticator(
            self.sign_in.settings, "step", sealed=totp.sealed_secret, code=digits
        )
        step: int | None = found["step"]
        return step

    def _enter(self, conn: Connection, user: User, pending: Pending, visit: Visit, second: str) -> Step:
        fresh = accounts.user_by_id(conn, self._code, user.user_id)
        if not fresh.active:
            raise NotFoundError(GONE)
        self.sign_in.forgive(conn, visit.source)
        accounts.attempt_succeeded(conn, self._code, user.user_id, user.login, via=pending.via, second=second)
        token = self.sign_in._open(conn, user.user_id, visit.old_token, via=pending.via, whence=visit.whence)
        return Step(IN, token)

    # -- setting up -----------------------------------------------------------------------------------------------

    def begin(self, user: User, begun_by: bytes) -> None:
        """Make a secret that is not in force yet; raises ConflictError when one is, UnavailableError without a key.

        `begun_by` tells the sign-in it belongs to (`by_session`, or the digest of a pending token): nobody else is shown it.
        """
        sealed = elsewhere.ask_authenticator(self.sign_in.settings, "make")["sealed"]
        with self.sign_in.database.write(Audience.AUTH) as conn:
            if not second_factors.begin(conn, self._code, user.user_id, sealed, begun_by):
                raise ConflictError("確認コードは、もう登録されています。")
            record(conn, self._code, user.login, "user.totp-begin", user.login, kind="sign-in")

    def shown(self, user: User, begun_by: bytes) -> Shown | None:
        """The secret of this sign-in that waits for its first code; None when none does."""
        totp = self._totp(user, begun_by)
        if totp is None or totp.confirmed:
            return None
        settings = self.sign_in.settings
        found = elsewhere.ask_authenticator(
            settings,
            "show",
            sealed=totp.sealed_secret,
            login=user.login,
            issuer=f"kyodo-geo {settings.municipality}",
        )
        return Shown(found["secret"], found["image"], found["uri"])

    def confirm(self, user: User, typed: str, begun_by: bytes, *, session_no: int | None) -> list[str]:
        """Put the secret in force with its first code; returns the recovery codes, to be shown this once.

        Every other session of the user ends: they were begun with less.
        """
        plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", typed))
        totp = self._totp(user, begun_by)
        if totp is None or totp.confirmed:
            raise NotFoundError(SETUP_GONE)
        step = self._step(totp, plain) if _DIGITS.fullmatch(plain) else None
        if step is None:
            raise InputError("確認コードが違います。アプリに今出ている 6 桁を入れてください。", field="code")
        codes = new_codes()
        with self.sign_in.database.write(Audience.AUTH) as conn:
            done = second_factors.confirm(
                conn, self._code, user.user_id, user.login, step, map(hash_of, codes),
                sealed_secret=totp.sealed_secret, begun_by=begun_by,
            )  # fmt: skip
            if not done:
                raise ConflictError("確認コードは、もう登録されたか、別の画面で登録が始まりました。")
            if session_no is not None:
                sessions.end_sessions(conn, self._code, user.user_id, but=session_no)
        return codes

    def enrolled(self, token: str, typed: str, visit: Visit) -> tuple[Step, list[str]]:
        """Set up on the way in, where a role requires it: the session opens with the first code."""
        pending, user = self.pending(token)
        if pending.kind != ENROL:
            raise NotFoundError(GONE)
        self.sign_in.count(visit.source)
        codes = self.confirm(user, typed, digest(token), session_no=None)
        with self.sign_in.database.write(Audience.AUTH) as conn:
            if pending_sign_ins.take(conn, self._code, digest(token), (ENROL,)) is None:
                raise NotFoundError(GONE)
            sessions.end_sessions(conn, self._code, user.user_id)
            return self._enter(conn, user, pending, visit, "totp"), codes

    def replace_codes(self, user: User) -> list[str]:
        """New recovery codes; the old ones stop working."""
        codes = new_codes()
        with self.sign_in.database.write(Audience.AUTH) as conn:
            totp = second_factors.totp_of(conn, self._code, user.user_id)
            if totp is None or not totp.confirmed:
                raise ConflictError("確認コードが登録されていません。")
            second_factors.set_codes(conn, self._code, user.user_id, map(hash_of, codes))
            record(conn, self._code, user.login, "user.totp-codes", user.login, kind="sign-in")
        return codes

    def remove(self, user: User, *, session_no: int | None) -> None:
        """Take one's own away; refused where a role requires it."""
        if {role.value for role in user.roles} & set(self.sign_in.settings.totp_roles):
            raise ConflictError("あなたの役割では確認コードが必要なので、やめることはできません。")
        with self.sign_in.database.write(Audience.AUTH) as conn:
            second_factors.remove(conn, self._code, user.user_id, user.login, by=user.login)
            sessions.end_sessions(conn, self._code, user.user_id, but=session_no)


def by_session(session_no: int | None) -> bytes:
    """What stands for a session as the one that began something: its number stays while its tokens change."""
    return hashlib.sha256(f"session {session_no}".encode()).digest()


def new_codes() -> list[str]:
    """Recovery codes of 80 random bits, in groups of four."""
    found = []
    for _ in range(CODES):
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        found.append("-".join(letters[start : start + 4] for start in range(0, _CODE_LENGTH, 4)))
    return found


def hash_of(code: str) -> bytes:
    """What is stored of a recovery code."""
    return digest(code.replace("-", ""))
