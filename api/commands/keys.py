"""`kyodo-geo key`: keys for programs and web pages of partners."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError

app = typer.Typer(no_args_is_help=True, help="会員店などのプログラムに渡す鍵の発行・一覧・取り消し")

BY = "command line"


@app.command()
def issue(
    label: Annotated[str, typer.Argument(help="何に使う鍵か（例 不動産協会の検索画面）")],
    office: Annotated[str | None, typer.Option(help="渡す事業所の番号")] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="使える最後の日（例 2027-03-31）。なければ無期限"),
    ] = None,
    publishable: Annotated[
        bool,
        typer.Option("--publishable", help="ウェブページに書く鍵（決めたサイトから調べることだけができる）"),
    ] = False,
    origin: Annotated[
        list[str] | None,
        typer.Option(help="ウェブページに書く鍵を使えるサイト（例 https://www.example.jp）。いくつでも"),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help="できること（lookup 1 件ずつ調べる、batch まとめて調べる、referral 取次）。いくつでも。なければ全部"
        ),
    ] = None,
) -> None:
    """鍵を発行します。鍵は今だけ表示され、あとからは見られません。"""
    from geodata import partner_keys
    from geodata.database import Audience

    if publishable != bool(origin):
        raise InputError("--publishable と --origin は、両方を指定してください。", field="origin")

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        key_id, key = partner_keys.issue(
            conn,
            settings.municipality,
            label,
            by=BY,
            office_id=office,
            expires_on=until.date() if until else None,
            origins=origin or (),
            scopes=scope or None,
        )
    if publishable:
        typer.echo(
            "次の鍵は、指定したサイトのページに書いて使います。もう一度表示することはできません。", err=True
        )
    else:
        typer.echo("次の鍵を安全な方法で渡してください。もう一度表示することはできません。", err=True)
    typer.echo(key)
    typer.echo(f"取り消すとき: kyodo-geo key revoke {key_id}", err=True)


@app.command("list")
def list_keys() -> None:
    """発行した鍵の一覧を表示します（鍵そのものは表示しません）。"""
    from rich.console import Console
    from rich.table import Table

    from geodata import partner_keys
    from geodata.database import Audience

    with open_database() as (settings, database), database.read(Audience.AUTH) as conn:
        found = partner_keys.keys(conn, settings.municipality)
    table = Table("番号", "種類", "用途", "できること", "事業所", "発行", "期限", "状態")
    for key in found:
        state = "使える"
        if key.revoked_at:
            state = f"取り消し {key.revoked_at.astimezone():%Y-%m-%d}"
        elif key.expires_at and key.expires_at <= datetime.now(key.expires_at.tzinfo):
            state = "期限切れ"
        until = f"{key.expires_at.astimezone():%Y-%m-%d}" if key.expires_at else "なし"
        table.add_row(
            key.key_id,
            "\n".join(["ページ用", *key.origins]) if key.publishable else "プログラム用",
            key.label,
            "\n".join(key.scopes),
            key.office_id or "",
            f"{key.created_at.astimezone():%Y-%m-%d}",
            until,
            state,
        )
    Console().print(table)


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="鍵の番号（`key list` の左端）")],
    successors: Annotated[
        bool, typer.Option("--successors", help="この鍵から替えた新しい鍵も取り消す")
    ] = False,
) -> None:
    """鍵を取り消します。動いているサービスでも 1 秒以内に使えなくなります。"""
    from geodata import partner_keys
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        done = partner_keys.revoke(conn, settings.municipality, key_id, by=BY, successors=successors)
    typer.echo(f"鍵 {'、'.join(done)} を取り消しました。")
