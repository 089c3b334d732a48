"""Reads filled forms in a process of its own with bounded memory and time: `python -m api.form_child`.

Standard input is a JSON line (`files`: name and fd of each upload, `memory`, `seconds`); out comes one JSON list: for each
workbook its name and either what it says (`said`, `rows`) or why it is refused (`refused`).
"""

from __future__ import annotations

import os
import sys
from dataclasses import astuple
from typing import Any

import orjson

from api.bounded import bound, end_with_parent
from kyodo_geo.errors import FileFormatError


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told = orjson.loads(sys.stdin.buffer.readline())
    bound(told["memory"], told["seconds"])

    from geodata.form_files import files_in, read_form

    found: list[dict[str, Any]] = []
    for file in told["files"]:
        with os.fdopen(file["fd"], "rb") as stream:
            try:
                for name, content in files_in(stream, file["name"]):
                    if isinstance(content, FileFormatError):
                        found.append({"name": name, "refused": content.message})
                        continue
                    try:
                        said, rows = read_form(content, name)
                        found.append({"name": name, "said": said, "rows": [astuple(row) for row in rows]})
                    except FileFormatError as error:
                        found.append({"name": name, "refused": error.message})
            except FileFormatError as error:
                found.append({"name": file["name"], "refused": error.message})
    sys.stdout.buffer.write(orjson.dumps(found))


if __name__ == "__main__":
    main()
