"""`kyodo-geo deploy`: files for running the service beside others: systemd units, nginx, PgBouncer, alert rules.

The files are data of the package (`api/deploy/`); values are filled in the way the official nginx image does
(`${NAME}`), so that docker-compose.yml uses the very same template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from kyodo_geo.errors import InputError

app = typer.Typer(no_args_is_help=True, help="systemd、nginx、PgBouncer、監視の設定ファイルを書き出します。")

FOLDER = files("api") / "deploy"
UNITS = (
    "kyodo-geo.service",
    "kyodo-geo.socket",
    "kyodo-geo-worker.service",
    "kyodo-geo-backup.service",
    "kyodo-geo-backup.timer",
)
PROGRAM = "/opt/kyodo-geo/current/venv/bin/kyodo-geo"
"""Where a bundle's `install.sh` puts it."""
NAME = re.compile(r"\$\{([A-Z_]+)\}")

NGINX: dict[str, str] = {
    "CACHE_DIR": "/var/lib/nginx/kyodo",
    "TEMP_DIR": "/var/lib/nginx",
    "UPSTREAM_SERVERS": "server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;",
    "HTTP_LISTEN": "80",
    "HTTPS_LISTEN": "443",
    "SERVER_NAME": "kyodo.example.lg.jp",
    "REDIRECT_PORT": "",
    "HOST_PORT": "",
    "CERTIFICATE": "/etc/kyodo-geo/tls/fullchain.pem",
    "CERTIFICATE_KEY": "/etc/kyodo-geo/tls/privkey.pem",
    "ACCESS_LOG": "/var/log/nginx/kyodo.log",
    "ERROR_LOG": "/var/log/nginx/kyodo-error.log",
    "RATE_PER_SECOND": "100",
    "RATE_BURST": "300",
    "WRITES_PER_SECOND": "20",
    "WRITES_BURST": "60",
    "CONNECTIONS_PER_CLIENT": "200",
    "READ_TIMEOUT": "60s",
}
PGBOUNCER: dict[str, str] = {
    "DATABASE": "kyodo",
    "DATABASE_SERVER": "host=127.0.0.1 port=5432",
    "LISTEN_ADDR": "127.0.0.1",
    "LISTEN_PORT": "6432",
    "SOCKET_DIR": "/run/postgresql",
    "AUTH_TYPE": "scram-sha-256",
    "AUTH_FILE": "/etc/pgbouncer/userlist.txt",
    "POOL_SIZE": "20",
}
VALUE = re.compile(r"[^\x00-\x1f{}\"'`\\]*")


def filled(name: str, values: Mapping[str, str]) -> str:
    """The template with every `${NAME}` replaced; raises `InputError` for a value that would break out of its place."""
    for key, value in values.items():
        if not VALUE.fullmatch(value):
            raise InputError(f"{key} に使えない文字があります。", field=key)
    template = (FOLDER / name).read_text(encoding="utf-8")
    return NAME.sub(lambda found: values[found[1]] if found[1] in values else found[0], template)


def _set(values: Mapping[str, str], given: list[str]) -> dict[str, str]:
    found = dict(values)
    for item in given:
        key, equals, value = item.partition("=")
        if not equals or key not in found:
            raise InputError(
                f"--set は 名前=値 の形で、名前は次のどれかです: {', '.join(found)}", field="set"
            )
        found[key] = value
    return found


def _put(text: str, to: Path | None) -> None:
    if to is None:
        typer.echo(text, nl=False)
        return
    to.write_text(text, encoding="utf-8")
    typer.echo(f"書きました: {to}", err=True)


Set = Annotated[list[str] | None, typer.Option("--set", help="変える値（名前=値）。何度でも書けます")]
To = Annotated[Path | None, typer.Option("--to", help="書き出すファイル。指定しなければ標準出力")]


@app.command()
def systemd(
    to: Annotated[Path, typer.Option("--to", help="書き出すフォルダー")] = Path("/etc/systemd/system"),
    program: Annotated[str, typer.Option(help="kyodo-geo のある場所")] = PROGRAM,
) -> None:
    """systemd のユニット（画面と API、仕事、毎日のバックアップ）を書き出します。"""
    if not to.is_dir():
        raise InputError(f"フォルダー {to} がありません。", field="to")
    for name in UNITS:
        text = (FOLDER / name).read_text(encoding="utf-8")
        _put(text.replace(PROGRAM, program), to / name)


@app.command()
def wrapper(
    to: Annotated[Path, typer.Option("--to", help="書き出すフォルダー")] = Path("/usr/local/sbin"),
    program: Annotated[str, typer.Option(help="kyodo-geo のある場所")] = PROGRAM,
) -> None:
    """サービスと同じ設定でこのプログラムを使うためのコマンド（kyodo と kyodo-owner）を書き出します。"""
    if not to.is_dir():
        raise InputError(f"フォルダー {to} がありません。", field="to")
    text = (FOLDER / "kyodo.sh").read_text(encoding="utf-8")
    made, link = to / "kyodo", to / "kyodo-owner"
    _put(text.replace(PROGRAM, program), made)
    made.chmod(0o755)
    link.unlink(missing_ok=True)
    link.symlink_to("kyodo")


@app.command()
def nginx(to: To = None, set: Set = None) -> None:
    """nginx の設定（TLS、キャッシュ、上限）を書き出します。/etc/nginx/conf.d/ に置きます。"""
    _put(filled("nginx.conf.template", _set(NGINX, set or [])), to)


@app.command()
def pgbouncer(to: To = None, set: Set = None) -> None:
    """PgBouncer の設定を書き出します。"""
    _put(filled("pgbouncer.ini.template", _set(PGBOUNCER, set or [])), to)


@app.command()
def alerts(to: To = None) -> None:
    """Prometheus の警告の例を書き出します。"""
    _put((FOLDER / "alerts.yml").read_text(encoding="utf-8"), to)
