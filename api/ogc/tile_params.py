"""Parameters of tiles and tile sets. A day asked for by `datetime` or `subset` becomes `as_of`."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, TypeVar

from fastapi import Path, Query
from pydantic import AfterValidator, Field

from api.ogc.params import OgcParams
from api.ogc.when import interval_of
from api.params import readable
from api.tiles import paths
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.tile_grid import MAX_ZOOM, WEB_MERCATOR_QUAD

P = TypeVar("P", bound="TileSetParams")

_SUBSET = re.compile(r'datetime\(([^()"]{1,60}|"[^()"]{1,60}")(?::("[^()"]{1,60}"))?\)')
NO_SET = f"この区画の体系はありません。使えるのは {WEB_MERCATOR_QUAD} です。"
NO_TILE = "この番号のタイルはありません。"

TileMatrixSetId = Annotated[
    str,
    Path(
        alias="tileMatrixSetId",
        max_length=60,
        description="区画の体系の id",
        openapi_examples={"ウェブ地図": {"value": WEB_MERCATOR_QUAD}},
    ),
]
TileMatrix = Annotated[
    str,
    Path(
        alias="tileMatrix",
        max_length=20,
        description=f"縮尺の段階（0〜{MAX_ZOOM}）",
        openapi_examples={"市の全体": {"value": "10"}},
    ),
]
TileRow = Annotated[
    str,
    Path(
        alias="tileRow",
        max_length=20,
        description="行（北から 0、1、2 …）",
        openapi_examples={"行": {"value": "388"}},
    ),
]
TileCol = Annotated[
    str,
    Path(
        alias="tileCol",
        max_length=20,
        description="列（西経 180 度から 0、1、2 …）",
        openapi_examples={"列": {"value": "913"}},
    ),
]


class TileSetParams(OgcParams):
    """What a tile set takes."""

    datetime: Annotated[str, Field(max_length=120)] | None = Field(
        default=None,
        description="日時または期間。その日（期間の終わり）のデータで答える",
        examples=["2200-01-01"],
    )
    subset: Annotated[str, Field(max_length=160), AfterValidator(readable)] | None = Field(
        default=None,
        description='日時の別の書き方。datetime("2026-04-01") の形',
        examples=['datetime("2200-01-01")'],
    )


class ManyParams(TileSetParams):
    """The same for the tiles of several collections."""

    collections: Annotated[str, Field(max_length=600), AfterValidator(readable)] | None = Field(
        default=None,
        description="コレクションの id をコンマで区切って並べる。指定しなければ、読めるものすべて",
        examples=["outline,districts"],
    )


class TileParams(TileSetParams):
    """One tile. `v` names the version of the data, so that the answer holds for good."""

    f: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Za-z.+-]{1,40}$",
        description="答えの形式（mvt）。指定しなければ見出し Accept による",
        examples=["mvt"],
    )
    v: Annotated[str, Field(pattern=r"^[0-9a-f-]{1,40}$")] | None = Field(
        default=None, description="データの版。タイルセットの `links` にある値", examples=["1-0123456789ab"]
    )


class ManyTileParams(TileParams, ManyParams):
    """One tile of several collections."""


TileSet = Annotated[TileSetParams, Query()]
Many = Annotated[ManyParams, Query()]
OneTile = Annotated[TileParams, Query()]
ManyTile = Annotated[ManyTileParams, Query()]


def settled(params: P) -> P:
    """The same with `as_of` alone. Raises `InputError` where more than one says which day."""
    asked = [name for name in ("as_of", "datetime", "subset") if getattr(params, name) is not None]
    if len(asked) > 1:
        raise InputError(
            "「as_of」「datetime」「subset」は、どれか 1 つだけ指定してください。", field=asked[1]
        )
    if not asked or params.as_of is not None:
        return params
    return params.model_copy(update={"as_of": _day(params), "datetime": None, "subset": None})


def _day(params: TileSetParams) -> date | None:
    text = params.datetime
    if text is None:
        found = _SUBSET.fullmatch(params.subset or "")
        if found is None:
            raise InputError('「subset」は datetime("2026-04-01") の形で指定してください。', field="subset")
        text = "/".join(part.strip('"') for part in found.groups() if part)
    begin, end = interval_of(text)
    # An interval without an end goes on until today.
    return end if "/" in text else begin


def known_set(name: str) -> None:
    """Raises `NotFoundError`."""
    if name != WEB_MERCATOR_QUAD:
        raise NotFoundError(NO_SET)


def place_of(tile_matrix: str, tile_row: str, tile_col: str) -> tuple[int, int, int]:
    """Zoom, row, column. Raises `InputError` for what is no number, `NotFoundError` for one the set does not have."""
    zoom, row, col = (_whole(text) for text in (tile_matrix, tile_row, tile_col))
    if not paths.in_grid(zoom, row, col):
        raise NotFoundError(NO_TILE)
    return zoom, row, col


def _whole(text: str) -> int:
    found = paths.whole(text)
    if found is not None:
        return found
    if text.isascii() and text.removeprefix("-").isdigit() and not text.startswith("0"):
        raise NotFoundError(NO_TILE)  # a number, but none that a tile has
    raise InputError("段階・行・列は、整数（半角の数字）で指定してください。", field="path")
