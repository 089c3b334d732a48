"""What a writer is told of the rows it gets: the collection as its reader sees it, coordinates, and the credit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from kyodo_geo.collections import Collection, Kind, Property
from kyodo_geo.crs import WGS84

CREDIT = {"quality_label": "データの品質", "as_of": "時点", "source": "出典", "licence": "利用条件"}
"""What every file says of its rows, under the title of its column."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a file.

    `collection` holds the properties that are written, no others. Coordinates are x (east, longitude) before y, in `epsg`.
    `credit` is that of `kyodo_geo.quality.credit`; `on` the day the rows were read for.
    """

    collection: Collection
    credit: Mapping[str, Any]
    municipality_code: str
    municipality: str
    generation_no: int
    on: date
    epsg: int = WGS84

    @property
    def name(self) -> str:
        """Name for programs, of letters, digits and `_`: SQL and GIS programs want no hyphen."""
        return self.collection.id.replace("-", "_")

    @property
    def title(self) -> str:
        return f"{self.municipality} {self.collection.title}"

    @property
    def is_sample(self) -> bool:
        return bool(self.credit.get("quality") == "sample")

    @property
    def columns(self) -> tuple[Property, ...]:
        """The key first, then the properties."""
        names = [item.name for item in self.collection.properties]
        if self.collection.key in names:
            return self.collection.properties
        return (Property(self.collection.key, "識別子", Kind.STRING), *self.collection.properties)

    @property
    def words(self) -> str:
        """Description with the credit, for the one place a format has for words."""
        told = [self.collection.description.rstrip("。") + "。"] if self.collection.description else []
        if self.is_sample:
            told.append("見本データ（架空）です。実在の団体や数値ではありません。")
        told += [f"{title}: {self.credit.get(key) or '不明'}。" for key, title in CREDIT.items()]
        told.append(f"データの世代: {self.generation_no}（{self.on.isoformat()} の内容）。")
        return "".join(told)

    @property
    def facts(self) -> dict[str, str]:
        """The same for programs."""
        return {
            "municipality_code": self.municipality_code,
            "collection": self.collection.id,
            "generation_no": str(self.generation_no),
            "on": self.on.isoformat(),
            "quality": str(self.credit.get("quality") or ""),
            **{key: str(self.credit.get(key) or "") for key in CREDIT},
        }


def chosen(collection: Collection, names: tuple[str, ...] | None) -> Collection:
    """The collection with the properties of these names only (None: all)."""
    if names is None:
        return collection
    return replace(collection, properties=tuple(p for p in collection.properties if p.name in names))
