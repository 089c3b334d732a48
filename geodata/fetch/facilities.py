"""Designated shelters and our table of centres as one list of public facilities, in the importer's columns."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from geodata.fetch.collect import Collected
from geodata.fetch.state import write_whole
from kyodo_geo.crs import geodesic_m
from kyodo_geo.errors import FileFormatError

SAME_PLACE_M = 300.0
"""A shelter and a centre of the same name within this distance are one facility."""

# The designation says nothing about the kind of building, so the name's ending does: (ending, kind). The first
# that fits counts. Which kinds are open to community activities is the reader's rule.
_KINDS = (
    ("地区活動センター", "地区活動センター"),
    ("コミュニティセンター", "地区コミュニティセンター"),
    ("地区公民館", "地区公民館"),
    ("公民館", "公民館"),
    ("児童・老人福祉センター", "児童・老人福祉センター"),
    ("老人福祉センター", "老人福祉センター"),
    ("児童センター", "児童センター"),
    ("老人憩いの家", "老人憩いの家"),
    ("小学校", "学校"),
    ("中学校", "学校"),
    ("高等学校", "学校"),
    ("高校", "学校"),
    ("学校", "学校"),
    ("大学", "学校"),
    ("保育園", "保育所"),
    ("保育所", "保育所"),
    ("体育館", "体育館"),
)
_OWNER = re.compile(r"^(?:岩手県)?(?:盛岡市立|盛岡市|市立|県立)")


@dataclass(frozen=True, slots=True)
class Facility:
    """One row; the names of the fields are the importer's columns."""

    facility_id: str
    name: str
    kind: str
    address: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Combined:
    """The written list and what is worth knowing about how it came about."""

    path: Path
    rows: int
    notes: tuple[str, ...]


def combine(parts: Iterable[Collected], target: Path) -> Combined:
    """Write the facilities of all parts to `target` as CSV: shelters (GeoJSON) and centres (CSV), joined by place.

    A shelter that is also in the table of centres is taken once, under the centre's permanent id and kind.
    """
    centres: list[Facility] = []
    shelters: list[Facility] = []
    pointless = 0
    for part in parts:
        path = part.files[0]
        if path.suffix.lower() == ".csv":
            centres += _centres(path)
        else:
            found, without = _shelters(path)
            shelters += found
            pointless += without
    fresh = [shelter for shelter in shelters if not any(_same(shelter, centre) for centre in centres)]
    rows = [*centres, *fresh]
    notes = ["指定避難所の施設の種別は、名前の終わりから判断しました。"] if fresh else []
    if len(fresh) < len(shelters):
        notes.append(
            f"指定避難所のうち {len(shelters) - len(fresh)} 件は、地区活動センター・公民館の表と同じ施設です。"
        )
    if pointless:
        notes.append(f"位置のない指定避難所 {pointless} 件は含めていません。")
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(Facility)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    write_whole(target, text.getvalue().encode())
    return Combined(target, len(rows), tuple(notes))


def kind_of(name: str) -> str:
    """Kind by the ending of a facility's name."""
    return next((kind for ending, kind in _KINDS if name.endswith(ending)), "その他")


def _centres(path: Path) -> list[Facility]:
    """Without ids: the reader makes the permanent id of name and kind, the same one the sample's centres carry."""
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if not line.startswith("#")]
    return [
        Facility(
            "",
            row["name"],
            row["kind"],
            row["address"],
            float(row["lon"]),
            float(row["lat"]),
        )
        for row in csv.DictReader(lines)
    ]


def _shelters(path: Path) -> tuple[list[Facility], int]:
    """Shelters with a point, and how many have none."""
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        found = [_shelter(feature) for feature in features]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileFormatError(
            f"{path.name} を指定避難所の GeoJSON として読めません（{error}）。", file=path.name
        ) from error
    return [item for item in found if item is not None], sum(item is None for item in found)


def _shelter(feature: dict[str, Any]) -> Facility | None:
    properties = {key: _text(value) for key, value in feature["properties"].items()}
    point = feature.get("geometry")
    if not point or point["type"] != "Point" or not point["coordinates"]:
        return None
    name = properties["施設・場所名"]
    lon, lat = point["coordinates"][:2]
    return Facility(properties["共通ID"], name, kind_of(name), properties["住所"], float(lon), float(lat))


def _text(value: Any) -> str:
    return unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()


def _same(one: Facility, other: Facility) -> bool:
    return (
        _bare(one.name) == _bare(other.name)
        and geodesic_m(one.lon, one.lat, other.lon, other.lat) <= SAME_PLACE_M
    )


def _bare(name: str) -> str:
    """A name without spaces and without whose it is: 盛岡市立中央公民館 = 中央公民館."""
    return _OWNER.sub("", _text(name).replace(" ", ""))
