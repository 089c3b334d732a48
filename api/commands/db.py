"""`kyodo-geo db`: the private database server and its schema."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from api.commands import backups
from api.settings import load_settings
from geodata.cluster import Cluster
from kyodo_geo.errors import InputError

app = typer.Typer(
    no_args_is_help=True, help="データベースの起動・停止・状態・接続先・スキーマの更新・バックアップと復元"
)


class Role(StrEnum):
    """Login roles of the private cluster."""

    APP = "kyodo_app"
    OWNER = "kyodo_owner"
    SUPERUSER = "postgres"


def private_cluster() -> Cluster:
    """The private cluster; refuses when a PostGIS of the user's own is set."""
    cluster = load_settings().cluster()
    if cluster is None:
        raise InputError(
            "KYODO_DATABASE_URL が指定されているため、専用データベースは使いません。"
            "そのデータベースの起動と停止は、その管理の方法で行ってください。"
        )
    return cluster


@app.command()
def start() -> None:
    """専用データベースを（なければ作って）起動します。"""
    cluster = private_cluster()
    typer.echo("専用データベースを起動しました。" if cluster.ensure() else "専用データベースは動いています。")


@app.command()
def stop() -> None:
    """専用データベースを停止します。"""
    stopped = private_cluster().stop()
    typer.echo("専用データベースを停止しました。" if stopped else "専用データベースは動いていません。")


@app.command()
def status() -> None:
    """専用データベースの状態と置き場所を表示します。動いていないときは終了コード 1 です。"""
    found = private_cluster().status()
    if found.ready:
        state = f"動いています（プロセス番号 {found.pid}）"
    elif found.running:
        state = "起動中です"
    else:
        state = "止まっています" if found.initialised else "まだ作られていません"
    typer.echo(f"状態: {state}\n置き場所: {found.state_dir}\nソケット: {found.socket_dir}")
    if not found.ready:
        raise typer.Exit(1)


@app.command()
def url(
    role: Annotated[Role, typer.Option(help="接続に使うロール")] = Role.APP,
) -> None:
    """データベースの接続先を表示します（psql や QGIS に渡せます）。"""
    settings = load_settings()
    cluster = settings.cluster()
    if cluster is not None:
        typer.echo(cluster.url(role.value))
    elif role is Role.APP:
        typer.echo(settings.app_url())
    elif role is Role.OWNER:
        typer.echo(settings.owner_url())
    else:
        raise InputError("KYODO_DATABASE_URL を使うときは、postgres ロールの接続先は分かりません。")


@app.command()
def upgrade(
    revision: Annotated[str, typer.Option(help="この版まで更新する")] = "head",
) -> None:
    """データベースのスキーマを新しい版に更新します。"""
    from geodata.database import login_of
    from geodata.migrate import current
    from geodata.migrate import upgrade as run

    settings = load_settings()
    cluster = settings.cluster()
    started = cluster.ensure() if cluster is not None else False
    try:
        run(settings.owner_url(), revision, login=login_of(settings.app_url()))
        typer.echo(f"スキーマの版: {current(settings.owner_url())}")
    finally:
        if cluster is not None and started:
            cluster.stop()


app.command()(backups.backup)
app.command()(backups.restore)
app.command()(backups.base_backup)
app.command()(backups.recover)
app.command()(backups.promote)
