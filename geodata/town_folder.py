"""Town points of the whole country in a folder: one JSON list per municipality, in a folder per prefecture.

The form of Geolonia 住所データ: `PREFECTURE/MUNICIPALITY.json`, items with town, koaza, lat, lng. Files are read when their
municipality is asked for; 277,000 towns need not be read to look one address up.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kyodo_geo.addresses.municipalities import Municipality
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.lookup_types import Town


class TownFolder:
    """The municipalities of a folder; raises `InputError` when there is none."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            Municipality(path.parent.name, path.stem): path for path in sorted(folder.glob("*/*.json"))
        }
        if not self._files:
            raise InputError(
                f"{folder.name} に町・字のファイル（都道府県名/市区町村名.json）がありません。", field="towns"
            )

    @property
    def municipalities(self) -> tuple[Municipality, ...]:
        return tuple(self._files)

    def towns(self, municipality: Municipality) -> list[Town]:
        """Towns of one municipality as its file has them; raises `FileFormatError` when it cannot be read."""
        path = self._files[municipality]
        try:
            items = json.loads(path.read_bytes())
            return [_town(item) for item in items]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileFormatError(
                f"{path.name} を町・字の一覧（town, koaza, lat, lng）として読めません。", file=path.name
            ) from error


def _town(item: dict[str, Any]) -> Town:
    name, koaza = str(item["town"]), item.get("koaza") or None
    return Town(
        town_id="", name=name, koaza=koaza, oaza=name, chome=None, jiwari=None, kana=None, postal_code=None,
        level="koaza" if koaza else "oaza", aliases=(), lon=item["lng"], lat=item["lat"], accuracy_m=None,
    )  # fmt: skip
