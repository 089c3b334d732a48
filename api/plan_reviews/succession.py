"""Two plans side by side: what became of what, and indicators that go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.progress.tables import amount
from api.workbooks import PLAIN, Page, workbook
from geodata import successors
from geodata.successors import Succession
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.plan_items import PlanItem
from kyodo_geo.plan_mapping import LABELS, Mapping, problems, side_by_side
from kyodo_geo.quality import Quality, worst

if TYPE_CHECKING:
    from api.answers import Reading
    from geodata.database import Connection

NOTHING = "－"
CONTINUED = "測り方が同じため、前の計画の値に続けて読めます。"
BROKEN = "測り方が変わったため、前の計画の値とは続きません（ここで線が切れます）。"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: each side as (number or id, title, address), None where there is none."""

    kind: str
    old: tuple[str, str, str] | None
    new: tuple[str, str, str] | None
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class Series:
    """An indicator's values through both plans. `old` and `new`: (year, value, amount in words)."""

    title: str
    former: str
    same_measure: bool
    old: list[tuple[int, float, str]]
    new: list[tuple[int, float, str]]
    href: str

    @property
    def words(self) -> str:
        return CONTINUED if self.same_measure else BROKEN


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything of a succession."""

    found: Succession
    lines: tuple[Line, ...]
    series: tuple[Series, ...]
    missing: tuple[str, ...]
    quality: Quality

    def credit(self, authority: str) -> dict[str, Any]:
        """The credit of page and files."""
        before, plan = self.found.before, self.found.plan
        return {
            "title": plan["name"], "source": f"{before['name']}、{plan['name']}", "licence": "", "authority": authority,
            "as_of": fiscal_year_label(plan["first_fiscal_year"]), "quality": self.quality.value,
            "quality_label": self.quality.label, "parts": [],
        }  # fmt: skip


def shown(reading: Reading, plan_id: str | None = None) -> Shown:
    """A plan that follows another one, beside it; raises NotFoundError where the reader may see none."""
    conn, code = reading.conn, reading.ref.municipality_code
    found = successors.succession(conn, code, plan_id)
    rows = side_by_side(found.old, found.new, found.lines)
    lines = tuple(
        Line(
            "取組" if (row.old or row.new or found.new[0]).kind == "initiative" else "指標",
            _side(found, row.old), _side(found, row.new), row.words, (row.line.note or "") if row.line else "",
        )
        for row in sorted(rows, key=lambda row: _kind(row.old, row.new))
    )  # fmt: skip
    held: list[str] = []
    series = tuple(
        _series(conn, code, found, line, held)
        for line in found.lines
        if line.old is not None and line.new is not None and line.new.kind == "indicator"
    )
    missing = [*successors.not_whole(conn, code, found), *problems(found.old, found.new, found.lines)]
    return Shown(found, lines, series, tuple(missing), worst(Quality(one) for one in held))


def _kind(*sides: PlanItem | None) -> bool:
    return next(side.kind for side in sides if side is not None) == "indicator"


def _side(found: Succession, item: PlanItem | None) -> tuple[str, str, str] | None:
    if item is None:
        return None
    return item.key, found.titles.get(item, item.key), address(item)


def address(item: PlanItem) -> str:
    """The page of an item within its plan."""
    return f"/progress/{item.kind}s/{item.key}?plan={item.plan_id}"


def _series(conn: Connection, code: str, found: Succession, line: Mapping, held: list[str]) -> Series:
    assert line.old is not None and line.new is not None
    sides = []
    for item in (line.old, line.new):
        rows = successors.values(conn, code, item)
        held += [row["quality"] for row in rows]
        sides.append([(row["fiscal_year"], row["value"], amount(row["value"], row["unit"])) for row in rows])
    return Series(
        found.titles[line.new],
        found.titles[line.old],
        line.same_measure,
        sides[0],
        sides[1],
        address(line.new),
    )


def related(reading: Reading, item: PlanItem) -> dict[str, list[dict[str, Any]]]:
    """Links of an item's page to the plan before and after; for an indicator the former values, too."""
    before, after = successors.related(reading.conn, reading.ref.municipality_code, item)
    sides = {}
    for name, rows in (("before", before), ("after", after)):
        sides[name] = [
            {
                **row, "words": LABELS[row["relation"]], "href": address(PlanItem.of(row["item"])),
                "said": CONTINUED if row["same_measure"] else BROKEN,
                "values": [
                    (fiscal_year_label(one["fiscal_year"]), amount(one["value"], one["unit"]), Quality(one["quality"]).label)
                    for one in successors.values(reading.conn, reading.ref.municipality_code, PlanItem.of(row["item"]))
                ]
                if name == "before" and item.kind == "indicator" else [],
            }
            for row in rows
        ]  # fmt: skip
    return sides


HEADS = ("種類", "前の番号", "前の計画", "どうなったか", "新しい番号", "新しい計画", "備考")


def to_xlsx(found: Shown, dataset: dict[str, Any], municipality: str) -> bytes:
    """The workbook: what it is, both plans side by side, and the values of indicators that go on."""
    before, plan = found.found.before, found.found.plan
    about = [
        f"{municipality} 新旧の計画の対照：{before['name']}（{before['plan_id']}）から{plan['name']}（{plan['plan_id']}）へ",
        "下書き（まだ有効ではありません）" if plan["state"] == "draft" else "有効な計画です。",
        f"データの品質：{dataset['quality_label']}",
        f"時点：{dataset['as_of']}",
        f"出典：{dataset['source']}",
    ]
    rows = [
        [
            line.kind,
            *(line.old or (NOTHING, NOTHING))[:2],
            line.words,
            *(line.new or (NOTHING, NOTHING))[:2],
            line.note,
        ]
        for line in found.lines
    ]
    values: list[list[str | int | float]] = [
        [one.title, side, fiscal_year_label(year), value, words, one.words]
        for one in found.series
        for side, known in (("前の計画", one.old), ("新しい計画", one.new))
        for year, value, words in known
    ]
    return workbook(
        [
            Page("この資料について", (), [[line] for line in about], widths=(110,), style=PLAIN),
            Page("新旧対照", HEADS, rows, (8, 14, 50, 18, 14, 50, 40), filtered=True),
            Page(
                "指標の値",
                ("指標", "計画", "年度", "値", "読み方", "続き方"),
                values,
                (44, 14, 24, 12, 16, 60),
                frozen=1,
            ),
        ]
    )


def must_be_in_force(found: Shown) -> Shown:
    """Raises NotFoundError for a draft."""
    if found.found.plan["state"] != "in_force":
        raise NotFoundError("前の計画に続く計画は、まだありません。")
    return found
