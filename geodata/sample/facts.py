"""What is committed: real facts from the CSV files of this folder, each file with its source."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from geodata.readers.reading import stable_id
from kyodo_geo.addresses.towns import official


@dataclass(frozen=True, slots=True)
class DistrictFact:
    """A district; `lon`, `lat` is one point with 2 decimals. `plan_in_r3`: printed with ○ in the plan of R3."""

    no: int
    name: str
    kana: str
    kana_confirmed: bool
    aliases: tuple[str, ...]
    plan_in_r3: bool
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class TownFact:
    """A town as addresses name it: 町, 丁目, 地割, or 大字 with 小字. `kana` is None where no reading is confirmed."""

    district_no: int
    name: str
    koaza: str | None
    oaza: str
    chome: int | None
    jiwari: int | None
    level: str
    kana: str | None
    oaza_kana: str
    postal_code: str
    aliases: tuple[str, ...]

    @property
    def by_lot(self) -> bool:
        """Whether addresses there have 地番 instead of 街区符号."""
        return self.level in ("jiwari", "koaza")


@dataclass(frozen=True, slots=True)
class CentreFact:
    """One of the 13 district activity centres and 6 city public halls."""

    facility_id: str
    name: str
    kind: str
    address: str
    lon: float
    lat: float


def text(name: str) -> str:
    """Content of a file of this folder."""
    return (files("geodata.sample") / name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """Rows of a CSV file; lines that begin with # say where the facts come from."""
    lines = [line for line in text(name).splitlines() if line and not line.startswith("#")]
    return list(csv.DictReader(lines))


@lru_cache(maxsize=1)
def sources() -> dict[str, dict[str, str]]:
    """File name → content, quality, source, licence."""
    return {row["file"]: row for row in rows("sources.csv")}


@lru_cache(maxsize=1)
def outline_ring() -> list[tuple[float, float]]:
    """The simplified outline as a closed ring of at most 40 lon/lat pairs, 3 decimals."""
    return [(lon, lat) for lon, lat in json.loads(text("outline.json"))["ring"]]


@lru_cache(maxsize=1)
def districts() -> tuple[DistrictFact, ...]:
    """The 30 districts by number."""
    return tuple(
        DistrictFact(
            no=int(row["district_no"]),
            name=row["name"],
            kana=row["kana"],
            kana_confirmed=row["kana_confirmed"] == "1",
            aliases=tuple(filter(None, row["aliases"].split(";"))),
            plan_in_r3=row["plan_in_r3"] == "1",
            lon=float(row["lon"]),
            lat=float(row["lat"]),
        )
        for row in rows("districts.csv")
    )


@lru_cache(maxsize=1)
def centres() -> tuple[CentreFact, ...]:
    """The 19 real centres, in the order of the table, with the ids that importing the table gives them."""
    return tuple(
        CentreFact(
            stable_id("f", row["name"], row["kind"], None),
            row["name"],
            row["kind"],
            row["address"],
            float(row["lon"]),
            float(row["lat"]),
        )
        for row in rows("public_centres.csv")
    )


@lru_cache(maxsize=1)
def towns() -> tuple[TownFact, ...]:
    """Every town that addresses of the sample name, in the order of the table."""
    return tuple(town for row in rows("towns.csv") for town in _divided(row))


_CHOME_KANA = ("いっ", "に", "さん", "よん", "ご", "ろく", "なな")


def _divided(row: dict[str, str]) -> list[TownFact]:
    """`c3` → 一丁目 to 三丁目; `j7-9` → 第7地割 to 第9地割; `k:鶴塚,駅` → two 小字; empty → the town itself."""
    found: list[TownFact] = []
    for part in row["divided_into"].split(";"):
        if part.startswith("c"):
            found += [_town(row, "chome", chome=n) for n in range(1, int(part[1:]) + 1)]
        elif part.startswith("j"):
            first, _, last = part[1:].partition("-")
            found += [_town(row, "jiwari", jiwari=n) for n in range(int(first), int(last) + 1)]
        elif part.startswith("k:"):
            found += [_town(row, "koaza", koaza=name) for name in part[2:].split(",")]
        else:
            found.append(_town(row, "oaza"))
    return found


def _town(
    row: dict[str, str],
    level: str,
    chome: int | None = None,
    jiwari: int | None = None,
    koaza: str | None = None,
) -> TownFact:
    kana: str | None = row["kana"]
    if chome is not None:
        kana = f"{kana}{_CHOME_KANA[chome - 1]}ちょうめ"
    elif jiwari is not None:
        kana = f"{kana}だい{jiwari}ちわり"
    elif koaza is not None:
        kana = None
    return TownFact(
        district_no=int(row["district_no"]),
        name=official(row["oaza"], chome, jiwari),
        koaza=koaza,
        oaza=row["oaza"],
        chome=chome,
        jiwari=jiwari,
        level=level,
        kana=kana,
        oaza_kana=row["kana"],
        postal_code=row["postal_code"],
        aliases=tuple(filter(None, row["aliases"].split(";"))),
    )
