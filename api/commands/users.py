"""`kyodo-geo user`: people who sign in, and their roles."""

from __future__ import annotations

from pathlib import Path
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
        if not settings.signs_in_here(login, None):
            typer.echo(
                f"利用者「{login}」を登録しました。市の認証システムか庁内のパスワードでサインインできます。"
            )
            return
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
        elif user.active and not user.has_password and settings.signs_in_here(user.login, user.office_id):
            state = "パスワード未設定"
        if user.has_totp:
            state += "、確認コードあり"
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
def centre(
    login: Login,
    centre: Annotated[
        str | None, typer.Option("--centre", "-c", help="センターの番号か名前。指定しなければ外す")
    ] = None,
) -> None:
    """市民協働推進センターの職員が、どのセンターの職員かを決めます。そのセンターの相談だけを登録し、直せます。"""
    from geodata import centre_staff
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        centre_staff.set_centre(conn, settings.municipality, login, centre, by=BY)
    typer.echo(f"利用者「{login}」のセンター: {centre or 'なし（すべてのセンターの相談を登録できます）'}")


@app.command()
def erase(login: Login) -> None:
    """使われなくなった利用者から、名前、パスワード、役割、結び付き、確認コードを消します。利用者名は記録のために残ります。"""
    from geodata.database import Audience
    from geodata.disclosure import erase_account

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        erase_account(conn, settings.municipality, login, by=BY)
    typer.echo(f"利用者「{login}」の名前、パスワード、役割、結び付き、確認コードを消しました。")


@app.command()
def unlock(login: Login) -> None:
    """失敗が続いて一時停止した利用者が、すぐにサインインできるようにします。"""
    from geodata import accounts
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        locked = accounts.unlock(conn, settings.municipality, login, by=BY)
    typer.echo(
        f"利用者「{login}」の一時停止を解きました。"
        if locked
        else f"利用者「{login}」は一時停止していません。"
    )


@app.command("sign-out")
def sign_out(login: Login) -> None:
    """利用者のサインインを、すべて終わりにします。"""
    from geodata import accounts, sessions
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, settings.municipality, login)
        ended = sessions.sign_out_everywhere(conn, settings.municipality, user.user_id, login, by=BY)
    typer.echo(f"利用者「{login}」のサインイン {ended} 件を終わりにしました。")


@app.command("codes-reset")
def codes_reset(login: Login) -> None:
    """認証アプリをなくした利用者の、確認コードの登録を消します（本人かどうかを確かめてから）。"""
    from geodata import accounts, second_factors, sessions
    from geodata.database import Audience

    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, settings.municipality, login)
        gone = second_factors.remove(conn, settings.municipality, user.user_id, login, by=BY)
        sessions.end_sessions(conn, settings.municipality, user.user_id)
    typer.echo(
        f"利用者「{login}」の確認コードの登録を消しました。"
        if gone
        else f"利用者「{login}」に確認コードの登録はありません。"
    )


@app.command()
def identity(
    login: Login,
    subject: Annotated[
        str | None, typer.Option("--subject", "-s", help="認証システムでの利用者の番号（ID トークンの sub）")
    ] = None,
    forget: Annotated[
        bool, typer.Option("--forget", help="結び付けをすべて消す（OIDC と LDAP の両方）")
    ] = False,
) -> None:
    """市の認証システム（OIDC）の利用者と結び付けます。担当者が替わったときは、先に --forget で消します。"""
    from geodata import accounts, identities, sessions
    from geodata.database import Audience

    if (subject is None) != forget:
        raise InputError("--subject か --forget のどちらか 1 つを指定してください。", field="subject")
    with open_database() as (settings, database), database.write(Audience.AUTH) as conn:
        user = accounts.user(conn, settings.municipality, login)
        if subject is None:
            gone = identities.unlink(conn, settings.municipality, user.user_id, login, by=BY)
            sessions.end_sessions(conn, settings.municipality, user.user_id)
            typer.echo(f"利用者「{login}」の結び付け {gone} 件を消しました。")
            return
        if settings.oidc_issuer is None:
            raise InputError("KYODO_OIDC_ISSUER が指定されていません。", field="KYODO_OIDC_ISSUER")
        identities.link(
            conn, settings.municipality, settings.oidc_issuer, subject, user.user_id, login, by=BY
        )
    typer.echo(f"利用者「{login}」を、市の認証システムの利用者と結び付けました。")


@app.command("totp-key")
def totp_key(
    file: Annotated[Path, typer.Argument(help="鍵を書くファイル（あれば、新しい鍵を先頭に足す）")],
) -> None:
    """確認コードの秘密の値を暗号化する鍵を作ります。バックアップとは別の場所にも控えてください。"""
    import os
    import stat

    from cryptography.fernet import Fernet

    former = file.stat() if file.exists() else None
    held = file.read_text(encoding="ascii") if former else ""
    beside = file.with_name(f".{file.name}.new")
    made = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(made, "w", encoding="ascii") as out:
            if (
                former
            ):  # Whoever could read the file still can: it is the service's, also when root adds a key.
                os.fchown(out.fileno(), former.st_uid, former.st_gid)
                os.fchmod(out.fileno(), stat.S_IMODE(former.st_mode))
            out.write(Fernet.generate_key().decode() + "\n" + held)
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise InputError(
            f"{file} を書き換えられません（{error.strerror}）。所有者か root で実行してください。"
        ) from None
    typer.echo(
        f"{file} に鍵を書きました（所有者だけが読めます）。サービスの利用者が読めるようにして、"
        "KYODO_TOTP_KEY_FILE に指定してください。"
    )
