"""Writes `geodata/frame_columns.json`: the columns of every table that datasets are loaded into, in table order.

`python -m geodata.frame_columns > geodata/frame_columns.json` after a migration of such a table; a test compares. So a web
process that compares two datasets needs no SQLAlchemy, whose tables take 15 MB of it.
"""

from __future__ import annotations

import json

from geodata.kind_tables import KIND_TABLES


def from_schema() -> dict[str, list[str]]:
    """Table → its columns without municipality, dataset and what the database computes."""
    from geodata.schema import metadata

    return {
        name: [
            column.name
            for column in metadata.tables[name].columns
            if column.name not in ("municipality_code", "dataset_id") and column.computed is None
        ]
        for name in sorted({spec.table for spec in KIND_TABLES.values()})
    }


def text() -> str:
    """The file as it should be."""
    rows = [f"  {json.dumps(name)}: {json.dumps(columns)}" for name, columns in from_schema().items()]
    return "{\n" + ",\n".join(rows) + "\n}\n"


if __name__ == "__main__":
    print(text(), end="")
