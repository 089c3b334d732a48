"""An uploaded table is looked through by a child with bounds: the web process opens none, and outlives every one."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from api import looking
from kyodo_geo.errors import FileFormatError
from tests.hostile import archives

TABLE = "番号,住所\r\n1,内丸1-1\r\n2,みたけ3-1\r\n".encode("cp932")


def test_what_the_page_shows_comes_back() -> None:
    found = looking.look(io.BytesIO(TABLE), "顧客.csv")
    assert (found.kind, found.rows) == ("csv", 2)
    assert found.preview == {
        "header": ["番号", "住所"], "rows": [["1", "内丸1-1"], ["2", "みたけ3-1"]], "guess": 1,
    }  # fmt: skip


def test_a_refusal_is_the_readers_own_sentence() -> None:
    with pytest.raises(FileFormatError, match="壊れています"):
        looking.look(io.BytesIO(b"PK\x03\x04 no"), "a.xlsx")


def test_a_table_that_needs_too_much_ends_its_child_and_is_told(tmp_path: Path) -> None:
    path = archives.workbook(tmp_path / "a.xlsx", strings="<si><t>a</t></si>" * 400_000)
    with path.open("rb") as stream, pytest.raises(FileFormatError, match="メモリか時間"):
        looking.look(stream, "a.xlsx", memory=120 << 20)
    with path.open("rb") as stream:
        assert looking.look(stream, "a.xlsx").rows == 1  # the same one within the service's own bounds


def test_neither_arguments_nor_environment_nor_a_name_show_the_file(monkeypatch) -> None:
    seen: dict[str, object] = {}
    real = subprocess.run

    def run(arguments, **options):
        seen.update(arguments=arguments, environment=options["env"])
        seen["where"] = Path(f"/proc/self/fd/{options['pass_fds'][0]}").readlink()
        return real(arguments, **options)

    monkeypatch.setenv("KYODO_SMTP_PASSWORD", "hidden")
    monkeypatch.setattr(looking.subprocess, "run", run)
    looking.look(io.BytesIO(TABLE), "顧客.csv")
    assert seen["arguments"] == [sys.executable, "-m", "api.look_child"]
    assert "hidden" not in str(seen["environment"])
    assert "顧客" not in str(seen) and "(deleted)" in str(seen["where"])


def test_the_web_process_has_no_reader_of_tables() -> None:
    code = (
        "import sys, api.app, api.uploads, api.looking; "
        "print([m for m in sys.modules if m.startswith(('openpyxl', 'geodata.batch.'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
