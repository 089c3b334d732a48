"""A file that changes while it is read, or has a bit flipped: nothing half is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from geodata.database import Database
from geodata.importing import ImportOptions, import_files
from geodata.readers import sources
from kyodo_geo.errors import ConflictError, KyodoError
from tests.db.test_kills import stored
from tests.factories import CODE, meta
from tests.fixtures_db import DatabaseUrls


def table(path: Path, rows: int = 20) -> Path:
    path.write_text(
        "町名,経度,緯度\n" + "".join(f"町{n},141.1,39.7\n" for n in range(rows)), encoding="utf-8"
    )
    return path


@pytest.mark.parametrize("how", ["written on", "replaced", "removed"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    db: Database, database: DatabaseUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    path = table(tmp_path / "t.csv")
    before = stored(database)
    real = sources._table

    def reading(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        if how == "written on":
            with path.open("a", encoding="utf-8") as out:
                out.write("新町,141.1,39.7\n")
        elif how == "replaced":
            table(tmp_path / "new.csv", 5).rename(path)
        else:
            path.unlink()
        return found

    monkeypatch.setattr(sources, "_table", reading)
    with pytest.raises(ConflictError, match="書き換えられました"):
        import_files(db, CODE, "towns", [path], meta(), ImportOptions())
    assert stored(database) == before
    monkeypatch.undo()
    import_files(db, CODE, "towns", [table(path)], meta(), ImportOptions())
    assert stored(database)["town"] == 20


def test_a_flipped_bit_anywhere_is_refused_or_read_whole(
    db: Database, database: DatabaseUrls, tmp_path: Path
) -> None:
    """What is stored has as many rows as it says, or there is nothing."""
    good = table(tmp_path / "t.csv").read_bytes()
    taken = 0
    for at in range(0, len(good), 41):
        spoilt = bytearray(good)
        spoilt[at] ^= 1 << (at % 8)
        path = tmp_path / "s.csv"
        path.write_bytes(spoilt)
        before = stored(database)
        try:
            done = import_files(db, CODE, "towns", [path], meta(), ImportOptions())
        except KyodoError:
            assert stored(database) == before
            continue
        taken += 1
        after = stored(database)
        assert after["town"] - before["town"] == done.stored[0].rows
        assert after["dataset"] == before["dataset"] + 1
    assert taken > 0
