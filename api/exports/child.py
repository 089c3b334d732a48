"""One file in a process with bounded memory, time and size: `python -m api.exports.child`.

What it has to do stands on standard input, pickled by its parent, which is nobody else: url, audience, job, path and
bounds. A file that needs more than the bounds ends this process and nothing else.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from api.bounded import bound, give_up
from geodata.exports.run import Job, to_file


@dataclass(frozen=True, slots=True)
class Told:
    """Where to read, as whom, what to write, and the bounds: bytes of memory and of the file, seconds of processor."""

    url: str
    audience: str
    job: Job
    path: str
    memory: int
    seconds: int
    largest: int


def main() -> None:
    """Bounds first, then the libraries."""
    told: Told = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  (from our own parent over a pipe)
    bound(told.memory, told.seconds)
    resource.setrlimit(resource.RLIMIT_FSIZE, (told.largest, told.largest))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    # One layer needs one thread; a second would only have memory of its own.
    os.environ |= {"OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}

    from geodata.database import Audience, Database
    from kyodo_geo.errors import KyodoError

    database = Database(told.url, max_size=1, statement_timeout_ms=120_000)
    try:
        with database.read(Audience(told.audience)) as conn:
            to_file(conn, told.job, Path(told.path))
    except KyodoError as error:
        give_up(error)
    finally:
        database.close()


if __name__ == "__main__":
    main()
