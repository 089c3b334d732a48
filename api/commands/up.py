"""`kyodo-geo up`: everything a bare machine needs, in one command that ends cleanly.

Order: database server, schema, bundled sample (only into an empty database), job worker, web service.
What was started here is stopped here, in the opposite order, whether the end is Ctrl-C, SIGTERM or a failure.
"""

from __future__ import annotations

import contextlib
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from api.basemap import open_ground
from api.commands import children
from api.commands.serve import listen, settings_for_children
from api.settings import Settings, unknown_variables
from api.zones import PUBLIC
from kyodo_geo.errors import UnavailableError

if TYPE_CHECKING:
    from geodata.database import Database

READY_WITHIN_S = 60.0
FIRST_IMPORTS = ("outline", "towns", "districts", "associations", "association-rules")
PAGES = {
    "入口": "/",
    "町内会・自治会を調べる": "/lookup",
    "地域づくり計画の地図": "/maps/plan-adoption",
    "加入率の地図": "/maps/membership",
    "活動施設の地図": "/maps/facility-coverage",
    "API の説明": "/api",
}


NO_PACKAGE = (
    "公開の環境です。データはまだありません。内部の環境で作った公開用データを、別の端末で取り込んでください。\n\n"
    "  kyodo-geo publish import ファイル\n"
)


class Stopped(BaseException):
    """Somebody asked us to end."""


def up(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(help="待ち受けるポート番号")] = None,
    workers: Annotated[int | None, typer.Option(help="画面と API に答えるプロセスの数")] = None,
) -> None:
    """データベースから画面まで、必要なものをすべて起動します。Ctrl-C で止まります。"""
    began = time.monotonic()
    settings = settings_for_children(host=host, port=port, workers=workers)
    for name in unknown_variables():
        typer.echo(f"注意: 環境変数 {name} という設定はありません（docs/SETTINGS.md）。", err=True)
    # What cannot work is said now, not after minutes of preparation.
    listen(settings).close()
    open_ground(settings).close()
    refuse_unknown_municipality(settings)
    running: list[children.Child] = []
    with contextlib.suppress(Stopped), stop_signals(), database_server(settings):
        try:
            link, has_data = prepare(settings)
            running.append(children.start("worker"))
            running.append(children.start("serve"))
            # Without data the service never calls itself ready; its pages say so, and imports show at once.
            wait_until_ready(settings, running, "/readyz" if has_data else "/healthz")
            announce(settings, link, time.monotonic() - began)
            if not has_data:
                typer.echo(NO_PACKAGE if settings.zone == PUBLIC else what_to_import(settings.municipality))
            watch(running)
        finally:
            ignore_signals()
            typer.echo("停止しています…", err=True)
            for name in children.stop_all(running):
                typer.echo(f"注意: {name} が終わらないため、強制的に終了しました。", err=True)
    typer.echo("停止しました。", err=True)


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP raise Stopped inside the block."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Stopped

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore_signals() -> None:
    """From here on we are ending anyway; a second Ctrl-C must not cut that short."""
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def database_server(settings: Settings) -> Iterator[None]:
    """The private cluster, stopped again unless it was running before; nothing with the user's PostGIS."""
    cluster = settings.cluster()
    if cluster is None:
        yield
        return
    was_running = cluster.status().running
    try:
        typer.echo("データベースを準備しています…", err=True)
        cluster.ensure()
        yield
    finally:
        ignore_signals()
        if not was_running:
            cluster.stop()


def refuse_unknown_municipality(settings: Settings) -> None:
    """Raise for a code that is none, and for one that a database not made yet cannot know."""
    from geodata.municipalities import KNOWN, unknown
    from kyodo_geo.crs import plane_zone

    plane_zone(settings.municipality)
    cluster = settings.cluster()
    if settings.municipality not in KNOWN and cluster is not None and not cluster.status().initialised:
        raise unknown(settings.municipality)


def prepare(settings: Settings) -> tuple[str | None, bool]:
    """Bring the schema up to date, fill an empty database; a one-time administrator link, and whether there are data.

    The public zone gets neither sample nor link: what it holds comes in a package, and no staff sign in there.
    The bundled sample is of one municipality; any other one starts empty. Raises `NotFoundError` for a municipality
    that is neither known nor registered, with nothing loaded.
    """
    from api.auth.links import create_admin_link
    from geodata.database import Audience, Database, active_generation, login_of
    from geodata.migrate import upgrade
    from geodata.municipalities import ensure_known
    from geodata.sample.load import MUNICIPALITY as SAMPLE
    from geodata.sample.load import load_sample

    upgrade(settings.owner_url(), login=login_of(settings.app_url()))
    database = Database(settings.listen_url(), min_size=1, max_size=settings.database_pool_size)
    try:
        ensure_known(database, settings.municipality, by="up")
        public = settings.zone == PUBLIC
        if not public and settings.municipality == SAMPLE and is_empty(database):
            typer.echo("データがないため、見本データ（架空）を読み込んでいます…", err=True)
            load_sample(database)
        with database.read(Audience.LOADER) as conn:
            has_data = active_generation(conn, settings.municipality) is not None
        return None if public else create_admin_link(database, settings), has_data
    finally:
        database.close()


def is_empty(database: Database) -> bool:
    """Whether no dataset of any municipality has been loaded yet."""
    from geodata.database import Audience
    from geodata.datasets import list_datasets
    from geodata.municipalities import municipalities

    with database.read(Audience.LOADER) as conn:
        return not any(list_datasets(conn, str(row["municipality_code"])) for row in municipalities(conn))


def what_to_import(municipality: str) -> str:
    """For the operator of a database without data of the municipality."""
    from kyodo_geo.kinds import KIND_NAMES

    lines = [
        f"市区町村コード {municipality} のデータはまだありません（見本データは盛岡市のものです）。",
        "別の端末で次のように読み込むと、画面にすぐ現れます（ファイルの形式は docs/DATA_FORMATS.md）。",
        "",
    ]
    lines += [f"  kyodo-geo import {kind} ファイル --activate\t{KIND_NAMES[kind]}" for kind in FIRST_IMPORTS]
    return "\n".join(lines) + "\n"


def wait_until_ready(settings: Settings, running: list[children.Child], path: str = "/readyz") -> None:
    """Poll `path` until the service says it can answer."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    address = f"[{local}]" if ":" in local else local
    request = urllib.request.Request(
        f"http://{address}:{settings.port}{path}", headers={"Host": settings.public_url.split("//")[1]}
    )
    # No proxy: an office's proxy setting must not send this question elsewhere.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        raise_if_ended(running)
        with contextlib.suppress(urllib.error.URLError, OSError), opener.open(request, timeout=2):
            return
        time.sleep(0.1)
    raise UnavailableError(
        f"サービスが {READY_WITHIN_S:.0f} 秒たっても準備できません。上の記録を確かめてください。"
    )


def announce(settings: Settings, link: str | None, seconds: float) -> None:
    """Where to look, on standard output."""
    typer.echo(f"\n起動しました（{seconds:.1f} 秒）。Ctrl-C で止まります。\n")
    for title, path in PAGES.items():
        typer.echo(f"  {settings.public_url}{path}\t{title}")
    if link is not None:
        typer.echo(f"\n管理者の設定（1 回だけ使えるリンク）:\n  {link}\n")


def watch(running: list[children.Child]) -> None:
    """Return never: a signal raises Stopped, the end of a child raises UnavailableError."""
    while True:
        raise_if_ended(running)
        time.sleep(0.5)


def raise_if_ended(running: list[children.Child]) -> None:
    ended = children.first_ended(running)
    if ended is not None:
        raise UnavailableError(
            f"{ended.name} が終了したため、全体を停止します（状態 {ended.process.returncode}）。"
            "上の記録を確かめてください。"
        )
