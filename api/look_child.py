"""Looks one uploaded table through in a process of its own with bounded memory and time: `python -m api.look_child`.

Standard input is a JSON line (`files`: one `name` and `fd`, `memory`, `seconds`, `most`: rows at most, or null for the
batch's own limit); the table is the open file with that number. Out come its kind, number of rows, headings and first rows
(with `most`: all rows) as JSON; a refusal is told on standard error (`api.bounded.give_up`).
"""

from __future__ import annotations

import os
import sys
from typing import Any

import orjson

from api.bounded import bound, end_with_parent, give_up
from kyodo_geo.errors import KyodoError

PREVIEW_ROWS = 5
PREVIEW_CELL = 60


def looked(source: Any, *, whole: bool) -> dict[str, Any]:
    """What a page shows of the table before its column is chosen; with `whole` the whole table."""
    from geodata.batch.source import guess_column

    header = source.shape.header
    if whole:
        texts = [[source.text(cell) for cell in row] for row in source.rows() if row]
        return {
            "kind": source.shape.kind,
            "rows": source.shape.rows,
            "preview": {"header": header, "rows": texts},
        }
    rows = []
    for row in source.rows():
        if row:
            texts = [source.text(cell)[:PREVIEW_CELL] for cell in row]
            rows.append(texts + [""] * (len(header) - len(texts)))
        if len(rows) == PREVIEW_ROWS:
            break
    preview = {"header": header, "rows": rows, "guess": guess_column(header)}
    return {"kind": source.shape.kind, "rows": source.shape.rows, "preview": preview}


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told = orjson.loads(sys.stdin.buffer.readline())
    bound(told["memory"], told["seconds"])

    from geodata.batch.files import open_source
    from geodata.batch.source import MAX_ROWS

    (file,) = told["files"]
    try:
        with os.fdopen(file["fd"], "rb") as stream:
            source = open_source(stream, file["name"], max_rows=told["most"] or MAX_ROWS)
            found = looked(source, whole=told["most"] is not None)
    except KyodoError as error:
        give_up(error)
    sys.stdout.buffer.write(orjson.dumps(found, default=str))


if __name__ == "__main__":
    main()
