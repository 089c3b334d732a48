# ruff: noqa: E501  (a table: one kind of file, one line)
"""Every hostile file × every reader that could meet it: read rightly or refused in Japanese, within 5 s of processor and
500 MB, nothing fetched, nothing quoted from elsewhere, nothing written outside the folder that is thrown away.

The default suite reads a share that is drawn once (`SEED`); `make test-full` reads all of them, and many more damaged ones.
"""

from __future__ import annotations

import random
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import tiles_world
from tests.hostile import archives, shapes, texts
from tests.hostile.bounded import MEGABYTES, SECONDS, Outcome, Server
from tests.hostile.cases import CASES, EITHER, READ, REFUSED, Case, World
from tests.unit.readers.gtfs import gtfs
from tests.unit.readers.test_osm_roads import HOME, SPOTS, pbf

SEED = 7
SHARE = 45
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
SECRET = "極秘の文"
SLOW = re.compile(
    "million|bomb|below-the-ratio|shared-strings|nested|large|many-|long-line|late-|xlsx-deep|overlapping"
)


@dataclass
class Ground:
    """Where the files are made and read, and who must hear nothing."""

    folder: Path
    quarantine: Path
    server: Server
    secret: Path
    listener: str
    heard: list[str] = field(default_factory=list)

    def read(self, case: Case, reader: str) -> Outcome:
        self.folder.mkdir()
        try:
            made = case.make(World(self.folder, self.secret, self.listener))
            before = self.around()
            outcome = self.server.read(reader, made if isinstance(made, list) else [made], **case.options)
            assert self.around() == before, "something was written beside the file"
        finally:
            shutil.rmtree(self.folder)
        return outcome

    def around(self) -> set[Path]:
        """Everything below the test's own folder but the quarantine, and what stands beside it."""
        base = self.folder.parent
        found = {path for path in base.rglob("*") if self.quarantine not in (path, *path.parents)}
        return (
            found
            | set(base.parent.iterdir())
            | {p for p in Path("/tmp").iterdir() if p.name.startswith("x.")}
        )


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    base = tmp_path_factory.mktemp("hostile")
    secret = base / "secret.csv"
    secret.write_text(f"名称,経度,緯度,種別\n{SECRET},141.1,39.7,集会所\n", encoding="utf-8")
    quarantine = base / "quarantine"
    quarantine.mkdir(mode=0o700)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        found = Ground(base / "files", quarantine, Server(quarantine), secret, address)

        def hear() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    found.heard.append(repr(connection.recv(100)))

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            found.server.close()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def check(ground: Ground, outcome: Outcome, ends: str, saying: str = "") -> None:
    assert not outcome.raised, outcome
    assert outcome.seconds <= SECONDS and outcome.megabytes <= MEGABYTES, outcome
    assert outcome.refused or outcome.rows
    assert ends == EITHER or outcome.refused == (ends == REFUSED), outcome
    if outcome.refused:
        assert JAPANESE.search(outcome.message) and saying in outcome.message, outcome
        assert len(outcome.message) < 3_000
    assert SECRET not in f"{outcome.message}{outcome.notes}"
    assert not ground.heard
    # What a reader unpacks it throws away, also when it refuses.
    assert not list(ground.quarantine.iterdir())


PAIRS = [(case, reader) for case in CASES for reader in case.readers]
ALWAYS = frozenset(
    {"pmtiles-loop", "gpkg-endless-view", "gpkg-fetching-view", "xlsx-laughs", "zip-links", "swapped-points"}
)
_quick = [pair for pair in PAIRS if not SLOW.search(pair[0].name) and pair[1] != "scenario"]
DEFAULT = [(case, case.readers[0]) for case in CASES if case.name in ALWAYS]
DEFAULT += [pair for pair in random.Random(SEED).sample(_quick, SHARE) if pair not in DEFAULT]


@pytest.mark.parametrize(
    ("case", "reader"),
    [
        pytest.param(case, reader, id=f"{case.name}-{reader}", marks=() if (case, reader) in DEFAULT else pytest.mark.full)
        for case, reader in PAIRS
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_or_read_rightly(ground: Ground, case: Case, reader: str) -> None:
    check(ground, ground.read(case, reader), case.ends, case.saying)


# -- damage to files that are fine


def _facilities(path: Path, encoding: str = "utf-8") -> Path:
    return texts.written(
        path, texts.table(*[texts.ROW.replace("城北", f"城北{n}") for n in range(40)]), encoding
    )


def _shapefile(path: Path) -> Path:
    parts = shapes.star_shapefile(path.with_name("b.shp"), shapes.SQUARE)
    return archives.packed(path, {f"b{p.suffix}": p.read_bytes() for p in parts.parent.glob("b.*")})


WHOLE: dict[str, tuple[str, str, Callable[[Path], Path]]] = {
    "csv": ("dataset:facilities", "a.csv", _facilities),
    "csv-cp932": ("dataset:facilities", "a.csv", lambda p: _facilities(p, "cp932")),
    "csv-batch": ("batch", "a.csv", _facilities),
    "records": ("records:asset-ledger", "a.csv", lambda p: texts.written(p, "番号,件名,取得年月日\n" + "1001,庁舎,S50.4.1\n" * 30)),
    "xlsx": ("dataset:facilities", "a.xlsx", archives.workbook),
    "xlsx-batch": ("batch", "a.xlsx", archives.workbook),
    "zip": ("dataset:facilities", "a.zip", lambda p: archives.packed(p, {"a.csv": archives.CENTRES * 20})),
    "geojson": ("dataset:associations", "a.geojson", lambda p: shapes.geojson(p, shapes.polygon(shapes.SQUARE))),
    "gpkg": ("dataset:facilities", "a.gpkg", shapes.point_package),
    "shp": ("dataset:districts", "a.zip", _shapefile),
    "gtfs": ("dataset:bus-timetable", "a.zip", gtfs),
    "pbf": ("dataset:drive-network", "a.osm.pbf", lambda p: pbf(p, {1: ([1, 2, 3], HOME), 2: ([3, 5, 6], HOME)}, SPOTS)),
    "pmtiles": ("tiles", "a.pmtiles", lambda p: tiles_world.pmtiles(p, {(10, 913, 388): tiles_world.png(10, 913, 388)})),
    "mbtiles": ("tiles", "a.mbtiles", lambda p: tiles_world.mbtiles(p, {(10, 913, 388): tiles_world.png(10, 913, 388)})),
    "holidays": ("holidays", "a.csv", lambda p: texts.written(p, "国民の祝日・休日月日,名称\n2026/1/1,元日\n", "cp932")),
    "kokuji": ("dataset:association-rules", "a.txt", lambda p: texts.written(p, "城北町内会\nみたけ一丁目1番から5番まで\n" * 10)),
    "links": ("links", "a.csv", lambda p: texts.written(p, "事業所番号,事業所名,電話,メール,担当者,利用者名\nA1,店,,,見本,a1.x\n")),
}  # fmt: skip


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize(
    "seeds", [range(3), pytest.param(range(3, 60), marks=pytest.mark.full)], ids=["few", "many"]
)
def test_a_damaged_file_is_refused_or_read(ground: Ground, name: str, seeds: range) -> None:
    reader, called, make = WHOLE[name]

    def broken(seed: int) -> Callable[[World], Path]:
        def made(world: World) -> Path:
            path = make(world.at(called))
            path.write_bytes(texts.damaged(path.read_bytes(), seed))
            return path

        return made

    options = {"format": "kokuji-text"} if name == "kokuji" else {}
    for seed in seeds:
        case = Case(f"{name} {seed}", broken(seed), (reader,), EITHER, options=options)
        check(ground, ground.read(case, reader), EITHER)


def test_the_table_itself_can_fail(ground: Ground) -> None:
    """A file that is fine is read, one that waits for ever is told: the server sees both."""
    good = Case("good", lambda w: _facilities(w.at("a.csv")), ("dataset:facilities",), READ)
    assert ground.read(good, "dataset:facilities").rows == 40
    with pytest.raises(AssertionError):
        check(ground, Outcome(1, "", "", (f"{SECRET}",), 0.1, 100), READ)
    with pytest.raises(AssertionError):
        check(ground, Outcome(None, "", "KeyError: x", (), 0.1, 100), EITHER)
    assert {reader for _, reader in DEFAULT} >= {"batch", "dataset:facilities", "tiles"}
