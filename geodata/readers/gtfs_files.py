"""The files of a GTFS timetable (標準的なバス情報フォーマット): one or several zips or folders, one table per file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geodata.passing_folders import READING, passing_folder
from geodata.readers.sources import Table, unpacked
from geodata.readers.text_tables import read_csv
from kyodo_geo.errors import FileFormatError

NEEDED = ("stops", "routes", "trips", "stop_times")
DAYS = ("calendar", "calendar_dates")
WANTED = (*NEEDED, *DAYS, "frequencies")


@contextmanager
def opened(files: Sequence[Path], *, encoding: str | None, **_: Any) -> Iterator[list[Table]]:
    """The tables that are read; the others (fares, shapes, translations) are not looked at. A table may be empty.

    Raises `FileFormatError` where a timetable lacks a file it cannot do without.
    """
    with passing_folder(READING) as folder:
        found: list[Table] = []
        packed = [file for file in files if file.suffix.lower() != ".txt"]
        plain = [file for file in files if file.suffix.lower() == ".txt"]
        for number, group in enumerate([*([file] for file in packed), *([plain] if plain else [])]):
            members = {
                path.name.lower(): (path, shown)
                for file in group
                for path, shown in unpacked(file, Path(folder) / str(number))
                if path.name.lower().removesuffix(".txt") in WANTED and path.suffix.lower() == ".txt"
            }
            _complete(group[0].name, members)
            for name in WANTED:
                path, shown = members.get(f"{name}.txt", (None, ""))
                if path is not None and path.stat().st_size:
                    found.append(read_csv(path, shown, encoding))
        yield found


def feeds(tables: Sequence[Table]) -> list[tuple[str, dict[str, Table]]]:
    """(name of the file or folder, its tables by name), in the order of the files."""
    found: dict[str, dict[str, Table]] = {}
    for table in tables:
        place, _, name = table.source.rpartition("/")
        found.setdefault(place, {})[name.lower().removesuffix(".txt")] = table
    return list(found.items())


def _complete(shown: str, members: dict[str, Any]) -> None:
    missing = [f"{name}.txt" for name in NEEDED if f"{name}.txt" not in members]
    if not any(f"{name}.txt" in members for name in DAYS):
        missing.append("calendar.txt（または calendar_dates.txt）")
    if missing:
        raise FileFormatError(
            f"{shown} に {'、'.join(missing)} がありません。GTFS（標準的なバス情報フォーマット）のzipを指定してください。",
            file=shown,
        )
