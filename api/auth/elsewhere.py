"""What the child that speaks to the provider and the directory is told, and what follows from a person's groups."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from api.auth import apart
from kyodo_geo.errors import UnavailableError
from kyodo_geo.roles import Role

if TYPE_CHECKING:
    from api.settings import Settings

RETURN_PATH = "/login/oidc/return"
BAD_FILE = "グループと役割の対応のファイルを読み取れません。管理者にお問い合わせください。"


def provider_config(settings: Settings) -> dict[str, Any]:
    """`api.auth.provider.Config`."""
    return {
        "issuer": settings.oidc_issuer,
        "client_id": settings.oidc_client_id,
        "secret": settings.oidc_client_secret,
        "secret_file": str(settings.oidc_client_secret_file) if settings.oidc_client_secret_file else None,
        "scopes": settings.oidc_scopes,
        "ca_file": str(settings.oidc_ca_file) if settings.oidc_ca_file else None,
        "timeout_s": settings.oidc_timeout_s,
        "algorithms": settings.oidc_algorithms,
        "redirect_uri": settings.public_url + RETURN_PATH,
        "login_claim": settings.oidc_login_claim,
        "group_claim": settings.oidc_group_claim,
    }


def ask_provider(settings: Settings, task: str, **given: Any) -> dict[str, Any]:
    """One task of `api.auth.provider`: at most three requests, each with its time-out."""
    return apart.call(
        f"provider.{task}",
        timeout_s=3 * settings.oidc_timeout_s + 10,
        config=provider_config(settings),
        **given,
    )


def directory_config(settings: Settings) -> dict[str, Any]:
    """`api.auth.directory.Config`."""
    return {
        "urls": settings.ldap_urls,
        "starttls": settings.ldap_starttls,
        "ca_file": str(settings.ldap_ca_file) if settings.ldap_ca_file else None,
        "bind_dn": settings.ldap_bind_dn,
        "bind_password_file": str(settings.ldap_bind_password_file)
        if settings.ldap_bind_password_file
        else None,
        "bind_template": settings.ldap_bind_template,
        "base": settings.ldap_search_base,
        "filter": settings.ldap_user_filter,
        "id_attribute": settings.ldap_id_attribute,
        "group_attribute": settings.ldap_group_attribute,
        "timeout_s": settings.ldap_timeout_s,
    }


def ask_directory(settings: Settings, login: str, password: str) -> dict[str, Any]:
    """`api.auth.directory.check`: connecting and three questions to each server, at the worst."""
    return apart.call(
        "directory.check",
        timeout_s=4 * settings.ldap_timeout_s * len(settings.ldap_urls) + 10,
        config=directory_config(settings),
        login=login,
        password=password,
    )


def directory_issuer(settings: Settings) -> str:
    """What stands as issuer with identities of the directory."""
    return f"ldap:{settings.ldap_search_base}"


def ask_authenticator(settings: Settings, task: str, **given: Any) -> dict[str, Any]:
    """One task of `api.auth.authenticator`; raises UnavailableError without a key."""
    if settings.totp_key_file is None:
        raise UnavailableError(
            "確認コードを使う準備ができていません（鍵のファイルがありません）。管理者にお問い合わせください。"
        )
    return apart.call(f"authenticator.{task}", timeout_s=20, key_file=str(settings.totp_key_file), **given)


def roles_of(settings: Settings, groups: Iterable[str] | None) -> frozenset[Role]:
    """Roles of somebody in these groups (case counts for nothing). Raises UnavailableError for a file that cannot be used."""
    assert settings.group_roles_file is not None
    try:
        table = json.loads(settings.group_roles_file.read_text(encoding="utf-8"))
        if not isinstance(table, Mapping):
            raise ValueError("no object")
        known = {str(group).casefold(): frozenset(map(Role, names)) for group, names in table.items()}
    except (OSError, ValueError, TypeError):
        raise UnavailableError(BAD_FILE) from None
    found: set[Role] = set()
    for group in groups or ():
        found |= known.get(group.casefold(), frozenset())
    return frozenset(found) - {Role.PUBLIC}
