"""Archives between the download and the load: whole, harmless, with what is wanted inside."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from geodata.fetch.sources import Source
from geodata.fetch.state import sha256_of
from kyodo_geo.errors import FileFormatError
from tests.fetch_server import Server, in_turn, whole, zipped
from tests.unit.test_fetch_collect import CSV, bring, left_over, server, source_at

__all__ = ["server"]


def archived(server: Server, *members: str, **more: object) -> Source:
    return source_at(server, filename="a.zip", members=members or ("*.csv",), **more)


def test_the_wanted_members_are_unpacked_whatever_their_folders(server: Server, tmp_path: Path) -> None:
    packed = zipped({"x-1.0\\data.CSV": CSV, "x-1.0\\format.html": b"<html>", "../../evil.csv.txt": b"no"})
    server.routes["/a"] = whole(packed)
    got = bring(archived(server), tmp_path)
    assert got.files == (tmp_path / "unpacked" / "a" / "data.CSV",)
    assert got.sha256 == sha256_of(tmp_path / "a.zip")
    assert not (tmp_path.parent / "evil.csv.txt").exists()


def test_a_member_outside_the_archive_is_written_inside(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(zipped({"..\\../up.csv": CSV}))
    assert bring(archived(server), tmp_path).files == (tmp_path / "unpacked" / "a" / "up.csv",)


def test_wrong_bytes_inside_an_archive_are_found_by_their_crc(server: Server, tmp_path: Path) -> None:
    packed = zipped({"data.csv": CSV})
    server.routes["/a"] = whole(packed.replace("町1".encode(), "町9".encode()))
    with pytest.raises(FileFormatError, match="CRC"):
        bring(archived(server), tmp_path)
    assert left_over(tmp_path) == set()


@pytest.mark.parametrize("end", [10, -1, -30])
def test_an_archive_without_its_end_is_no_archive(server: Server, tmp_path: Path, end: int) -> None:
    server.routes["/a"] = whole(zipped({"data.csv": CSV})[:end])
    with pytest.raises(FileFormatError, match="ZIP として開けません"):
        bring(archived(server), tmp_path)


def test_halves_that_do_not_fit_are_brought_again_from_the_start(server: Server, tmp_path: Path) -> None:
    packed = zipped({"data.csv": CSV})
    other = zipped({"data.csv": CSV.replace("町".encode(), "村".encode())})
    # A careless server: it changed the file and still calls it "v1".
    server.routes["/a"] = in_turn(whole(packed, cut_after=60), whole(other), whole(other))
    got = bring(archived(server), tmp_path)
    assert got.files[0].read_text(encoding="utf-8").startswith("name,people\n村0")
    assert [headers.get("Range") for headers in server.asked("/a")] == [None, "bytes=60-", None]


@pytest.mark.parametrize(
    ("members", "patterns", "said"),
    [
        ({"data.csv": CSV}, ("*.shp",), r"\*\.shp がありません"),
        ({"a.csv": CSV, "b.csv": CSV}, ("*.csv",), "複数"),
        ({"a.csv": CSV}, ("*.csv", "*.prj"), r"\*\.prj がありません"),
    ],
)
def test_an_archive_must_hold_what_is_wanted(
    server: Server, tmp_path: Path, members: dict[str, bytes], patterns: tuple[str, ...], said: str
) -> None:
    server.routes["/a"] = whole(zipped(members))
    with pytest.raises(FileFormatError, match=said):
        bring(archived(server, *patterns), tmp_path)


def test_an_archive_that_would_fill_the_disk_is_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("geodata.fetch.archive.MAX_UNPACKED_BYTES", 10)
    server.routes["/a"] = whole(zipped({"data.csv": CSV}))
    with pytest.raises(FileFormatError, match="大きく"):
        bring(archived(server), tmp_path)


def test_an_archive_with_a_password_is_refused(server: Server, tmp_path: Path) -> None:
    packed = bytearray(zipped({"data.csv": CSV}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1  # general purpose bit 0 in the central directory
    server.routes["/a"] = whole(bytes(packed))
    with pytest.raises(FileFormatError, match="パスワード"):
        bring(archived(server), tmp_path)


def test_the_as_of_date_is_the_end_of_the_period_in_the_metadata(server: Server, tmp_path: Path) -> None:
    meta = b"<extent><begin>2024-07-01</begin><end>2025-06-30</end></extent>"
    server.routes["/a"] = whole(zipped({"x\\data.csv": CSV, "x\\META_03.xml": meta}))
    assert bring(archived(server, as_of_member="META*.xml"), tmp_path).as_of == date(2025, 6, 30)


@pytest.mark.parametrize("meta", [b"<xml/>", b"<end>2025-99-99</end>"])
def test_without_a_readable_period_the_as_of_date_is_unknown(
    server: Server, tmp_path: Path, meta: bytes
) -> None:
    server.routes["/a"] = whole(zipped({"data.csv": CSV, "META_03.xml": meta}))
    assert bring(archived(server, as_of_member="META*.xml"), tmp_path).as_of is None


def test_the_helper_makes_real_archives(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a\\b.csv": CSV}))
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["a\\b.csv"]
        assert archive.testzip() is None
