"""Sign in, take up a link, change a password, sign out. Blocking; routes run these in a thread."""

from __future__ import annotations

from dataclasses import dataclass

from api.auth import passwords
from api.auth.tokens import digest, new_token, well_formed
from api.settings import Settings
from geodata import accounts, sessions
from geodata.audit import record
from geodata.database import Audience, Connection, Database
from kyodo_geo.errors import InputError, NotFoundError

LIMIT = 2
"""Password checks at the same time in one process: each takes memory and a processor."""

WRONG = (
    "利用者名かパスワードが違います。続けて間違えると、しばらくサインインできなくなります。"
    "分からないときは管理者に新しいリンクを頼んでください。"
)
LINK_GONE = "このリンクは使えません。使用済みか、期限切れです。管理者に新しいリンクを頼んでください。"


@dataclass(frozen=True, slots=True)
class SignIn:
    """Uses the application's database and settings."""

    database: Database
    settings: Settings

    def with_password(self, login: str, password: str, *, old_token: str | None = None) -> str:
        """A new session's token.

        Raises InputError, always with the same words: whether a user exists or is locked stays unsaid.
        """
        code = self.settings.municipality
        with self.database.write(Audience.AUTH) as conn:
            attempt = accounts.begin_attempt(conn, code, login)
        fits = passwords.verify(attempt.password_hash if attempt else None, password)
        with self.database.write(Audience.AUTH) as conn:
            if attempt is None or not fits:
                accounts.attempt_failed(conn, code, login)
                token = None
            else:
                if passwords.outdated(attempt.password_hash or ""):
                    accounts.rehash(conn, code, attempt.user_id, passwords.hash_password(password))
                accounts.attempt_succeeded(conn, code, attempt)
                token = self._open(conn, attempt.user_id, old_token)
        if token is None:
            raise InputError(WRONG, field="password")
        return token

    def look_at_link(self, link_token: str) -> sessions.Link:
        """Whose link it is, without using it; raises NotFoundError when it does not work."""
        with self.database.read(Audience.AUTH) as conn:
            found = sessions.find_link(conn, self.settings.municipality, digest(link_token))
        if found is None:
            raise NotFoundError(LINK_GONE)
        return found

    def with_link(self, link_token: str, password: str) -> str:
        """Use the link up, set the password, and sign in; raises InputError before anything is used up."""
        passwords.check_strength(password, self.look_at_link(link_token).login)
        password_hash = passwords.hash_password(password)
        code = self.settings.municipality
        with self.database.write(Audience.AUTH) as conn:
            link = sessions.use_link(conn, code, digest(link_token))
            if link is None:
                raise NotFoundError(LINK_GONE)
            accounts.set_password(conn, code, link.user_id, link.login, password_hash)
            accounts.attempt_succeeded(conn, code, accounts.Attempt(link.user_id, link.login, None))
            return self._open(conn, link.user_id, None)

    def change_password(self, user_id: int, login: str, old: str, new: str) -> str:
        """Check the old password, set the new one, end every session, and open a new one."""
        passwords.check_strength(new, login)
        code = self.settings.municipality
        with self.database.write(Audience.AUTH) as conn:
            attempt = accounts.begin_attempt(conn, code, login)
        if attempt is None or not passwords.verify(attempt.password_hash, old):
            with self.database.write(Audience.AUTH) as conn:
                accounts.attempt_failed(conn, code, login)
            raise InputError("今のパスワードが違います。", field="old_password")
        password_hash = passwords.hash_password(new)
        with self.database.write(Audience.AUTH) as conn:
            accounts.set_password(conn, code, user_id, login, password_hash)
            return self._open(conn, user_id, None)

    def sign_out(self, token_hash: bytes, login: str) -> None:
        """End this session."""
        with self.database.write(Audience.AUTH) as conn:
            sessions.close_session(conn, self.settings.municipality, token_hash)
            record(conn, self.settings.municipality, login, "sign-out", login, kind="sign-in")

    def _open(self, conn: Connection, user_id: int, old_token: str | None) -> str:
        """A fresh token at every sign-in: one planted before it is worth nothing."""
        code = self.settings.municipality
        if old_token is not None and well_formed(old_token):
            sessions.close_session(conn, code, digest(old_token))
        token = new_token()
        sessions.open_session(
            conn, code, digest(token), user_id, new_token(), hours=self.settings.session_hours
        )
        return token
