"""The page of one district, made to be printed too: its profile, its charts and the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from api import district_charts, district_profile, figures
from api.district_comparison import common_days, measures
from api.district_profile import BODIES, CITY, OFFICERS, Profile, ProfileParams
from geodata.queries import surroundings
from geodata.queries.districts import DistrictRow
from kyodo_geo.dates import date_label, fiscal_year_label
from kyodo_geo.plan_states import PlanState

if TYPE_CHECKING:
    from markupsafe import Markup

    from api.answers import Reading

PLAN_STATES = {state.value: state.label for state in PlanState}
LABELS = 14
"""Towns named on the map at most; all of them stand in the list."""


def html(reading: Reading, no: int, params: ProfileParams) -> str:
    """The whole page; raises NotFoundError, and InputError for a comparison with itself."""
    profile = district_profile.gather(reading, no, params.compare)
    found, rows = profile.city.found, profile.city.found.rows
    index = next(i for i, row in enumerate(rows) if row.no == no)
    return reading.services.pages.render(
        "district.html",
        path=f"/districts/{no}",
        ref=reading.ref,
        dataset=profile.dataset(),
        district=found.properties(profile.row),
        profile=profile,
        people_source=found.stated("国勢調査", *figures.PEOPLE_KINDS),
        census_day=_day(profile, "small-areas"),
        register_source=found.stated("住民基本台帳", "register-population"),
        register_words=register_words(profile),
        rate_source=found.stated(fiscal_year_label(found.fiscal_year), *figures.RATE_KINDS)
        if found.fiscal_year
        else None,
        rates=district_charts.membership(profile),
        **drawings(reading, profile),
        plan_states=PLAN_STATES,
        officer_kinds=OFFICERS,
        body_kinds=BODIES,
        compared=_compared(profile),
        choices=_choices(profile),
        home=reading.ref.municipality_code == reading.services.settings.municipality,
        downloads=_downloads(no, params),
        kept=params.model_dump(mode="json", include={"municipality", "as_of"}, exclude_none=True),
        previous=rows[index - 1] if index else None,
        following=rows[index + 1] if index + 1 < len(rows) else None,
    )


def drawings(reading: Reading, profile: Profile) -> dict[str, Any]:
    """Maps and charts of the district alone: drawn once per revision, they take half of the page's time."""
    held = profile.city.drawings
    found: dict[str, Any] | None = held.get(profile.row.no)
    if found is None:
        found = held[profile.row.no] = {
            "map_svg": draw(reading, profile),
            "locator_svg": profile.city.locator.drawn(profile.row.no, profile.row.name),
            "grants": district_charts.projects(profile),
            "reach": district_charts.reach(profile),
        }
    return found


def draw(reading: Reading, profile: Profile) -> Markup | None:
    """The static map of the district with its neighbours and facilities; None without an area."""
    from maps.paper import Label, PaperMapSpec, bounds_around, paper_map

    if profile.row.geometry is None:
        return None
    width, height = 460, 360
    box = bounds_around(profile.row.geometry, width, height)
    labels = [Label(item.name, item.lon, item.lat, "place") for item in profile.facilities]
    labels += [Label(f"{item.no} {item.name}", item.lon, item.lat) for item in profile.neighbours]
    around = [
        Label(name.text, name.lon, name.lat)
        for name in surroundings.names(reading.conn, reading.ref, box, reading.on)
        if name.kind == "town" and name.text in set(profile.towns)
    ]
    return paper_map(
        PaperMapSpec(
            area=profile.row.geometry,
            title=profile.row.name,
            neighbours=tuple(item.geometry for item in profile.neighbours),
            labels=(*labels, *around[:LABELS]),
            # Where there is no room for a facility's name, its place is shown all the same.
            dots=tuple((item.lon, item.lat) for item in profile.facilities),
            width=width,
            height=height,
            font=13.0,
        )
    )


def register_words(profile: Profile) -> str | None:
    """How far the register's newest count is from the census; None where one of them is missing."""
    if not profile.register or profile.row.people is None:
        return None
    newest = profile.register[-1]
    if newest.people is None:
        return None
    differences = [("人口", "人", newest.people - profile.row.people)]
    if newest.households is not None and profile.row.households is not None:
        differences.append(("世帯数", "世帯", newest.households - profile.row.households))
    last = len(differences) - 1
    said = "、".join(_more(*item, last=place == last) for place, item in enumerate(differences))
    return f"{date_label(newest.as_of).partition('(')[0]}の住民基本台帳は、国勢調査とくらべて、{said}。"


def _more(what: str, unit: str, difference: int, *, last: bool) -> str:
    if difference == 0:
        return f"{what}は同じ{'です' if last else 'で'}"
    return f"{what}は {abs(difference):,} {unit}{'多く' if difference > 0 else '少なく'}{'なっています' if last else ''}"


def _day(profile: Profile, kind: str) -> str | None:
    info = profile.city.found.datasets.get(kind)
    return date_label(info.as_of).partition("(")[0] if info and info.as_of else None


def _compared(profile: Profile) -> dict[str, Any] | None:
    """Name of the other side and the measures; None where nothing is compared."""
    if profile.other is None:
        return None
    district = profile.other if isinstance(profile.other, DistrictRow) else None
    return {
        "name": district.name if district else "市全体（数は 1 地区あたりの平均）",
        "no": district.no if district else None,
        "measures": measures(profile),
        "days": common_days(profile),
    }


def _downloads(no: int, params: ProfileParams) -> list[dict[str, str]]:
    """Where the figures of this very page are had as files."""
    asked = {key: value for key, value in params.model_dump(mode="json", exclude_none=True).items() if value}
    place = {key: value for key, value in asked.items() if key != "compare"}

    def link(path: str, values: dict[str, str]) -> str:
        return f"{path}?{urlencode(values)}" if values else path

    return [
        {
            "href": link(f"/downloads/districts/{no}.csv", asked),
            "label": "このページの数値（CSV）",
            "note": "表計算ソフトで開けます",
        },
        {
            "href": link(f"/api/v1/districts/{no}", place),
            "label": "区域と数値（GeoJSON）",
            "note": "GIS で開けます",
        },
        {
            "href": link(f"/api/v1/districts/{no}/profile", asked),
            "label": "このページの数値（JSON）",
            "note": "ほかのソフトで使えます",
        },
    ]


def _choices(profile: Profile) -> list[dict[str, Any]]:
    """What can be chosen to compare with: nothing, the city, every other district."""
    chosen = str(profile.other.no) if isinstance(profile.other, DistrictRow) else (profile.other or "")
    offered = [("", "比べない"), (CITY, "市全体")]
    offered += [
        (str(row.no), f"{row.no} {row.name}") for row in profile.city.found.rows if row.no != profile.row.no
    ]
    return [{"value": value, "label": label, "selected": value == chosen} for value, label in offered]
