"""The city's directory (Active Directory, LDAP): is this the person's password, and which groups are they in.

Runs in a child process (`api.auth.apart`).
"""

from __future__ import annotations

import math
import re
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kyodo_geo.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from ldap3 import Connection

DOWN = (
    "庁内のディレクトリーにつながりません。しばらくしてからもう一度お試しください。"
    "続くときは、情報システムの担当にお問い合わせください。"
)
EXPIRED = "庁内のパスワードの期限が切れています。庁内の端末でパスワードを変えてから、もう一度お試しください。"
STOPPED = "庁内のアカウントが停止しているか、ロックされています。情報システムの担当にお問い合わせください。"
WRONG = "wrong"
DISABLED_FLAG = 2
# Active Directory says why in its message; these are the codes it documents for a bind.
_REASONS = {
    "530": STOPPED, "531": STOPPED, "533": STOPPED, "701": STOPPED, "775": STOPPED,
    "532": EXPIRED, "773": EXPIRED,
}  # fmt: skip
SUCCESS, SIZE_EXCEEDED, INVALID_CREDENTIALS = "success", "sizeLimitExceeded", "invalidCredentials"

Config = dict[str, Any]
"""urls, starttls, ca_file, bind_dn, bind_password_file, bind_template, base, filter, id_attribute, group_attribute, timeout_s."""


def check(config: Config, login: str, password: str) -> dict[str, Any]:
    """`{"subject", "groups", "name"}`, or `{"refused": WRONG or a sentence}`. Raises UnavailableError when no server answers.

    An empty password is refused before anybody is asked: a directory takes it for an anonymous bind and says yes.
    """
    if not password or not login or "\0" in password + login:
        return {"refused": WRONG}
    from ldap3.core.exceptions import LDAPException

    why = []
    for url in config["urls"]:
        try:
            return _check(config, url, login, password)
        except (LDAPException, OSError) as error:
            why.append(f"{urlsplit(url).netloc}: {type(error).__name__}")
        except UnavailableError as error:  # it answered, but cannot tell: another may
            why.append(f"{urlsplit(url).netloc}: {error.details.get('why')}")
    raise UnavailableError(DOWN, why=", ".join(why))


def _check(config: Config, url: str, login: str, password: str) -> dict[str, Any]:
    from ldap3.utils.dn import escape_rdn

    if config["bind_template"]:
        template = config["bind_template"]
        name = template.replace("{login}", escape_rdn(login) if "=" in template else login)
        with _open(config, url, name, password) as own:
            if refused := _bind(own):
                return {"refused": refused}
            entry = _search(config, own, login)
    else:
        service_password = _secret(config)
        with _open(config, url, config["bind_dn"], service_password) as service:
            if _bind(service):
                raise UnavailableError(DOWN, why="the directory refuses KYODO_LDAP_BIND_DN")
            entry = _search(config, service, login)
    if entry is None:
        return {"refused": WRONG}
    # Whoever bound before, the password has to be the one of the very entry whose facts count.
    with _open(config, url, entry["dn"], password) as own:
        refused = _bind(own)
    return {"refused": refused} if refused else _facts(entry, config)


def _secret(config: Config) -> str:
    try:
        found = Path(config["bind_password_file"]).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise UnavailableError(DOWN, why=f"bind password file: {type(error).__name__}") from None
    if not found:
        raise UnavailableError(DOWN, why="bind password file: empty")
    return found


@contextmanager
def _open(config: Config, url: str, name: str, password: str) -> Iterator[Connection]:
    """A connection that is encrypted before anything is said on it, to a server whose certificate names it."""
    from ldap3 import NONE, SIMPLE, SYNC, Connection, Server, Tls
    from ldap3.core.exceptions import LDAPStartTLSError

    parts = urlsplit(url)
    secure = parts.scheme == "ldaps"
    tls = Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=config["ca_file"])
    server = Server(
        parts.hostname, port=parts.port or (636 if secure else 389), use_ssl=secure, tls=tls, get_info=NONE,
        connect_timeout=config["timeout_s"], allowed_referral_hosts=[],
    )  # fmt: skip
    connection = Connection(
        server, user=name, password=password, authentication=SIMPLE, client_strategy=SYNC, auto_referrals=False,
        receive_timeout=math.ceil(config["timeout_s"]), read_only=True, check_names=False,
    )  # fmt: skip
    connection.open(read_server_info=False)
    try:
        if not secure and config["starttls"] and not connection.start_tls(read_server_info=False):
            raise LDAPStartTLSError("refused")
        yield connection
    finally:
        connection.unbind()


def _bind(connection: Connection) -> str | None:
    """None when the name and the password are right, else why not."""
    if connection.bind(read_server_info=False):
        return None
    result = connection.result
    if result["description"] in ("invalidDNSyntax", "noSuchObject"):  # made of what was typed as a name
        return WRONG
    if result["description"] != INVALID_CREDENTIALS:
        raise UnavailableError(DOWN, why=f"bind: {result['description']}")
    told = re.search(r"\bdata ([0-9a-f]{3,8})\b", result.get("message") or "")
    return _REASONS.get(told[1], WRONG) if told else WRONG


def _search(config: Config, connection: Connection, login: str) -> dict[str, Any] | None:
    """The one entry of the person, None when there is none or more than one."""
    from ldap3 import SUBTREE
    from ldap3.utils.conv import escape_filter_chars

    attributes = [config["id_attribute"], config["group_attribute"], "displayName", "userAccountControl"]
    connection.search(
        config["base"], config["filter"].replace("{login}", escape_filter_chars(login)), SUBTREE,
        attributes=attributes, size_limit=2, time_limit=max(1, int(config["timeout_s"])),
    )  # fmt: skip
    if connection.result["description"] not in (SUCCESS, SIZE_EXCEEDED):
        raise UnavailableError(DOWN, why=f"search: {connection.result['description']}")
    entries = [one for one in connection.response or [] if one["type"] == "searchResEntry"]
    return entries[0] if len(entries) == 1 else None


def _facts(entry: dict[str, Any], config: Config) -> dict[str, Any]:
    held = {name.lower(): value for name, value in entry["raw_attributes"].items()}

    def texts(name: str) -> list[str]:
        return [one.decode("utf-8", "replace") for one in held.get(name.lower()) or []]

    control = texts("userAccountControl")
    if control and control[0].lstrip("-").isdigit() and int(control[0]) & DISABLED_FLAG:
        return {"refused": STOPPED}
    raw = held.get(config["id_attribute"].lower()) or []
    if not raw:
        raise InputError(
            "ディレクトリーに、利用者を見分ける番号がありません。情報システムの担当にお問い合わせください。",
            why=f"no attribute {config['id_attribute']}",
        )
    guid = config["id_attribute"].lower() == "objectguid" and len(raw[0]) == 16
    subject = str(uuid.UUID(bytes_le=raw[0])) if guid else texts(config["id_attribute"])[0]
    names = texts("displayName")
    return {
        "subject": subject[:255],
        "groups": texts(config["group_attribute"]),
        "name": names[0][:100] if names else None,
    }
