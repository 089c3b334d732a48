"""Checks between the download and the load: form, contents, sha256, state, one at a time."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from geodata.fetch.collect import Collected, How, collect, is_confirmed
from geodata.fetch.download import Limits
from geodata.fetch.sources import Check, Source
from geodata.fetch.state import State, exclusive, sha256_of
from kyodo_geo.errors import ConflictError, FileFormatError, KyodoError, NotFoundError, UnavailableError
from tests import fetch_server
from tests.fetch_server import Server, in_turn, status, table, whole
from tests.unit.test_fetch_download import Told

QUICK = Limits(attempts=3, first_wait_s=0.01, longest_wait_s=0.02, connect_s=10, silence_s=10)
CSV = table(rows=3, each=10)
TOTALS = Check(columns=("name",), rows=3, totals={"people": 30})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with fetch_server.running() as found:
        yield found


def source_at(server: Server, **more: object) -> Source:
    plain = Source(
        "a", "towns", "試験の町", "s", "l", "a", url=server.url("/a"), filename="a.csv", check=TOTALS
    )
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


def bring(source: Source, folder: Path, *, offline: bool = False, accept_changed: bool = False) -> Collected:
    (got,) = collect(
        [source], folder, watch=Told(), limits=QUICK, offline=offline, accept_changed=accept_changed
    )
    return got


def left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {"fetched.json", ".lock", "unpacked"}


def test_a_checked_file_gets_its_name_and_a_record(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    got = bring(source_at(server), tmp_path / "new" / "folder")
    folder = tmp_path / "new" / "folder"
    assert got.how is How.FIRST
    assert got.found == {"行": 3, "people": 30}
    assert got.files == (folder / "a.csv",)
    assert got.sha256 == sha256_of(folder / "a.csv")
    assert left_over(folder) == {"a.csv"}
    record = State(folder).get("a", server.url("/a"))
    assert record is not None
    assert (record.sha256, record.first_sha256, record.etag) == (got.sha256, got.sha256, '"v1"')


def test_a_second_run_only_asks_whether_it_is_current(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    first = bring(source_at(server), tmp_path)
    second = bring(source_at(server), tmp_path)
    assert (second.how, second.sha256) == (How.SAME, first.sha256)
    assert server.asked("/a")[1]["If-None-Match"] == '"v1"'


def test_the_same_bytes_sent_again_are_no_change(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV, etag=None)
    bring(source_at(server), tmp_path)
    assert bring(source_at(server), tmp_path).how is How.SAME


def test_a_damaged_local_file_is_brought_again(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    bring(source_at(server), tmp_path)
    (tmp_path / "a.csv").write_bytes(b"damaged")
    assert bring(source_at(server), tmp_path).how is How.SAME
    assert (tmp_path / "a.csv").read_bytes() == CSV


# -- changes ------------------------------------------------------------------------------------------------


def test_changed_content_is_reported_and_needs_a_word(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    before = bring(source_at(server), tmp_path)
    changed = CSV.replace("町0".encode(), "村0".encode())
    server.routes["/a"] = whole(changed, etag='"v2"')
    with pytest.raises(ConflictError, match="--accept-changed") as caught:
        bring(source_at(server), tmp_path)
    assert caught.value.details["recorded"] == before.sha256
    assert (tmp_path / "a.csv").read_bytes() == CSV
    assert (tmp_path / "a.csv.changed").read_bytes() == changed
    assert State(tmp_path).get("a", None).sha256 == before.sha256  # type: ignore[union-attr]

    after = bring(source_at(server), tmp_path, accept_changed=True)
    assert after.how is How.CHANGED
    record = State(tmp_path).get("a", None)
    assert record is not None
    assert (record.first_sha256, record.sha256) == (before.sha256, after.sha256)
    assert [sha for _, sha in record.changes] == [after.sha256]
    assert bring(source_at(server), tmp_path).how is How.SAME


def test_another_address_is_another_file_and_no_change(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    bring(source_at(server), tmp_path)
    server.routes["/2026"] = whole(CSV.replace("町0".encode(), "村0".encode()))
    assert bring(source_at(server, url=server.url("/2026")), tmp_path).how is How.FIRST


def test_a_pinned_sha256_is_held_even_at_the_first_download(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    with pytest.raises(ConflictError, match="取得元の表"):
        bring(source_at(server, sha256="0" * 64), tmp_path)
    assert left_over(tmp_path) == {"a.csv.changed"}


# -- contents -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "check", "said"),
    [
        (table(rows=2), TOTALS, "行の数が 2"),
        (table(rows=3, each=11), TOTALS, "合計が 33"),
        (b"name\nx\ny\nz\n", TOTALS, "people"),
        (b"name,people\na,10\nb,ten\nc,10\n", TOTALS, "ten"),
        (table(rows=1), Check(rows_min=2), "少なくとも 2"),
        (table(), Check(where={"name": "無い町"}), "0 しか"),
        (b"", Check(), "空です"),
        (b"\xff\xfe\x00\x01", Check(), "読めません"),
        (b"<!DOCTYPE html><html></html>", Check(), "Web ページ"),
    ],
)
def test_content_that_differs_is_refused_and_leaves_nothing(
    server: Server, tmp_path: Path, content: bytes, check: Check, said: str
) -> None:
    server.routes["/a"] = whole(content)
    with pytest.raises(FileFormatError, match=said):
        bring(source_at(server, check=check), tmp_path)
    assert left_over(tmp_path) == set()


def test_only_the_rows_asked_for_count(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(b"city,people\n03201,10\n03202,99\n03201,5\n")
    check = Check(where={"city": "03201"}, rows=2, totals={"people": 15})
    assert bring(source_at(server, check=check), tmp_path).found == {"行": 2, "people": 15}


def test_a_good_file_stays_when_a_bad_one_comes(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = in_turn(whole(CSV), whole(table(rows=9), etag='"v2"'))
    bring(source_at(server), tmp_path)
    with pytest.raises(FileFormatError):
        bring(source_at(server), tmp_path, accept_changed=True)
    assert (tmp_path / "a.csv").read_bytes() == CSV


# -- closed networks, states, disks -------------------------------------------------------------------------


def test_a_folder_that_was_carried_in_needs_no_network(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    bring(source_at(server), tmp_path)
    asked = len(server.seen)
    got = bring(source_at(server), tmp_path, offline=True)
    assert got.how is How.KEPT
    assert len(server.seen) == asked


def test_a_bare_file_that_was_carried_in_is_checked_and_recorded(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    assert bring(source_at(server), tmp_path, offline=True).how is How.KEPT
    assert State(tmp_path).get("a", server.url("/a")) is not None
    (tmp_path / "a.csv").write_bytes(CSV + b"x,0\n")
    with pytest.raises(ConflictError, match="写し間違い"):
        bring(source_at(server), tmp_path, offline=True)


@pytest.mark.parametrize("content", [None, table(rows=1), b"<html>"])
def test_offline_refuses_what_is_missing_or_wrong(
    server: Server, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(KyodoError):
        bring(source_at(server), tmp_path, offline=True)
    assert not server.seen


def test_an_address_counts_as_confirmed_once_it_has_worked(server: Server, tmp_path: Path) -> None:
    source = source_at(server)
    assert not is_confirmed(source, tmp_path / "none")
    server.routes["/a"] = in_turn(status(404), whole(CSV))
    with pytest.raises(NotFoundError):
        bring(source, tmp_path)
    assert not is_confirmed(source, tmp_path)
    bring(source, tmp_path)
    assert is_confirmed(source, tmp_path)
    assert not is_confirmed(dataclasses.replace(source, url=server.url("/b")), tmp_path)


def test_only_one_fetch_runs_in_a_folder(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    with exclusive(tmp_path), pytest.raises(ConflictError, match="別の fetch"):
        bring(source_at(server), tmp_path)
    assert bring(source_at(server), tmp_path).how is How.FIRST


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"version": 9, "sources": {}}', '{"version": 1, "sources": {"a": {}}}']
)
def test_an_unreadable_record_is_not_silently_replaced(server: Server, tmp_path: Path, text: str) -> None:
    server.routes["/a"] = whole(CSV)
    (tmp_path / "fetched.json").write_text(text)
    with pytest.raises(FileFormatError, match="取得の記録"):
        bring(source_at(server), tmp_path)
    assert (tmp_path / "fetched.json").read_text() == text


def test_the_record_is_plain_json_for_people(server: Server, tmp_path: Path) -> None:
    server.routes["/a"] = whole(CSV)
    bring(source_at(server), tmp_path)
    kept = json.loads((tmp_path / "fetched.json").read_text())["sources"]["a"]
    assert kept["filename"] == "a.csv"
    assert kept["size"] == len(CSV)


def test_a_folder_that_cannot_be_made_is_said(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UnavailableError, match="--dir"):
        bring(source_at(server), tmp_path / "file" / "folder")


def test_a_full_disk_is_noticed_before_the_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.routes["/a"] = whole(CSV)
    monkeypatch.setattr("geodata.fetch.download._SPARE_BYTES", 10**18)
    with pytest.raises(UnavailableError, match="空き容量"):
        bring(source_at(server), tmp_path)
