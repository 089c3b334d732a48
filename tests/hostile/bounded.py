"""Reads one file in a process of its own and measures what it needed: the forked child of a server that has the libraries
loaded already, so that a case costs milliseconds.

`python -m tests.hostile.bounded` is the server: one line of JSON in (reader, files, options), one out (see `Outcome`).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CITY = "03201"
SECONDS = 5.0
MEGABYTES = 500
"""What a reader may need for a file that it refuses or reads: the bars of the issue."""
GIVE_UP_S = 300
"""Wall time after which a child is ended; a busy machine must not look like an endless loop."""
GIVE_UP_CPU_S = 12
GIVE_UP_BYTES = 4 << 30
"""Bounds well above the bars: what needs more is ended."""


@dataclass(frozen=True)
class Outcome:
    """`rows` of a file that was read, else `message` (a refusal) or `raised` (anything else: a fault of ours)."""

    rows: int | None
    message: str
    raised: str
    notes: tuple[str, ...]
    seconds: float
    megabytes: float

    @property
    def refused(self) -> bool:
        return self.rows is None and bool(self.message)


class Server:
    """One server for a module's tests."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where the readers unpack."""
        environment = {**os.environ, "TMPDIR": str(folder)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.hostile.bounded"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2], env=environment,
        )  # fmt: skip

    def read(self, reader: str, files: Sequence[Path], **options: Any) -> Outcome:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([reader, [str(file) for file in files], options]) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return Outcome(**{**told, "notes": tuple(told["notes"])})

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(GIVE_UP_S)
        self._process.stdout.close()


def use(reader: str, files: list[Path], options: dict[str, Any]) -> tuple[int, tuple[str, ...]]:
    """(rows, what the report says) of the files by one of the readers; raises what the reader raises."""
    what, _, kind = reader.partition(":")
    if what == "tiles":
        from geodata.tiles import open_tiles

        source = open_tiles(files[0])
        try:
            # Every part of the file that a request can reach.
            for z in range(source.info.min_zoom, source.info.max_zoom + 1):
                source.tile(z, 2**z // 2, 2**z // 2)
            return 1, ()
        finally:
            source.close()
    if what == "holidays":
        from geodata.holidays import read_holidays

        return len(read_holidays(files[0])), ()
    if what == "batch":
        from geodata.batch.files import open_source

        with files[0].open("rb") as stream:
            source_of_rows = open_source(stream, files[0].name)
            return sum(1 for _ in source_of_rows.rows()), ()
    if what == "scenario":
        from api.scenario_edit.files import read as read_scenario

        with files[0].open("rb") as stream:
            return len(read_scenario(stream, files[0].name, {})), ()
    if what == "links":
        from api.office_list import read_office_list

        return len(read_office_list(files[0].read_bytes())), ()
    if what == "records":
        from geodata.importing import ImportOptions
        from geodata.record_files import storing

        report, _, _ = storing._read(CITY, kind, storing.record_kind(kind), files, ImportOptions(**options))
        return max(report.rows_read - report.count("rejected"), 0), tuple(report.summary_ja())
    from shapely import box

    from geodata.readers import ReadContext, read

    outline = box(141.0, 39.6, 141.3, 39.9) if options.pop("outline", False) else None
    result = read(kind, files, municipality=CITY, context=ReadContext(outline=outline), **options)
    return len(result.frame), (*result.report.notes, *(item.text_ja() for item in result.report.rejected[:5]))


def _child(reader: str, files: list[Path], options: dict[str, Any], out: int) -> None:
    from kyodo_geo.errors import KyodoError

    told: dict[str, Any] = {"rows": None, "message": "", "raised": "", "notes": []}
    try:
        told["rows"], notes = use(reader, files, options)
        told["notes"] = list(notes)
    except KyodoError as error:
        told["message"] = error.message
    except BaseException as error:
        told["raised"] = f"{type(error).__name__}: {str(error)[:300]}"
    os.write(out, json.dumps(told).encode()[:60_000])
    os._exit(0)


def main() -> None:
    import geopandas  # noqa: F401
    import openpyxl  # noqa: F401
    import osmium  # noqa: F401
    import pyogrio  # noqa: F401

    import api.office_list
    import api.scenario_edit.files  # noqa: F401
    from geodata.batch import csv_file, xlsx_file  # noqa: F401
    from geodata.readers import osm_roads, spreadsheets, text_tables, vector  # noqa: F401
    from geodata.record_files import storing  # noqa: F401
    from geodata.tiles import mbtiles, pmtiles  # noqa: F401

    for line in sys.stdin:
        reader, names, options = json.loads(line)
        given, out = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(given)
            signal.alarm(GIVE_UP_S)
            resource.setrlimit(resource.RLIMIT_CPU, (GIVE_UP_CPU_S, GIVE_UP_CPU_S))
            resource.setrlimit(resource.RLIMIT_AS, (GIVE_UP_BYTES, GIVE_UP_BYTES))
            _child(reader, [Path(name) for name in names], options, out)
        os.close(out)
        content = b""
        while piece := os.read(given, 1 << 16):
            content += piece
        os.close(given)
        _, status, used = os.wait4(pid, 0)
        told = json.loads(content) if content else {
            "rows": None, "message": "", "raised": f"ended by {os.waitstatus_to_exitcode(status)}", "notes": [],
        }  # fmt: skip
        told |= {"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
