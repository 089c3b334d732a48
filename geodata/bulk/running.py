"""Run the parts of a piece of work: in this process, on processes of this machine, or on a Dask scheduler.

What travels are names of files and codes; what comes back are counts. A part that a killed worker had is given to
another one by the scheduler; whoever makes it writes the same file. A few parts per worker are under way at a time, so
that neither the scheduler nor this process grows with the country.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeVar

from kyodo_geo.errors import InputError, KyodoError, UnavailableError

AHEAD = 3
"""Parts under way per thread of a worker."""
WAIT_S = 10


class Part(Protocol):
    """What `run` needs to know of a part."""

    @property
    def code(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def size(self) -> int: ...


P = TypeVar("P", bound=Part)


@dataclass(frozen=True, slots=True)
class Done:
    """A finished part: rows and what they came to."""

    code: str
    target: str
    rows: int
    outcomes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that could not be made, and why, without any value of a row."""

    code: str
    target: str
    why: str


def run(
    parts: Sequence[P],
    work: Callable[[P], Done],
    *,
    scheduler: str | None = None,
    workers: int = 0,
    memory: str = "1GiB",
    on_result: Callable[[Done | Failed], None] = lambda found: None,
) -> list[Failed]:
    """Make all parts that are not there yet; returns those that failed.

    `scheduler`: address of a Dask scheduler; `workers`: that many processes of this machine, each with at most `memory`;
    neither: here. Raises `UnavailableError` when the scheduler cannot be reached or goes away: what was finished stays.
    """
    if scheduler and workers:
        raise InputError("--scheduler と --workers は、どちらか一方を指定してください。", field="scheduler")
    todo = [part for part in parts if not Path(part.target).exists()]
    failed = []
    with _results(todo, work, scheduler, workers, memory) as results:
        for found in results:
            on_result(found)
            if isinstance(found, Failed):
                failed.append(found)
    return failed


@contextmanager
def _results(
    todo: Sequence[P], work: Callable[[P], Done], scheduler: str | None, workers: int, memory: str
) -> Iterator[Iterator[Done | Failed]]:
    with ExitStack() as stack:
        if not todo or not (scheduler or workers):
            yield (guarded(part, work) for part in todo)
            return
        import distributed

        if workers:
            cluster = distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
                memory_limit=memory, silence_logs=50,
            )  # fmt: skip
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(distributed.Client(scheduler, timeout=WAIT_S, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise UnavailableError(f"Dask のスケジューラー {scheduler} に接続できません。") from error
        yield _gathered(client, todo, work)


def _gathered(client: Any, todo: Sequence[P], work: Callable[[P], Done]) -> Iterator[Done | Failed]:
    from distributed import as_completed

    waiting = iter(todo)
    by_key: dict[str, P] = {}

    def submit(part: P) -> Any:
        # The same part is the same task, whoever asks; a result kept by nobody is not remembered.
        key = f"kyodo-{Path(part.target).stem}-{part.code}"
        by_key[key] = part
        return client.submit(guarded, part, work, key=key, pure=False)

    def threads() -> int:
        return max(1, sum(client.nthreads().values()))

    ahead = AHEAD * threads()
    under_way = as_completed([submit(part) for part in islice(waiting, ahead)], loop=client.loop)
    for future in under_way:
        part = by_key.pop(future.key)
        if future.cancelled() or future.status == "lost":
            raise UnavailableError(
                "Dask のスケジューラーとの接続が切れました。もう一度実行すると、続きから始めます。"
            )
        if future.status == "error":  # the work itself never raises: its workers died of it
            yield Failed(part.code, part.target, type(future.exception()).__name__)
        else:
            yield future.result()
        future.release()
        following = next(waiting, None)
        if following is not None:
            under_way.add(submit(following))


def guarded(part: P, work: Callable[[P], Done]) -> Done | Failed:
    """The work, with what went wrong as a result: an exception would have its message, which may quote a row, logged."""
    try:
        return work(part)
    except KyodoError as error:
        return Failed(part.code, part.target, error.message)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
        return Failed(part.code, part.target, f"{type(error).__name__} at {where}")
