"""`kyodo-geo office`: partners' offices and invitations in bulk."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError

app = typer.Typer(no_args_is_help=True, help="会員店（事業所）の登録・一覧・終了")

BY = "command line"


@app.command("import")
def import_list(
    file: Annotated[
        Path, typer.Argument(help="一覧の CSV（事業所番号、事業所名、電話、メール、担当者、利用者名）")
    ],
    links: Annotated[Path, typer.Option(help="新しいアカウントのリンクを書き出す CSV（まだないファイル）")],
    partner: Annotated[str, typer.Option(help="団体の番号（半角の英数字）")],
    name: Annotated[str, typer.Option(help="団体の名前")],
) -> None:
    """一覧から事業所とアカウントを登録し、1 回だけ使えるリンクを書き出します。"""
    import os

    from api.auth.invitations import invite
    from api.office_list import read_office_list

    if not file.is_file():
        raise InputError(f"ファイル {file} がありません。")
    rows = read_office_list(file.read_bytes(), file.name)
    with open_database() as (settings, database):
        try:
            # Made first, readable by its owner alone: the links are shown once and must not be lost.
            out = os.open(links, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise InputError(f"{links} を作れません（すでにあるか、書けない場所です）。") from error
        try:
            found = invite(database, settings, partner, name, rows, by=BY)
        except BaseException:
            os.close(out)
            links.unlink()
            raise
        with os.fdopen(out, "wb") as stream:
            stream.write(found.links or b"")
    if found.links is None:
        links.unlink()
    entered = found.entered
    typer.echo(
        f"事業所: 新しい {entered.new_offices}、更新 {entered.changed_offices}。"
        f"アカウント: 新しい {len(entered.new_logins)}、登録済み {len(entered.known_logins)}。"
    )
    if found.links is not None:
        typer.echo(f"リンクを {links} に書きました（14 日間、1 回だけ有効）。渡したら消してください。")


@app.command("list")
def list_offices() -> None:
    """事業所の一覧を表示します。"""
    from rich.console import Console
    from rich.table import Table

    from geodata import offices
    from geodata.database import Audience

    with open_database() as (settings, database), database.read(Audience.AUTH) as conn:
        found = offices.offices(conn, settings.municipality)
    table = Table("番号", "事業所", "団体", "アカウント", "状態")
    for office in found:
        state = f"{office.closed_on:%Y-%m-%d} に終了" if office.closed_on else "利用中"
        table.add_row(office.office_id, office.name, office.partner, str(office.accounts), state)
    Console().print(table)


@app.command()
def close(office_id: Annotated[str, typer.Argument(help="事業所の番号（`office list` の左端）")]) -> None:
    """事業所が協定を終えます。アカウントと鍵はすぐに使えなくなり、実績は残ります。"""
    from api.clock import today
    from geodata import offices
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        stopped = offices.close(conn, settings.municipality, office_id, today(), by=BY)
    typer.echo(f"事業所「{office_id}」を終了しました。停止したアカウント: {stopped}")
