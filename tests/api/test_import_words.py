"""`kyodo-geo import association-rules` as an operator types it: what is shown, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from kyodo_geo.errors import FileFormatError
from tests.api.test_commands import run
from tests.unit.readers.files import csv

__all__ = ["run"]

Run = Callable[..., Result]
PRESIDENT, HOME = "鬼瓦権左衛門", "試験町四丁目98番76号"


def test_a_dry_run_shows_what_was_read_left_out_and_is_uncertain(run: Run, tmp_path: Path) -> None:
    path = csv(
        tmp_path / "list.csv",
        "町内会番号,町内会名,区域,会長名,会長住所\n"
        f"a11,第一,試験町1丁目1〜3番,{PRESIDENT},{HOME}\n"
        f"a12,第二,試験町二丁目の一部、試験町三丁目,{PRESIDENT},{HOME}\n"
        f"a21,第三,試験町二丁目5番から,{PRESIDENT},{HOME}\n",
    )
    out = run("import", "association-rules", str(path), "--format", "association-list", "--dry-run").output
    assert "個人に関する列は、読まずに捨てました（保存していません）: 会長名（3 件）、会長住所（3 件）" in out
    assert "2行" not in out and "3 行目「区域」1行1字目「試験町二丁目の一部」" in out
    assert "除外 list.csv の 4 行目「区域」: 1行11字目: 文が途中で終わっています" in out
    assert "規則のない町・字の数" in out and "保存はしていません" in out
    assert PRESIDENT not in out and "98番76号" not in out


def test_a_file_that_cannot_be_used_quotes_nobody(run: Run, tmp_path: Path) -> None:
    path = csv(tmp_path / "list.csv", f"第一,{PRESIDENT},{HOME}\n第二,{PRESIDENT},{HOME}\n")
    with pytest.raises(FileFormatError) as error:
        run("import", "association-rules", str(path), "--format", "association-list", "--dry-run")
    assert PRESIDENT not in error.value.message and "98番" not in error.value.message


def test_unknown_formats_are_named(run: Run, tmp_path: Path) -> None:
    path = csv(tmp_path / "list.csv", "町内会番号,区域\na11,試験町一丁目\n")
    with pytest.raises(Exception, match="kokuji-text"):
        run("import", "association-rules", str(path), "--format", "geolonia", "--dry-run")


def test_the_command_says_where_a_person_stands_and_not_who(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "kokuji.txt"
    path.write_text(
        f"名称　1-1町内会\n区域　試験町一丁目\n名称　1-2町内会\n区域　試験町二丁目\n"
        f"盛岡市{HOME}\n{PRESIDENT}\n019-999-9876\n",
        encoding="cp932",
    )
    result = run("import", "association-rules", str(path), "--format", "kokuji-text", "--dry-run")
    assert "除外 kokuji.txt の 4 行目「区域」" in result.output and "文は示しません" in result.output
    assert not [secret for secret in (PRESIDENT, "鬼瓦", "98番", "9876") if secret in result.output]
