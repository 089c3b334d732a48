"""What the pages of scenarios can be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from api.params import Integer, PlaceParams, left_empty, readable
from api.reach_pages.mode_words import walk_words
from api.reach_pages.params import BY, By, OnFoot, Projection, Supply, check_supply, kinds_of, supply_label
from api.reach_pages.people import PROJECTIONS
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from geodata.scenarios import Scenario
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.reach.report import Choice

MOST_COMPARED = 3
BASE_CASE = "base"
"""Names the case in which everything is kept as it is."""


class ScenarioParams(PlaceParams):
    """Year of the map and of who gets farther; which facilities count, by which distance."""

    year: Annotated[Annotated[Integer, Field(ge=1950, le=2300)] | None, BeforeValidator(left_empty)] = Field(
        default=None,
        description="年度（地図と、だれが遠くなるかの表）。指定しなければ、最後の行動のある年度",
        examples=[2031],
    )
    supply: Supply = "activity"
    by: By = "network"
    distance: OnFoot = 800
    projection: Projection = "table"


class ScenarioFileParams(ScenarioParams):
    """The same for files."""

    part: Literal["years", "districts", "actions", "moves"] = Field(
        default="years",
        description="years（年度別）、districts（地区別）、actions（行動）、moves（どこからどこへ移るか）",
        examples=["years"],
    )


class CompareParams(ScenarioParams):
    """Two or three scenarios."""

    ids: Annotated[str, Field(max_length=140), AfterValidator(readable)] = Field(
        default="",
        description="比べる案の番号を「,」でつなぐ（3 つまで）。base は、今のまま続ける場合",
        examples=["sample-gather,base"],
    )


class CompareFileParams(CompareParams):
    """The same for the file."""

    part: Literal["summary", "years"] = Field(
        default="summary", description="summary（違いの表）か years（年度別）", examples=["years"]
    )


def choice_of(held: Held, params: ScenarioParams, year: int) -> Choice:
    """The assumptions of reach; raises `InputError` for a kind of facility that there is not."""
    from kyodo_geo.reach.report import Choice

    found = held.prepared
    check_supply(found, params.supply)
    return Choice(
        year=year,
        supply=params.supply,
        by=params.by if found.has_network else "straight",
        distance_m=float(params.distance),
        projection=params.projection,
    )


def choice_words(held: Prepared, choice: Choice) -> str:
    """What reach assumes, as it stands in every row of a file."""
    return (
        f"{supply_label(choice.supply)}・{BY[choice.by]}・人口は{PROJECTIONS[choice.projection]}・"
        f"{walk_words(held, choice)}"
    )


def year_of(scenario: Scenario, params: ScenarioParams) -> int:
    """The year asked for, else that of the last action; raises `InputError` outside of the scenario's years."""
    if params.year is None:
        years = [action.year for action in scenario.actions]
        return max(years, default=scenario.base_year)
    if not scenario.base_year <= params.year <= scenario.last_year:
        raise InputError(
            f"年度は {scenario.base_year} から {scenario.last_year} の間で指定してください。", field="year"
        )
    return params.year


def ids_of(params: CompareParams) -> list[str]:
    """Ids in their order, each once; raises `InputError` for too many or one that cannot be."""
    found = list(dict.fromkeys(part.strip() for part in params.ids.split(",") if part.strip()))
    if len(found) > MOST_COMPARED:
        raise InputError(f"一度に比べられるのは {MOST_COMPARED} つまでです。", field="ids")
    for item in found:
        if len(item) > 40 or not all(char.isascii() and (char.isalnum() or char in "_-") for char in item):
            raise InputError(f"案の番号「{item[:40]}」は使えません。", field="ids")
    return found


def asked(params: ScenarioParams, **other: Any) -> dict[str, Any]:
    """What stands in an address to come to the same figures."""
    default = type(params)().model_dump()
    given = params.model_dump(mode="json", exclude={"v", "part"}, exclude_none=True)
    return {**{key: value for key, value in given.items() if value != default.get(key)}, **other}


def form_of(
    held: Held, params: ScenarioParams, years: range, year: int, path: str, kept: dict[str, str] | None = None
) -> dict[str, Any]:
    """Fields of the form above the figures."""
    found = held.prepared
    return {
        "action": path,
        "kept": {**({"municipality": params.municipality} if params.municipality else {}), **(kept or {})},
        "years": [(item, item == year) for item in years],
        "supplies": [
            (value, supply_label(value), value == params.supply)
            for value in ("activity", "all", *kinds_of(found))
        ],
        "bys": [
            (value, label, value == (params.by if found.has_network else "straight"))
            for value, label in BY.items()
            if value == "straight" or found.has_network
        ],
        "distance": params.distance,
        "projections": [
            (value, label, value == params.projection)
            for value, label in PROJECTIONS.items()
            if value == "table" or len(found.cohort_years)
        ],
    }
