"""What the pages of reach can be asked for, and what it means in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from api.params import Integer, PlaceParams, left_empty, readable, refuse
from api.reach_pages.mode_words import about_buses, about_driving, who_drives
from api.reach_pages.people import DEMAND, PROJECTIONS, latest, place_line, span, year_label, year_lines
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.reach.report import Choice, Report

BY = {
    "network": "歩く道のり（道路網）",
    "winter": "坂と冬を考えた道のり（道路網）",
    "straight": "直線距離×1.3",
}
DriveDistricts = Annotated[
    Annotated[str, Field(pattern=r"^[0-9]{1,4}(,[0-9]{1,4}){0,99}$")] | None, BeforeValidator(left_empty)
]
Year = Annotated[Integer, Field(ge=1950, le=2150)]
Supply = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        description="数える施設: activity 地域活動に使える施設 / all すべて / 施設の種別の名前",
        examples=["activity"],
    ),
    AfterValidator(readable),
]
By = Annotated[
    Literal["network", "winter", "straight"],
    Field(
        description="距離: network 歩く道のり / winter 坂と冬を考えた道のり / straight 直線距離×1.3",
        examples=["network"],
    ),
]
OnFoot = Annotated[
    Integer, Field(ge=100, le=10_000, description="徒歩で届くとみなす距離（m）", examples=[800])
]
Projection = Annotated[
    Literal["table", "cohort"],
    Field(
        description="将来の人口: table 読み込んだ推計（その最後の年より後はコーホート） / cohort コーホート変化率",
        examples=["cohort"],
    ),
]
"""Questions that the pages of reach and of scenarios share."""


def _distances(value: str) -> str:
    parts = value.split(",")
    if not (
        1 <= len(parts) <= 5
        and all(p.isascii() and p.isdigit() and len(p) <= 5 and 50 <= int(p) <= 20_000 for p in parts)
    ):
        raise refuse(
            "50 から 20000 までの整数（m）を、カンマで区切って 5 個まで指定してください（例 500,800,1200）"
        )
    return ",".join(map(str, sorted({int(part) for part in parts})))


class ReachParams(PlaceParams):
    """Year, facilities, kind of distance, and everything that is assumed."""

    year: Year | None = Field(
        default=None,
        description="年（人口と施設の状態。読み込んだ年の間は直線で補間）。指定しなければ、推計でない最新の年",
        examples=[2020],
    )
    supply: Supply = "activity"
    by: By = "network"
    distance: OnFoot = 800
    minutes: Annotated[Integer, Field(ge=1, le=120)] = Field(
        default=10, description="車で移動する地域で、届くとみなす時間（分）", examples=[10]
    )
    kmh: Annotated[Integer, Field(ge=5, le=100)] = Field(
        default=30,
        description="車の平均の速さ（km/h）。自動車の道路網を読み込んでいるときは、距離に straight を選んだときだけ使う",
        examples=[30],
    )
    bus_minutes: Annotated[Integer, Field(ge=1, le=240)] = Field(
        default=30,
        description="バスで届くとみなす時間（分。歩く時間と待つ時間を含む）。時刻表を読み込んでいるときだけ使う",
        examples=[30],
    )
    drive_below: Annotated[Integer, Field(ge=0, le=100_000)] = Field(
        default=100,
        description="人口密度（人/km²）がこれより低い地区は、車で移動する地域とみなす。0 ならどの地区も徒歩",
        examples=[100],
    )
    drive_districts: DriveDistricts = Field(
        default=None,
        description="車で移動する地区の番号（カンマ区切り）。指定すると、人口密度では決めない",
        examples=["17,30"],
    )
    use_percent: Annotated[float, Field(ge=0.01, le=100, allow_inf_nan=False)] = Field(
        default=2.0,
        description="最寄りの住民のうち、同時に施設にいる人の割合（%）。定員と比べる",
        examples=[2.0],
    )
    demand: Literal["areas", "mesh"] = Field(
        default="areas",
        description="人口の単位: areas 小地域 / mesh 地域メッシュ（読み込まれている場合）",
        examples=["areas"],
    )
    projection: Projection = "table"
    distances: Annotated[str, Field(max_length=40), AfterValidator(_distances)] = Field(
        default="500,800,1200",
        description="人数を数える距離（m、カンマ区切り、5 個まで）",
        examples=["500,800,1200"],
    )


class GapsParams(ReachParams):
    """The same with a second year."""

    compare_year: Annotated[Year | None, BeforeValidator(left_empty)] = Field(
        default=None, description="この年と比べる", examples=[2040]
    )


class FileParams(GapsParams):
    """The same for files."""

    part: Literal["districts", "areas", "modes", "figures", "cells"] = Field(
        default="districts",
        description=(
            "districts（地区別）、areas（届かない人のいる小地域・メッシュ）、modes（車・バス・徒歩の別）、"
            "figures（市全体と地区のすべての項目）、cells（小地域・メッシュごとのすべての項目）"
        ),
        examples=["areas"],
    )


class FiguresParams(ReachParams):
    """The same for the interface of the figures."""

    part: Literal["figures", "cells"] = Field(
        default="figures",
        description="figures（市全体と地区）か cells（小地域・メッシュごと）",
        examples=["figures"],
    )


def choice_of(held: Held, params: ReachParams, year: int | None = None) -> Choice:
    """What is asked of these arrays; raises `InputError` for a year or kind they do not know."""
    from kyodo_geo.reach.report import Choice

    found = held.prepared
    check_supply(found, params.supply)
    wanted = checked_year(found, year if year is not None else params.year, params.projection)
    return Choice(
        year=wanted,
        supply=params.supply,
        by=params.by if found.has_network else "straight",
        distance_m=float(params.distance),
        minutes=float(params.minutes),
        kmh=float(params.kmh),
        drive_below=float(params.drive_below),
        bus_minutes=float(params.bus_minutes),
        drive_districts=drive_districts_of(found, params.drive_districts),
        use_percent=params.use_percent,
        projection=params.projection,
        distances=tuple(float(part) for part in params.distances.split(",")),
    )


def check_supply(found: Prepared, supply: str) -> None:
    """Raises `InputError` for a kind of facility that is not there."""
    kinds = kinds_of(found)
    if supply not in ("activity", "all", *kinds):
        raise InputError(
            f"施設の種別「{supply[:20]}」はありません。使える値: activity、all、{'、'.join(kinds)}",
            field="supply",
        )


def checked_year(found: Prepared, wanted: int | None, projection: str = "table") -> int:
    """The year that is asked for, the newest without one; raises `InputError` for one that cannot be asked for."""
    first, last = span(found, projection)
    if wanted is not None and not first <= wanted <= last:
        raise InputError(f"年は {first} から {last} の間で指定してください。", field="year")
    return latest(found) if wanted is None else wanted


def drive_districts_of(held: Prepared, text: str | None) -> tuple[int, ...] | None:
    """Numbers of the districts that are said to drive; raises `InputError` for one that is none."""
    if text is None:
        return None
    wanted = sorted({int(part) for part in text.split(",")})
    known = {int(no) for no in held.district if no >= 0}
    for no in wanted:
        if no not in known:
            raise InputError(f"地区 {no} に人の住む所はありません。", field="drive_districts")
    return tuple(wanted)


def kinds_of(held: Prepared) -> list[str]:
    """Kinds of the facilities, sorted."""
    return sorted({str(kind) for kind in held.site_kind})


def supply_label(supply: str) -> str:
    return {"activity": "地域活動に使える施設", "all": "すべての施設"}.get(supply, supply)


def range_words(found: Report) -> str:
    """What counts as within reach, in short, as sentences name it."""
    foot = f"徒歩 {found.choice.distance_m:,.0f} m"
    return f"{foot}、車で移動する地区は車 {found.choice.minutes:g} 分も" if found.driving else foot


def assumptions(held: Held, choice: Choice, driving: list[str]) -> list[str]:
    """Everything the figures stand on, in sentences."""
    found = held.prepared
    lines = [
        *year_lines(held, choice),
        "施設は、その年の10月1日に開いているものを数えます（工事などで休んでいる施設は数えません）。",
        f"距離：{BY[choice.by]}。" + _about_distance(held, choice),
        f"数える施設：{supply_label(choice.supply)}（自治公民館は職員だけが見られる記録のため、この公開のページでは数えていません）。",
        f"届くとみなす範囲：徒歩 {choice.distance_m:,.0f} m。",
    ]
    if driving:
        lines.append(
            f"{who_drives(choice)}（{'、'.join(driving)}）は車で移動する地域とみなし、"
            + about_driving(found, choice)
        )
    elif choice.drive_below:
        lines.append("どの地区も徒歩で考えました（車で移動するとみなす人口密度の地区はありません）。")
    else:
        lines.append("どの地区も徒歩で考えました（車で移動する地域を設けていません）。")
    if found.has_bus:
        lines.append(about_buses(found, choice))
    elif held.ready:
        lines.append("バス：時刻表が読み込まれていないため、バスで行けるかどうかはわかりません。")
    lines.append(place_line(held, choice))
    return lines


def _about_distance(held: Held, choice: Choice) -> str:
    from kyodo_geo.reach.network import FAR_FROM_NETWORK_M

    found = held.prepared
    if choice.by == "straight":
        if not found.has_network:
            why = "歩行者の道路網が読み込まれていない" if held.ready else "道のりの計算が終わっていない"
            return f"{why}ため、直線距離に迂回の係数 1.3 を掛けた推計です。"
        return "直線距離に迂回の係数 1.3 を掛けた推計で、川や線路は考えていません。"
    words = "住む場所の点と施設から、いちばん近い道路の節点までの直線を足しています。"
    far = found.cell_snap > FAR_FROM_NETWORK_M
    if far.any():
        total = found.people_in(choice.year, choice.projection).sum(axis=1)
        sites = int((found.site_snap > FAR_FROM_NETWORK_M).sum())
        words += (
            f"道路の節点から {FAR_FROM_NETWORK_M:.0f} m より離れた所に住む {total[far].sum():,.0f} 人"
            f"（全体 {total.sum():,.0f} 人）と施設 {sites:,} か所では、道のりは目安です。"
        )
    if len(found.parts) > 1:
        words += (
            f"つながっていない道路網が {len(found.parts) - 1:,} 個あり、そこからは「行けない」と数えます。"
        )
    if choice.by == "winter":
        words += "坂は上りと下りで変わる歩く速さ（Tobler の式）で、"
        words += "冬は道路ごとの係数（登録がなければ 1.0）で、平らな夏の道の長さに直しています。"
    return words


def form_of(held: Held, params: ReachParams, choice: Choice, path: str) -> dict[str, Any]:
    """Fields of the form above the figures."""
    found = held.prepared
    first, last = span(found, params.projection)
    return {
        "action": path,
        "municipality": params.municipality,
        "years": [
            (year, year_label(found, year, params.projection), year == choice.year)
            for year in range(first, last + 1)
        ],
        "first": first,
        "last": last,
        "year": choice.year,
        "supplies": [
            (value, supply_label(value), value == choice.supply)
            for value in ("activity", "all", *kinds_of(found))
        ],
        "bys": [
            (value, label, value == choice.by)
            for value, label in BY.items()
            if value == "straight" or found.has_network
        ],
        "demands": [(value, label, value == held.demand) for value, label in DEMAND.items()]
        if held.meshed
        else [],
        "projections": [(value, label, value == params.projection) for value, label in PROJECTIONS.items()]
        if len(found.cohort_years) and found.projected.any()
        else [],
        "distances": params.distances,
        "distance": params.distance,
        "minutes": params.minutes,
        "kmh": params.kmh,
        "has_car": found.has_car,
        "has_bus": found.has_bus,
        "bus_minutes": params.bus_minutes,
        "drive_districts": params.drive_districts or "",
        "drive_below": params.drive_below,
        "use_percent": f"{params.use_percent:g}",
        "compare_year": getattr(params, "compare_year", None),
    }


def asked(params: ReachParams, **other: Any) -> dict[str, Any]:
    """What stands in an address to come to the same figures."""
    default = type(params)().model_dump()
    given = params.model_dump(mode="json", exclude={"v", "part"}, exclude_none=True)
    return {**{k: v for k, v in given.items() if v != default.get(k)}, **other}
