"""The city's list of associations and the district each belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.district_assignment import DISTRICT_NO
from geodata.readers.reading import Reading, canonical

COLUMNS = ("association_id", "district_no")
FIELDS = (replace(ASSOCIATION_ID, required=True), DISTRICT_NO)


def read(reading: Reading) -> Any:
    """One row per association; unknown associations and districts, and second rows, are rejected."""
    frame = reading.collect(lambda table: reading.typed(table, FIELDS))
    frame = reading.match(frame, "association_id", reading.context.association_ids, "町内会・自治会")
    frame = reading.match(frame, "district_no", reading.context.districts, "地区")
    frame = reading.drop_duplicates(frame, ("association_id",))
    for missing in sorted((reading.context.association_ids or set()) - set(frame["association_id"])):
        reading.report.add(
            "unmatched", column="association_id", value=missing, note="地区のない町内会・自治会"
        )
    reading.report.totals["districts"] = float(frame["district_no"].nunique())
    return canonical(frame, COLUMNS)
