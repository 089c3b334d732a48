"""Monthly figures → fiscal years. A year counts only when all its twelve months are there: a part is no year."""

from __future__ import annotations

from collections.abc import Sequence

from geodata.readers.result import LoadReport
from geodata.record_files.known import Known
from geodata.record_files.row import Read, Row
from kyodo_geo.errors import InputError

MEASURES = (
    "users",
    "income_yen",
    "cost_yen",
    "upkeep_yen",
    "energy_yen",
    "staff_yen",
    "fee_yen",
    "open_days",
)
ENERGY = ("electricity_yen", "gas_yen", "water_yen", "fuel_yen")
HOURS = ("hours_open", "hours_used")
MONTHS = 12
_ORDER = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)


def facility_months(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
    """Rows of facility_year; electricity, gas, water and fuel add up to the energy where it is not given itself."""

    def key(values: Row) -> tuple[str]:
        return (known.facility(values["facility"]),)

    def energy(values: Row) -> Row:
        parts = [values[name] for name in ENERGY if values[name] is not None]
        given = values["energy_yen"] if values["energy_yen"] is not None or not parts else sum(parts)
        return {**values, "energy_yen": given}

    items = [Read(item.source, item.row, energy(item.values)) for item in read]
    return [
        {"facility_id": facility, "fiscal_year": year, **sums}
        for (facility, year), sums in _years(items, report, key, MEASURES)
    ]


def room_months(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
    """Rows of room_year."""

    def key(values: Row) -> tuple[str, int]:
        facility = known.facility(values["facility"])
        used, open_ = values["hours_used"], values["hours_open"]
        if used is not None and open_ is not None and used > open_:
            raise InputError("利用時間が、利用できる時間より長くなっています。")
        return facility, known.room(facility, values["room"])

    return [
        {"facility_id": facility, "room_no": room, "fiscal_year": year, **sums}
        for (facility, room, year), sums in _years(read, report, key, HOURS)
    ]


def _years(read: list[Read], report: LoadReport, key, measures: Sequence[str]):  # type: ignore[no-untyped-def]
    """(key and fiscal year, complete sums, where the first month stands); what lacks months is told and left out."""
    months: dict[tuple[object, ...], dict[int, Read]] = {}
    for item in read:
        try:
            year, number = _month(item.values)
            place = (*key(item.values), year)
        except InputError as error:
            report.reject(item.source, item.row, None, None, error.message)
            continue
        if number in months.setdefault(place, {}):
            report.add("duplicates", file=item.source, row=item.row, month=number)
            report.reject(item.source, item.row, None, None, "同じ施設（部屋）の同じ月が、すでにあります。")
            continue
        months[place][number] = item
    incomplete = 0
    for place, found in months.items():
        sums: Row = {}
        for measure in measures:
            values = [item.values[measure] for item in found.values() if item.values[measure] is not None]
            if len(values) == MONTHS:
                sums[measure] = sum(values)
        missing = [number for number in _ORDER if number not in found]
        if missing:
            incomplete += 1
            first = next(iter(found.values()))
            report.add(
                "unmatched", file=first.source, row=first.row, column="month",
                value=f"{place[0]} {place[-1]}年度: {'、'.join(f'{n}月' for n in missing)}がありません",
            )  # fmt: skip
        if sums:
            first = found[min(found, key=_ORDER.index)]
            yield place, {**sums, "_source": first.source, "_row": first.row}
    if incomplete:
        report.note(
            f"12か月そろわない年度が {incomplete:,} 件あります。途中までの合計は、年度の数字として保存しません。"
        )
    partial = sum(
        0 < sum(item.values[measure] is not None for item in found.values()) < len(found) == MONTHS
        for found in months.values()
        for measure in measures
    )
    if partial:
        report.note(
            f"月の一部しか書かれていない項目が {partial:,} 件あります。その項目は年度の数字にしません。"
        )


def _month(values: Row) -> tuple[int, int]:
    """Fiscal year and month number."""
    if values["month"] is not None:
        year, number = values["month"]
        return (year if number >= 4 else year - 1), number
    if values["fiscal_year"] is None or values["month_number"] is None:
        raise InputError("年月（または年度と月）がありません。")
    return values["fiscal_year"], values["month_number"]
