"""A folder of tiles, `z/x/y.png`, with a `metadata.json` that says whose they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from geodata.tiles.source import MAX_ZOOM, TileInfo, box_of, is_vector, refused, stamp, text_of, version_of

METADATA = "metadata.json"
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".avif", ".gif", ".pbf", ".mvt")


class Folder:
    """Tiles of a folder. Single tiles may be replaced at any time, so its version says little (`settled` is false)."""

    def __init__(self, path: Path) -> None:
        """Look through the folder; raises FileFormatError."""
        self._root = path.resolve()
        metadata = self._metadata(path)
        zooms = sorted(
            int(item.name) for item in self._root.iterdir() if item.name.isdecimal() and item.is_dir()
        )
        found = next(
            (
                file
                for zoom in reversed(zooms)
                for file in (self._root / str(zoom)).glob("*/*")
                if file.suffix in ENDINGS and file.stem.isdecimal()
            ),
            None,
        )
        if found is None:
            raise refused(path, "中に「ズーム/列/行.png」の形のタイルがありません")
        if zooms[-1] > MAX_ZOOM:
            raise refused(path, "ズームレベルが正しくありません")
        self._ending = found.suffix
        self._from_south = metadata.get("scheme") == "tms"
        described = self._root / METADATA
        self.info = TileInfo(
            format="タイルのフォルダー",
            version=version_of("folder", zooms, *(stamp(described) if described.exists() else ())),
            min_zoom=zooms[0],
            max_zoom=zooms[-1],
            bounds=box_of(metadata.get("bounds")),
            attribution=text_of(metadata, "attribution"),
            name=text_of(metadata, "name"),
            settled=False,
            vector=is_vector(path, found.read_bytes()),
        )

    def _metadata(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads((self._root / METADATA).read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise refused(path, f"{METADATA} が JSON として読めません") from error
        if not isinstance(found, dict):
            raise refused(path, f"{METADATA} の形が正しくありません")
        return found

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """See `TileSource`. The name is made of three numbers, and what it leads to must lie in the folder."""
        row = 2**z - 1 - y if self._from_south else y
        file = (self._root / str(int(z)) / str(int(x)) / f"{int(row)}{self._ending}").resolve()
        if not file.is_relative_to(self._root):
            return None
        try:
            return file.read_bytes() or None
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def close(self) -> None:
        """Nothing is held open."""
