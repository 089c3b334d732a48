"""Secrets among the settings: from the environment or from a file of their own, never a well-known word.

A setting is secret when it is declared with `repr=False`: it may hold a password and is shown nowhere. Each can be put
into a file instead, named by the same variable with `_FILE` (as container platforms and systemd hand secrets over).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.settings import Settings

MOST_BYTES = 64 << 10
SHORTEST = 8
OF_OTHERS = 0o027
HANDED_OVER = Path("/run/secrets")
SECRET_FILES = (
    "smtp_password_file", "oidc_client_secret_file", "ldap_bind_password_file", "totp_key_file", "publish_private_key",
)  # fmt: skip
"""Settings that name a file with a secret."""
WELL_KNOWN = frozenset(
    {
        "password", "passw0rd", "password1", "password123", "postgres", "postgresql", "kyodo", "kyodo-geo", "kyodo_app",
        "kyodo_owner", "secret", "changeme", "change-me", "change_me", "changeit", "default", "example", "admin",
        "administrator", "root", "test", "testtest", "letmein", "welcome", "qwerty", "qwertyuiop", "12345678", "123456789",
        "1234567890", "11111111", "00000000", "abcdefgh", "morioka", "dummydummy", "himitsu", "xxxxxxxx",
    }
)  # fmt: skip
"""Words that stand in manuals and lists; in whatever case."""


def secret_names(settings: type[BaseSettings]) -> list[str]:
    """Names of the settings that hold a secret."""
    return [name for name, field in settings.model_fields.items() if not field.repr]


def refuse_exposed(path: Path, variable: str) -> None:
    """Raise InputError for a secret file that others than its owner and group may read, or than its owner may change.

    What container platforms hand over (`/run/secrets`) is everybody's within the container, where there is nobody else.
    A file that is not there is told of by whoever reads it.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if mode & OF_OTHERS and not path.is_relative_to(HANDED_OVER):
        raise InputError(
            f"{variable} のファイル「{path}」を、ほかの利用者が読めるか書き替えられます（{mode & 0o777:o}）。"
            f"chmod 600（グループにも読ませるときは 640）で、サービスの利用者だけが読めるようにしてください。",
            field=variable,
        )


def refuse_exposed_files(settings: Settings) -> None:
    """The same for the settings that name a file which is read when it is used."""
    for name in SECRET_FILES:
        path = getattr(settings, name)
        if path is not None:
            refuse_exposed(path, f"KYODO_{name.upper()}")


class SecretFiles(PydanticBaseSettingsSource):
    """Reads `KYODO_…_FILE` for each secret setting. A setting of that very name reads its own file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        prefix = str(self.config.get("env_prefix", ""))
        variable = f"{prefix}{field_name}_file".upper()
        path = os.environ.get(variable)
        if field.repr or not path or f"{field_name}_file" in self.settings_cls.model_fields:
            return None, field_name, False
        if os.environ.get(f"{prefix}{field_name}".upper()):
            raise InputError(
                f"{variable.removesuffix('_FILE')} と {variable} は、どちらか一方だけを指定してください。",
                field=variable,
            )
        return read_secret(Path(path), variable), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in found.items() if value is not None}


def read_secret(path: Path, variable: str) -> str:
    """The one line of a file. Raises InputError that names the variable and the file, never what stands in it."""
    refuse_exposed(path, variable)
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{variable} のファイル「{path}」を読めません。"
            "1 行の UTF-8 のファイルを、サービスの利用者だけが読めるように置いてください。",
            field=variable,
        ) from None
    found = text.strip("\r\n")
    if not found or len(text) > MOST_BYTES or "\n" in found or "\0" in found:
        raise InputError(f"{variable} のファイル「{path}」には、1 行だけを書いてください。", field=variable)
    return found


def passwords_of(name: str, value: str) -> list[str]:
    """The passwords in a secret setting: that of a URL or libpq string, else the whole of it."""
    if "://" in value:
        try:
            found = urlsplit(value).password
        except ValueError:
            return []
        return [unquote(found)] if found is not None else []
    if name.endswith("_url"):
        from geodata.database import conninfo

        try:
            password = conninfo(value).get("password")
        except InputError:
            return []
        return [str(password)] if password is not None else []
    return [value]


def refuse_weak(settings: Settings) -> None:
    """Raise InputError naming every secret setting whose password anybody would try first, or that is too short."""
    weak = []
    for name in secret_names(type(settings)):
        value = getattr(settings, name)
        if value is None:
            continue
        for password in passwords_of(name, str(value)):
            if len(password) < SHORTEST or password.casefold() in WELL_KNOWN or len(set(password)) < 4:
                weak.append(f"KYODO_{name.upper()}")
    if weak:
        raise InputError(
            f"パスワードが初期値のままか、短すぎるか、よく知られた言葉です: {', '.join(weak)}\n"
            f"{SHORTEST} 文字以上の、ほかで使っていないものに変えてください。",
            field=weak[0],
        )
