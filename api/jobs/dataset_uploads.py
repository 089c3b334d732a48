"""Uploaded files tried and stored by the worker: one at a time, safe to be killed and begun again.

The web workers stay free of the libraries that read files; the worker reads each upload in a child with bounded
memory (`api.jobs.upload_child`). The table of uploads is the truth; storing a dataset and ending its upload are one
transaction, so that no file becomes two datasets.
"""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from api import logs
from geodata import dataset_uploads
from geodata.database import Audience, Connection, Database
from geodata.dataset_uploads import MAX_ATTEMPTS, Claim
from geodata.passing_folders import UPLOADS, passing_folder, sweep_all
from kyodo_geo.errors import KyodoError, UnavailableError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    import procrastinate

    from api.settings import Settings
    from geodata.datasets import DatasetMeta
    from geodata.importing import Imported, ImportOptions

TASK = "run_dataset_uploads"
SAY_EVERY_S = 10.0
LOST = "サーバーの都合でファイルが失われました。もう一度アップロードしてください。"
BROKEN = (
    "読み取りの途中で問題が起きました。ファイルが大きすぎるか、壊れているかもしれません。"
    "続くときは、コマンドライン（kyodo-geo import）で読み込んでください。"
)
TOO_LARGE = (
    "ファイルの中身が大きく、読み取りに使えるメモリか時間を超えたため、途中でやめました。何も保存していません。"
    "年度や地区でファイルを分ける、要らない列や細かすぎる図形を減らす、"
    "またはコマンドライン（kyodo-geo import）で読み込んでください。"
)

Run = Callable[[Database, Claim, threading.Event], bool]
"""Takes one upload from its claim to its end; True when it was checked or stored. Never raises."""


class NotOursError(Exception):
    """The upload was discarded or taken over while we worked; what we did is undone."""


def wake(settings: Settings) -> None:
    """Tell the worker that an upload waits (blocking). Were it not told, it would look within a minute anyway."""
    from procrastinate.exceptions import AlreadyEnqueued

    from api.jobs.app import queue

    app = queue(settings)
    with app.open(), suppress(AlreadyEnqueued):
        app.configure_task(TASK, queueing_lock=TASK, lock=TASK).defer(timestamp=0)


def run_uploads(database: Database, stop: threading.Event, run: Run | None = None) -> int:
    """Work through everything that waits; returns how many were checked or stored.

    `run` is `api.jobs.upload_process.in_child` in the service; without it the work is done in this process.
    """
    finished = 0
    while not stop.is_set():
        with database.write(Audience.LOADER) as conn:
            taken = dataset_uploads.claim(conn)
        if taken is None:
            break
        finished += (run or run_one)(database, taken, stop)
    return finished


def run_one(database: Database, taken: Claim, stop: threading.Event, folder: Path | None = None) -> bool:
    """One upload in this process, its files below `folder`. Files that break it must not keep others waiting."""
    try:
        if taken.attempts > MAX_ATTEMPTS:
            raise KyodoError(BROKEN)
        with _alive(database, taken) as pulse, passing_folder(UPLOADS, folder) as inside:
            files = _files(database, taken, Path(inside))
            if taken.target == dataset_uploads.RECORDS:
                from api.jobs.record_uploads import work_records

                work_records(database, taken, pulse, files, stop)
            else:
                _work(database, taken, pulse, files, stop)
    except NotOursError:
        if stop.is_set():
            give_back(database, taken)
        return False
    except UnavailableError as error:
        # The database is away: the upload is taken up again when its worker has been silent for a while.
        logs.SERVICE.warning("upload %s interrupted: %s", taken.upload_id, logs.failure(error))
        return False
    except KyodoError as error:
        refuse(database, taken, error.message)
        return False
    except MemoryError:
        logs.SERVICE.warning("upload %s needs too much memory", taken.upload_id)
        refuse(database, taken, TOO_LARGE)
        return False
    except Exception as error:
        logs.SERVICE.error("upload %s failed: %s", taken.upload_id, logs.failure(error))
        refuse(database, taken, BROKEN)
        return False
    logs.SERVICE.info("upload %s: %s done", taken.upload_id, taken.task)
    return True


def give_back(database: Database, taken: Claim) -> None:
    """Another worker begins again; nothing happens where the upload is no longer ours."""
    with suppress(KyodoError), database.write(Audience.LOADER) as conn:
        dataset_uploads.give_back(conn, taken)


def refuse(database: Database, taken: Claim, message: str) -> None:
    """Tell why the files cannot be used; nothing happens where the upload is no longer ours."""
    with suppress(KyodoError), database.write(Audience.LOADER) as conn:
        dataset_uploads.refused(conn, taken, message)


def _files(database: Database, taken: Claim, folder: Path) -> list[Path]:
    paths = []
    for number, name in enumerate(taken.file_names):
        path = folder / name
        with path.open("wb") as out:
            if not dataset_uploads.read_into(
                database, taken.municipality, taken.upload_id, "input", number, out
            ):
                raise KyodoError(LOST)
        paths.append(path)
    return paths


def _work(database: Database, taken: Claim, pulse: Pulse, files: list[Path], stop: threading.Event) -> None:
    from geodata.importing import import_files, try_files
    from geodata.trial_findings import findings

    meta, options = meta_of(taken), options_of(taken)

    def on_step(step: int) -> None:
        pulse.say(step)
        if stop.is_set() or pulse.lost:
            raise NotOursError

    arguments = (database, taken.municipality, taken.kind, files, meta, options)
    if taken.task == "keep":

        def end(conn: Connection, done: Imported) -> None:
            if not dataset_uploads.kept(conn, taken, [item.dataset_id for item in done.stored]):
                raise NotOursError

        import_files(*arguments, within=end, on_step=on_step)
        return
    seen: dict[str, Any] = {}

    def look(conn: Connection, done: Imported) -> None:
        seen.update(findings(conn, taken.municipality, done))

    try_files(*arguments, within=look, on_step=on_step)
    content = io.BytesIO(orjson.dumps(seen, default=str, option=orjson.OPT_NON_STR_KEYS))
    with database.write(Audience.LOADER) as conn:
        if not dataset_uploads.checked(conn, taken, content):
            raise NotOursError


def meta_of(taken: Claim) -> DatasetMeta:
    """What was typed about the dataset; the files' names where nothing was."""
    from geodata.datasets import DatasetMeta

    names = "、".join(taken.file_names)
    given = taken.meta
    quality = Quality(given.get("quality") or Quality.REAL)
    return DatasetMeta(
        title=given.get("title") or f"{KIND_NAMES[taken.kind]}（{names}）",
        source=given.get("source") or names,
        source_url=given.get("source_url"),
        licence=given.get("licence"),
        authority=given.get("authority"),
        as_of=date.fromisoformat(given["as_of"]) if given.get("as_of") else None,
        quality=quality,
        loaded_by=taken.uploaded_by,
        carry_sample=quality is Quality.SAMPLE,
    )


def options_of(taken: Claim) -> ImportOptions:
    """How the files are to be read."""
    from geodata.importing import ImportOptions

    given = taken.options
    return ImportOptions(
        given.get("format"), given.get("crs"), given.get("encoding"), given.get("mapping") or None
    )


class Pulse:
    """Tells the database every few seconds that the work goes on, and hears whether it is still wanted."""

    def __init__(self, database: Database, taken: Claim) -> None:
        self._database = database
        self._taken = taken
        self._step = 0
        self._over = threading.Event()
        self.lost = False

    def say(self, step: int) -> None:
        self._step = step
        with self._database.write(Audience.LOADER) as conn:
            self.lost = not dataset_uploads.touch(conn, self._taken, step)

    def run(self) -> None:
        while not self._over.wait(SAY_EVERY_S):
            with suppress(KyodoError):  # a database away for a moment is no reason to give up
                self.say(self._step)

    def end(self) -> None:
        self._over.set()


@contextmanager
def _alive(database: Database, taken: Claim) -> Iterator[Pulse]:
    pulse = Pulse(database, taken)
    thread = threading.Thread(target=pulse.run, daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        pulse.end()
        thread.join()


def register(app: procrastinate.App, settings: Settings, database: Database, stop: threading.Event) -> None:
    """Give the queue the task."""
    from api.jobs.upload_process import in_child

    @app.periodic(cron="* * * * *")
    @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
    async def _uploads(timestamp: int) -> None:
        await asyncio.to_thread(run_uploads, database, stop, in_child)

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="sweep_upload_folders", queueing_lock="sweep_upload_folders")
    async def _sweep(timestamp: int) -> None:
        if left := await asyncio.to_thread(sweep_all):
            logs.SERVICE.warning("removed: %d folders of processes that were killed", left)
