"""`kyodo-geo db backup` and `kyodo-geo db restore`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.settings import load_settings

if TYPE_CHECKING:
    from api.settings import Settings
    from geodata.backup import Backup
    from geodata.cluster import Cluster

Target = Annotated[Path, typer.Argument(help="バックアップを置くフォルダー")]


def backup(
    target: Target,
    keep: Annotated[int | None, typer.Option(help="新しいものから何個を残すか（古いものを消す）")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="作らずに、あるバックアップ（フォルダーの中では最新）を確かめる")
    ] = False,
    seal: Annotated[
        str | None, typer.Option(help="--verify で、作ったときに表示された SHA-256 とも比べる")
    ] = None,
) -> None:
    """データベースと設定のファイルのバックアップを作り、読み戻して確かめます。使い続けたままで作れます。"""
    from geodata.backup import make, newest, note
    from geodata.backup.restore import readable

    settings = load_settings()
    if verify:
        found = readable(newest(target), seal=seal)
        typer.echo(f"{found.folder} は、作ったときのままです。")
        _tell(found)
        return
    _require_running(settings)
    done, gone = make(_plan(settings, target, keep), _say)
    note(settings.owner_url(), done, by=_operator())
    typer.echo(str(done.folder))
    _tell(done)
    for name in gone:
        typer.echo(f"古いバックアップ {name} を消しました。")
    typer.echo(
        "個人情報を含みます。暗号化した媒体に写し、上の SHA-256 は別の場所に控えてください（docs/BACKUP.md）。",
        err=True,
    )


def restore(
    source: Annotated[Path, typer.Argument(help="バックアップのフォルダー（親のフォルダーなら最新のもの）")],
    seal: Annotated[
        str | None, typer.Option(help="作ったときに表示された SHA-256（書き換えられていないことを確かめる）")
    ] = None,
    unsealed: Annotated[
        bool,
        typer.Option(
            "--unsealed", help="SHA-256 と比べない（置き場所に、ほかの人が書けなかったことが確かなときだけ）"
        ),
    ] = False,
) -> None:
    """バックアップを空のデータベースに復元し、件数・内容・検索の答えを比べて確かめます。"""
    from geodata import backup as backups
    from geodata.backup.restore import readable
    from geodata.cluster.layout import default_state_dir
    from geodata.database import login_of
    from kyodo_geo.errors import InputError

    if (seal is None) != unsealed:
        raise InputError(
            "--seal に、作ったときに表示された SHA-256 を指定してください。バックアップの中身は、データベースの所有者の"
            "権限で実行されます。控えがなく、置き場所にほかの人が書けなかったことが確かなときは、代わりに --unsealed を"
            "付けてください。",
            field="seal",
        )
    settings = load_settings()
    found = readable(backups.newest(source), seal=seal)
    cluster = settings.cluster()
    started = cluster.ensure() if cluster is not None else False
    try:
        done = backups.restore(
            found,
            settings.owner_url(),
            login=login_of(settings.app_url()),
            files_to=(settings.state_dir or default_state_dir()) / "restored-files",
            by=_operator(),
            tell=_say,
        )
    finally:
        if cluster is not None and started:
            cluster.stop()
    typer.echo(
        f"復元しました: {done.tables} 表 {done.rows:,} 行。件数・内容のチェックサム・"
        f"検索 {done.lookups} 件の答えが、バックアップと一致しました。"
    )
    for path in done.files:
        typer.echo(f"ファイル: {path}")
    if done.upgrade_due:
        typer.echo(
            f"スキーマは古い版（{done.revision}）です。`kyodo-geo db upgrade` で新しくしてから使ってください。"
        )
    typer.echo("サインインしていた人は、もう一度サインインします。", err=True)


def base_backup(
    target: Annotated[Path, typer.Argument(help="新しく作るフォルダー（まだないもの）")],
) -> None:
    """専用データベースの全体を写します。KYODO_WAL_ARCHIVE_DIR の記録と合わせて、任意の時点に戻せます。"""
    from geodata import cluster as clusters

    settings = load_settings()
    clusters.base_backup(_private(settings), target)
    typer.echo(f"{target} に写しました。")
    if settings.wal_archive_dir is None:
        typer.echo(
            "注意: KYODO_WAL_ARCHIVE_DIR が指定されていないため、このあとの変更は残りません。", err=True
        )


def recover(
    base: Annotated[Path, typer.Argument(help="base-backup で作ったフォルダー")],
    archive: Annotated[Path, typer.Argument(help="変更の記録（KYODO_WAL_ARCHIVE_DIR）のフォルダー")],
    until: Annotated[
        str | None, typer.Option(help="戻す時点（例 2026-11-26 10:30:00+09）。なければ記録の最後まで")
    ] = None,
) -> None:
    """KYODO_STATE_DIR の新しい専用データベースを、ある時点の状態にします。元のデータベースは変えません。"""
    from geodata import cluster as clusters
    from geodata.cluster.layout import default_state_dir

    settings = load_settings()
    _private(settings)
    made = clusters.recover(base, archive, settings.state_dir or default_state_dir(), until=until)
    made.stop()
    typer.echo("戻しました。`kyodo-geo up` で確かめてください。")
    typer.echo(
        "サインインしていた人は、もう一度サインインします。その時点より後に取り消した鍵・利用者・開示の終わりは、"
        "もう一度取り消してください（docs/BACKUP.md）。",
        err=True,
    )


def promote() -> None:
    """KYODO_STATE_DIR のレプリカを、書き込めるデータベースにします。元のデータベースが戻らないときだけ使います。"""
    from geodata import cluster as clusters

    clusters.promote(_private(load_settings()))
    typer.echo("書き込めるデータベースになりました。KYODO_DATABASE_URL の接続先を、こちらに変えてください。")


def _private(settings: Settings) -> Cluster:
    from kyodo_geo.errors import InputError

    cluster = settings.cluster()
    if cluster is None:
        raise InputError(
            "KYODO_DATABASE_URL が指定されています。この操作は専用データベースのためのものです"
            "（ほかのデータベースでの手順は docs/BACKUP.md）。"
        )
    return cluster


def _plan(settings: Settings, target: Path, keep: int | None):  # type: ignore[no-untyped-def]
    from api.app import program_version
    from geodata.backup import Plan

    files = [("holidays.csv", settings.holidays_file)] if settings.holidays_file else []
    mentioned = [settings.basemap_file] if settings.basemap_file else []
    return Plan(
        owner_url=settings.owner_url(), target=target, version=program_version(), files=files,
        mentioned=mentioned, keep=keep,
    )  # fmt: skip


def _require_running(settings: Settings) -> None:
    from kyodo_geo.errors import UnavailableError

    cluster = settings.cluster()
    if cluster is not None and not cluster.status().ready:
        raise UnavailableError("専用データベースが動いていません。`kyodo-geo db start` で起動してください。")


def _tell(found: Backup) -> None:
    from geodata.backup.restore import summary

    told = summary(found)
    typer.echo(
        f"作成: {told['made_at']}　スキーマの版: {told['schema_revision']}　{told['tables']} 表 {told['rows']:,} 行　"
        f"{told['bytes']:,} バイト"
    )
    for place in told["municipalities"]:
        typer.echo(f"  {place['code']}: 世代 {place['generation'] or 'なし'}")
    typer.echo(f"SHA-256: {told['seal']}")


def _say(step: str) -> None:
    typer.echo(f"{step}…", err=True)


def _operator() -> str:
    import getpass

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"cli:{os.geteuid()}"
