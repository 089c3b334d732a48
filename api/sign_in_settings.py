"""Settings of signing in: sessions, the city's sign-in service (OpenID Connect), its directory (LDAP), one-time codes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from api.setting_types import CommaList
from kyodo_geo.roles import Role

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYBODY = "*"


def is_loopback(url: str) -> bool:
    """Whether the address is this machine's own."""
    return urlsplit(url).hostname in LOOPBACK


class SignInSettings(BaseSettings):
    """The part of `api.settings.Settings` that is about people who sign in."""

    session_hours: int = Field(
        default=12, ge=1, le=168, description="サインインしてから、使い続けていても終わるまでの時間。"
    )
    session_idle_minutes: int = Field(
        default=60, ge=5, le=1440, description="何もしないとサインアウトになるまでの分数。"
    )
    session_rotate_minutes: int = Field(
        default=15,
        ge=0,
        le=1440,
        description="サインインの Cookie の値を、使い続けている間に取り替える間隔（分）。0 にすると取り替えない。",
    )
    cookie_secure: bool | None = Field(
        default=None,
        description=(
            "Cookie を HTTPS だけで送る。指定しなければ base_url が https で始まるときに有効になる。"
        ),
    )
    sign_in_failures_per_source: int = Field(
        default=60,
        ge=5,
        le=100_000,
        description=(
            "1 つの接続元（IPv4 のアドレス、IPv6 の /64）から 10 分間に失敗してよいサインインの回数。"
            "すべてのプロセスを合わせて数える。庁内の全員が 1 つのアドレスから来るときは大きくする。"
        ),
    )
    local_logins: CommaList = Field(
        default=["admin"],
        description=(
            "認証システム（OIDC）や庁内のディレクトリー（LDAP）を使うときにも、このサービスのパスワードで"
            "サインインできる利用者名（コンマ区切り）。非常用の管理者を残しておく。* は全員。"
            "会員店の利用者はいつも、このサービスのパスワードを使う。どちらも使わないときは、この設定によらず全員。"
        ),
    )
    group_roles_file: Path | None = Field(
        default=None,
        description=(
            'グループと役割の対応を書いた JSON のファイル（例 {"kyodo-planners": ["planner"]}）。'
            "[書き方](SIGN_IN.md)"
        ),
    )
    roles_from_groups: bool = Field(
        default=False,
        description=(
            "サインインのたびに、役割を OIDC・LDAP のグループに合わせる（KYODO_GROUP_ROLES_FILE が要る）。"
            "指定しなければ、役割はこのサービスで決めたもののまま。"
        ),
    )
    create_at_sign_in: bool = Field(
        default=False,
        description=(
            "OIDC・LDAP で初めてサインインした人の利用者を自動で作る（KYODO_ROLES_FROM_GROUPS も要る）。"
            "指定しなければ、先に登録された人だけが使える。"
        ),
    )

    # -- OpenID Connect
    oidc_issuer: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+$",
        description=(
            "市の認証システム（OpenID Connect）の発行者（issuer）の URL。https だけ（このコンピューターの中を除く）。"
            "指定すると、サインインのページにボタンが出る。[つなぎ方](SIGN_IN.md)"
        ),
    )
    oidc_client_id: str | None = Field(
        default=None, max_length=300, description="認証システムに登録したクライアント ID。"
    )
    oidc_client_secret: str | None = Field(
        default=None,
        repr=False,
        description="クライアントの秘密の値。KYODO_OIDC_CLIENT_SECRET_FILE のほうを勧める。",
    )
    oidc_client_secret_file: Path | None = Field(
        default=None, description="クライアントの秘密の値だけを書いたファイル。"
    )
    oidc_scopes: str = Field(
        default="openid profile email",
        pattern=r"^openid( [!#-\[\]-~]+)*$",
        description="認証システムに求めるスコープ（空白区切り、openid から始める）。",
    )
    oidc_login_claim: str = Field(
        default="preferred_username",
        pattern=r"^[0-9A-Za-z_.:/-]{1,100}$",
        description=(
            "ID トークンのうち、利用者名と比べる項目。最初のサインインのときだけ使い、その後は issuer と sub で見分ける。"
            "email のときは email_verified が真のものだけを使う。"
        ),
    )
    oidc_login_domain: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Za-z.-]{1,200}$",
        description=(
            "指定すると、KYODO_OIDC_LOGIN_CLAIM の値が @このドメイン で終わる人だけを受け入れ、その前を利用者名とする。"
        ),
    )
    oidc_first_link: Literal["claim", "command"] = Field(
        default="claim",
        description=(
            "最初の結び付け方。claim は KYODO_OIDC_LOGIN_CLAIM が利用者名と同じなら結び付ける。"
            "command は `kyodo-geo user identity` で管理者が結び付けるまで使えない。"
        ),
    )
    oidc_group_claim: str = Field(
        default="groups",
        pattern=r"^[0-9A-Za-z_.:/-]{1,100}$",
        description="ID トークンのうち、グループの一覧の項目。",
    )
    oidc_algorithms: CommaList = Field(
        default=["RS256", "PS256", "ES256"],
        description="受け入れる ID トークンの署名の方式（コンマ区切り）。公開鍵による方式だけを書ける。",
    )
    oidc_admin_strength: CommaList = Field(
        default=[],
        description=(
            "管理者に求める認証の強さ。ID トークンの acr がこのどれかであるか、amr がどれかを含むことが要る"
            "（例 mfa。コンマ区切り）。指定しなければ求めない。"
        ),
    )
    oidc_button: str = Field(
        default="市の認証システムでサインイン",
        max_length=60,
        description="サインインのページのボタンの文字。",
    )
    oidc_ca_file: Path | None = Field(
        default=None,
        description="認証システムの証明書を確かめる認証局の証明書（PEM）。指定しなければ標準のもの。",
    )
    oidc_timeout_s: float = Field(
        default=5.0, gt=0, le=30, description="認証システムの応答を待つ時間（秒、問い合わせ 1 回ごと）。"
    )

    # -- LDAP
    ldap_urls: CommaList = Field(
        default=[],
        description=(
            "庁内のディレクトリー（Active Directory、LDAP）のサーバーをコンマで区切って並べる"
            "（例 ldaps://dc1.example.lg.jp,ldaps://dc2.example.lg.jp）。前から順に試す。[つなぎ方](SIGN_IN.md)"
        ),
    )
    ldap_starttls: bool = Field(default=True, description="ldap:// の通信を StartTLS で暗号化する。")
    ldap_allow_plain: bool = Field(
        default=False,
        description=(
            "暗号化しない ldap://（KYODO_LDAP_STARTTLS=false）を許す。パスワードがそのまま流れるので、"
            "同じコンピューターの中か、ほかと分けた網だけで使う。"
        ),
    )
    ldap_ca_file: Path | None = Field(
        default=None,
        description="ディレクトリーの証明書を確かめる認証局の証明書（PEM）。指定しなければ OS のもの。",
    )
    ldap_bind_dn: str | None = Field(
        default=None, max_length=500, description="利用者を探すためのアカウント（DN か UPN）。"
    )
    ldap_bind_password_file: Path | None = Field(
        default=None, description="そのアカウントのパスワードだけを書いたファイル。"
    )
    ldap_bind_template: str | None = Field(
        default=None,
        max_length=500,
        pattern=r"^[^{}]*\{login\}[^{}]*$",
        description=(
            "利用者本人の名前で直接つなぐときの名前の形（例 {login}@example.lg.jp）。"
            "KYODO_LDAP_BIND_DN の代わりに使う。"
        ),
    )
    ldap_search_base: str | None = Field(
        default=None, max_length=500, description="利用者を探す場所（例 OU=Staff,DC=example,DC=lg,DC=jp）。"
    )
    ldap_user_filter: str = Field(
        default="(&(objectClass=user)(sAMAccountName={login}))",
        max_length=500,
        pattern=r"^\([^{}]*\{login\}[^{}]*\)$",
        description="利用者を探す条件。{login} に利用者名が（記号を無害にして）入る。",
    )
    ldap_id_attribute: str = Field(
        default="objectGUID",
        pattern=r"^[0-9A-Za-z;-]{1,60}$",
        description="変わらない番号の属性（Active Directory は objectGUID、OpenLDAP は entryUUID）。",
    )
    ldap_group_attribute: str = Field(
        default="memberOf", pattern=r"^[0-9A-Za-z;-]{1,60}$", description="グループの一覧の属性。"
    )
    ldap_timeout_s: float = Field(
        default=4.0, gt=0, le=30, description="ディレクトリーのサーバー 1 台の応答を待つ時間（秒）。"
    )

    # -- one-time codes
    totp_key_file: Path | None = Field(
        default=None,
        description=(
            "確認コード（TOTP）の秘密の値を暗号化する鍵のファイル。`kyodo-geo user totp-key` で作る。"
            "指定しなければ、確認コードは登録できない。"
        ),
    )
    totp_roles: CommaList = Field(
        default=[],
        description=(
            "パスワードに加えて確認コードを必ず使う役割（コンマ区切り、例 administrator）。"
            "ほかの役割の人は使うかどうかを選べる。OIDC のサインインでは求めない。"
        ),
    )

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_is_safe(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("http://") and not is_loopback(value):
            raise ValueError("needs https")
        return value

    @field_validator("oidc_algorithms")
    @classmethod
    def _public_keys_only(cls, value: list[str]) -> list[str]:
        known = {f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)} | {"EdDSA"}
        if not value or not set(value) <= known:
            raise ValueError("only signatures with public keys")
        return value

    @field_validator("ldap_urls")
    @classmethod
    def _are_directories(cls, value: list[str]) -> list[str]:
        for url in value:
            parts = urlsplit(url)
            if (
                parts.scheme not in ("ldap", "ldaps")
                or not parts.hostname
                or parts.path.strip("/")
                or parts.username
            ):
                raise ValueError("no address of a directory")
        return value

    @field_validator("totp_roles")
    @classmethod
    def _are_roles(cls, value: list[str]) -> list[str]:
        return [Role(name).value for name in value]

    @property
    def elsewhere(self) -> bool:
        """Whether staff sign in through a service or a directory of the city's."""
        return bool(self.oidc_issuer or self.ldap_urls)

    def faults(self) -> dict[str, str]:
        """Settings that do not go together: name → what is wrong."""
        found = {}
        if self.oidc_issuer and not self.oidc_client_id:
            found["oidc_client_id"] = "KYODO_OIDC_ISSUER を使うには、クライアント ID が要ります。"
        if self.ldap_urls:
            if not self.ldap_search_base:
                found["ldap_search_base"] = "KYODO_LDAP_URLS を使うには、利用者を探す場所が要ります。"
            if not (self.ldap_bind_template or (self.ldap_bind_dn and self.ldap_bind_password_file)):
                found["ldap_bind_dn"] = (
                    "探すためのアカウント（KYODO_LDAP_BIND_DN と KYODO_LDAP_BIND_PASSWORD_FILE）か、"
                    "KYODO_LDAP_BIND_TEMPLATE のどちらかが要ります。"
                )
            plain = any(url.startswith("ldap:") for url in self.ldap_urls) and not self.ldap_starttls
            if plain and not self.ldap_allow_plain:
                found["ldap_starttls"] = (
                    "暗号化しない ldap:// は使いません。ldaps:// か StartTLS にしてください"
                    "（分けた網だけで使うときは KYODO_LDAP_ALLOW_PLAIN=true）。"
                )
        if self.roles_from_groups and not self.group_roles_file:
            found["group_roles_file"] = "KYODO_ROLES_FROM_GROUPS を使うには、グループと役割の対応が要ります。"
        if self.create_at_sign_in and not self.roles_from_groups:
            found["create_at_sign_in"] = "利用者を自動で作るには、KYODO_ROLES_FROM_GROUPS も要ります。"
        if self.totp_roles and not self.totp_key_file:
            found["totp_key_file"] = "KYODO_TOTP_ROLES を使うには、鍵のファイルが要ります。"
        return found

    def kept_here(self, login: str) -> bool:
        """Whether the name, in any spelling, is one of `local_logins`: nobody from elsewhere gets it, entered or not."""
        return login.casefold() in {name.casefold() for name in self.local_logins}

    def signs_in_here(self, login: str, office_id: str | None) -> bool:
        """Whether the user has a password of ours: everybody where the city offers nothing else."""
        return (
            not self.elsewhere
            or office_id is not None
            or EVERYBODY in self.local_logins
            or self.kept_here(login)
        )
