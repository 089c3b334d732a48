"""施設カルテ: one facility as sections of facts and tables, the same for the page, the staff's page and the PDF.

`public` holds what everybody may read. `staff` adds inspections, works, groups and judgements.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from api import facility_zones
from api.credits import credit
from geodata.queries import datasets as dataset_queries
from geodata.queries import facility_sheet
from kyodo_geo.assets.condition import PRIORITY_BELOW, SCORES, condition
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.facility_terms import HAZARDS, INSPECTED_PARTS, SHELTER_ROLES

if TYPE_CHECKING:
    from datetime import date

    from api.answers import Reading
    from geodata.queries.assets import StockRow
    from geodata.queries.facility_sheet import Sheet, StaffPart
    from geodata.queries.facility_use import RoomYear

UNKNOWN = "不明"
YEARS_SHOWN = 3
WEEKDAYS = "月火水木金土日"
SEISMIC = {"built-to-code": "新しい耐震基準で建築", "retrofitted": "耐震改修済み", "not-proof": "耐震性なし"}
CLOSURES = {"works": "工事", "disaster": "災害", "other": "その他"}


@dataclass(frozen=True, slots=True)
class Grid:
    """A table in words; the columns after `numeric_from` are set right."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the sheet: facts, tables and sentences, any of them empty."""

    id: str
    heading: str
    facts: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Karte:
    """The sheet; `unknown` names facts that nobody has written down."""

    found: Sheet
    sections: list[Section]
    unknown: tuple[str, ...]
    dataset: dict[str, Any]
    extra: list[Section] = field(default_factory=list)


def public(reading: Reading, facility_id: str) -> Karte:
    """What everybody may see; raises NotFoundError."""
    found = facility_sheet.sheet(reading.conn, reading.ref, facility_id, on=reading.on)
    stands = facility_zones.standing(reading.conn, reading.ref, [found.site])
    dataset = _credit(reading, found, stands.loaded)
    return of_sheet(found, dataset, reading.on, _renewal(reading, facility_id), stands)


def of_sheet(
    found: Sheet, dataset: dict[str, Any], on: date, renewal: Section, stands: facility_zones.Standing
) -> Karte:
    """Sections of a sheet."""
    sections = [
        _place(found),
        _buildings(found, on),
        renewal,
        _use(found),
        _rooms(found),
        _open(found),
        _shelter(found),
        _zones(found, stands),
    ]
    return Karte(found, sections, (*_unknown(found), *stands.missing), dataset)


def _credit(reading: Reading, found: Sheet, layers: Sequence[str]) -> dict[str, Any]:
    parts: Iterable[Sequence[Any]] = (
        found.buildings, found.rooms, found.room_years, found.years, found.openings, found.closures, found.shelters,
    )  # fmt: skip
    values = {item.quality for part in parts for item in part}
    datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
    return credit(datasets, ("facilities", "districts", *layers), values=values)


def _number(value: float | None, unit: str = "", digits: int = 0) -> str:
    return UNKNOWN if value is None else f"{value:,.{digits}f}{unit}"


def _day(value: date | None) -> str:
    from maps.text import day

    return day(value)


def _place(found: Sheet) -> Section:
    site = found.site
    facts = [
        ("施設番号", site.id),
        ("種類", site.kind),
        ("所在地", site.address or UNKNOWN),
        ("地区", site.district or UNKNOWN),
        ("運営", site.operator or UNKNOWN),
        ("定員", _number(site.capacity, " 人")),
        ("開設", _day(site.opened_on)),
    ]
    if site.closed_on is not None:
        facts.append(("廃止", _day(site.closed_on)))
    return Section("place", "施設の概要", tuple(facts))


def _buildings(found: Sheet, on: date) -> Section:
    year = fiscal_year_of(on)
    rows = tuple(
        (
            row.name or f"{number}棟目",
            "・".join(
                part
                for part in (row.structure or "構造は不明", f"{row.floors}階" if row.floors else "階数は不明")
                if part
            ),
            _area(row, found.site.id),
            UNKNOWN if row.built_year is None else f"{row.built_year}年（{year - row.built_year}年経過）",
            SEISMIC.get(row.seismic or "", UNKNOWN),
            row.use_class or UNKNOWN,
            row.ledger_no or UNKNOWN,
            depreciation(row),
        )
        for number, row in enumerate(found.buildings, start=1)
    )
    columns = ("建物", "構造・階数", "延床面積", "建築", "耐震", "用途の分類", "台帳番号", "減価償却率")
    notes = () if rows else ("建物の記録がありません。面積や建築年は不明です。",)
    return Section(
        "buildings",
        "建物",
        grids=(Grid("この施設が使っている建物", columns, rows, (2, 7)),) if rows else (),
        notes=notes,
    )


def _area(row: StockRow, facility_id: str) -> str:
    whole = _number(row.floor_area_m2, " m²", 0)
    if len(row.used) < 2:
        return whole
    return f"{whole}（このうち {_number(row.used.get(facility_id), ' m²')}）"


def depreciation(row: StockRow) -> str:
    """Share of the price that is written off, of one building."""
    if not row.acquired_yen or row.depreciated_yen is None:
        return UNKNOWN
    return f"{row.depreciated_yen / row.acquired_yen * 100:.1f} %"


def _renewal(reading: Reading, facility_id: str) -> Section:
    from api import facility_costs

    found = facility_costs.costs(reading, "facility", None, None, None, facility_id=facility_id)
    mine = next((group for group in found.groups if group.key == facility_id), None)
    if mine is None or mine.buildings <= mine.unknown:
        words = (
            "面積の分け方が不明な建物を、ほかの施設と使っているため、この施設の費用は不明です。"
            if found.groups and mine is None
            else "延床面積、建築年、用途の分類のどれかが不明なため、更新費用は計算できません（0円ではありません）。"
        )
        return Section("renewal", "更新費用の見通し", notes=(words,))
    part, years = mine.forecast, found.horizon
    short, long = float(part.short.sum()), float(part.long.sum())

    def million(yen: float) -> str:
        return f"{facility_costs.money(yen, 1)} 百万円"

    rows = (
        (
            "60年で建替え", million(short), million(short / years), million(float(part.overdue_short.sum())),
            million(float(part.upkeep_short.sum())),
        ),
        (
            "80年まで長寿命化", million(long), million(long / years), million(float(part.overdue_long.sum())),
            million(float(part.upkeep_long.sum())),
        ),
    )  # fmt: skip
    notes = [
        f"長寿命化の効果（60年－80年）は {million(short - long)}です。",
        (
            f"{fiscal_year_label(found.base)}から{years}年間、同じ広さで使い続ける場合の計算です。予算や計画ではありません。"
            f"物価の倍率は {found.index:g}、過去の工事は計算に入れていません。"
        ),
    ]
    if mine.unknown:
        notes.append(f"計算できない建物が {mine.unknown} 棟あり、費用に入っていません。")
    columns = ("きまり", "合計", "年平均", "うち積み残し", "維持管理費の目安（年）")
    return Section(
        "renewal", "更新費用の見通し",
        grids=(Grid(f"{years}年間の更新費用", columns, rows, (1, 2, 3, 4)),), notes=tuple(notes),
    )  # fmt: skip


def _use(found: Sheet) -> Section:
    years = sorted(found.years, key=lambda row: -row.fiscal_year)[:YEARS_SHOWN]
    if not years:
        return Section("use", "利用と費用", notes=("利用者数と費用の記録がありません。不明です。",))
    rows = tuple(
        (
            fiscal_year_label(row.fiscal_year), _number(row.users, " 人"), _number(row.open_days, " 日"),
            *(_number(value) for value in (row.income_yen, row.cost_yen, row.upkeep_yen, row.energy_yen, row.staff_yen)),
        )
        for row in years
    )  # fmt: skip
    columns = (
        "年度",
        "利用者",
        "開館日数",
        "収入（円）",
        "費用（円）",
        "うち維持管理",
        "うち光熱水",
        "うち人件費",
    )
    return Section(
        "use", "利用と費用", grids=(Grid(f"新しい順に{len(rows)}年度", columns, rows, tuple(range(1, 8))),)
    )


def _rooms(found: Sheet) -> Section:
    if not found.rooms:
        return Section("rooms", "部屋と稼働率", notes=("部屋の記録がありません。不明です。",))
    latest: dict[int, RoomYear] = {}
    for year in sorted(found.room_years, key=lambda row: row.fiscal_year):
        latest[year.room_no] = year
    rows = []
    for room in found.rooms:
        used: RoomYear | None = latest.get(room.room_no)
        share = used.occupancy if used is not None else None
        rows.append(
            (
                room.name, _number(room.area_m2, " m²"), _number(room.capacity, " 人"),
                UNKNOWN if share is None else f"{share * 100:.1f} %",
                fiscal_year_label(used.fiscal_year) if used is not None else UNKNOWN,
            )
        )  # fmt: skip
    columns = ("部屋", "面積", "定員", "稼働率", "稼働率の年度")
    return Section(
        "rooms", "部屋と稼働率",
        grids=(Grid("部屋ごとの広さと稼働率", columns, tuple(rows), (1, 2, 3)),),
        notes=("稼働率は、使われた時間を、使える時間で割ったものです。",),
    )  # fmt: skip


def _open(found: Sheet) -> Section:
    hours: dict[int, list[str]] = {}
    for row in found.openings:
        hours.setdefault(row.weekday, []).append(f"{row.opens:%H:%M}〜{row.closes:%H:%M}")
    notes = [] if hours else ["開館時間の記録がありません。閉館ではなく、不明です。"]
    for closure in found.closures:
        until = f"{_day(closure.reopens_on)}に再開" if closure.reopens_on else "再開の日は未定"
        notes.append(
            f"{_day(closure.closed_from)}から休館（{CLOSURES.get(closure.reason, closure.reason)}、{until}）"
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


def _shelter(found: Sheet) -> Section:
    rows = tuple(
        (
            SHELTER_ROLES.get(row.role, row.role),
            _number(row.capacity, " 人"),
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


def _zones(found: Sheet, stands: facility_zones.Standing) -> Section:
    facts = tuple((name, stands.words(found.site.id, kind)) for kind, name in facility_zones.KINDS.items())
    notes = [facility_zones.ABOUT]
    if stands.missing:
        notes.append(
            f"{'、'.join(stands.missing)}は読み込まれていないため不明です（区域の外という意味ではありません）。"
        )
    return Section("zones", "災害の区域と居住誘導区域", facts=facts, notes=tuple(notes))


def _unknown(found: Sheet) -> tuple[str, ...]:
    """Facts of the sheet that are not known, for the line at its head."""
    site = found.site
    checks = [
        ("所在地", site.address is None),
        ("運営", site.operator is None),
        ("定員", site.capacity is None),
        ("開設", site.opened_on is None),
        ("建物", not found.buildings),
        ("延床面積", any(row.floor_area_m2 is None for row in found.buildings)),
        ("建築年", any(row.built_year is None for row in found.buildings)),
        ("耐震", any(row.seismic is None for row in found.buildings)),
        ("減価償却率", any(not row.acquired_yen or row.depreciated_yen is None for row in found.buildings)),
        ("開館時間", not found.openings),
        ("部屋", not found.rooms),
        ("稼働率", bool(found.rooms) and not any(row.occupancy is not None for row in found.room_years)),
        ("利用者", not any(row.users is not None for row in found.years)),
        ("費用", not any(row.cost_yen is not None for row in found.years)),
    ]
    return tuple(name for name, missing in checks if missing)


def staff(found: Sheet, part: StaffPart) -> list[Section]:
    """What staff see besides."""
    names = {row.building_id: row.name or f"{n}棟目" for n, row in enumerate(found.buildings, start=1)}
    return [_stage(part), _inspections(part, names), _works(part, names), _groups(found, part)]


def _stage(part: StaffPart) -> Section:
    rows = tuple((_day(item.decided_on), item.stage, item.reason, item.decided_by) for item in part.stages)
    if not rows:
        return Section("stage", "方針と理由", notes=("方針はまだ登録されていません。",))
    return Section(
        "stage", "方針と理由", facts=(("今の方針", part.stages[0].stage),),
        grids=(Grid("方針の履歴（新しい順）", ("決めた日", "方針", "理由", "決めた人"), rows),),
    )  # fmt: skip


def _inspections(part: StaffPart, names: dict[str, str]) -> Section:
    if not part.inspections:
        return Section("condition", "点検と健全度", notes=("点検の記録がありません。健全度は不明です。",))
    rows = []
    for item in part.inspections:
        letters = {name: getattr(item, name) for name in INSPECTED_PARTS}
        score = condition(letters)
        words = UNKNOWN if score is None else f"{score}{'（優先）' if score < PRIORITY_BELOW else ''}"
        rows.append(
            (
                names.get(item.building_id, item.building_id), _day(item.inspected_on),
                *(letters[name] or UNKNOWN for name in INSPECTED_PARTS), words, item.inspector or UNKNOWN,
            )
        )  # fmt: skip
    columns = ("建物", "点検日", *INSPECTED_PARTS.values(), "健全度", "点検した人")
    scale = "、".join(f"{letter}＝{score:g}" for letter, score in SCORES.items())
    return Section(
        "condition", "点検と健全度",
        grids=(Grid("点検の記録（建物ごとに新しい順）", columns, tuple(rows), (7,)),),
        notes=(
            (f"健全度（0〜100、高いほど良い）は、部位の評価（{scale}）を重みで平均したものです。"
            f"{PRIORITY_BELOW} 未満は優先して検討します。見ていない部位がある点検の健全度は、不明です。"),
        ),
    )  # fmt: skip


def _works(part: StaffPart, names: dict[str, str]) -> Section:
    if not part.works:
        return Section(
            "works", "工事の履歴", notes=("工事の記録がありません（工事がなかったのかは不明です）。",)
        )
    rows = tuple(
        (
            fiscal_year_label(item.fiscal_year), names.get(item.building_id, item.building_id), item.kind,
            _number(item.cost_yen), item.note or "",
        )
        for item in sorted(part.works, key=lambda item: -item.fiscal_year)
    )  # fmt: skip
    return Section(
        "works", "工事の履歴",
        grids=(Grid("工事（新しい順）", ("年度", "建物", "工事", "費用（円）", "備考"), rows, (3,)),),
    )  # fmt: skip


def _groups(found: Sheet, part: StaffPart) -> Section:
    if not part.groups:
        return Section("groups", "定期的に使う団体", notes=("団体の記録がありません。不明です。",))
    rooms = {room.room_no: room.name for room in found.rooms}
    rows = tuple(
        (
            item.name or "名前は不明", f"{WEEKDAYS[item.weekday - 1]} {item.starts:%H:%M}〜{item.ends:%H:%M}",
            f"{item.people:,} 人", rooms.get(item.room_no or -1, UNKNOWN),
        )
        for item in part.groups
    )  # fmt: skip
    return Section(
        "groups",
        "定期的に使う団体",
        grids=(Grid("団体（庁内限り）", ("団体", "曜日と時間", "人数", "部屋"), rows, (2,)),),
    )
