"""`kyodo-geo disclosure`: the files that answer requests of disclosure, as on /staff/disclosure."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.context import open_database
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.disclosure_files import Form

app = typer.Typer(no_args_is_help=True, help="開示請求に答えるための資料")

BY = "command line"
Out = Annotated[Path, typer.Argument(help="書き出すファイル（.csv または .xlsx）")]
Request = Annotated[str, typer.Option(help="請求の番号（監査の記録に残る。人の名前は書かない）")]
Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])]


@app.command()
def lookups(
    out: Out,
    first: Day,
    last: Day,
    request: Request = "",
    key: Annotated[str | None, typer.Option(help="鍵の番号")] = None,
    office: Annotated[str | None, typer.Option(help="事業所番号")] = None,
    login: Annotated[str | None, typer.Option(help="利用者名")] = None,
) -> None:
    """だれが、いつ、何を調べたか（時刻、結果、町、鍵・事業所・利用者）を書き出します。"""
    from api.disclosure_files import lookups_file
    from geodata.lookup_log import Sought

    form = _form(out)
    sought = Sought(first.date(), last.date(), key, office, login)
    with open_database() as (settings, database):
        body, _ = lookups_file(database, settings.municipality, sought, form, by=BY, request=request)
    _write(out, body)


@app.command()
def person(out: Out, request: Request = "") -> None:
    """ある人について保存しているものを書き出します。氏名などは標準入力から読みます（引数には書きません）。"""
    from api.disclosure_files import person_file

    form = _form(out)
    if sys.stdin.isatty():
        typer.echo("氏名、電話、メール、利用者名のどれか:", err=True)
    wanted = sys.stdin.readline().strip()
    with open_database() as (settings, database):
        body, _, counts = person_file(database, settings.municipality, wanted, form, by=BY, request=request)
    _write(out, body)
    typer.echo("、".join(f"{place} {number}" for place, number in counts.items()) or "該当なし", err=True)


def _form(out: Path) -> Form:
    form = out.suffix.lower().removeprefix(".")
    if form not in ("csv", "xlsx"):
        raise InputError("ファイルの名前は .csv か .xlsx で終わるようにしてください。", field="out")
    if out.exists():
        raise InputError(f"「{out}」はすでにあります。別の名前にしてください。", field="out")
    return "xlsx" if form == "xlsx" else "csv"


def _write(out: Path, body: bytes) -> None:
    """Readable to the one who runs the command alone."""
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
    typer.echo(f"{out} に書き出しました。", err=True)
