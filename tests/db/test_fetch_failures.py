"""What goes wrong on the way, and that nothing is half done then."""

from __future__ import annotations

import pytest

from tests import originals
from tests.fetch_program import Program, city, program, server
from tests.fetch_server import Server, in_turn, status, whole

__all__ = ["city", "program", "server"]


@pytest.mark.parametrize(
    ("source", "content", "said"),
    [
        ("small-areas", None, "見つかりません"),
        ("towns", b"<!DOCTYPE html><html>", "Web ページ"),
        ("blocks", b"PK\x03\x04 broken", "ZIP として開けません"),
        ("outline", originals.zipped({"N03-20250101_03.geojson": originals.geojson([])}), "ありません"),
        (
            "shelters",
            originals.geojson([({"共通ID": "1"}, {"type": "Point", "coordinates": [1, 1]})]),
            "受入対象者",
        ),
    ],
)
def test_one_bad_source_and_nothing_is_loaded(
    program: Program, city: Server, source: str, content: bytes | None, said: str
) -> None:
    city.routes[f"/{source}"] = status(404) if content is None else whole(content)
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_wrong_totals_are_refused_before_the_load(program: Program) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(text.replace("JINKO = 100", "JINKO = 101"), encoding="utf-8")
    done = program.fetch("--activate")
    assert done.returncode == 1
    assert "合計が 100" in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_totals_lost_in_reading_are_refused_too(program: Program) -> None:
    text = program.table.read_text(encoding="utf-8")
    program.table.write_text(text.replace("people = 100", "people = 99"), encoding="utf-8")
    done = program.fetch("--only", "small-areas")
    assert done.returncode == 1
    assert "読み込むと「people」の合計が 100" in done.stderr
    assert program.query("SELECT count(*) AS n FROM dataset") == [{"n": 0}]


def test_a_stumbling_server_does_not_matter(program: Program, city: Server) -> None:
    content = originals.towns()
    city.routes["/towns"] = in_turn(
        status(503, Retry_After="0"), whole(content, etag='"t"', cut_after=100), whole(content, etag='"t"')
    )
    done = program.fetch("--only", "towns")
    assert done.returncode == 0, done.stderr
    assert "HTTP 503" in done.stderr
    assert "切れました" in done.stderr


def test_a_later_failure_leaves_the_active_generation_whole(program: Program, city: Server) -> None:
    assert program.fetch("--activate").returncode == 0
    before = {kind: row["dataset_id"] for kind, row in program.active().items()}
    # Valid as files, but the assignment names areas that do not exist: found only when it is read against them.
    city.routes["/assignment"] = whole(originals.assignment().replace(b"0320100", b"0320199"), etag='"x"')
    done = program.fetch("--activate", "--accept-changed")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert {kind: row["dataset_id"] for kind, row in program.active().items()} == before
