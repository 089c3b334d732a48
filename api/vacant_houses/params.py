"""What the pages of vacant houses can be asked for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from api.params import Integer, PlaceParams, left_empty, readable, refuse
from api.reach_pages.params import DriveDistricts, Year
from kyodo_geo.vacancy.near import DRIVE_LIMIT, LIMIT_M

BY = {
    "winter": "坂と冬を考えた道のり（道路網）",
    "network": "歩く道のり（道路網）",
    "straight": "直線距離×1.3",
}
BANDS = {"w14": "14歳以下", "w64": "15〜64歳", "w65": "65歳以上", "wx": "年齢不明"}
"""Parameter of each age group's weight, in the order of `kyodo_geo.reach.prepared.BANDS`."""
SHOW = {"open": "不可のない空き家", "all": "すべて"}
HALLS = {"any": "自治公民館のある団体も含める", "without": "自治公民館のない団体だけ"}
Weight = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


def numbers(text: str) -> str:
    """District numbers with commas between them, as people write them."""
    parts = [part for part in text.replace("、", ",").replace("，", ",").replace(" ", "").split(",") if part]
    if len(parts) > 60 or not all(
        part.isascii() and part.isdigit() and 0 < int(part) < 1000 for part in parts
    ):
        raise refuse("地区の番号を「,」で区切って指定してください（例 1,2,5）")
    return ",".join(str(int(part)) for part in parts)


def ids(text: str) -> str:
    """Ids of associations with commas between them."""
    parts = [part.strip() for part in text.replace("、", ",").split(",") if part.strip()]
    if len(parts) > 60 or not all(
        len(part) <= 40 and all(char.isascii() and (char.isalnum() or char in "-_") for char in part)
        for part in parts
    ):
        raise refuse("町内会・自治会の番号を「,」で区切って指定してください")
    return ",".join(parts)


class HouseParams(PlaceParams):
    """Everything the ranking depends on."""

    year: Annotated[Year | None, BeforeValidator(left_empty)] = None
    supply: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(readable)] = "activity"
    by: Literal["winter", "network", "straight"] = "winter"
    distance: Annotated[Integer, Field(ge=100, le=int(LIMIT_M))] = 800
    minutes: Annotated[Integer, Field(ge=1, le=DRIVE_LIMIT)] = 10
    drive_below: Annotated[Integer, Field(ge=0, le=100_000)] = 100
    drive_districts: DriveDistricts = None
    room: Annotated[float, Field(ge=1, le=1000, allow_inf_nan=False)] = 20.0
    w14: Weight = 1.0
    w64: Weight = 1.0
    w65: Weight = 1.0
    wx: Weight = 1.0
    least: Annotated[Integer, Field(ge=0, le=1_000_000)] = 0
    districts: Annotated[str, Field(max_length=300), AfterValidator(numbers)] = ""
    associations: Annotated[str, Field(max_length=2600), AfterValidator(ids)] = ""
    halls: Literal["any", "without"] = "any"

    @property
    def weights(self) -> tuple[float, float, float, float]:
        return (self.w14, self.w64, self.w65, self.wx)

    @property
    def district_numbers(self) -> frozenset[int]:
        return frozenset(int(part) for part in self.districts.split(",") if part)

    @property
    def association_ids(self) -> frozenset[str]:
        return frozenset(part for part in self.associations.split(",") if part)


class HouseListParams(HouseParams):
    """Also which houses are listed, and (after a change) what was done."""

    show: Literal["open", "all"] = "open"


def asked(params: HouseParams, **other: Any) -> dict[str, Any]:
    """What stands in an address to come to the same figures."""
    default = type(params)().model_dump()
    given = params.model_dump(mode="json", exclude_none=True)
    return {**{k: v for k, v in given.items() if v != default.get(k)}, **other}
