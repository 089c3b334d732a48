"""`make bench-lookup`: the matcher against its bars, beside the peer that can be installed.

Needs the shared folder (`--shared`); what is not there is left out of the table.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import hostile, scoring
from bench.gazetteers import SHARED, morioka_matcher, morioka_towns, table
from bench.measure import memory_mb, per_second, worst
from bench.peers import Peer, jageocoder
from geodata.town_folder import TownFolder
from kyodo_geo.addresses import NationalMatcher

Row = tuple[str, str, str, str]


def morioka(shared: Path, work: Path, peer: Peer | None) -> list[Row]:
    """Rows of the table for Morioka."""
    truth = shared / "data" / "morioka" / "addresses_dev.csv"
    tool = shared / "tools" / "score_addresses.py"
    towns = morioka_towns(shared)
    matcher = morioka_matcher(towns)
    texts = [row["written"] for row in table(truth)]
    scoring.write(work / "morioka.csv", (scoring.answer(matcher.match(text), "盛岡市") for text in texts))
    printed = scoring.score(tool, truth, work / "morioka.csv", "--by-class")
    inputs = list(hostile.inputs(sorted({row.name for row in towns})))
    theirs = peer.morioka(towns, truth, tool, [text for _, text in inputs]) if peer else None
    slowest, kind = worst(matcher.match, inputs)
    return [
        ("Morioka", printed.splitlines()[-1], "≥ 97 %, 0 silent wrong", theirs.score if theirs else ""),
        ("  as written by the city", scoring.as_written(printed), "117/117", theirs.as_written if theirs else ""),
        ("  lookups per CPU second", f"{per_second(matcher.match, texts):,.0f}", "≥ 5,000",
         f"{theirs.per_second:,.0f}" if theirs else ""),
        ("  worst hostile input", f"{slowest:.2f} ms ({kind[:30]!r})", "≤ 10 ms",
         f"{theirs.worst_ms:,.0f} ms" if theirs else ""),
        ("  memory", f"{memory_mb('morioka', towns):.1f} MB", "≤ 40 MB", f"{theirs.memory_mb:.0f} MB" if theirs else ""),
    ]  # fmt: skip


def national(shared: Path, work: Path) -> list[Row]:
    """Rows of the table for the whole country."""
    truth = shared / "data" / "national" / "addresses_dev.csv"
    folder = TownFolder(shared / "data" / "national" / "towns")
    matcher = NationalMatcher(folder.municipalities, folder.towns)
    texts = [row["住所"] for row in table(truth)]
    scoring.write(work / "national.csv", (scoring.national_answer(matcher.match(text)) for text in texts))
    tool = shared / "tools" / "score_addresses.py"
    printed = scoring.score(tool, truth, work / "national.csv", "--national").strip()
    return [
        ("Japan", printed, "≥ 99.8 %, wrong ≤ 3", ""),
        ("  lookups per CPU second", f"{per_second(matcher.match, texts, rounds=3):,.0f}", "≥ 3,000", ""),
        ("  memory, all municipalities", f"{memory_mb('national'):.0f} MB", "≤ 500 MB", ""),
    ]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=SHARED, help="the folder with data/ and tools/")
    parser.add_argument("--no-peers", action="store_true", help="do not install and measure the peer")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        peer = None if options.no_peers else jageocoder(work)
        rows = [("", "kyodo-geo", "bar", peer.name if peer else ""), *morioka(options.shared, work, peer)]
        rows += national(options.shared, work)
    for name, ours, bar, theirs in rows:
        print(f"{name:<30} | {ours} | {bar} | {theirs}")


if __name__ == "__main__":
    main()
