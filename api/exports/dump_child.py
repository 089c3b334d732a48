"""The dump of one generation in a process with bounded memory and time: `python -m api.exports.dump_child`.

What it has to do stands on standard input (JSON: url, municipality, generation, root, limit, folder, memory, seconds).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import orjson

from api.bounded import bound, give_up


def main() -> None:
    """Bounds first, then the libraries."""
    told = orjson.loads(sys.stdin.buffer.read())
    bound(told["memory"], told["seconds"])
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
        give_up(error)
    finally:
        database.close()


if __name__ == "__main__":
    main()
