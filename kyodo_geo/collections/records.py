"""Collections of records: dated ones that belong to no generation, membership by association, and vacant houses."""

from __future__ import annotations

from kyodo_geo.collections.areas import DENOMINATORS, PLAN_STATES
from kyodo_geo.collections.model import (
    Collection,
    day,
    number,
    origin,
    text,
    texts,
    validity,
    whole,
    yes_no,
)
from kyodo_geo.facility_terms import USE_CLASSES
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS

DISTRICT_PLANS = Collection(
    "district-plans",
    "地域づくり計画の記録",
    "コミュニティ推進地区ごとの地域づくり計画の状態の記録。",
    (),
    None,
    "id",
    (
        text("id", "記録の番号", description="地区の番号と記録の番号"),
        whole("district_no", "地区の番号"),
        whole("record_no", "地区の中の番号"),
        text("state", "状態", options=PLAN_STATES),
        text("title", "計画の名前"),
        text("document_url", "計画書のアドレス"),
        day("stated_on", "資料の日付"),
        text("note", "備考"),
        *validity(),
        *origin(),
    ),
    keywords=("地域づくり計画",),
    interval=("valid_from", "valid_to"),
)

PROJECTS = Collection(
    "projects",
    "地域づくり事業",
    "コミュニティ推進地区の地域づくり事業と補助金。",
    (),
    None,
    "project_id",
    (
        text("project_id", "事業の番号"),
        whole("district_no", "地区の番号"),
        whole("fiscal_year", "年度"),
        text("title", "事業の名前"),
        text("theme", "テーマ"),
        whole("grant_yen", "補助金", unit="円"),
        whole("participants", "参加者", unit="人"),
        yes_no("counts_as_project", "指標の件数に数える"),
        *origin(),
    ),
    keywords=("地域づくり事業", "補助金"),
)

BUILDINGS = Collection(
    "buildings",
    "公共施設の建物",
    "公共施設の建物の構造、床面積、建築年など。",
    (),
    None,
    "building_id",
    (
        text("building_id", "建物の番号"),
        text("name", "名前"),
        text("address", "住所"),
        whole("built_year", "建築年"),
        text("structure", "構造"),
        whole("floors", "階数"),
        number("floor_area_m2", "延床面積", unit="m2"),
        text("seismic", "耐震", options=("built-to-code", "retrofitted", "not-proof")),
        text("ledger_no", "固定資産台帳の番号"),
        text("use_class", "用途分類", options=USE_CLASSES),
        yes_no("extendable", "長寿命化できる"),
        day("acquired_on", "取得した日"),
        whole("acquired_yen", "取得価額", unit="円"),
        whole("useful_life", "耐用年数", unit="年"),
        whole("depreciated_yen", "減価償却累計額", unit="円"),
        day("demolished_on", "除却した日"),
        *origin(),
    ),
    keywords=("公共施設", "固定資産台帳"),
    interval=("acquired_on", "demolished_on"),
)

ROOMS = Collection(
    "rooms",
    "公共施設の部屋",
    "公共施設の、地域活動に使える部屋。",
    (),
    None,
    "id",
    (
        text("id", "番号", description="施設の番号と部屋の番号"),
        text("facility_id", "施設の番号"),
        whole("room_no", "部屋の番号"),
        text("name", "名前"),
        number("area_m2", "面積", unit="m2"),
        whole("capacity", "収容人員", unit="人"),
        *validity(),
        *origin(),
    ),
    keywords=("公共施設", "集会室"),
    interval=("valid_from", "valid_to"),
)

FACILITY_YEARS = Collection(
    "facility-years",
    "公共施設の年度ごとの数値",
    "公共施設の利用者数、経費、収入（年度ごと）。",
    (),
    None,
    "id",
    (
        text("id", "番号", description="施設の番号と年度"),
        text("facility_id", "施設の番号"),
        whole("fiscal_year", "年度"),
        whole("users", "利用者数", unit="人"),
        whole("cost_yen", "経費", unit="円"),
        whole("income_yen", "収入", unit="円"),
        whole("upkeep_yen", "維持修繕費", unit="円"),
        whole("energy_yen", "光熱水費", unit="円"),
        whole("staff_yen", "人件費", unit="円"),
        whole("fee_yen", "指定管理料・委託料", unit="円"),
        whole("open_days", "開館日数", unit="日"),
        *origin(),
    ),
    keywords=("公共施設", "利用者数", "経費"),
)

ASSOCIATION_CONTACTS = Collection(
    "association-contacts",
    "町内会・自治会の連絡先",
    "町内会・自治会が公開に同意した、今の連絡先。",
    ("associations",),
    None,
    "id",
    (
        text("id", "番号", description="町内会・自治会の番号と連絡先の番号"),
        text("association_id", "町内会・自治会の番号"),
        whole("contact_no", "連絡先の番号"),
        text("role", "役割", options=("president", "office", "member-desk")),
        # Looking for a person by name or number is not what these are for, and a filter stands in an address.
        text("name", "名前", queryable=False, sortable=False),
        text("phone", "電話", queryable=False, sortable=False),
        text("email", "メール", queryable=False, sortable=False),
        text("address", "住所", queryable=False, sortable=False),
        yes_no("published", "公開に同意している", readers=STAFF),
        day("valid_from", "最初の日", readers=STAFF),
        day("valid_to", "終わりの次の日", readers=STAFF),
    ),
    keywords=("町内会", "自治会", "連絡先"),
)

MEMBERSHIPS = Collection(
    "memberships",
    "町内会・自治会の加入世帯数",
    "町内会・自治会ごと、年度ごとの世帯数と加入世帯数（職員だけ）。",
    ("membership", "associations"),
    None,
    "id",
    (
        text("id", "番号", description="町内会・自治会の番号と年度"),
        text("association_id", "町内会・自治会の番号"),
        whole("fiscal_year", "年度"),
        whole("households", "世帯数", unit="世帯"),
        whole("member_households", "加入世帯数", unit="世帯"),
        number("rate", "加入率", description="0〜1"),
        text("denominator", "世帯数の種類", options=DENOMINATORS),
        day("denominator_as_of", "世帯数の時点"),
        text("denominator_source", "世帯数の出典"),
    ),
    keywords=("加入率",),
    readers=STAFF,
)

VACANT_HOUSES = Collection(
    "vacant-houses",
    "空き家",
    "空き家の記録（担当の職員だけ）。見たことは監査の記録に残ります。外部へ渡さないでください。",
    ("vacant-houses",),
    "Point",
    "house_id",
    (
        text("house_id", "調査の番号"),
        text("state", "状態", options=("survey", "consented", "listed")),
        text("rank", "評価", options=("A", "B", "C", "D")),
        # Filters and places in an order stand in addresses, which are logged.
        text("address", "住所", queryable=False, sortable=False),
        text("structure", "構造"),
        whole("floors", "階数"),
        number("floor_area_m2", "床面積", unit="m2"),
        number("largest_room_m2", "いちばん広い部屋", unit="m2"),
        whole("built_year", "建築年"),
        day("confirmed_on", "建築確認の日"),
        text("seismic", "耐震", options=("diagnosed", "retrofitted")),
        yes_no("road_access", "接道"),
        text("hazard", "災害の区域"),
        yes_no("owner_willing", "所有者に貸す意向がある"),
        texts("consented_to", "所有者が認めた相手"),
        day("consented_on", "同意の日"),
        yes_no("neglected", "管理不全空家等"),
        yes_no("certificate", "検査済証がある"),
        text("use_district", "用途地域"),
        text("office_answer", "建築の担当の回答"),
        whole("capacity", "収容人員", unit="人"),
        whole("price_yen", "改修の見積もり", unit="円"),
    ),
    readers=VACANT_HOUSE_READERS,
)

LISTED_HOUSES = Collection(
    "listed-houses",
    "公開されている空き家",
    "空き家バンクなどで、所有者がいま公開している空き家。公開をやめたものは、過去の日を指定しても出ません。",
    (),
    "Point",
    "house_id",
    (
        text("house_id", "番号"),
        text("address", "住所"),
        text("structure", "構造"),
        whole("floors", "階数"),
        number("floor_area_m2", "床面積", unit="m2"),
        number("largest_room_m2", "いちばん広い部屋", unit="m2"),
        whole("built_year", "建築年"),
        text("seismic", "耐震", options=("diagnosed", "retrofitted")),
        yes_no("road_access", "接道"),
        text("use_district", "用途地域"),
        whole("capacity", "収容人員", unit="人"),
        *origin(),
    ),
    keywords=("空き家",),
)

RECORDS = (
    DISTRICT_PLANS,
    PROJECTS,
    BUILDINGS,
    ROOMS,
    FACILITY_YEARS,
    ASSOCIATION_CONTACTS,
    MEMBERSHIPS,
    VACANT_HOUSES,
    LISTED_HOUSES,
)
