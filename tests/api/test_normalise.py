"""`kyodo-geo normalise` on a folder of two municipalities."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from geodata.town_folder import TownFolder
from kyodo_geo.addresses import Municipality
from kyodo_geo.errors import FileFormatError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    towns = {
        "岩手県/盛岡市": [{"town": "みたけ三丁目", "koaza": "", "lat": 39.74, "lng": 141.12}],
        "京都府/長岡京市": [{"town": "下海印寺", "koaza": "方丸", "lat": 34.9, "lng": 135.7}],
    }
    for name, items in towns.items():
        path = tmp_path / f"{name}.json"
        path.parent.mkdir()
        path.write_text(json.dumps(items), encoding="utf-8")
    return tmp_path


def rows(output: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(output)))


def test_addresses_from_the_command_line(folder: Path) -> None:
    done = CliRunner().invoke(app, ["normalise", str(folder), "盛岡市みたけ3-12-1", "下海印寺方丸１４"])
    assert done.exit_code == 0, done.output
    found, unknown = rows(done.stdout)
    assert [found[key] for key in ("outcome", "municipality", "town", "block", "house", "lon")] == [
        "one", "岩手県盛岡市", "みたけ三丁目", "12", "1", "141.12",
    ]  # fmt: skip
    assert (unknown["outcome"], unknown["town"]) == ("not_understood", "")
    assert "市区町村" in unknown["message"]


def test_addresses_from_standard_input(folder: Path) -> None:
    done = CliRunner().invoke(app, ["normalise", str(folder)], input="長岡京市下海印寺方丸14-8\n=1+1\n")
    one, formula = rows(done.stdout)
    assert (one["municipality"], one["town"], one["koaza"]) == ("京都府長岡京市", "下海印寺方丸", "方丸")
    assert formula["address"] == "'=1+1"


def test_a_folder_without_towns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        TownFolder(tmp_path)


@pytest.mark.parametrize("content", ["", "{", '{"town": 1}', "[1]", '[{"koaza": "x"}]', "\udce3"])
def test_a_file_that_cannot_be_read_is_named(folder: Path, content: str) -> None:
    path = folder / "岩手県" / "盛岡市.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(FileFormatError, match="盛岡市"):
        TownFolder(folder).towns(Municipality("岩手県", "盛岡市"))
