"""`kyodo-geo user`: people who sign in, and their roles."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError
from kyodo_geo.roles import LABELS, Role

app = typer.Typer(no_args_is_help=True, help="利用者の登録・一覧・役割・停止・サインイン用リンク")

BY = "command line"
ASSIGNABLE = [role for role in Role if role is not Role.PUBLIC]
ROLES_HELP = "役割（何度でも指定できる）: " + "、 ".join(
    f"{role.value}（{LABELS[role]}）" for role in ASSIGNABLE
)

Login = Annotated[str, typer.Argument(help="利用者名（半角の英数字と . _ @ + -）")]
Roles = Annotated[list[str], typer.Option("--role", "-r", help=ROLES_HELP)]


def parse_roles(names: list[str]) -> frozenset[Role]:
    """Roles by name; raises InputError listing the known ones."""
    known = {role.value: role for role in ASSIGNABLE}
    for name in names:
        if name not in known:
            raise InputError(f"役割「{name}」はありません。使える役割: {'、'.join(known)}", field="role")
    return frozenset(known[name] for name in names)


@app.command()
def add(
    login: Login,
    name: Annotated[str, typer.Option("--name", "-n", help="画面に表示する名前")],
    role: Roles,
) -> None:
    """利用者を登録し、パスワードを決めるための 1 回限りのリンクを表示します。"""
    from api.auth.links import create_link
    from geodata import accounts
    from geodata.database import Audience

    roles = parse_roles(role)
    with open_database() as (settings, database):
        with database.write(Audience.AUTH) as conn:
            accounts.add_user(conn, settings.municipality, login, name, roles, by=BY)
        typer.echo(
            f"利用者「{login}」を登録しました。次のリンクを本人に渡してください（24 時間、1 回だけ有効）。"
        )
        typer.echo(create_link(database, settings, login))


@app.command("list")
def list_users() -> None:
    """利用者の一覧を表示します。"""
    from rich.console import Console
    from rich.table import Table

    from geodata import accounts
    from geodata.database import Audience

    with open_database() as (settings, database), database.read(Audience.AUTH) as conn:
        found = accounts.users(conn, settings.municipality)
    table = Table("利用者名", "名前", "役割", "状態", "最後のサインイン")
    for user in found:
        state = "利用中" if user.active else "停止"
        if user.active and user.locked_until:
            state = "一時停止（失敗が続いたため）"
        elif user.active and not user.has_password:
            state = "パスワード未設定"
        seen = (
            user.last_sign_in_at.astimezone().strftime("%Y-%m-%d %H:%M") if user.last_sign_in_at else "なし"
        )
        table.add_row(
            user.login, user.display_name, "、".join(LABELS[r] for r in sorted(user.roles)), state, seen
        )
    Console().print(table)


@app.command()
def roles(login: Login, role: Roles) -> None:
    """利用者の役割を、指定したものだけにします。"""
    from geodata import accounts
    from geodata.database import Audience

    wanted = parse_roles(role)
    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, settings.municipality, login)
        accounts.set_roles(conn, settings.municipality, user.user_id, login, wanted, by=BY)
    typer.echo(f"利用者「{login}」の役割: {'、'.join(LABELS[r] for r in sorted(wanted))}")


@app.command()
def disable(
    login: Login,
    undo: Annotated[bool, typer.Option("--undo", help="停止を取り消し、失敗の記録も消す")] = False,
) -> None:
    """利用者を停止します。開いているサインインはすぐに終わります。"""
    from geodata import accounts
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        accounts.set_active(conn, settings.municipality, login, undo, by=BY)
    typer.echo(f"利用者「{login}」を{'再開' if undo else '停止'}しました。")


@app.command()
def link(
    login: Login,
    hours: Annotated[int, typer.Option(min=1, max=168, help="リンクが使える時間")] = 24,
) -> None:
    """パスワードを（もう一度）決めるための、1 回限りのリンクを表示します。"""
    from api.auth.links import create_link

    with open_database() as (settings, database):
        typer.echo(create_link(database, settings, login, minutes=hours * 60))


@app.command()
def area(
    login: Login,
    district: Annotated[
        list[int] | None,
        typer.Option("--district", "-d", min=1, max=999, help="地区の番号（何度でも指定できる）"),
    ] = None,
) -> None:
    """連合組織の利用者が加入の件数を見られる地区を決めます。地区を指定しなければ全市です。"""
    from geodata import federation_areas
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        federation_areas.set_area(conn, settings.municipality, login, district or None, by=BY)
    where = "、".join(str(no) for no in sorted(set(district))) + " 地区" if district else "全市"
    typer.echo(f"利用者「{login}」が見られる範囲: {where}")


@app.command()
def association(
    login: Login,
    association: Annotated[
        str | None, typer.Option("--association", "-a", help="町内会・自治会の番号。指定しなければ外す")
    ] = None,
) -> None:
    """町内会・自治会の役員の利用者が、どの団体の役員かを決めます。所有者がその団体に知らせてよいとした空き家が見られます。"""
    from geodata import officers_of
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        officers_of.set_association(conn, settings.municipality, login, association, by=BY)
    typer.echo(f"利用者「{login}」の団体: {association or 'なし'}")


@app.command()
def erase(login: Login) -> None:
    """使われなくなった利用者から、名前、パスワード、役割を消します。利用者名は記録のために残ります。"""
    from geodata.database import Audience
    from geodata.disclosure import erase_account

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        erase_account(conn, settings.municipality, login, by=BY)
    typer.echo(f"利用者「{login}」の名前、パスワード、役割を消しました。")
