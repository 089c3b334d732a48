"""`kyodo-geo lookup-batch`: a whole file of addresses, on this machine."""

from __future__ import annotations

import contextlib
import functools
import os
import secrets
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from api.commands.context import open_database
from kyodo_geo.errors import ConflictError, InputError

OUTCOMES = {
    "one": "1 つに決まった",
    "several": "候補がある",
    "none_here": "登録がない",
    "outside_city": "市の外",
    "not_understood": "読み取れない",
    "blank": "空の行",
}
ENCODINGS = ("utf-8", "utf-8-sig", "cp932")


def lookup_batch(
    source: Annotated[Path, typer.Argument(metavar="IN", help="調べる表（CSV または XLSX、1 行目は見出し）")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="結果を書くファイル（IN と同じ形式）")],
    column: Annotated[
        str | None, typer.Option(help="住所の列の見出し。なければ「住所」「所在地」などを探す")
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="CSV の結果の文字コード（utf-8、utf-8-sig、cp932）。なければ IN と同じ"),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="OUT があれば置き換える")] = False,
    municipality: Annotated[str | None, typer.Option(help="市区町村コード（5 桁）")] = None,
) -> None:
    """表の住所をまとめて調べ、同じ表に結果の列を足して書きます（最大 100,000 行）。"""
    from api.memory import Reader, whole_register
    from geodata.batch.files import open_sink, open_source
    from geodata.batch.source import find_column
    from geodata.batch.work import work_through
    from geodata.database import Audience

    check(source, target, encoding, force)
    with _interruptible() as asked_to_stop, source.open("rb") as stream:
        table = open_source(stream, source.name)
        if (table.shape.kind == "xlsx") != (target.suffix.lower() == ".xlsx"):
            raise InputError(f"OUT は IN と同じ形式（{table.shape.kind}）の名前にしてください。", field="OUT")
        place = find_column(table.shape.header, column)
        counted: Counter[tuple[str, str, bool]] = Counter()
        with open_database() as (settings, database):
            code = municipality or settings.municipality
            index = _index(database, code)
            # Run by the city, on its own machine.
            register = whole_register(database, code, Reader(Audience.STAFF))
            with _whole(target, like=source, force=force) as out, _bar(table.shape.rows) as advance:
                sink = open_sink(out, table, encoding=encoding)
                outcomes = work_through(
                    index,
                    table,
                    place,
                    sink,
                    recall=functools.partial(register.recall, index),
                    on_progress=advance,
                    should_stop=asked_to_stop,
                    on_answer=lambda answer: counted.update([_counted(answer)]),
                )
            _add_counts(database, code, counted)
    told = "、".join(f"{OUTCOMES[name]} {outcomes[name]:,}" for name in OUTCOMES if outcomes[name])
    typer.echo(f"{table.shape.rows:,} 行を調べました（列「{table.shape.header[place]}」）: {told}", err=True)
    replaced = getattr(sink, "replaced", 0)
    if replaced:
        typer.echo(
            f"注意: 文字コードで表せない {replaced:,} 文字を「〓」にしました。--encoding utf-8-sig なら残ります。",
            err=True,
        )


def check(source: Path, target: Path, encoding: str | None, force: bool) -> None:
    """Raise InputError or ConflictError before anything is read or written."""
    if not source.is_file():
        raise InputError(f"ファイル {source} がありません。", field="IN")
    if encoding is not None and encoding not in ENCODINGS:
        raise InputError(f"文字コードは {'、'.join(ENCODINGS)} のどれかにしてください。", field="encoding")
    if target.exists() and target.samefile(source):
        raise InputError("OUT に IN と同じファイルは指定できません。", field="OUT")
    if not target.parent.is_dir() or target.is_dir():
        raise InputError(f"{target} には書けません。フォルダーを確かめてください。", field="OUT")
    if target.exists() and not force:
        raise _exists(target)


def _exists(target: Path) -> ConflictError:
    return ConflictError(f"{target} はすでにあります。置き換えるときは --force を付けてください。")


@contextlib.contextmanager
def _whole(target: Path, *, like: Path, force: bool) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is complete, as readable as the file it was made from."""
    # Named before it exists and made inside `try`: an interrupt may come between any two steps.
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(like, part)
        if not force:
            _refuse_late(part, target)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _refuse_late(part: Path, target: Path) -> None:
    """Somebody may have made the file while we were working; a link, unlike a renaming, replaces nothing."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise _exists(target) from None
    except OSError:  # a file system without links: the small gap is accepted
        if target.exists():
            raise _exists(target) from None


class Interrupted(KeyboardInterrupt):
    """A class of its own: once KeyboardInterrupt itself has passed `exec`, `python -m` ends by the signal, caught or not."""


@contextlib.contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end the work with everything cleaned up, status 130.

    Yields what says whether one has come: an exception raised inside a callback of the interpreter is thrown away.
    """
    from geodata.batch.work import StoppedError

    asked: list[int] = []

    def interrupt(number: int, _: object) -> None:
        asked.append(number)
        raise Interrupted

    before: dict[int, Any] = {}
    with contextlib.suppress(ValueError):  # not in the main thread
        for heard in (signal.SIGINT, signal.SIGTERM):
            # A shell has what it starts in the background ignore the interrupt: so it stays.
            if signal.getsignal(heard) is not signal.SIG_IGN:
                before[heard] = signal.signal(heard, interrupt)
    try:
        yield lambda: bool(asked)
    except (KeyboardInterrupt, StoppedError):
        typer.echo("中止しました。結果のファイルは書いていません。", err=True)
        raise typer.Exit(130) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _bar(rows: int) -> Iterator[Any]:
    """A progress bar on standard error; yields what takes the number of rows done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("調べています"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=rows)
        yield lambda done: progress.update(task, completed=done)


def _index(database: Any, code: str) -> Any:
    from geodata.queries.generation import resolve
    from geodata.queries.snapshot import lookup_snapshot
    from kyodo_geo.lookup import LookupIndex

    with database.read() as conn:
        return LookupIndex(lookup_snapshot(conn, resolve(conn, code)))


def _counted(answer: Any) -> tuple[str, str, bool]:
    from api.asking import counted_town

    return answer.outcome.value, counted_town(answer), answer.data_fault


def _add_counts(database: Any, code: str, counted: Counter[tuple[str, str, bool]]) -> None:
    from geodata.database import Audience
    from geodata.lookup_counts import Count, add

    faults: Counter[tuple[str, str]] = Counter()
    lookups: Counter[tuple[str, str]] = Counter()
    for (outcome, town, fault), number in counted.items():
        lookups[outcome, town] += number
        faults[outcome, town] += number if fault else 0
    with database.write(Audience.AUTH) as conn:
        add(
            conn,
            [
                Count(code, "command-line", outcome, town, "", number, faults[outcome, town])
                for (outcome, town), number in lookups.items()
            ],
        )
