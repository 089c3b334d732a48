"""Monthly figures → fiscal years. A year counts only when all its twelve months are there: a part is no year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

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
ENERGY = {"electricity_yen": "電気", "gas_yen": "ガス", "water_yen": "水道", "fuel_yen": "燃料"}
HOURS = ("hours_open", "hours_used")
MONTHS = 12
_ORDER = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)


def facility_months(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
    """Rows of facility_year; electricity, gas, water and fuel add up to the energy where it is not given itself.

    A source written in no month of the year is not used; one left empty in some months only leaves the year's energy unknown.
    """

    def key(values: Row) -> tuple[str]:
        return (known.facility(values["facility"]),)

    return [
        {"facility_id": facility, "fiscal_year": year, **sums}
        for (facility, year), sums in _years(read, report, key, MEASURES, _energy)
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


def _energy(months: dict[int, Read]) -> list[str]:
    """Fills in the energy of each month of a year by its sources; says which sources lack which months."""
    used = [name for name in ENERGY if any(item.values[name] is not None for item in months.values())]
    lacking: dict[str, list[int]] = {}
    for number in (number for number in _ORDER if number in months):
        values = months[number].values
        if not used or values["energy_yen"] is not None:
            continue
        empty = [name for name in used if values[name] is None]
        for name in empty:
            lacking.setdefault(name, []).append(number)
        if not empty:
            energy = sum(values[name] for name in used)
            months[number] = replace(months[number], values={**values, "energy_yen": energy})
    return [
        f"{ENERGY[name]}の{_named(lacking[name])}が空欄のため、光熱水費は不明とします"
        for name in used
        if name in lacking
    ]


def _named(numbers: Sequence[int]) -> str:
    return "、".join(f"{number}月" for number in numbers)


def _years(  # type: ignore[no-untyped-def]
    read: list[Read],
    report: LoadReport,
    key,
    measures: Sequence[str],
    completed: Callable[[dict[int, Read]], list[str]] | None = None,
):
    """(key and fiscal year, complete sums, where the first month stands); what lacks months is told and left out.

    `completed` fills in what follows from other columns of a year's months and says what it cannot.
    """
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
        unclear = completed(found) if completed else []
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
                value=f"{place[0]} {place[-1]}年度: {_named(missing)}がありません",
            )  # fmt: skip
        else:
            first = found[_ORDER[0]]
            for words in unclear:
                report.add(
                    "unmatched", file=first.source, row=first.row, column="energy_yen",
                    value=f"{place[0]} {place[-1]}年度: {words}",
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
