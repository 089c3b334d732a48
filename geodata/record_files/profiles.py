"""Land and catchment of facilities: rows of land of a 固定資産台帳, and tables of the city's own."""

from __future__ import annotations

from geodata.readers.result import LoadReport
from geodata.readers.values import narrow
from geodata.record_files.known import Known
from geodata.record_files.row import Read, Row
from kyodo_geo.errors import InputError

_RENTED = ("リース", "賃借", "借地", "借上")


def profile(row: Row) -> Row:
    """A row of a table with catchment and land; raises `InputError` for what contradicts itself."""
    land, leased, tenure = row["land_m2"], row["land_leased_m2"], row["land_tenure"]
    if land is not None and leased is not None and leased > land:
        raise InputError("借地の面積が、敷地の面積より大きくなっています。")
    if (tenure == "owned" and leased) or (
        tenure == "leased" and None not in (land, leased) and leased < land
    ):
        raise InputError("土地の所有と、借地の面積が合いません。")
    return row


def land_rows(known: Known, read: list[Read], report: LoadReport) -> list[Row]:
    """The ledger's land added up by facility: area and, where the file says whose it is, how much of it is leased.

    A facility of whose land one row has no area gets none: a part is no area of the whole.
    """
    found: dict[str, Row] = {}
    other = gone = loose = 0
    unknown: set[str] = set()
    unsaid: set[str] = set()
    for item in read:
        values = item.values
        if not narrow(values["account"]).rstrip(")）").endswith("土地"):
            other += 1
            continue
        if values["removed"] is not None:
            gone += 1
            continue
        try:
            facility = _facility(known, values)
        except InputError as error:
            report.reject(item.source, item.row, "facility", values["facility"], error.message)
            continue
        if facility is None:
            loose += 1
            continue
        row = found.setdefault(
            facility, {"land_m2": 0.0, "leased": 0.0, "_source": item.source, "_row": item.row}
        )
        if values["land_m2"] is None:
            unknown.add(facility)
        row["land_m2"] += values["land_m2"] or 0.0
        if values["owned"] is None:
            unsaid.add(facility)
        elif any(word in values["owned"] for word in _RENTED):
            row["leased"] += values["land_m2"] or 0.0
    for count, words in (
        (other, "土地でない資産（建物、工作物、物品など） {:,} 行は読み飛ばしました。"),
        (gone, "除却された資産 {:,} 行は読み飛ばしました。"),
        (loose, "どの施設の土地か分からない {:,} 行は読み飛ばしました（「施設」の列を足すと読めます）。"),
        (len(unknown), "面積のない土地がある施設が {:,} か所あります。敷地の面積は不明のままにします。"),
        (
            len(unsaid - unknown),
            "所有関係区分のない土地がある施設が {:,} か所あります。所有か借地かは不明のままにします。",
        ),
    ):
        if count:
            report.note(words.format(count))
    return [
        _summed(facility, row, facility in unsaid)
        for facility, row in found.items()
        if facility not in unknown
    ]


def _summed(facility: str, row: Row, unsaid: bool) -> Row:
    marks = {"facility_id": facility, "_source": row["_source"], "_row": row["_row"]}
    if unsaid:
        return {**marks, "land_m2": row["land_m2"]}
    tenure = (
        "owned" if not row["leased"] else "leased" if row["leased"] >= row["land_m2"] else "partly-leased"
    )
    return {**marks, "land_m2": row["land_m2"], "land_tenure": tenure, "land_leased_m2": row["leased"]}


def _facility(known: Known, values: Row) -> str | None:
    """The facility that is named, else the one whose name the asset's begins with (「城北センター用地」)."""
    if values["facility"] is not None:
        return known.facility(values["facility"])
    plain = narrow(values["name"] or "").replace(" ", "").casefold()
    for ending in ("", "用地", "敷地", "土地", "の土地"):
        ids = known.facility_names.get(plain.removesuffix(ending), []) if plain.endswith(ending) else []
        if len(ids) == 1:
            return ids[0]
    return None
