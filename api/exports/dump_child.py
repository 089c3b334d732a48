"""The dump of one generation in a process with bounded memory and time: `python -m api.exports.dump_child`.

What it has to do stands on standard input (JSON: url, municipality, generation, root, limit, folder, memory, seconds).
"""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

import orjson

REFUSED = 10
"""The sentence for the reader is on standard error."""


def main() -> None:
    """Bounds first, then the libraries."""
    told = orjson.loads(sys.stdin.buffer.read())
    resource.setrlimit(resource.RLIMIT_CPU, (told["seconds"], told["seconds"]))
    resource.setrlimit(resource.RLIMIT_AS, (told["memory"], told["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ |= {"OMP_NUM_THREADS": "1", "GDAL_NUM_THREADS": "1", "ARROW_DEFAULT_MEMORY_POOL": "system"}

    from geodata.database import Database
    from geodata.exports import dump
    from geodata.exports.shelf import Shelf
    from kyodo_geo.errors import KyodoError

    database = Database(told["url"], max_size=1, statement_timeout_ms=300_000)
    try:
        Shelf(Path(told["root"]), told["limit"]).fill(
            Path(told["folder"]),
            lambda folder: dump.make(database, told["municipality"], told["generation"], folder),
        )
    except KyodoError as error:
        sys.stderr.write(error.message)
        sys.exit(REFUSED)
    finally:
        database.close()


if __name__ == "__main__":
    main()
