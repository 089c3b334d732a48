"""Kinds of record files: their columns, and how their rows become rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from geodata.readers.fields import Field
from geodata.readers.result import LoadReport
from geodata.readers.values import count, day, name, positive, square_metres, text, year
from geodata.record_files import cells
from geodata.record_files.known import Known
from geodata.record_files.ledger import ledger_rows
from geodata.record_files.months import facility_months, room_months
from geodata.record_files.profiles import land_rows, profile
from geodata.record_files.row import Read, Row
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import CATCHMENTS, INSPECTED_PARTS, TENURES, WORK_KINDS

Prepare = Callable[[Known, list[Read], LoadReport], list[Row]]


@dataclass(frozen=True, slots=True)
class RecordKind:
    """`table` and its `key` (without the municipality). `replaces`: rows of the file's facilities that it lacks go.

    `prepare` turns what was read into rows of the table: columns that a row lacks stay as they are stored.
    """

    label: str
    table: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    prepare: Prepare
    replaces: tuple[str, ...] = ()
    links: bool = field(default=False)
    """Rows carry `_facility`: a new building is entered as used by it."""
    happened: str | None = None
    """Day or fiscal year of what a row tells of: in the future it is a slip, and would be the newest of all."""


FACILITY = Field(
    "facility", "施設", name, ("施設番号", "施設名", "施設名称", "施設ID", "facility_id"), required=True
)
BUILDING = Field("building", "建物", name, ("建物番号", "資産番号", "台帳番号", "building_id"))
_FACILITY_OPT = Field("facility", "施設", name, FACILITY.headings)
_YEAR = Field("fiscal_year", "年度", cells.fiscal_year, ("会計年度",), required=True)


def _each(one: Callable[[Known, Row], Row]) -> Prepare:
    """Rows one by one; one that refers to nothing known is left out with its reason."""

    def prepare(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
        return list(_good(known, read, report, one))

    return prepare


def _good(
    known: Known, read: list[Read], report: LoadReport, one: Callable[[Known, Row], Row]
) -> Iterator[Row]:
    for item in read:
        try:
            yield {**one(known, item.values), "_source": item.source, "_row": item.row}
        except InputError as error:
            report.reject(item.source, item.row, None, None, error.message)


def _facility(known: Known, values: Row) -> Row:
    return {"facility_id": known.facility(values["facility"])} | {
        key: value for key, value in values.items() if key != "facility"
    }


def _opening(known: Known, values: Row) -> Row:
    if values["opens"] >= values["closes"]:
        raise InputError("閉まる時刻が、開く時刻より前です。")
    return _facility(known, values)


def _group(known: Known, values: Row) -> Row:
    if values["starts"] >= values["ends"]:
        raise InputError("終わりの時刻が、始まりの時刻より前です。")
    row = _facility(known, values)
    room = row.pop("room")
    return {**row, "room_no": None if room is None else known.room(row["facility_id"], room)}


def _shelter(known: Known, values: Row) -> Row:
    return {**_facility(known, values), "hazards": values["hazards"] or []}


def _inspection(known: Known, values: Row) -> Row:
    if all(values[part] is None for part in INSPECTED_PARTS):
        raise InputError("評価が1つもありません。")
    building = known.building(values["building"], values["facility"])
    return {"building_id": building} | {
        key: value for key, value in values.items() if key not in ("building", "facility")
    }


def _work(known: Known, values: Row) -> Row:
    building = known.building(values["building"], values["facility"])
    return {"building_id": building} | {
        key: value for key, value in values.items() if key not in ("building", "facility")
    }


def _profile(known: Known, values: Row) -> Row:
    return profile(_facility(known, values))


_TENURES = {key: key for key in TENURES} | {label: key for key, label in TENURES.items()} | {
    "自己所有": "owned", "所有": "owned", "市所有": "owned", "賃借": "leased", "一部借地": "partly-leased",
}  # fmt: skip
_FIGURES = (
    Field("users", "利用者数", count, ("利用人数", "延べ利用者数", "入館者数")),
    Field("income_yen", "収入", cells.yen, ("使用料", "使用料収入", "利用料金収入")),
    Field("cost_yen", "運営費", cells.yen, ("維持管理運営費", "総費用", "支出", "支出合計")),
    Field("upkeep_yen", "維持修繕費", cells.yen, ("修繕費", "維持管理費", "保守点検費")),
    Field("energy_yen", "光熱水費", cells.yen, ("光熱費", "エネルギー費")),
    Field("staff_yen", "人件費", cells.yen, ("職員人件費",)),
    Field("fee_yen", "指定管理料・委託料", cells.yen, ("指定管理料", "委託料", "管理委託料", "運営委託料")),
    Field("open_days", "開館日数", count, ("開所日数", "供用日数")),
)
_ENERGY = (
    Field("electricity_yen", "電気料金", cells.yen, ("電気代", "電力料金")),
    Field("gas_yen", "ガス料金", cells.yen, ("ガス代",)),
    Field("water_yen", "水道料金", cells.yen, ("上下水道料金", "水道代")),
    Field("fuel_yen", "燃料費", cells.yen, ("灯油代", "重油代")),
)
_MONTH = (
    Field("month", "年月", cells.month, ("利用年月", "対象年月", "月分")),
    Field("fiscal_year", "年度", cells.fiscal_year, ("会計年度",)),
    Field("month_number", "月", cells.month_number),
)

RECORD_KINDS: dict[str, RecordKind] = {
    "asset-ledger": RecordKind(
        "固定資産台帳（建物）", "building", ("building_id",),
        (
            Field("ledger_no", "資産番号", name, ("番号", "資産No", "台帳番号", "固定資産番号", "資産コード"), required=True),
            Field("branch_no", "枝番", name, ("枝番号",)),
            Field("account", "勘定科目", name, ("勘定科目（種目・種別）", "科目", "資産種別", "種目")),
            Field("removed", "完全除却済記号", name, ("除却済",)),
            Field("demolished_on", "除却年月日", day, ("除却日",)),
            Field("name", "件名", name, ("件名（施設名）", "資産名称", "建物名称", "名称")),
            Field("facility", "施設", name, ("施設名", "施設番号", "施設名称")),
            Field("address", "所在地", text, ("住所",)),
            Field("structure", "構造", name, ("耐用年数分類（構造）", "主体構造")),
            Field("floors", "階数", positive, ("階数（建物）", "地上階数")),
            Field("floor_area_m2", "延床面積", square_metres, ("延べ床面積", "数量（（延べ床）面積）", "面積", "数量")),
            Field("built_year", "建築年", year, ("建築年度",)),
            Field("in_use_from", "供用開始年月日", day, ("供用開始日", "建築年月日", "竣工年月日")),
            Field("acquired_on", "取得年月日", day, ("取得日",)),
            Field("acquired_yen", "取得価額等", cells.yen, ("取得価額", "取得価格", "再調達価額")),
            Field("useful_life", "耐用年数", positive, ("法定耐用年数",)),
            Field("depreciated_yen", "減価償却累計額", cells.yen, ("償却累計額",)),
            Field("use_class", "施設類型", name, ("用途分類", "大分類")),
            Field("seismic", "耐震化状況", name, ("耐震化状況（建物）", "耐震")),
        ),
        ledger_rows, links=True,
    ),
    "asset-land": RecordKind(
        "固定資産台帳（土地）", "facility_profile", ("facility_id",),
        (
            Field("ledger_no", "資産番号", name, ("番号", "資産No", "台帳番号", "固定資産番号", "資産コード"), required=True),
            Field("account", "勘定科目", name, ("勘定科目（種目・種別）", "科目", "資産種別", "種目"), required=True),
            Field("removed", "完全除却済記号", name, ("除却済",)),
            Field("name", "件名", name, ("件名（施設名）", "資産名称", "名称")),
            Field("facility", "施設", name, ("施設名", "施設番号", "施設名称")),
            Field("land_m2", "面積", square_metres, ("地積", "数量", "数量（（延べ床）面積）", "敷地面積")),
            Field("owned", "所有関係区分", name, ("所有関係", "所有区分")),
        ),
        land_rows,
    ),
    "profiles": RecordKind(
        "施設の利用圏域と土地", "facility_profile", ("facility_id",),
        (
            FACILITY,
            Field("catchment", "利用圏域", cells.choice({key: key for key in CATCHMENTS}), ("圏域", "施設の圏域")),
            Field("land_m2", "敷地面積", square_metres, ("土地面積", "敷地の面積")),
            Field("land_tenure", "土地の所有", cells.choice(_TENURES), ("土地の所有区分", "土地所有", "所有区分")),
            Field("land_leased_m2", "うち借地面積", cells.area, ("借地面積",)),
        ),
        _each(_profile),
    ),
    "inspections": RecordKind(
        "建物の点検（12条点検など）", "building_inspection", ("building_id", "inspected_on"),
        (
            BUILDING, _FACILITY_OPT,
            Field("inspected_on", "点検日", day, ("点検年月日", "実施日", "調査日"), required=True),
            Field("roof", "屋根・屋上", cells.grade, ("屋根", "屋上")),
            Field("outer_wall", "外壁", cells.grade),
            Field("inside", "内部仕上", cells.grade, ("内部", "内部仕上げ", "内装")),
            Field("electricity", "電気設備", cells.grade, ("電気",)),
            Field("machinery", "機械設備", cells.grade, ("機械",)),
            Field("inspector", "点検者", name, ("調査者", "点検業者")),
        ),
        _each(_inspection), happened="inspected_on",
    ),
    "works": RecordKind(
        "工事の履歴", "building_work", ("building_id", "work_no"),
        (
            BUILDING, _FACILITY_OPT,
            Field("work_no", "工事番号", positive, ("番号",), required=True),
            _YEAR,
            Field("kind", "工事の種類", cells.choice({kind: kind for kind in WORK_KINDS}), ("工種", "種類"), required=True),
            Field("cost_yen", "工事費", cells.yen, ("金額", "契約金額")),
            Field("note", "備考", text, ("注記",)),
        ),
        _each(_work), happened="fiscal_year",
    ),
    "facility-years": RecordKind(
        "施設の利用と費用（年度）", "facility_year", ("facility_id", "fiscal_year"),
        (FACILITY, _YEAR, *_FIGURES), _each(_facility), happened="fiscal_year",
    ),
    "facility-months": RecordKind(
        "施設の利用と費用・エネルギー（月）", "facility_year", ("facility_id", "fiscal_year"),
        (FACILITY, *_MONTH, *_FIGURES, *_ENERGY), facility_months, happened="fiscal_year",
    ),
    "room-months": RecordKind(
        "部屋の利用時間（月）", "room_year", ("facility_id", "room_no", "fiscal_year"),
        (
            FACILITY, Field("room", "部屋", name, ("室名", "部屋番号", "部屋名"), required=True), *_MONTH,
            Field("hours_open", "利用できる時間", cells.hours, ("利用可能時間", "開放時間")),
            Field("hours_used", "利用時間", cells.hours, ("使用時間", "利用された時間")),
        ),
        room_months, happened="fiscal_year",
    ),
    "openings": RecordKind(
        "開館時間", "facility_opening", ("facility_id", "weekday", "opens"),
        (
            FACILITY, Field("weekday", "曜日", cells.weekday, required=True),
            Field("opens", "開館", cells.clock, ("開館時刻", "開始時刻", "開く時刻"), required=True),
            Field("closes", "閉館", cells.clock, ("閉館時刻", "終了時刻", "閉まる時刻"), required=True),
        ),
        _each(_opening), replaces=("facility_id",),
    ),
    "groups": RecordKind(
        "登録団体", "facility_group", ("facility_id", "group_no"),
        (
            FACILITY, Field("group_no", "団体番号", positive, ("番号",), required=True),
            Field("weekday", "曜日", cells.weekday, required=True),
            Field("starts", "開始", cells.clock, ("開始時刻", "始まり"), required=True),
            Field("ends", "終了", cells.clock, ("終了時刻", "終わり"), required=True),
            Field("people", "人数", positive, ("登録人数", "会員数"), required=True),
            Field("name", "団体名", name, ("名称",)),
            Field("room", "部屋", name, ("室名", "部屋番号", "部屋名")),
        ),
        _each(_group), replaces=("facility_id",),
    ),
    "shelters": RecordKind(
        "避難所の指定", "facility_shelter", ("facility_id", "role"),
        (
            FACILITY, Field("role", "指定の種類", cells.role, ("種別", "区分"), required=True),
            Field("capacity", "収容人数", count, ("想定収容人数", "定員")),
            Field("hazards", "対象とする災害", cells.hazards, ("災害の種類", "対象とする災害の種類")),
        ),
        _each(_shelter),
    ),
}  # fmt: skip
