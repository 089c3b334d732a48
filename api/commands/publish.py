"""`kyodo-geo publish`: what is published goes from the internal zone to the public one, tickets come back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from api.commands.context import open_database
from api.settings import Settings
from api.zones import PUBLIC
from kyodo_geo.errors import ConflictError, InputError

app = typer.Typer(no_args_is_help=True, help="2 つの環境の間で、公開用データと取次を渡す（docs/ZONES.md）")

BY = "command line"


@app.command()
def keygen(
    private: Annotated[Path, typer.Option(help="秘密鍵を書くファイル（内部の環境に置く。0600）")],
    public: Annotated[Path, typer.Option(help="公開鍵を書くファイル（公開の環境に渡す）")],
) -> None:
    """公開用データに署名する鍵の組（Ed25519）を作ります。"""
    from geodata.publishing import keys

    found = keys.generate(private, public)
    typer.echo(f"鍵の番号: {found}\n秘密鍵: {private}（外に出さないでください）\n公開鍵: {public}")


@app.command("export")
def export_package(
    file: Annotated[Path, typer.Argument(help="作るファイル（例 kyodo-0001.zip）")],
    after: Annotated[
        int, typer.Option(min=0, help="通し番号をこれより大きくする（バックアップから戻した後に使う）")
    ] = 0,
) -> None:
    """公開してよいものだけを 1 つのファイルに書き、署名します（内部の環境）。"""
    from api.app import program_version
    from geodata.migrate import current
    from geodata.publishing.exporting import export

    with open_database() as (settings, database):
        if settings.zone == PUBLIC:
            raise InputError(
                "公開用データは、内部の環境（KYODO_ZONE=internal）で作ります。", field="KYODO_ZONE"
            )
        if settings.publish_private_key is None:
            raise InputError(
                "署名する秘密鍵を KYODO_PUBLISH_PRIVATE_KEY に指定してください"
                "（作り方: kyodo-geo publish keygen）。",
                field="KYODO_PUBLISH_PRIVATE_KEY",
            )
        done = export(
            database, settings.municipality, file, settings.publish_private_key,
            schema=str(current(settings.owner_url())), program=program_version(), by=BY, after=after,
        )  # fmt: skip
    manifest = done.manifest
    typer.echo(
        f"{done.file} を作りました。通し番号 {manifest.sequence}、世代 {manifest.generation_no}、"
        f"{len(manifest.parts)} ファイル {manifest.rows:,} 行、鍵 {done.key_id}"
    )


@app.command("import")
def import_package(
    file: Annotated[Path, typer.Argument(help="内部の環境で作ったファイル")],
    force_older: Annotated[
        bool, typer.Option("--force-older", help="取り込み済みより古いものに戻す（--reason が要る）")
    ] = False,
    reason: Annotated[str | None, typer.Option(help="古いものに戻す理由（記録に残る）")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="変わっていない表も、すべて書き直す")] = False,
) -> None:
    """署名と中身を確かめてから、1 回の処理ですべてを入れ替えます（公開の環境）。"""
    from geodata.migrate import current
    from geodata.publishing.importing import take_in

    if force_older != bool(reason and reason.strip()):
        raise InputError("--force-older と --reason は、両方を指定してください。", field="reason")
    with open_database() as (settings, _):
        _refuse_unless_public(settings)
        done = take_in(
            settings.owner_url(), file, settings.publish_public_keys, municipality=settings.municipality,
            schema=str(current(settings.owner_url())), by=BY, max_bytes=settings.publish_max_mb << 20,
            force_reason=reason.strip()[:200] if reason else None, rebuild=rebuild,
        )  # fmt: skip
    if not done.applied:
        typer.echo(f"通し番号 {done.sequence} は、すでに取り込んであります。何も変えていません。")
        return
    typer.echo(
        f"取り込みました。通し番号 {done.sequence}、世代 {done.generation_no}、{done.rows:,} 行"
        f"（前と違うファイル {done.changed}）、鍵 {done.key_id}"
    )


@app.command()
def show(file: Annotated[Path, typer.Argument(help="公開用データのファイル")]) -> None:
    """署名と中身を確かめ、何が入っているかを表示します。データベースは変えません。"""
    from api.settings import load_settings
    from geodata.publishing.package import opened_package

    settings = load_settings()
    with opened_package(file, settings.publish_public_keys, max_bytes=settings.publish_max_mb << 20) as found:
        manifest = found.manifest
        typer.echo(
            f"通し番号 {manifest.sequence}  世代 {manifest.generation_no}  作成 {manifest.created}  鍵 {found.key_id}\n"
            f"市区町村 {manifest.municipality}  スキーマ {manifest.schema}  プログラム {manifest.program}"
        )
        for name, part in sorted(manifest.parts.items()):
            typer.echo(f"{part.rows:>10,} 行 {part.bytes:>14,} バイト  {name}")


@app.command()
def check() -> None:
    """公開の環境のデータベースに、内部だけのデータが入っていないことを確かめます。"""
    from geodata.publishing.check import refuse_internal_data

    with open_database() as (_, database):
        refuse_internal_data(database)
    typer.echo("公開してよいものだけが入っています。")


@app.command("referrals-export")
def referrals_export(file: Annotated[Path, typer.Argument(help="作るファイル（JSON、0600）")]) -> None:
    """内部の環境にまだ渡していない取次を、ファイルに書きます（公開の環境）。"""
    from datetime import UTC, datetime

    from geodata.database import Audience
    from geodata.publishing.tickets import hand_out
    from kyodo_geo.ticket_file import to_text

    with open_database() as (settings, database):
        _refuse_unless_public(settings)
        with database.write(Audience.STAFF) as conn:
            found = hand_out(conn, settings.municipality, by=BY)
            _write_private(file, to_text(found, datetime.now(UTC)))
    typer.echo(
        f"{file} に取次 {len(found.items)} 件を書きました。個人の情報をふくみます。"
        "庁内の環境で取り込み、表示された受領番号をこの環境で入力すると、この環境からは消えます。\n"
        "  kyodo-geo publish referrals-acknowledge 受領番号"
    )


@app.command("referrals-import")
def referrals_import(file: Annotated[Path, typer.Argument(help="公開の環境で作ったファイル")]) -> None:
    """公開の環境で受け付けた取次を、受信箱に入れます（内部の環境）。"""
    from datetime import UTC, date, datetime

    from api.clock import JAPAN
    from geodata.database import Audience
    from geodata.holidays import read_holidays
    from geodata.publishing.tickets import take_in
    from kyodo_geo.ticket_file import MAX_BYTES, Item, read
    from kyodo_geo.tickets import Kind
    from kyodo_geo.working_days import working_days_after

    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"{file} を読めません（{error.strerror}）。", file=str(file)) from error
    tickets = read(content, now=datetime.now(UTC))
    with open_database() as (settings, database):
        if settings.zone == PUBLIC:
            raise InputError("取次は、内部の環境（KYODO_ZONE=internal）に取り込みます。", field="KYODO_ZONE")
        holidays = read_holidays(settings.holidays_file) if settings.holidays_file else frozenset()

        def due(item: Item) -> date:
            days = settings.referral_due_days if item.kind is Kind.REFERRAL else settings.wish_due_days
            return working_days_after(item.received_at.astimezone(JAPAN).date(), days, holidays)

        with database.write(Audience.STAFF) as conn:
            done = take_in(conn, tickets, settings.municipality, due, by=BY)
    for theirs, ours in sorted(done.entered.items()):
        typer.echo(f"公開の環境の {theirs} 番 → 取次 {ours} 番")
    typer.echo(
        f"{len(done.entered)} 件を取り込みました（前に取り込んだもの {done.known} 件）。\n受領番号: {done.receipt}"
    )


@app.command("referrals-acknowledge")
def referrals_acknowledge(
    number: Annotated[str, typer.Argument(help="内部の環境で取り込んだときに表示された受領番号")],
) -> None:
    """内部の環境が受け取った取次の内容を、この環境から消します（公開の環境）。"""
    from geodata.database import Audience
    from geodata.publishing.tickets import acknowledge

    with open_database() as (settings, database):
        _refuse_unless_public(settings)
        with database.write(Audience.STAFF) as conn:
            count = acknowledge(conn, settings.municipality, number.strip(), by=BY)
    typer.echo(f"取次 {count} 件の内容を、この環境から消しました。")


def _refuse_unless_public(settings: Settings) -> None:
    if settings.zone != PUBLIC:
        raise ConflictError(
            "公開の環境（KYODO_ZONE=public）で実行してください。内部の環境のデータを書き換えてしまいます。"
        )


def _write_private(file: Path, text: str) -> None:
    """A new file that its owner alone may read, durable before anything is committed."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"{file} を作れません（{error.strerror}）。", file=str(file)) from error
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
