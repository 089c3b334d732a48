"""Subsidies for neighbourhood halls (取組11, 12), for staff: a hall may be somebody's house."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.support.parts import Made, common, credits_of, districts_of
from geodata.queries import support as queries
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from geodata.queries.support import SubsidyRow
    from maps.district_counts import Counted
    from maps.tables import Cell, Table

KINDS = {"rent": "賃借料の補助（取組11）", "works": "整備の補助（取組12）"}
WORKS = {"new": "新築", "extension": "増改築", "repair": "修繕"}
_FILLS = {"rent": "#ffffff", "works": "#10151c"}


def halls(reading: Reading, found: DistrictFigures, year: int | None) -> Made:
    """Subsidies of a year: points where the hall's place is known, counts and sums by district, the list."""
    from maps.district_counts import DistrictCountsSpec, Place, Shades
    from maps.palettes import NO, YLORBR
    from maps.specs import Figure
    from maps.tables import Cell, Column
    from maps.text import number

    rows = queries.subsidies(reading.conn, reading.ref, year) if year is not None else []
    label = fiscal_year_label(year) if year is not None else ""
    yen = _yen(rows)
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in KINDS}
    placed = [row for row in rows if row.lon is not None]
    spec = DistrictCountsSpec(
        name="halls",
        label=f"{label}の自治公民館への補助の地図",
        caption=f"{label}の地区ごとの自治公民館への補助",
        summary=(
            f"{label}の自治公民館への補助は {len(rows)} 件、{_words(yen)}です。"
            if rows
            else "自治公民館への補助のデータはありません。"
        ),
        districts=districts_of(found),
        counted={
            row.no: _counted([item for item in rows if item.district_no == row.no]) for row in found.rows
        },
        columns=(
            Column("count", "件数", numeric=True),
            Column("amount_yen", "補助額（円）", numeric=True),
            Column("rent", "賃借料（件）", numeric=True),
            Column("works", "整備（件）", numeric=True),
        ),
        shades=Shades("補助のあった地区", "地区の数", ("なし", "あり"), (NO, YLORBR[0])),
        totals=(
            Cell(number(len(rows)), len(rows)),
            yen,
            *(Cell(number(len(by_kind[kind])), len(by_kind[kind])) for kind in KINDS),
        ),
        figures=tuple(
            Figure(
                title,
                f"{len(by_kind[kind])} 件",
                _words(_yen(by_kind[kind])),
            )
            for kind, title in KINDS.items()
        ),
        notes=(
            *(
                (f"場所のわからない自治公民館 {len(rows) - len(placed)} か所は、地図にありません。",)
                if len(placed) < len(rows)
                else ()
            ),
            "借りている自治公民館は個人の家のことがあるため、場所は職員だけが見られます。",
        ),
        places=tuple(
            Place(
                row.id,
                row.hall or "名前のわからない自治公民館",
                row.lon,
                row.lat,
                _texts(row),
                list(KINDS).index(row.kind),
            )
            for row in placed
            if row.lon is not None and row.lat is not None
        ),
        place_title="補助を受けた自治公民館",
        place_groups=tuple((title, _FILLS[kind]) for kind, title in KINDS.items()),
        place_details=("補助", "工事", "補助額", "町内会・自治会"),
        **common(reading),
    )
    return Made(spec, *credits_of(rows), _table(rows, label), "補助の一覧")


def _texts(row: SubsidyRow) -> tuple[str, ...]:
    from maps.text import number

    return (
        KINDS[row.kind],
        WORKS.get(row.work or "", "―"),
        "不明" if row.amount_yen is None else f"{number(row.amount_yen)} 円",
        row.association or "不明",
    )


def _counted(rows: list[SubsidyRow]) -> Counted:
    from maps.district_counts import Counted
    from maps.tables import Cell
    from maps.text import number

    count, *kinds = (
        Cell(number(value), value)
        for value in (len(rows), *(sum(row.kind == kind for row in rows) for kind in KINDS))
    )
    return Counted(int(bool(rows)), (count, _yen(rows), *kinds), len(rows))


def _yen(rows: list[SubsidyRow]) -> Cell:
    """The known amounts together, and of how many subsidies the amount is unknown, which is not 0."""
    from maps.tables import Cell
    from maps.text import number

    known = [row.amount_yen for row in rows if row.amount_yen is not None]
    unknown = len(rows) - len(known)
    if unknown and not known:
        return Cell("不明", None)
    more = f"（ほか {unknown} 件は不明）" if unknown else ""
    return Cell(f"{number(sum(known))}{more}", sum(known))


def _words(yen: Cell) -> str:
    """An amount within a sentence."""
    text, more, rest = yen.text.partition("（")
    return "補助額は不明" if yen.value is None else f"{text} 円{more}{rest}"


def _table(rows: list[SubsidyRow], label: str) -> Table:
    from maps.tables import Cell, Column, Row, Table
    from maps.text import number

    return Table(
        f"{label}に補助を受けた自治公民館",
        "自治公民館",
        (
            Column("kind", "補助"),
            Column("work", "工事"),
            Column("amount_yen", "補助額（円）", numeric=True),
            Column("association", "町内会・自治会"),
            Column("district_no", "地区の番号", numeric=True),
        ),
        tuple(
            Row(
                row.id,
                row.hall or "名前のわからない自治公民館",
                (
                    Cell.words(KINDS[row.kind]),
                    Cell.words(WORKS.get(row.work or "", "―")),
                    Cell("不明" if row.amount_yen is None else number(row.amount_yen), row.amount_yen),
                    Cell.words(row.association or "不明"),
                    Cell("不明" if row.district_no is None else str(row.district_no), row.district_no),
                ),
                on_map=row.lon is not None,
            )
            for row in rows
        ),
        layer="places",
    )
