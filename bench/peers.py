"""jageocoder, with a dictionary that its own converter builds from the same rows as our gazetteer.

Installed into a virtual environment of its own under `.cache/bench-peers`; when that fails (no index), the peer is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import scoring
from kyodo_geo.addresses import official, split_town
from kyodo_geo.lookup_types import Town

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / ".cache" / "bench-peers"


@dataclass(frozen=True)
class Measured:
    """What is known of the peer after one run."""

    score: str
    as_written: str
    per_second: float
    worst_ms: float
    memory_mb: float


@dataclass(frozen=True)
class Peer:
    """An installed peer: its interpreter, and a folder to work in."""

    name: str
    python: Path
    work: Path

    def morioka(self, towns: Iterable[Town], truth: Path, tool: Path, hostile: Sequence[str]) -> Measured:
        """Build its dictionary, ask it the table of Morioka and the hostile texts, score its answers."""
        texts = self.work / "peer-texts"
        texts.mkdir()
        (texts / "03_towns.txt").write_text("\n".join(_lines(towns)) + "\n", encoding="utf-8")
        answers, hostile_texts, db = (self.work / name for name in ("peer.csv", "hostile.json", "peer-db"))
        hostile_texts.write_text(json.dumps(hostile))
        self._run("build", texts, db)
        done = self._run("ask", db, truth, answers, hostile_texts)
        figures = json.loads(done.splitlines()[-1])
        printed = scoring.score(tool, truth, answers, "--by-class")
        return Measured(printed.splitlines()[-1], scoring.as_written(printed), **figures)

    def _run(self, *arguments: object) -> str:
        command = [str(self.python), str(HERE / "peer_jageocoder.py"), *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def jageocoder(work: Path) -> Peer | None:
    """The peer, installed when it is not there yet; None (with a line on stderr) when that is impossible."""
    python = PLACE / "bin" / "python"
    done = PLACE / "installed"
    if not done.exists():
        venv.create(PLACE, with_pip=True)
        requirements = HERE / "requirements-peers.txt"
        result = subprocess.run(
            [python, "-m", "pip", "install", "-q", "-r", requirements], check=False, capture_output=True, text=True
        )  # fmt: skip
        if result.returncode != 0:
            print(f"jageocoder cannot be installed: {result.stderr.strip()[-300:]}", file=sys.stderr)
            return None
        done.touch()
    return Peer("jageocoder 2.1.0, same towns", python, work)


def _lines(towns: Iterable[Town]) -> Iterator[str]:
    """The converter's text form: names with their levels (1 prefecture, 3 city, 5 大字, 6 丁目 or 小字), priority, point."""
    yield "岩手県;1,!10,141.15,39.7"
    yield "岩手県;1,盛岡市;3,!10,141.15,39.7"
    for row in towns:
        parts = split_town(row.name)
        names = [f"{row.oaza};5"]
        if parts.numbered:
            names.append(f"{row.name.removeprefix(row.oaza) or official('', parts.chome, parts.jiwari)};6")
        if row.koaza:
            names.append(f"{row.koaza};6")
        lon, lat = (row.lon, row.lat) if row.lon is not None else (999, 999)
        yield f"岩手県;1,盛岡市;3,{','.join(names)},!20,{lon},{lat}"
