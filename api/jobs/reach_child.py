"""The arrays of reach of one municipality in a process with bounded memory and time: `python -m api.jobs.reach_child`.

What it has to do stands on standard input (JSON: url, municipality, name of the arrays, memory, seconds, riding). SIGTERM
ends it; nothing is kept then, since what it makes is written in one transaction at the end.
"""

from __future__ import annotations

import sys

import orjson

from api.bounded import bound, end_with_parent


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told = orjson.loads(sys.stdin.buffer.read())
    bound(told["memory"], told["seconds"])

    import numpy as np

    from api import logs
    from geodata import reach_arrays, vacant_arrays
    from geodata.database import Database
    from kyodo_geo.errors import KyodoError
    from kyodo_geo.reach.transit import Riding

    logs.configure_child()
    database = Database(told["url"], max_size=2, statement_timeout_ms=120_000)
    try:
        if told["name"] == vacant_arrays.NAME:
            vacant_arrays.make(database, told["municipality"])
        else:
            riding = Riding.from_array(np.array(told["riding"]))
            reach_arrays.make(database, told["municipality"], riding)
    except KyodoError as error:
        logs.SERVICE.warning("%s of %s: %s", told["name"], told["municipality"], error.message)
        sys.exit(1)
    finally:
        database.close()


if __name__ == "__main__":
    main()
