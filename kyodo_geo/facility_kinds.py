"""Records of facilities that are kept one by one below /ogc: buildings, rooms, yearly figures.

Their pages take whole files (`geodata/record_files`); what holds there holds here. They are not among `records.KINDS`,
whose kinds have forms of their own.
"""

from __future__ import annotations

from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import USE_CLASSES
from kyodo_geo.quality import Quality
from kyodo_geo.records import FIRST_YEAR, LAST_YEAR, Facts, Field, Kind

MAX_YEN = 999_999_999_999
MAX_COUNT = 2_147_483_647
MAX_M2 = 100_000_000
SEISMIC = (("built-to-code", "新耐震"), ("retrofitted", "改修済み"), ("not-proof", "耐震性なし"))


def _building(facts: Facts) -> None:
    cost, written_off = facts["acquired_yen"], facts["depreciated_yen"]
    if cost is not None and written_off is not None and written_off > cost:
        raise InputError("減価償却累計額が、取得価額より大きくなっています。", field="depreciated_yen")
    first, gone = facts["acquired_on"], facts["demolished_on"]
    if first is not None and gone is not None and gone < first:
        raise InputError("除却した日が、取得した日より前になっています。", field="demolished_on")


def _room(facts: Facts) -> None:
    first, after = facts["valid_from"], facts["valid_to"]
    if first is not None and after is not None and after <= first:
        raise InputError("終わりの次の日は、最初の日より後にしてください。", field="valid_to")


_FACILITY = Field("facility_id", "施設の番号", "reference", required=True, to="any-facility")
_BASIS = (
    Field(
        "quality", "記録の種類", "choice", required=True, default="real",
        options=tuple((quality.value, quality.label) for quality in Quality),
    ),
    Field("source", "出典", most=2_000),
)  # fmt: skip

BUILDINGS = Kind(
    "buildings", "asset-building", "公共施設の建物", "固定資産台帳の建物です。", lambda said: said["name"],
    (
        Field("name", "名前"), Field("address", "住所", most=2_000),
        Field("built_year", "建築年", "whole", least=1600, most=2200, unit="年"),
        Field("structure", "構造"), Field("floors", "階数", "whole", least=1, most=200, unit="階"),
        Field("floor_area_m2", "延床面積", "amount", most=MAX_M2, unit="m2"),
        Field("seismic", "耐震", "choice", options=SEISMIC),
        Field("ledger_no", "固定資産台帳の番号", "code", most=40),
        Field("use_class", "用途分類", "choice", options=tuple((name, name) for name in USE_CLASSES)),
        Field("extendable", "長寿命化できる", "yes_no"),
        Field("acquired_on", "取得した日", "day"), Field("acquired_yen", "取得価額", "whole", most=MAX_YEN, unit="円"),
        Field("useful_life", "耐用年数", "whole", least=1, most=100, unit="年"),
        Field("depreciated_yen", "減価償却累計額", "whole", most=MAX_YEN, unit="円"),
        Field("demolished_on", "除却した日", "day"), *_BASIS,
    ),
    ("ledger_no",), "施設カルテと更新費用の見通し", "/staff/records/import", _building,
)  # fmt: skip

ROOMS = Kind(
    "rooms", "room", "公共施設の部屋", "地域の活動に使える部屋です。", lambda said: said["name"],
    (
        _FACILITY, Field("name", "名前", required=True),
        Field("area_m2", "面積", "amount", most=MAX_M2, unit="m2"),
        Field("capacity", "収容人員", "whole", most=1_000_000, unit="人"),
        Field("valid_from", "最初の日", "day"), Field("valid_to", "終わりの次の日", "day"), *_BASIS,
    ),
    ("facility_id", "name", "valid_from"), "施設のページ", "/staff/records/import", _room,
)  # fmt: skip

FACILITY_YEARS = Kind(
    "facility-years", "facility-year", "公共施設の年度ごとの数値", "利用者数と経費です。",
    lambda said: f"{said['facility_id']} {said['fiscal_year']}",
    (
        _FACILITY,
        Field("fiscal_year", "年度", "year", required=True, least=FIRST_YEAR, most=LAST_YEAR),
        Field("users", "利用者数", "whole", most=MAX_COUNT, unit="人"),
        *(
            Field(name, label, "whole", most=MAX_YEN, unit="円")
            for name, label in (
                ("cost_yen", "経費"), ("income_yen", "収入"), ("upkeep_yen", "維持修繕費"), ("energy_yen", "光熱水費"),
                ("staff_yen", "人件費"), ("fee_yen", "指定管理料・委託料"),
            )
        ),
        Field("open_days", "開館日数", "whole", most=366, unit="日"), *_BASIS,
    ),
    ("facility_id", "fiscal_year"), "施設カルテと施設のページ", "/staff/records/import",
)  # fmt: skip

FACILITY_KINDS = {kind.key: kind for kind in (BUILDINGS, ROOMS, FACILITY_YEARS)}
