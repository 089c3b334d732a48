"""`kyodo-geo municipality`: which municipalities this database serves."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.context import open_database
from api.commands.datasets import operator
from kyodo_geo.errors import ConflictError

app = typer.Typer(no_args_is_help=True, help="市区町村の登録と一覧")


@app.command()
def add(
    code: Annotated[str, typer.Argument(help="全国地方公共団体コード（5桁）")],
    name: Annotated[str, typer.Option(help="名前（例 盛岡市）")],
    pref: Annotated[str, typer.Option(help="都道府県（例 岩手県）")],
    department: Annotated[str | None, typer.Option(help="問い合わせ先")] = None,
    phone: Annotated[str | None, typer.Option(help="電話番号")] = None,
    email: Annotated[str | None, typer.Option(help="メールアドレス")] = None,
) -> None:
    """市区町村を登録します。座標系は市区町村コードから決まります。"""
    from geodata.municipalities import Municipality, ensure_municipality

    with open_database() as (_, db):
        entered = ensure_municipality(
            db, Municipality(code, name, pref, department, phone, email), by=operator()
        )
    if not entered:
        raise ConflictError(f"市区町村コード {code} はすでに登録されています。")
    typer.echo(f"{pref}{name}（{code}）を登録しました。")


@app.command("list")
def list_() -> None:
    """登録した市区町村の一覧を表示します。"""
    from geodata.database import Audience
    from geodata.municipalities import municipalities

    with open_database() as (_, db), db.read(Audience.LOADER) as conn:
        for row in municipalities(conn):
            typer.echo(f"{row['municipality_code']} {row['pref_name']}{row['name']}")
