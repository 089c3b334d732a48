"""The city's data as files in the layouts of the 自治体標準オープンデータセット; what is not known stays empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from api.tables import rows_to_csv
from geodata.database import Connection
from geodata.queries import events, facility_sheet, facility_use, register
from geodata.queries.datasets import active_datasets
from geodata.queries.facility_sheet import Site
from geodata.queries.facility_use import Closure, Opening, Shelter
from geodata.queries.generation import Ref
from kyodo_geo.errors import NotFoundError
from kyodo_geo.opendata import writing
from kyodo_geo.opendata.codes import six_digits
from kyodo_geo.opendata.layouts import ALSO_SHELTER, HAZARD_HEADINGS, LAYOUTS, Layout
from kyodo_geo.quality import DatasetInfo, Quality

Row = dict[str, str]
CLOSED_FOR = {"works": "工事", "disaster": "災害", "other": "その他"}


def layout(name: str) -> Layout:
    """The layout of a file; raises NotFoundError naming those that can be had."""
    if name not in LAYOUTS:
        known = "、".join(f"{item.name}（{item.title}）" for item in LAYOUTS.values())
        raise NotFoundError(f"この形式のファイルはありません。使える名前: {known}")
    return LAYOUTS[name]


def offered(conn: Connection, ref: Ref, on: date) -> list[Layout]:
    """The layouts for which there is something to give, in the order of the standard."""
    infos = active_datasets(conn, ref)
    return [item for item in LAYOUTS.values() if next(_rows(item, conn, ref, on, infos), None) is not None]


def file_of(name: str, conn: Connection, ref: Ref, on: date) -> bytes:
    """The file `name` as of the day `on`: UTF-8 with BOM, CRLF, one heading row in the standard's order.

    Raises NotFoundError for an unknown name, and when there is nothing to give: an empty list of evacuation sites would say
    that there are none.
    """
    wanted = layout(name)
    rows = list(_rows(wanted, conn, ref, on, active_datasets(conn, ref)))
    if not rows:
        raise NotFoundError(f"「{wanted.title}」として出せるデータは、登録されていません。")
    return rows_to_csv(wanted.columns, ([row.get(column, "") for column in wanted.columns] for row in rows))


def _rows(
    wanted: Layout, conn: Connection, ref: Ref, on: date, infos: Mapping[str, DatasetInfo]
) -> Iterator[Row]:
    if all(kind in infos for kind in wanted.rests_on):
        yield from _ROWS[wanted.name](conn, ref, on, infos)


def _publisher(ref: Ref) -> Row:
    return {
        "全国地方公共団体コード": six_digits(ref.municipality_code),
        "地方公共団体名": f"{ref.pref_name}{ref.name}",
    }


def _place(ref: Ref, site: Site) -> Row:
    joined, prefecture, city = writing.address_parts(site.address, ref.pref_name, ref.name)
    return {
        "名称": site.name,
        "名称_カナ": writing.katakana(site.kana),
        "所在地_全国地方公共団体コード": six_digits(ref.municipality_code) if city else "",
        "所在地_連結表記": joined,
        "所在地_都道府県": prefecture,
        "所在地_市区町村": city,
        "緯度": writing.degrees(site.lat),
        "経度": writing.degrees(site.lon),
    }


def _facilities(conn: Connection, ref: Ref, on: date, infos: Mapping[str, DatasetInfo]) -> Iterator[Row]:
    """Facilities in service, by id. Invented hours are given with invented facilities only."""
    quality = infos["facilities"].quality
    hours: dict[str, list[Opening]] = {}
    for item in facility_use.openings(conn, ref):
        if _goes_with(item.quality, quality):
            hours.setdefault(item.facility_id, []).append(item)
    closed = {
        item.facility_id: item
        for item in reversed(facility_use.closures(conn, ref))
        if _goes_with(item.quality, quality) and (item.reopens_on is None or item.reopens_on > on)
    }
    for site in facility_sheet.sites(conn, ref, on=on):
        own = hours.get(site.id, [])
        days, opens, closes, said = writing.opening((item.weekday, item.opens, item.closes) for item in own)
        remarks = [said, _closure(closed[site.id]) if site.id in closed else ""]
        yield {
            **_publisher(ref),
            **_place(ref, site),
            "ID": site.id,
            "団体名": site.operator or "",
            "利用可能曜日": days,
            "開始時間": opens,
            "終了時間": closes,
            "利用可能時間特記事項": "、".join(filter(None, remarks)),
            "説明": writing.facts(
                {
                    "種別": site.kind,
                    "地域活動": "可" if site.activity else "不可",
                    "収容人数": site.capacity,
                    "開設日": site.opened_on,
                    "廃止日": site.closed_on,
                }
            ),
            "備考": writing.remark(quality, *(item.quality for item in own)),
        }


def _goes_with(record: str, main: Quality) -> bool:
    """Whether a dated record may stand beside a row of that quality: what is invented, beside invented rows only."""
    return Quality(record) is not Quality.SAMPLE or main is Quality.SAMPLE


def _closure(item: Closure) -> str:
    until = f"から{item.reopens_on.isoformat()}の前日まで" if item.reopens_on else "から当分の間"
    return f"{item.closed_from.isoformat()}{until}休館（{CLOSED_FOR[item.reason]}）"


def _evacuation(conn: Connection, ref: Ref, on: date, infos: Mapping[str, DatasetInfo]) -> Iterator[Row]:
    """Facilities designated as 指定緊急避難場所, by id."""
    quality = infos["facilities"].quality
    roles: dict[str, dict[str, Shelter]] = {}
    for item in facility_use.shelters(conn, ref):
        if _goes_with(item.quality, quality):
            roles.setdefault(item.facility_id, {})[item.role] = item
    for site in facility_sheet.sites(conn, ref, on=on):
        own = roles.get(site.id, {})
        place = own.get("emergency-place")
        if place is None:
            continue
        yield {
            **_publisher(ref),
            **_place(ref, site),
            "ID": site.id,
            "市区町村コード": six_digits(ref.municipality_code),
            **{
                heading: "1" if hazard in place.hazards else "" for hazard, heading in HAZARD_HEADINGS.items()
            },
            ALSO_SHELTER: "1" if "designated-shelter" in own else "",
            "想定収容人数": "" if place.capacity is None else str(place.capacity),
            "備考": writing.remark(quality, place.quality),
        }


def _population(conn: Connection, ref: Ref, on: date, infos: Mapping[str, DatasetInfo]) -> Iterator[Row]:
    """The resident register. It is held without sexes and ages here: those columns stay empty."""
    mark = writing.remark(infos["register-population"].quality)
    for item in register.registered(conn, ref):
        yield {
            **_publisher(ref),
            "地域コード": item.area_key if item.area_kind in ("district", "small-area") else "",
            "調査年月日": item.as_of.isoformat(),
            "地域名": item.name or "",
            "総人口": "" if item.people is None else str(item.people),
            "世帯数": "" if item.households is None else str(item.households),
            "備考": mark,
        }


def _events(conn: Connection, ref: Ref, on: date, infos: Mapping[str, DatasetInfo]) -> Iterator[Row]:
    """Published events, past and coming, by day. What was cancelled says so; nobody is invented as organiser or contact."""
    for row in events.events(conn, ref):
        state = {"cancelled": "中止", "held": "開催済み"}.get(row.state, "")
        yield {
            "都道府県コード又は市区町村コード": six_digits(ref.municipality_code),
            "NO": row.id,
            "都道府県名": ref.pref_name,
            "市区町村名": ref.name,
            "イベント名": row.title,
            "開始日": row.starts_on.isoformat(),
            "終了日": row.last_day.isoformat(),
            "開始時間": row.starts_at or "",
            "終了時間": row.ends_at or "",
            "開始日時特記事項": state,
            "説明": writing.facts(
                {
                    "取組": row.initiative_no,
                    "対象": row.audience,
                    "テーマ": row.theme,
                    "参加者数": row.participants,
                }
            ),
            "場所名称": row.facility or row.place or "",
            "住所": writing.address_parts(row.address, ref.pref_name, ref.name)[0],
            "方書": row.place or "" if row.facility else "",
            "緯度": "" if row.lat is None else writing.degrees(row.lat),
            "経度": "" if row.lon is None else writing.degrees(row.lon),
            "定員": "" if row.capacity is None else str(row.capacity),
            "参加申込終了日": row.apply_until.isoformat() if row.apply_until else "",
            "参加申込方法": row.apply_how or "",
            "URL": row.materials_url or "",
            "備考": writing.remark(*(Quality(word) for word in (row.quality,))),
        }


_ROWS: dict[str, Callable[[Connection, Ref, date, Mapping[str, DatasetInfo]], Iterator[Row]]] = {
    "public_facility": _facilities,
    "evacuation_space": _evacuation,
    "population": _population,
    "event": _events,
}
