"""The answer of a choice in words and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.siting_pages.words import gap as gap_words
from api.vacant_houses.view import name_of, sheet_of
from api.vacant_houses.words import UNKNOWN

if TYPE_CHECKING:
    from api.vacant_houses.choice import Choice
    from geodata.queries.vacant import House
    from geodata.siting_runs import Run
    from maps.tables import Table

STATUS = {
    "optimal": "これより多くの人に届く選び方がないことを、計算で確かめました。",
    "feasible": "時間内に見つかったいちばん良い選び方です。もっと良い選び方があるかもしれません。",
    "infeasible": "条件に合う選び方がありません。",
    "unknown": "時間内に答えが見つかりませんでした。",
}
HEADINGS = {"any": "不明の条件も可とみなした場合", "sure": "すべての条件が可の空き家だけの場合"}


@dataclass(frozen=True, slots=True)
class Told:
    """One of the two answers."""

    key: str
    heading: str
    sentences: tuple[str, ...]
    table: Table


def answered(run: Run) -> bool:
    """Whether there is an answer; while a run lives its result tells how far it is."""
    return run.ended and run.result is not None and "any" in run.result


def told(run: Run, asked: Choice, houses: Mapping[str, House], generation: int) -> list[Told]:
    """Both answers; empty while there is none."""
    if run.result is None or not answered(run):
        return []
    return [Told(key, HEADINGS[key], _sentences(run.result[key], asked, run, generation), _table(run.result[key], asked, houses))
            for key in HEADINGS]  # fmt: skip


def _sentences(answer: dict[str, Any], asked: Choice, run: Run, generation: int) -> tuple[str, ...]:
    lines = [STATUS[answer["status"]], *answer["reasons"]]
    if answer["weight"] is not None and answer["chosen"]:
        lines.append(
            f"選んだ {len(answer['chosen']):,} 件で、新しく {answer['people']:,.0f} 人（うち65歳以上 "
            f"{answer['people_65']:,.0f} 人）に届きます。"
        )
        if set(asked.houses.weights) != {1.0}:
            lines.append(f"重みを掛けた数は {answer['weight']:,.0f} です。")
        if answer["gap"]:
            lines.append(
                f"どんな選び方でも {answer['bound']:,.0f} を超えることはありません（差 {gap_words(answer['gap'])}）。"
            )
        lines.append(
            f"整備費の計は {answer['cost_yen'] / 10_000:,.0f} 万円です（{answer['assumed_prices']:,} 件は見積りがなく、"
            f"1 件 {asked.price:,.0f} 万円と仮定しました）。"
        )
    if asked.count is not None and answer["chosen"] and len(answer["chosen"]) < asked.count:
        lines.append("選ぶ数まで増やしても、新しく届く人は増えません。")
    made_of = (run.result or {}).get("generation")
    if made_of is not None and made_of != generation:
        lines.append(
            f"この計算のあとでデータが変わりました（計算したのは第{made_of}世代、今は第{generation}世代）。"
        )
    return tuple(lines)


def _table(answer: dict[str, Any], asked: Choice, houses: Mapping[str, House]) -> Table:
    from maps.tables import Cell, Column, Row, Table

    rows = []
    for item in answer["chosen"]:
        house = houses.get(item["id"])
        rows.append(
            Row(
                item["id"],
                item["id"] if house is None else name_of(house),
                (
                    cells.people(item["adds"]),
                    cells.people(item["people"]),
                    cells.people(item["people_65"]),
                    cells.people(item["rank"]),
                    cells.words("、".join(item["instead"]) or "なし"),
                    cells.people(item["gap"]),
                    Cell(
                        f"{asked.price:,.0f}（仮定）" if item["price_yen"] is None else f"{item['price_yen'] / 10_000:,.0f}",
                        asked.price if item["price_yen"] is None else item["price_yen"] / 10_000,
                    ),
                    cells.words(UNKNOWN if house is None else house.association or UNKNOWN),
                    cells.words("記録がなくなりました")
                    if house is None
                    else Cell("PDF", "PDF", sheet_of(house, asked.houses)),
                ),
                on_map=False,
            )
        )  # fmt: skip
    weighted = set(asked.houses.weights) != {1.0}
    return Table(
        "選んだ空き家（庁内限り）",
        "空き家",
        (
            Column("adds", "この空き家だけで増える" + ("重み" if weighted else "人"), numeric=True),
            Column("people", "1 件だけなら新しく届く人", numeric=True),
            Column("people_65", "うち65歳以上", numeric=True),
            Column("rank", "1 件ずつの順位", numeric=True),
            Column("instead", "使えないときの次点"),
            Column("gap", "次点にしたときに減る" + ("重み" if weighted else "人"), numeric=True),
            Column("price", "整備費（万円）", numeric=True),
            Column("association", "町内会・自治会"),
            Column("sheet", "会議の紙"),
        ),
        tuple(rows),
        layer="none",
        notes=(
            "「使えないときの次点」は、その空き家を除いて選び直したときに、新しく入る空き家です。",
            "1 つの町内会・自治会からは 1 件までです。町内会・自治会のわからない空き家には、この制限がありません。",
        ),
    )
