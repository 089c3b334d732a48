"""What may stand in an address: typed, bounded, and nothing else (an unknown name is refused with 400)."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from api.problems import OWN
from kyodo_geo.lookup.columns import MAX_ADDRESS

_BREAKS = re.compile(r"[\t\n\v\f\r\x85]")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def refuse(message: str) -> PydanticCustomError:
    """A validation error whose Japanese message is shown as it is."""
    return PydanticCustomError(OWN, message.replace("{", "{{").replace("}", "}}"))


def readable(value: str) -> str:
    """Text without what databases and JSON cannot hold: NUL, other control characters, lone surrogates."""
    if _UNREADABLE.search(value):
        raise refuse("制御文字など、使えない文字が含まれています")
    return value


def one_line(value: str) -> str:
    """Tabs and line breaks as spaces: they stand between the parts of addresses copied from tables."""
    return _BREAKS.sub(" ", value)


def day(value: Any) -> Any:
    """Dates are written 2024-04-01; pydantic would also take numbers and times."""
    if isinstance(value, str) and not (
        len(value) == 10 and "1900" <= value[:4] <= "2200" and value[4] == "-"
    ):
        raise refuse("日付（例 2024-04-01）で指定してください")
    return value


def plain_integer(value: Any) -> Any:
    """Integers are written with digits only: not 1_000, 1.0, +1 or full-width digits."""
    if isinstance(value, str) and not (
        value.isascii() and value.removeprefix("-").isdigit() and len(value) < 16
    ):
        raise refuse("整数（半角の数字）で指定してください")
    return value


def left_empty(value: Any) -> Any:
    """A field of a form that was left empty asks for nothing."""
    return None if value == "" else value


def corners(value: str) -> tuple[float, float, float, float]:
    """(west, south, east, north) of `west,south,east,north` in degrees."""
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        raise refuse(
            "「西,南,東,北」の順に、4 つの数を度で指定してください（例 141.1,39.6,141.2,39.8）"
        ) from None
    if not all(map(math.isfinite, (west, south, east, north))):
        raise refuse("有限の数で指定してください")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise refuse("西は東より、南は北より小さく、経度は ±180、緯度は ±90 の中で指定してください")
    return west, south, east, north


def box(value: str) -> str:
    """Text that `corners` can read."""
    corners(value)
    return value


Text = Annotated[str, AfterValidator(readable)]
Integer = Annotated[int, BeforeValidator(plain_integer)]
Day = Annotated[date, BeforeValidator(day)]
Bbox = Annotated[
    str,
    AfterValidator(box),
    Field(max_length=200, description="範囲（西,南,東,北、度）", examples=["141.10,39.60,141.20,39.80"]),
]
Longitude = Annotated[
    float, Field(ge=-180, le=180, allow_inf_nan=False, description="経度（度）", examples=[141.1527])
]
Latitude = Annotated[
    float, Field(ge=-90, le=90, allow_inf_nan=False, description="緯度（度）", examples=[39.7036])
]
Address = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_ADDRESS,
        description="住所（書き方は問いません）",
        examples=["盛岡市内丸12番2号"],
    ),
    AfterValidator(one_line),
    AfterValidator(readable),
]
DistrictNo = Annotated[Integer, Field(ge=1, le=999, description="コミュニティ推進地区の番号", examples=[1])]
FiscalYear = Annotated[
    Integer,
    Field(
        ge=1950,
        le=2200,
        description="年度（始まりの西暦。2019 は令和元年度）。指定しなければ最新",
        examples=[2019],
    ),
]
Identifier = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,40}$")]

DistrictNoPath = Annotated[
    int,
    BeforeValidator(plain_integer),
    Path(ge=1, le=999, description="コミュニティ推進地区の番号", openapi_examples={"一番": {"value": 1}}),
]


class Params(BaseModel):
    """Parameters of one route; the model is the complete list of names the route knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NoParams(Params):
    """Routes that take no parameters say so instead of ignoring what was asked."""


class PlaceParams(Params):
    """Which municipality."""

    municipality: str | None = Field(
        default=None,
        pattern=r"^[0-9]{5}$",
        description="市区町村コード（5 桁）。指定しなければこのサービスの市",
        examples=["03201"],
    )


class DataParams(PlaceParams):
    """Which municipality, and as of which day."""

    as_of: Day | None = Field(
        default=None,
        description="この日の終わりに有効だったデータで答える（例 2026-04-01）。指定しなければ今",
        examples=[date(2200, 1, 1)],
    )


class YearParams(DataParams):
    """The same with the fiscal year of the membership rates."""

    fiscal_year: FiscalYear | None = None


class PageParams(DataParams):
    """The same for long lists, read page by page."""

    bbox: Bbox | None = None
    district: DistrictNo | None = None
    limit: Annotated[Integer, Field(ge=1, le=1000)] = Field(
        default=100, description="1 回に返す件数（1〜1000）", examples=[50]
    )
    cursor: Identifier | None = Field(
        default=None, description="続きの位置。前の答えの `next` の値をそのまま渡す", examples=["0"]
    )

    @property
    def corners(self) -> tuple[float, float, float, float] | None:
        """The box as numbers."""
        return None if self.bbox is None else corners(self.bbox)


No = Annotated[NoParams, Query()]
Place = Annotated[PlaceParams, Query()]
Data = Annotated[DataParams, Query()]
Year = Annotated[YearParams, Query()]
Paged = Annotated[PageParams, Query()]
