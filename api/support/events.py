"""Events of the city and who came to them (取組22, 23, 26, 27)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.support.counts import counted_map
from api.support.parts import Made, circles, rated
from api.support.themes import EVENTS
from geodata.queries import support as queries
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.small_counts import THRESHOLD

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.support.themes import Theme


def events(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    from maps.district_counts import WITHHELD_SHORT
    from maps.tables import Cell, Column, Row, Table
    from maps.text import number

    conn, ref = reading.conn, reading.ref
    events_held = [f"events_{no}" for no in EVENTS]
    rows = queries.figures(conn, ref, events_held, year) if year is not None else []
    # The database withholds small groups (migrations 0021, 0057): no reader of the public role has the figures at all.
    people = (
        {row.district_no: row for row in queries.participants(conn, ref, year)} if year is not None else {}
    )
    totals = queries.participant_totals(conn, ref, year) if year is not None else {}
    breaks = (0.5, 1.0, 1.5, 2.0)
    counted = {
        row.no: rated(people[row.no].participants, row.people, breaks, hidden=people[row.no].withheld)
        for row in found.rows
        if row.no in people
    }
    held = {
        int(row.measure.removeprefix("events_")): round(row.value) for row in rows if row.area_kind == "city"
    }
    lines = []
    for no, name in EVENTS.items():
        measure = f"participants_{no}"
        joined = totals.get(measure)
        told = WITHHELD_SHORT if measure in totals and joined is None else number(joined)
        lines.append(
            Row(
                no,
                f"取組{no} {name}",
                (Cell(number(held.get(no)), held.get(no)), Cell(told, joined)),
                on_map=False,
            )
        )
    label = fiscal_year_label(year) if year is not None else ""
    second = Table(
        f"{label}の催しごとの回数と参加者（市全体）",
        "催し",
        (Column("events", "回数", numeric=True), Column("participants", "参加者（人）", numeric=True)),
        tuple(lines),
        layer="events",
    )
    made = counted_map(
        reading,
        found,
        year,
        [*rows, *people.values()],
        counted,
        title="催しの参加者",
        unit="人",
        breaks=breaks,
        drawn=circles("催しの参加者", "人", 2.6, (5, 20, 50)),
        notes=(
            "参加者は、4 つの催しに参加した人の延べ数を、住んでいる地区ごとに数えたものです。",
            f"参加者が {THRESHOLD} 人に満たない地区は、個人がわからないように非公表としています。",
            "合計とほかの地区から計算できるときは、その地区も非公表としています。催しごとの参加者も同じです。",
        ),
        total=sum(filter(None, totals.values())),
        total_withheld=None in totals.values(),
    )
    return Made(made.spec, made.qualities, made.sources, second, "催しごとの表")
