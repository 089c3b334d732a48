"""Sign in, take up a link, change a password, sign out. Blocking; routes run these in a thread.

A first step (password, link, directory, provider) opens a session only when no second one is owed; else it leaves a record
that opens nothing (`geodata/pending_sign_ins.py`) until `api.auth.second_step` has what is owed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from api.auth import directory, elsewhere, passwords
from api.auth.tokens import digest, new_token, well_formed
from api.settings import Settings
from geodata import accounts, identities, pending_sign_ins, sessions, sign_in_limits
from geodata.accounts import Attempt, User
from geodata.audit import record
from geodata.database import Audience, Connection, Database
from geodata.pending_sign_ins import CODE, ENROL, Pending
from geodata.sessions import NOWHERE, Whence
from kyodo_geo.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    TooManyRequestsError,
)
from kyodo_geo.roles import Role

AT_ONCE = 16
"""Sign-ins under way in one process: most of them wait for their turn or for another server."""
SECOND_STEP_MINUTES = 10
REFUSAL_S = 1.5
"""How long a refusal takes where there is a directory: longer than one that answers well needs to say no."""
IN = "in"
"""The step after which somebody is signed in."""

WRONG = (
    "利用者名かパスワードが違います。続けて間違えると、しばらくサインインできなくなります。"
    "分からないときは管理者に新しいリンクを頼んでください。"
)
LINK_GONE = "このリンクは使えません。使用済みか、期限切れです。管理者に新しいリンクを頼んでください。"
NOT_HERE = "このアカウントは、市の認証システムか庁内のパスワードでサインインします。このサービスのパスワードはありません。"
TOO_OFTEN = (
    "この接続元から、サインインの失敗が続いています。{minutes} 分ほど待ってから、もう一度お試しください。"
)
NO_ROLE = "このサービスを使うためのグループに入っていません。管理者にお問い合わせください。"
OTHER_PERSON = "このアカウントは、庁内の別の利用者と結び付いています。管理者にお問い合わせください。"


@dataclass(frozen=True, slots=True)
class Step:
    """What came of a step. `kind`: IN, and `token` is the new session's; CODE or ENROL, and it is the pending record's."""

    kind: str
    token: str


@dataclass(frozen=True, slots=True)
class Visit:
    """The browser that signs in. `source`: what the limit counts by, None for none; `old_token`: a session that ends."""

    next_path: str = "/account"
    whence: Whence = NOWHERE
    source: bytes | None = None
    old_token: str | None = None


NO_VISIT = Visit()


@dataclass(frozen=True, slots=True)
class SignIn:
    """Uses the application's database and settings."""

    database: Database
    settings: Settings

    @property
    def _code(self) -> str:
        return self.settings.municipality

    # -- limits ---------------------------------------------------------------------------------------------------

    def count(self, source: bytes | None) -> None:
        """Count an attempt of a source before it is made; raises TooManyRequestsError. All workers share the count."""
        if source is None:
            return
        most = self.settings.sign_in_failures_per_source
        with self.database.write(Audience.AUTH) as conn:
            wait = sign_in_limits.take(conn, self._code, source, most=most)
        if wait is not None:
            raise TooManyRequestsError(TOO_OFTEN.format(minutes=-(-wait // 60)), retry_after=wait)

    def forgive(self, conn: Connection, source: bytes | None) -> None:
        """The attempt was a good one."""
        if source is not None:
            sign_in_limits.give_back(conn, self._code, source)

    # -- first steps ----------------------------------------------------------------------------------------------

    def with_password(self, login: str, password: str, visit: Visit = NO_VISIT) -> Step:
        """`_with_password`, whose refusals all take the same time where some of them ask a directory and others do not."""
        began = time.monotonic()
        try:
            return self._with_password(login, password, visit)
        except InputError:
            if self.settings.ldap_urls:
                time.sleep(max(0.0, REFUSAL_S - (time.monotonic() - began)))
            raise

    def _with_password(self, login: str, password: str, visit: Visit) -> Step:
        """The first step with name and password, ours or the directory's.

        Raises InputError, always with the same words: whether a user exists or is locked stays unsaid. Only the directory's
        own word on an expired or stopped account is passed on. Raises TooManyRequestsError, and UnavailableError when the
        directory is down.
        """
        self.count(visit.source)
        with self.database.write(Audience.AUTH) as conn:
            known = accounts.spelt(conn, self._code, login)
            attempt = None if known is None else accounts.begin_attempt(conn, self._code, known)
        login = known or login
        if self._asks_directory(attempt) or (known is None and self._creates(login)):
            return self._with_directory(attempt, login, password, visit)
        here = attempt is not None and self.settings.signs_in_here(attempt.login, attempt.office_id)
        fits = passwords.verify(attempt.password_hash if attempt and here else None, password)
        if attempt is None or not fits:
            self._failed(login)
            raise InputError(WRONG, field="password")
        newer = passwords.hash_password(password) if passwords.outdated(attempt.password_hash or "") else None
        with self.database.write(Audience.AUTH) as conn:
            if newer is not None:
                accounts.rehash(conn, self._code, attempt.user_id, newer)
            return self.proceed(conn, accounts.user(conn, self._code, attempt.login), "password", visit)

    def _failed(self, login: str | None, why: str | None = None) -> None:
        with self.database.write(Audience.AUTH) as conn:
            accounts.attempt_failed(conn, self._code, login, why=why)

    def _asks_directory(self, attempt: Attempt | None) -> bool:
        """Whether this account's password is the directory's."""
        settings = self.settings
        if attempt is None or not settings.ldap_urls or attempt.office_id is not None:
            return False
        if settings.kept_here(attempt.login):
            return False
        return attempt.password_hash is None or not settings.signs_in_here(attempt.login, None)

    def _creates(self, login: str) -> bool:
        """Whether somebody unknown of that name may come out of the directory."""
        settings = self.settings
        return (
            bool(settings.ldap_urls)
            and settings.create_at_sign_in
            and accounts.LOGIN_FORM.fullmatch(login) is not None
            and not settings.kept_here(login)
        )

    def _count_name(self, login: str) -> None:
        """Count an attempt of a name that no account counts yet, as an account would; raises as a wrong password does."""
        with self.database.write(Audience.AUTH) as conn:
            wait = sign_in_limits.take(conn, self._code, _of_name(login), most=accounts.MAX_FAILURES)
        if wait is not None:
            self._failed(login)
            raise InputError(WRONG, field="password")

    def _with_directory(self, attempt: Attempt | None, login: str, password: str, visit: Visit) -> Step:
        if not password:  # a directory would take it for an anonymous bind
            self._failed(login)
            raise InputError(WRONG, field="password")
        if attempt is None:
            self._count_name(login)
        found = elsewhere.ask_directory(self.settings, attempt.login if attempt else login, password)
        if "refused" in found:
            told = found["refused"]
            self._failed(login, None if told == directory.WRONG else "directory")
            raise InputError(WRONG if told == directory.WRONG else told, field="password")
        issuer, subject = elsewhere.directory_issuer(self.settings), found["subject"]
        with self.database.write(Audience.AUTH) as conn:
            if attempt is not None:
                user = accounts.user(conn, self._code, attempt.login)
            else:
                user = self._create(conn, login, found)
                sign_in_limits.give_back(conn, self._code, _of_name(login))
            linked = identities.user_of(conn, self._code, issuer, subject)
            if linked is None:
                # Raises when the account was somebody else's of the same name before.
                identities.link(
                    conn, self._code, issuer, subject, user.user_id, user.login, by=identities.FIRST_SIGN_IN
                )
            elif linked != user.user_id:
                raise ForbiddenError(OTHER_PERSON)
            self._with_groups(conn, user, found["groups"], "directory")
        # Apart from what follows: roles that somebody lost, and the sessions they had, end even when they may not come in.
        with self.database.write(Audience.AUTH) as conn:
            return self.proceed(conn, accounts.user_by_id(conn, self._code, user.user_id), "directory", visit)

    def _create(self, conn: Connection, login: str, found: dict[str, object]) -> User:
        """A user out of the city's own list, with the roles of their groups."""
        roles = elsewhere.roles_of(self.settings, found["groups"])  # type: ignore[arg-type]
        if not roles:
            raise ForbiddenError(NO_ROLE)
        return accounts.add_user(
            conn, self._code, login, str(found.get("name") or login), roles, by=identities.FIRST_SIGN_IN
        )

    def _with_groups(self, conn: Connection, user: User, groups: list[str] | None, by: str) -> User:
        """The user with the roles of their groups, none included, where those decide; the change is audited."""
        if not self.settings.roles_from_groups:
            return user
        roles = elsewhere.roles_of(self.settings, groups)
        if roles != user.roles:
            accounts.set_roles(conn, self._code, user.user_id, user.login, roles, by=by)
            user = replace(user, roles=roles)
        return user

    def look_at_link(self, link_token: str) -> sessions.Link:
        """Whose link it is, without using it; raises NotFoundError when it does not work."""
        with self.database.read(Audience.AUTH) as conn:
            found = sessions.find_link(conn, self._code, digest(link_token))
        if found is None or not self.settings.signs_in_here(found.login, found.office_id):
            raise NotFoundError(LINK_GONE)
        return found

    def with_link(self, link_token: str, password: str, visit: Visit = NO_VISIT) -> Step:
        """Use the link up, set the password, and go on; raises InputError before anything is used up."""
        passwords.check_strength(password, self.look_at_link(link_token).login)
        password_hash = passwords.hash_password(password)
        with self.database.write(Audience.AUTH) as conn:
            link = sessions.use_link(conn, self._code, digest(link_token))
            if link is None:
                raise NotFoundError(LINK_GONE)
            accounts.set_password(conn, self._code, link.user_id, link.login, password_hash)
            return self.proceed(conn, accounts.user(conn, self._code, link.login), "link", visit)

    def proceed(
        self, conn: Connection, user: User, via: str, visit: Visit, *, provider_session: str | None = None
    ) -> Step:
        """After a good first step: a session, or what is owed before it. Refuses those whom groups leave without a role."""
        if not user.active:
            raise InputError(WRONG, field="password")
        if self.settings.roles_from_groups and via in ("directory", "provider") and not user.roles:
            raise ForbiddenError(NO_ROLE)
        owed = self._owed(user) if via != "provider" else None
        if owed is None:
            self.forgive(conn, visit.source)
            accounts.attempt_succeeded(conn, self._code, user.user_id, user.login, via=via)
            token = self._open(
                conn,
                user.user_id,
                visit.old_token,
                via=via,
                whence=visit.whence,
                provider_session=provider_session,
            )
            return Step(IN, token)
        token = new_token()
        pending_sign_ins.add(
            conn, self._code, digest(token), Pending(owed, via, visit.next_path, user.user_id), minutes=SECOND_STEP_MINUTES
        )  # fmt: skip
        return Step(owed, token)

    def _owed(self, user: User) -> str | None:
        """CODE, ENROL, or nothing beside the password."""
        if user.has_totp:
            return CODE
        required = {Role(name) for name in self.settings.totp_roles}
        return ENROL if required & user.roles else None

    # -- one's own account ----------------------------------------------------------------------------------------

    def confirm_password(self, login: str, password: str, visit: Visit = NO_VISIT) -> User:
        """The user, whose password was typed once more before something that matters; raises as `with_password` does."""
        self.count(visit.source)
        with self.database.write(Audience.AUTH) as conn:
            attempt = accounts.begin_attempt(conn, self._code, login)
        if self._asks_directory(attempt):
            found = (
                elsewhere.ask_directory(self.settings, login, password)
                if password
                else {"refused": directory.WRONG}
            )
            fits = "refused" not in found
        else:
            fits = passwords.verify(attempt.password_hash if attempt else None, password)
        if attempt is None or not fits:
            self._failed(login)
            raise InputError("今のパスワードが違います。", field="old_password")
        with self.database.write(Audience.AUTH) as conn:
            accounts.forget_failures(conn, self._code, attempt.user_id)
            self.forgive(conn, visit.source)
            return accounts.user(conn, self._code, login)

    def change_password(self, user_id: int, login: str, old: str, new: str, visit: Visit = NO_VISIT) -> str:
        """Check the old password, set the new one, end every session, and open a new one; returns its token."""
        with self.database.read(Audience.AUTH) as conn:
            user = accounts.user(conn, self._code, login)
        if not self.settings.signs_in_here(login, user.office_id):
            raise ConflictError(NOT_HERE)
        passwords.check_strength(new, login)
        self.confirm_password(login, old, visit)
        password_hash = passwords.hash_password(new)
        with self.database.write(Audience.AUTH) as conn:
            accounts.set_password(conn, self._code, user_id, login, password_hash)
            return self._open(conn, user_id, None, whence=visit.whence)

    def sign_out(self, token_hash: bytes, login: str) -> str | None:
        """End this session; returns how it was begun."""
        with self.database.write(Audience.AUTH) as conn:
            via = sessions.close_session(conn, self._code, token_hash)
            record(conn, self._code, login, "sign-out", login, kind="sign-in")
        return via

    def _open(
        self,
        conn: Connection,
        user_id: int,
        old_token: str | None,
        *,
        via: str = "password",
        whence: Whence = NOWHERE,
        provider_session: str | None = None,
    ) -> str:
        """A fresh token at every sign-in: one planted before it is worth nothing."""
        if old_token is not None and well_formed(old_token):
            sessions.close_session(conn, self._code, digest(old_token))
        token = new_token()
        sessions.open_session(
            conn, self._code, digest(token), user_id, new_token(), hours=self.settings.session_hours, via=via,
            whence=whence, provider_session=provider_session,
        )  # fmt: skip
        return token


def _of_name(login: str) -> bytes:
    """What a name without an account is counted by, whatever its spelling: never the name itself."""
    return digest(f"name {login.casefold()}")
