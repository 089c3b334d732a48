"""Officers in charge of the districts: departments and their telephones, never persons (取組15, 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.support.parts import Made, circles, common, credits_of, day_of, districts_of
from geodata.queries import support as queries

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.support.themes import Theme


def officers(reading: Reading, theme: Theme, found: DistrictFigures, year: int | None) -> Made:
    from maps.district_counts import Counted, DistrictCountsSpec, Shades
    from maps.palettes import NO, YES
    from maps.specs import Figure
    from maps.tables import Cell, Column
    from maps.text import day

    on = day_of(year, reading.on)
    rows = queries.officers(reading.conn, reading.ref, on)
    counted = {}
    for district in found.rows:
        here = [row for row in rows if row.district_no == district.no]
        contact = [row for row in here if row.kind == "contact"]
        issue = [row for row in here if row.kind == "issue"]
        offices = "、".join(dict.fromkeys(row.office for row in issue)) or "なし"
        phones = "、".join(dict.fromkeys(row.office_phone for row in contact if row.office_phone)) or "不明"
        coordinators = "、".join(dict.fromkeys(row.office for row in here if row.kind == "coordinator"))
        counted[district.no] = Counted(
            1 if contact else 0,
            (
                Cell.words("、".join(dict.fromkeys(row.office for row in contact)) or "なし"),
                Cell.words(phones),
                Cell(str(len(issue)), len(issue)),
                Cell.words(offices),
                Cell.words(coordinators or "なし"),
            ),
            len(issue),
        )
    issues = sum(item.count or 0 for item in counted.values())
    covered = sum(item.shade == 1 for item in counted.values())
    spec = DistrictCountsSpec(
        name="support",
        label="地域担当職員の地図",
        caption=f"地区ごとの地域担当職員と専任職員（{day(on)}）",
        summary=(
            f"{day(on)}に、{len(counted)} 地区のうち {covered} 地区に地域窓口担当がいます。"
            f"地域課題担当は、あわせて {issues} 人です。"
        ),
        districts=districts_of(found),
        counted=counted,
        columns=(
            Column("contact_office", "地域窓口担当の課"),
            Column("contact_phone", "電話"),
            Column("issue_officers", "地域課題担当（人）", numeric=True),
            Column("issue_offices", "地域課題担当の課"),
            Column("coordinator_office", "専任職員の課"),
        ),
        shades=Shades("地域窓口担当", "地区の数", ("なし", "あり"), (NO, YES)),
        circles=circles("地域課題担当", "人", 8.0, (1, 2, 4)),
        figures=(
            Figure("地域窓口担当がいる地区", f"{covered} 地区", day(on)),
            Figure("地域課題担当", f"{issues} 人", "地区の求めに応じて置きます"),
        ),
        notes=("課の名前と課の電話だけを載せています。職員の名前は載せていません。",),
        **common(reading),
    )
    return Made(spec, *credits_of(rows))
