"""The houses as table and file, both of one `Assessed`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from api.reach_pages import cells
from api.vacant_houses.params import asked
from api.vacant_houses.words import STATES, UNKNOWN, ages_known, reach_words, verdict_words
from kyodo_geo.vacancy.verdict import LABELS, Verdict

if TYPE_CHECKING:
    from api.vacant_houses.assess import Assessed
    from api.vacant_houses.params import HouseListParams, HouseParams
    from geodata.queries.vacant import House
    from kyodo_geo.vacancy.ranking import Place
    from kyodo_geo.vacancy.verdict import Check
    from maps.tables import Cell, Table

BASE = "/staff/facilities/vacant-houses"
KINDS = (
    "vacant-houses", "halls", "facilities", "small-areas", "age-population", "walk-network", "drive-network", "built-up",
    "associations", "districts", "landslide", "flood",
)  # fmt: skip
DETAILED = 40
"""Houses whose filters stand on the page one by one; the file and the sheets have those of all."""


@dataclass(frozen=True, slots=True)
class Detail:
    """A house with its filters, for the page."""

    house: House
    rank: str
    checks: tuple[Check, ...]
    sheet: str


def name_of(house: House) -> str:
    return f"{house.house_id} {house.address}"


def query_of(params: HouseParams) -> str:
    """What follows a path to come to the same figures; the sheet of a house does not know `show`."""
    given = {key: value for key, value in asked(params).items() if key != "show"}
    return f"?{urlencode(given)}" if given else ""


def sheet_of(house: House, params: HouseParams) -> str:
    return f"{BASE}/{house.house_id}/sheet.pdf{query_of(params)}"


def rank_words(place: Place | None) -> str:
    return "なし" if place is None else f"{place.rank} 位"


def _rank(place: Place | None) -> Cell:
    from maps.tables import Cell

    return Cell("—") if place is None else Cell(f"{place.rank}", place.rank)


def shown(found: Assessed, params: HouseListParams) -> list[int]:
    """Houses that are listed, ranked ones first."""
    return [
        at
        for at in found.order
        if params.show == "all" or (found.among[at] and found.verdicts[at] is not Verdict.FAIL)
    ]


def table_of(found: Assessed, params: HouseListParams) -> Table:
    """One row per listed house."""
    from maps.tables import Column, Row, Table

    aged = ages_known(found)
    weighted = set(params.weights) != {1.0}
    columns = [
        Column("rank", "順位", numeric=True),
        Column("rank_sure", "不明なしの順位", numeric=True),
        Column("verdict", "判定"),
        Column("people", "新しく届く人", numeric=True),
        Column("people_65", "うち65歳以上", numeric=True),
        *([Column("weighted", "重みを掛けた数", numeric=True)] if weighted else []),
        Column("overlap", "重なり", numeric=True),
        Column("after", "次点"),
        Column("gap", "次点との差", numeric=True),
        Column("association", "町内会・自治会"),
        Column("district", "地区"),
        Column("state", "状態"),
        Column("sheet", "会議の紙"),
        Column("reasons", "不可・不明・注意の条件"),
    ]
    rows = []
    for at in shown(found, params):
        house, gain = found.houses[at], found.gains[at]
        after = gain.any.after if gain.any else None
        rows.append(
            Row(
                house.house_id, name_of(house),
                (
                    _rank(gain.any),
                    _rank(gain.sure),
                    cells.words(found.verdicts[at].label),
                    cells.people(gain.people),
                    cells.people(gain.older if aged else None),
                    *([cells.people(gain.weighted)] if weighted else []),
                    cells.people(gain.overlap),
                    cells.words("—" if after is None else found.houses[after].house_id),
                    _gap(gain.any),
                    cells.words(house.association or UNKNOWN),
                    cells.words(_district(house)),
                    cells.words(STATES[house.state]),
                    _link("PDF", sheet_of(house, params)),
                    cells.words(verdict_words(found.checks[at])),
                ),
            )
        )  # fmt: skip
    return Table(
        "自治公民館の候補になる空き家（庁内限り）",
        "空き家",
        tuple(columns),
        tuple(rows),
        layer="places",
        notes=(
            "「順位」は不明の条件も可とみなし、不可のない空き家に付けた順位です。「不明なしの順位」は、すべての条件が可の空き家だけの順位です。",
            "「重なり」は、届く範囲に住んでいて、今ある施設にもう届いている人です。「—」は順位のない空き家です。",
            "「次点との差」は、次の順位の空き家より"
            + ("重みを掛けた数が" if weighted else "新しく届く人が")
            + "どれだけ多いかです。0 なら同じです。",
        ),
    )


def _link(text: str, href: str) -> Cell:
    from maps.tables import Cell

    return Cell(text, text, href)


def _gap(place: Place | None) -> Cell:
    from maps.tables import Cell

    return Cell("—") if place is None or place.gap is None else cells.people(place.gap)


def _district(house: House) -> str:
    return UNKNOWN if house.district_no is None else f"{house.district_no} {house.district or ''}".strip()


def file_of(found: Assessed, params: HouseListParams) -> Table:
    """The table with the verdict and reason of every filter, without the links."""
    from dataclasses import replace

    from maps.tables import Column

    whole = table_of(found, params)
    rows = [
        replace(
            row,
            cells=(
                *row.cells[:-2],
                row.cells[-1],
                *(cells.words(f"{check.words}：{check.reason}") for check in found.checks[at]),
            ),
        )
        for row, at in zip(whole.rows, shown(found, params), strict=True)
    ]
    columns = (
        *whole.columns[:-2],
        whole.columns[-1],
        *(Column(name, label) for name, label in LABELS.items()),
    )
    return replace(whole, columns=columns, rows=tuple(rows))


def details_of(found: Assessed, params: HouseListParams) -> list[Detail]:
    return [
        Detail(
            found.houses[at],
            rank_words(found.gains[at].any),
            found.checks[at],
            sheet_of(found.houses[at], params),
        )
        for at in shown(found, params)[:DETAILED]
    ]


def _weights(weights: tuple[float, ...]) -> str:
    if all(weight == 1 for weight in weights):
        return "年齢の重みなし"
    return f"年齢の重み 0〜14歳・15〜64歳・65歳以上・不明 = {'、'.join(f'{weight:g}' for weight in weights)}"


def period_of(found: Assessed) -> str:
    """Year and assumptions as they stand in every row of the file."""
    from api.reach_pages.params import supply_label, year_label
    from api.vacant_houses.params import BY

    params = found.params
    return (
        f"{year_label(found.prepared, found.year)}・{supply_label(params.supply)}と自治公民館・{BY[found.by]}・"
        f"{reach_words(found)}・部屋{params.room:g} m²・{_weights(params.weights)}・庁内限り"
    )
