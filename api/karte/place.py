"""Place, land, buildings, opening hours and shelter of a facility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api import facility_zones
from api.karte.parts import UNKNOWN, WEEKDAYS, Grid, Section, day_words, number
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.facility_terms import CATCHMENTS, HAZARDS, SHELTER_ROLES, TENURES

if TYPE_CHECKING:
    from datetime import date

    from geodata.queries.assets import StockRow
    from geodata.queries.facility_sheet import Sheet

SEISMIC = {"built-to-code": "新しい耐震基準で建築", "retrofitted": "耐震改修済み", "not-proof": "耐震性なし"}
CLOSURES = {"works": "工事", "disaster": "災害", "other": "その他"}


def place(found: Sheet) -> Section:
    site = found.site
    facts = [
        ("施設番号", site.id),
        ("種類", site.kind),
        ("所在地", site.address or UNKNOWN),
        ("地区", site.district or UNKNOWN),
        ("運営", site.operator or UNKNOWN),
        ("利用圏域", _catchment(found)),
        ("定員", number(site.capacity, " 人")),
        ("開設", day_words(site.opened_on)),
    ]
    if site.closed_on is not None:
        facts.append(("廃止", day_words(site.closed_on)))
    return Section("place", "施設の概要", tuple(facts))


def _catchment(found: Sheet) -> str:
    said = found.profile.catchment if found.profile else None
    return UNKNOWN if said is None else f"{said}（{CATCHMENTS[said]}）"


def land(found: Sheet) -> Section:
    """The ground it stands on."""
    said = found.profile
    if said is None or (said.land_m2, said.land_tenure) == (None, None):
        return Section(
            "land", "土地", notes=("土地の記録がありません。敷地の面積も、市有地か借地かも不明です。",)
        )
    leased = said.land_leased_m2
    facts = [
        ("敷地の面積", number(said.land_m2, " m²")),
        ("土地の所有", UNKNOWN if said.land_tenure is None else TENURES[said.land_tenure]),
    ]
    if said.land_tenure != "owned":
        facts.append(("うち借地", number(leased, " m²")))
    return Section("land", "土地", tuple(facts))


NO_BUILDING = "建物の記録がありません。面積や建築年は不明です。"


def buildings(found: Sheet, on: date) -> Section:
    year = fiscal_year_of(on)
    rows = tuple(
        (
            row.name or f"{number}棟目",
            "・".join(
                part
                for part in (row.structure or "構造は不明", f"{row.floors}階" if row.floors else "階数は不明")
                if part
            ),
            area_of(row, found.site.id),
            UNKNOWN if row.built_year is None else f"{row.built_year}年（{year - row.built_year}年経過）",
            SEISMIC.get(row.seismic or "", UNKNOWN),
            row.use_class or UNKNOWN,
            row.ledger_no or UNKNOWN,
            depreciation(row),
        )
        for number, row in enumerate(found.buildings, start=1)
    )
    columns = ("建物", "構造・階数", "延床面積", "建築", "耐震", "用途の分類", "台帳番号", "減価償却率")
    gone = tuple(
        f"{row.name or f'建物 {row.building_id}'}は、{day_words(row.demolished_on)}に除却されました。"
        for row in found.demolished
    )
    notes = gone if rows else (*gone, "今ある建物の記録がありません。" if gone else NO_BUILDING)
    return Section(
        "buildings",
        "建物",
        grids=(Grid("この施設が使っている建物", columns, rows, (2, 7)),) if rows else (),
        notes=notes,
    )


def area_of(row: StockRow, facility_id: str) -> str:
    whole = number(row.floor_area_m2, " m²", 0)
    if len(row.used) < 2:
        return whole
    return f"{whole}（このうち {number(row.used.get(facility_id), ' m²')}）"


def depreciation(row: StockRow) -> str:
    """Share of the price that is written off, of one building."""
    if not row.acquired_yen or row.depreciated_yen is None:
        return UNKNOWN
    return f"{row.depreciated_yen / row.acquired_yen * 100:.1f} %"


def opening(found: Sheet) -> Section:
    hours: dict[int, list[str]] = {}
    for row in found.openings:
        hours.setdefault(row.weekday, []).append(f"{row.opens:%H:%M}〜{row.closes:%H:%M}")
    notes = [] if hours else ["開館時間の記録がありません。閉館ではなく、不明です。"]
    for closure in found.closures:
        until = f"{day_words(closure.reopens_on)}に再開" if closure.reopens_on else "再開の日は未定"
        notes.append(
            f"{day_words(closure.closed_from)}から休館（{CLOSURES.get(closure.reason, closure.reason)}、{until}）"
        )
    rows = (
        tuple((WEEKDAYS[day - 1], "、".join(hours.get(day, ["休み"]))) for day in range(1, 8))
        if hours
        else ()
    )
    return Section(
        "open", "開館日と時間",
        grids=(Grid("曜日ごとの開館時間", ("曜日", "時間"), rows),) if rows else (), notes=tuple(notes),
    )  # fmt: skip


def shelter(found: Sheet) -> Section:
    rows = tuple(
        (
            SHELTER_ROLES.get(row.role, row.role),
            number(row.capacity, " 人"),
            "、".join(HAZARDS.get(item, item) for item in row.hazards) or UNKNOWN,
        )
        for row in found.shelters
    )
    if not rows:
        return Section(
            "shelter",
            "避難所の指定",
            notes=("指定の記録がありません（指定がないのか、記録がないのかは不明です）。",),
        )
    return Section(
        "shelter",
        "避難所の指定",
        grids=(Grid("指定と収容人数", ("指定", "収容人数", "対象とする災害"), rows, (1,)),),
    )


def zones(found: Sheet, stands: facility_zones.Standing) -> Section:
    """In which planned areas it stands."""
    facts = tuple((name, stands.words(found.site.id, kind)) for kind, name in facility_zones.KINDS.items())
    notes = [facility_zones.ABOUT]
    if stands.missing:
        notes.append(
            f"{'、'.join(stands.missing)}は読み込まれていないため不明です（区域の外という意味ではありません）。"
        )
    return Section("zones", "災害の区域と居住誘導区域", facts=facts, notes=tuple(notes))
