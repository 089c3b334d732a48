"""`kyodo-geo normalise`: addresses of the whole country taken apart, without database and without associations."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

COLUMNS = (
    "address", "outcome", "prefecture", "municipality", "town", "koaza", "block", "house", "building", "lon", "lat", "message",
)  # fmt: skip


def normalise(
    towns: Annotated[Path, typer.Argument(help="町・字のフォルダー（都道府県名/市区町村名.json）")],
    addresses: Annotated[
        list[str] | None, typer.Argument(help="住所。なければ標準入力から 1 行に 1 件ずつ読む")
    ] = None,
) -> None:
    """全国の住所を市区町村・町・番に分けて、CSV で書きます。"""
    from geodata.town_folder import TownFolder
    from kyodo_geo.addresses import NationalMatcher

    folder = TownFolder(towns)
    matcher = NationalMatcher(folder.municipalities, folder.towns)
    given: Iterable[str] = addresses if addresses else (line.rstrip("\r\n") for line in sys.stdin)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for text in given:
        writer.writerow(row(text, matcher.match(text)))


def row(text: str, found: object) -> list[str]:
    """Cells of one answer, in the order of `COLUMNS`; none of them starts a formula."""
    from kyodo_geo.addresses import NationalMatch, Status
    from kyodo_geo.spreadsheets import harmless

    assert isinstance(found, NationalMatch)
    match, place = found.match, found.municipality
    doubt = "".join(reading.doubt for reading in match.readings)
    one = match.status is Status.FOUND and not doubt
    several = one or match.status in (Status.FOUND, Status.SEVERAL, Status.MANY)
    outcome = "one" if one else "several" if several else "not_understood"
    cells: list[object] = [text, outcome, place and place.prefecture, place and place.full_name]
    if match.status is Status.FOUND:
        reading = match.readings[0]
        point = reading.row
        cells += [found.town, reading.koaza, reading.block, reading.house, reading.building]
        cells += [point and point.lon, point and point.lat, "".join((*reading.notes, doubt))]
    else:
        cells += [None] * 7 + [match.reason]
    return ["" if cell is None else harmless(str(cell)) for cell in cells]
