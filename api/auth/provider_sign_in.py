"""Sign-in through the city's service (OpenID Connect), as seen from here: the way out, the way back, and who it is. Blocking."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import logs
from api.auth import elsewhere
from api.auth.sign_in import NO_ROLE, OTHER_PERSON, Step, Visit
from api.auth.tokens import digest, new_token, well_formed
from geodata import accounts, identities, pending_sign_ins, sessions
from geodata.audit import record
from geodata.database import Audience, Connection
from geodata.pending_sign_ins import PROVIDER, Pending
from kyodo_geo.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    KyodoError,
    NotFoundError,
    UnavailableError,
)
from kyodo_geo.roles import Role

if TYPE_CHECKING:
    from api.auth.sign_in import SignIn
    from geodata.accounts import User

AWAY_MINUTES = 10
NOT_SET = "市の認証システムでのサインインは、このサービスでは使っていません。"
LOST = (
    "サインインの途中の記録が見つかりません（時間切れか、別のブラウザーや別のタブで始めたもの）。"
    "もう一度、初めからサインインしてください。"
)
DENIED = "市の認証システムで、サインインが取り消されたか、許可されませんでした。"
BUSY = "市の認証システムが、いま応えられないと伝えてきました。しばらくしてからもう一度お試しください。"
REFUSED = "市の認証システムが、サインインを受け付けませんでした。続くときは、情報システムの担当にお問い合わせください。"
UNKNOWN = "市の認証システムでの確認はできましたが、このサービスの利用者として登録されていません。管理者に登録を頼んでください。"
STOPPED = "このサービスでのアカウントが停止しています。管理者にお問い合わせください。"
NOT_SIGNED = "logout_token がないか、署名のある形ではありません。"
WEAK = "管理者のアカウントには、より強い認証（多要素など）でのサインインが必要です。"


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brings back in its query."""

    state: str = ""
    code: str = ""
    iss: str | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """Uses the database and settings of `SignIn`."""

    sign_in: SignIn

    @property
    def _code(self) -> str:
        return self.sign_in.settings.municipality

    def begin(self, visit: Visit) -> tuple[str, str]:
        """(address at the provider, token of the pending record); raises UnavailableError when the provider is down."""
        settings = self.sign_in.settings
        if settings.oidc_issuer is None:
            raise NotFoundError(NOT_SET)
        self.sign_in.count(visit.source)
        state, nonce, token = new_token(), new_token(), new_token()
        verifier = secrets.token_urlsafe(48)
        found = elsewhere.ask_provider(settings, "begin", state=state, nonce=nonce, verifier=verifier)
        pending = Pending(
            PROVIDER, "provider", visit.next_path, state_hash=digest(state), nonce=nonce, verifier=verifier
        )
        with self.sign_in.database.write(Audience.AUTH) as conn:
            pending_sign_ins.add(conn, self._code, digest(token), pending, minutes=AWAY_MINUTES)
        return found["url"], token

    def finish(self, token: str | None, returned: Returned, visit: Visit) -> tuple[Step, str]:
        """(the step, where to go). Whatever the answer is, the pending record is used up by it.

        Raises InputError for an answer that is not to our question, ForbiddenError for somebody who may not, and
        UnavailableError when the provider cannot say.
        """
        settings = self.sign_in.settings
        if settings.oidc_issuer is None:
            raise NotFoundError(NOT_SET)
        pending = self._taken(token, returned.state)
        try:
            _told(returned.error)
            if not returned.code:
                raise InputError(LOST)
            claims = elsewhere.ask_provider(
                settings,
                "finish",
                code=returned.code,
                iss=returned.iss,
                nonce=pending.nonce,
                verifier=pending.verifier,
            )
            with self.sign_in.database.write(Audience.AUTH) as conn:
                user_id = self._user(conn, settings.oidc_issuer, claims).user_id
            # Apart from what follows: roles that somebody lost, and the sessions they had, end even when they may not come in.
            with self.sign_in.database.write(Audience.AUTH) as conn:
                user = accounts.user_by_id(conn, self._code, user_id)
                self._strong_enough(user, claims["strength"])
                step = self.sign_in.proceed(conn, user, "provider", visit, provider_session=claims["sid"])
        except KyodoError as error:
            with self.sign_in.database.write(Audience.AUTH) as conn:
                accounts.attempt_failed(conn, self._code, None, why=f"provider: {type(error).__name__}")
            raise
        return step, pending.next_path

    def _taken(self, token: str | None, state: str) -> Pending:
        """The record this browser began, whose state the answer repeats; used up either way."""
        pending = None
        if token is not None and well_formed(token):
            with self.sign_in.database.write(Audience.AUTH) as conn:
                pending = pending_sign_ins.take(conn, self._code, digest(token), (PROVIDER,))
        if pending is None or not secrets.compare_digest(pending.state_hash or b"", digest(state)):
            raise InputError(LOST)
        return pending

    def _user(self, conn: Connection, issuer: str, claims: dict[str, Any]) -> User:
        """The user of these claims, with the roles of their groups: linked before, linked now, or made now."""
        user_id = identities.user_of(conn, self._code, issuer, claims["subject"])
        user = (
            accounts.user_by_id(conn, self._code, user_id)
            if user_id is not None
            else self._first_time(conn, issuer, claims)
        )
        if not user.active:
            raise ForbiddenError(STOPPED)
        return self.sign_in._with_groups(conn, user, claims["groups"], "provider")

    def _strong_enough(self, user: User, strength: list[str]) -> None:
        wanted = set(self.sign_in.settings.oidc_admin_strength)
        if wanted and Role.ADMINISTRATOR in user.roles and not wanted & set(strength):
            raise ForbiddenError(WEAK)

    def _first_time(self, conn: Connection, issuer: str, claims: dict[str, Any]) -> User:
        settings = self.sign_in.settings
        login = self._login(claims["login"])
        # Accounts with a password of ours, the one for emergencies first, are not the provider's to hand out or to make.
        if login is None or settings.oidc_first_link != "claim" or settings.kept_here(login):
            raise ForbiddenError(UNKNOWN)
        known = accounts.spelt(conn, self._code, login)
        if known not in (
            None,
            login,
        ):  # where a provider tells people by case it is another person's: nobody guesses
            raise ForbiddenError(UNKNOWN)
        if known is not None:
            user = accounts.user(conn, self._code, known)
            if user.office_id is not None:
                raise ForbiddenError(UNKNOWN)
            if not user.active:
                raise ForbiddenError(STOPPED)
        elif settings.create_at_sign_in:
            roles = elsewhere.roles_of(settings, claims["groups"])
            if not roles:
                raise ForbiddenError(NO_ROLE)
            user = accounts.add_user(
                conn, self._code, login, claims["name"] or login, roles, by=identities.FIRST_SIGN_IN
            )
        else:
            raise ForbiddenError(UNKNOWN)
        try:
            identities.link(
                conn,
                self._code,
                issuer,
                claims["subject"],
                user.user_id,
                user.login,
                by=identities.FIRST_SIGN_IN,
            )
        except ConflictError:
            raise ForbiddenError(OTHER_PERSON) from None
        return user

    def _login(self, claimed: str | None) -> str | None:
        """The name here that belongs to the claim; None when there can be none."""
        domain = self.sign_in.settings.oidc_login_domain
        if claimed is not None and domain is not None:
            name, at, host = claimed.rpartition("@")
            claimed = name if at and host.casefold() == domain.casefold() else None
        return claimed if claimed is not None and accounts.LOGIN_FORM.fullmatch(claimed) else None

    def sign_out_address(self) -> str | None:
        """Where to sign out at the provider too; None when it offers no such thing or is down."""
        settings = self.sign_in.settings
        if settings.oidc_issuer is None:
            return None
        try:
            found = elsewhere.ask_provider(settings, "end", to=f"{settings.public_url}/login")
        except KyodoError:
            return None
        url: str | None = found["url"]
        return url

    def signed_out_there(self, logout_token: str, source: bytes) -> None:
        """The provider says somebody signed out: their sessions end here. Raises InputError for a token that is not its."""
        settings = self.sign_in.settings
        if settings.oidc_issuer is None:
            raise NotFoundError(NOT_SET)
        if logout_token.count(".") != 2:  # nothing that is worth a process
            raise InputError(NOT_SIGNED)
        self.sign_in.count(source)
        found = elsewhere.ask_provider(settings, "signed-out", logout_token=logout_token)
        with self.sign_in.database.write(Audience.AUTH) as conn:
            self.sign_in.forgive(conn, source)
            for login in sessions.end_provider_sessions(
                conn, self._code, settings.oidc_issuer, found["sub"], found["sid"]
            ):
                record(conn, self._code, login, "sign-out", login, {"via": "provider"}, kind="sign-in")


def _told(error: str) -> None:
    """Raise what the provider's error means."""
    if not error:
        return
    # One of the words of the standards, or nothing: what stands there came through the browser.
    known = error if error.isascii() and error.replace("_", "").isalpha() and len(error) < 40 else "?"
    logs.SERVICE.warning("sign-in: the provider answered %s", known)
    if error == "access_denied":
        raise ForbiddenError(DENIED)
    if error in ("temporarily_unavailable", "server_error"):
        raise UnavailableError(BUSY)
    raise InputError(REFUSED)
