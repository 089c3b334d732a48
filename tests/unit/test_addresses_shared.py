"""The real gazetteer of Morioka and addresses as people write them: the share read right, and nothing read wrong."""

from __future__ import annotations

import csv
import json
from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from geodata.town_folder import TownFolder
from kyodo_geo.addresses import (
    AddressMatcher,
    Gazetteer,
    NationalMatcher,
    Status,
    fold_name,
    koaza_key,
    split_town,
)
from kyodo_geo.addresses.towns import TownName, jiwari_of
from kyodo_geo.lookup_types import Town

pytestmark = pytest.mark.shared


@lru_cache(maxsize=1)
def morioka_matcher(folder: Path) -> AddressMatcher:
    towns: dict[tuple[TownName, str], Town] = {}
    published = json.loads((folder / "towns_03201.json").read_text(encoding="utf-8"))
    for row in published:
        _add(towns, row["town"], row["koaza"], row["lng"], row["lat"])
    for entry in json.loads((folder / "abr_town_names_03201.json").read_text(encoding="utf-8")):
        names = [(level, name) for level, name in entry["names"] if level > 3]
        # 小字 without a 大字 are no towns; names of 玉山区 are expired spellings of towns that are there.
        if names[0][0] != 5 or names[0][1].startswith("玉山区"):
            continue
        below = names[1] if len(names) > 1 else (0, "")
        _add(
            towns,
            names[0][1] + (below[1] if below[0] == 5 else ""),
            below[1] if below[0] == 6 else "",
            None,
            None,
        )
    return AddressMatcher(Gazetteer(towns.values(), "03201"), "03201", "盛岡市", "岩手県")


def _add(
    towns: dict[tuple[TownName, str], Town], name: str, koaza: str, lon: float | None, lat: float | None
) -> None:
    parts, jiwari = split_town(name), jiwari_of(koaza)
    key = "" if jiwari is not None else koaza_key(koaza)
    whole = TownName(parts.oaza + key, parts.chome, parts.jiwari or jiwari)
    towns.setdefault(
        (whole, ""),
        Town(
            f"{len(towns)}",
            name,
            koaza or None,
            name,
            parts.chome,
            whole.jiwari,
            None,
            None,
            "oaza",
            (),
            lon,
            lat,
            None,
        ),
    )


def _verdict(matcher: AddressMatcher, row: dict[str, str]) -> str:
    found = matcher.match(row["written"])
    expect, wanted = row["expect"], split_town(row["expected_town"])
    if found.status is not Status.FOUND:
        return "none" if expect == "town" else "ok"
    assert found.readings[0].town is not None
    got = split_town(found.readings[0].town)
    if expect in ("town", "town_or_none"):
        return "exact" if got == wanted else "wrong"
    if expect == "oaza_or_none":
        return "ok" if got == TownName(wanted.oaza) else "wrong"
    if expect == "ambiguous":
        return "wrong" if got.numbered else "ok"
    return "wrong"


def test_written_addresses_are_read_right_or_not_at_all(shared_data: Path) -> None:
    matcher = morioka_matcher(shared_data / "morioka")
    with (shared_data / "morioka" / "addresses_dev.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    verdicts = [(_verdict(matcher, row), row["written"]) for row in rows]
    assert [written for verdict, written in verdicts if verdict == "wrong"] == []
    expected = Counter(
        verdict for (verdict, _), row in zip(verdicts, rows, strict=True) if row["expect"] == "town"
    )
    assert expected["exact"] >= 603, expected
    plain = [
        verdict for (verdict, _), row in zip(verdicts, rows, strict=True) if row["class"] == "as_written"
    ]
    assert (plain.count("exact"), len(plain)) == (117, 117), "as people write them without any slip"


def test_every_town_of_the_gazetteer_reads_back_as_itself(shared_data: Path) -> None:
    matcher = morioka_matcher(shared_data / "morioka")
    wrong = []
    for place in matcher.gazetteer.places.values():
        for row in place.rows():
            if row.koaza and jiwari_of(row.koaza) is None:
                text, wanted = f"盛岡市{row.name}字{row.koaza.removeprefix('字')}5", place.name
            else:
                text, wanted = f"盛岡市{row.name}{row.koaza or ''}5番地", row.name + (row.koaza or "")
            found = matcher.match(text)
            if found.status is Status.FOUND:
                if split_town(found.readings[0].town or "") != split_town(wanted):
                    wrong.append((text, found.readings[0].town))
            elif found.status is not Status.SEVERAL:
                wrong.append((text, found.reason))
    assert wrong == []


def test_addresses_of_the_whole_country(shared_data: Path) -> None:
    """At most three wrong towns and 99.8 % right of the shared table; a town is compared in comparable parts."""
    folder = TownFolder(shared_data / "national" / "towns")
    matcher = NationalMatcher(folder.municipalities, folder.towns)
    with (shared_data / "national" / "addresses_dev.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["町字"]]
    verdicts: Counter[str] = Counter()
    for row in rows:
        found = matcher.match(row["住所"])
        right = (row["都道府県"], fold_name(row["市区町村"]), _cho(row["町字"]))
        here = found.municipality
        got = here and found.town and (here.prefecture, fold_name(here.name), _cho(found.town))
        verdicts["right" if got == right else "wrong" if got else "none"] += 1
    assert verdicts["wrong"] <= 3
    assert verdicts["right"] >= 0.998 * verdicts.total(), verdicts


def _cho(name: str) -> TownName:
    """Comparable parts, also of names that count in 丁 (堺市)."""
    return split_town(name.removesuffix("丁") + "丁目" if name.endswith("丁") else name)
