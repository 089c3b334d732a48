"""A district's profile as one table: a line per figure, with what it is of, its day or year, its unit and its credit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from api.district_comparison import measures
from api.district_profile import BODIES, CITY, OFFICERS, Profile
from api.figures import PEOPLE_KINDS, shown_rate
from api.tables import rows_to_csv
from geodata.queries.districts import DistrictRow
from kyodo_geo.classes import format_percent
from kyodo_geo.comparison import NOT_KNOWN, WITHHELD
from kyodo_geo.comparison import shown as rounded
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.plan_states import PlanState

HEADER = (
    "番号", "地区", "分類", "項目", "時点・年度", "値", "単位", "データの品質", "時点", "出典", "利用条件",
)  # fmt: skip
UNKNOWN = "不明"
Value = str | int | float
Line = tuple[str, str, str, Value, str]
"""Group, what it is, its day or year, value, unit."""


def to_csv(profile: Profile) -> bytes:
    """UTF-8 with BOM, as all tables: the figures of the page, rounded as there; a withheld one is 非公表."""
    row, dataset = profile.row, profile.dataset()
    credit = [str(dataset[key] or UNKNOWN) for key in ("quality_label", "as_of", "source", "licence")]
    return rows_to_csv(HEADER, ([row.no, row.name, *line, *credit] for line in lines(profile)))


def lines(profile: Profile) -> Iterator[Line]:
    """In the order of the page."""
    yield from _people(profile)
    yield from _rates(profile)
    yield from _plan(profile)
    yield from _projects(profile)
    yield from _places(profile)
    yield from _comparison(profile)


def _known(value: int | None, word: str = NOT_KNOWN) -> Value:
    return word if value is None else value


def _percent(rate: float | None, *, withheld: bool = False) -> Value:
    if withheld:
        return WITHHELD
    return NOT_KNOWN if rate is None else float(format_percent(rate))


def _day(day: date | None) -> str:
    return UNKNOWN if day is None else day.isoformat()


def _people(profile: Profile) -> Iterator[Line]:
    found, row = profile.city.found, profile.row
    info = found.datasets.get("small-areas")
    census = found.stated("国勢調査", *PEOPLE_KINDS)
    day = _day(info.as_of if info else None)
    yield "人口と世帯", f"人口（{census}）", day, _known(row.people, UNKNOWN), "人"
    yield "人口と世帯", f"世帯数（{census}）", day, _known(row.households, UNKNOWN), "世帯"
    register = found.stated("住民基本台帳", "register-population")
    for item in profile.register:
        yield "人口と世帯", f"人口（{register}）", _day(item.as_of), _known(item.people, UNKNOWN), "人"
        yield (
            "人口と世帯",
            f"世帯数（{register}）",
            _day(item.as_of),
            _known(item.households, UNKNOWN),
            "世帯",
        )


def _rates(profile: Profile) -> Iterator[Line]:
    city = {year.fiscal_year: year.rate for year in profile.city.years}
    for year in profile.years:
        label = fiscal_year_label(year.fiscal_year)
        yield "加入率", "地区の加入率", label, _percent(year.rate, withheld=year.suppressed), "%"
        yield "加入率", "市全体の加入率", label, _percent(city.get(year.fiscal_year)), "%"


def _plan(profile: Profile) -> Iterator[Line]:
    for item in profile.plan:
        start, end = item["valid_from"], item["valid_to"]
        period = f"{_day(start)}から" + (f"{end.isoformat()}の前日まで" if end else "")
        if start is None and end is None and item["stated_on"]:
            period = f"計画書掲載時点 {_day(item['stated_on'])}"
        yield "地域づくり計画", item["title"] or "計画の状態", period, PlanState(item["state"]).label, ""
    if not profile.plan:
        yield "地域づくり計画", "計画の状態", "", UNKNOWN, ""


def _projects(profile: Profile) -> Iterator[Line]:
    group = "地域づくり事業"
    for year in profile.project_years:
        label = fiscal_year_label(year.fiscal_year)
        if not year.recorded:
            yield group, "事業", label, "記録なし", ""
            continue
        yield group, "事業", label, year.counted, "件"
        yield group, "補助金", label, _known(year.grant_yen, UNKNOWN), "円"
        if year.unknown_grants:
            yield group, "補助金が不明の事業", label, year.unknown_grants, "件"
        yield group, "参加者", label, _known(year.participants, UNKNOWN), "人"
        if year.others:
            yield group, "ほかの交付", label, _known(year.other_grant_yen, UNKNOWN), "円"
    for item in profile.community_grants:
        label = fiscal_year_label(item["fiscal_year"])
        yield "コミュニティ活動費の補助", "補助金", label, round(item["value"]), "円"


def _places(profile: Profile) -> Iterator[Line]:
    for place in profile.facilities:
        yield "地域活動に使える施設", place.name, "", place.kind, ""
    for radius, reach in sorted(profile.reach.items()):
        yield "到達圏", f"施設から直線 {radius} m 以内の住民", "", _percent(shown_rate(reach.share)), "%"
    for item in profile.officers:
        yield (
            "担当と窓口",
            OFFICERS.get(item["kind"], item["kind"]),
            "",
            _contact(item["office"], item["office_phone"]),
            "",
        )
    for item in profile.bodies:
        yield (
            "担当と窓口",
            BODIES.get(item["kind"], item["kind"]),
            "",
            _contact(item["name"], item["phone"]),
            "",
        )
    if profile.centre:
        yield (
            "担当と窓口",
            "最も近い市民協働推進センター",
            "",
            _contact(profile.centre["name"], profile.centre["phone"]),
            "",
        )
    for member in profile.associations:
        yield "町内会・自治会", member.name, "", member.area_text or "", ""
    for neighbour in profile.neighbours:
        yield "隣の地区", neighbour.name, "", neighbour.no, ""
    for name in profile.towns or profile.small_areas:
        yield "町・字", name, "", "", ""


def _contact(name: str, phone: str | None) -> str:
    return f"{name}（電話 {phone}）" if phone else name


def _comparison(profile: Profile) -> Iterator[Line]:
    other: Any = profile.other
    if other is None:
        return
    name = other.name if isinstance(other, DistrictRow) else "市全体"
    group = f"{name}との差" + ("（数は 1 地区あたりの平均との差）" if other == CITY else "")
    for item in measures(profile):
        own: Value = (
            WITHHELD
            if item.own_withheld
            else NOT_KNOWN
            if item.own is None
            else _plain(item.own, item.digits)
        )
        yield group, item.label, profile.row.name, own, item.unit
        own = (
            WITHHELD
            if item.other_withheld
            else NOT_KNOWN
            if item.other is None
            else _plain(item.other, item.digits)
        )
        yield group, item.label, name, own, item.unit
        yield group, item.label, "差", item.words, ""


def _plain(value: float, digits: int) -> Value:
    shown = rounded(value, digits)
    return float(shown) if digits else int(shown)
