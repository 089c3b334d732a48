"""The rule table of a grant for a fiscal year: the rows of the sum, what holds of the whole, and the conditions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from kyodo_geo.errors import InputError
from kyodo_geo.grants.formula import MAX_VALUE, NAME, Node, names_in, read
from kyodo_geo.grants.schemes import Scheme

MAX_PARTS = 12
MAX_BANDS = 12
MAX_CONDITIONS = 12
MAX_YEARS = 50
UNITS = (1, 10, 100, 1_000, 10_000)
"""Yen that sums are rounded to."""


class Way(StrEnum):
    """How to round."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half-up"

    @property
    def label(self) -> str:
        return {"down": "切り捨て", "up": "切り上げ", "half-up": "四捨五入"}[self.value]


@dataclass(frozen=True, slots=True)
class Rounding:
    """To a multiple of `unit` yen."""

    unit: int = 1
    way: Way = Way.DOWN

    def of(self, amount: Fraction) -> int:
        """`amount` ≥ 0, rounded."""
        whole, rest = divmod(amount, self.unit)
        up = (self.way is Way.UP and rest > 0) or (self.way is Way.HALF_UP and 2 * rest >= self.unit)
        return (int(whole) + up) * self.unit

    @property
    def label(self) -> str:
        return f"{self.unit:,}円未満{self.way.label}"


@dataclass(frozen=True, slots=True)
class Band:
    """From `least` (included) up to the next band's `least`: this formula."""

    least: int
    formula: str


@dataclass(frozen=True, slots=True)
class Part:
    """A row of the sum: one formula, or bands by a figure (`by`, itself a formula). Bounds and rounding are of this row."""

    name: str
    formula: str = ""
    by: str = ""
    bands: tuple[Band, ...] = ()
    rounding: Rounding = Rounding()
    least: int | None = None
    most: int | None = None


class Check(StrEnum):
    """A named condition. All but TICKED are looked up where the facts are known; anything may be ticked by hand."""

    ADOPTED_PLAN = "adopted-plan"
    APPROVED_RETURN = "approved-return"
    STANDARD_1981 = "standard-1981"
    NONE_WITHIN = "none-within"
    TICKED = "ticked"

    @property
    def label(self) -> str:
        return {
            "adopted-plan": "地区の地域づくり計画が策定されている",
            "approved-return": "その年度の年度更新の届が承認されている",
            "standard-1981": "建物が昭和56年6月1日からの耐震基準に合う",
            "none-within": "同じ補助を、決めた年数のうちに受けていない",
            "ticked": "職員が確かめて印を付ける",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Condition:
    """`words`: as the applicant reads it; `years`: of NONE_WITHIN."""

    check: Check
    words: str
    years: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """What holds of the sum. `cap`: a formula it never exceeds; `smallest`: less than this is not granted at all."""

    rounding: Rounding = Rounding()
    least: int | None = None
    most: int | None = None
    cap: str = ""
    smallest: int | None = None


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One rule. `note`: in the planners' words; not used by any calculation."""

    parts: tuple[Part, ...]
    whole: Whole = Whole()
    conditions: tuple[Condition, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReadPart:
    """A row with its formulas read."""

    part: Part
    formula: Node | None
    by: Node | None
    bands: tuple[tuple[Band, Node], ...]

    def names(self) -> Iterator[str]:
        """All names the row needs or may need."""
        for node in (self.formula, self.by, *(band for _, band in self.bands)):
            if node is not None:
                yield from names_in(node)


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A checked table."""

    scheme: Scheme
    table: RuleTable
    parts: tuple[ReadPart, ...]
    cap: Node | None
    figures: tuple[str, ...] = field(default=())
    """Names of the figures that it needs or may need, in the scheme's order."""


def checked(scheme: Scheme, table: RuleTable) -> ReadTable:
    """The table with its formulas read. Raises InputError whose `field` is `part-1-formula`, `part-2-band-3` … .

    Every rule that can be kept passes here, whether it comes from a form or from JSON.
    """
    if not table.parts:
        raise InputError("計算の行を、1 行は入力してください。", field="part-1-name")
    for found, most, word in (
        (table.parts, MAX_PARTS, "計算の行"), (table.conditions, MAX_CONDITIONS, "条件")
    ):  # fmt: skip
        if len(found) > most:
            raise InputError(f"{word}は {most} 件までです。", field="note")
    known = [figure.name for figure in scheme.figures]
    names = dict.fromkeys(known)
    parts = []
    for number, part in enumerate(table.parts, start=1):
        if part.name in names:
            raise InputError(
                f"「{part.name}」という名前は、ほかの行か数値にあります。別の名前にしてください。",
                field=f"part-{number}-name",
            )
        parts.append(_part(part, number, dict.fromkeys(names, "")))
        if NAME.fullmatch(part.name):
            names[part.name] = None
    whole = table.whole
    _rounding(whole.rounding, "whole-unit")
    _bounds(whole.least, whole.most, "whole-least")
    _yen(whole.smallest, "whole-smallest")
    cap = (
        read(whole.cap, dict.fromkeys(known, ""), field="whole-cap", label="上限の式") if whole.cap else None
    )
    for number, condition in enumerate(table.conditions, start=1):
        _condition(condition, number)
    used = {name for part in parts for name in part.names()} | set(names_in(cap) if cap else ())
    return ReadTable(scheme, table, tuple(parts), cap, tuple(name for name in known if name in used))


def _part(part: Part, number: int, names: dict[str, str]) -> ReadPart:
    at = f"part-{number}"
    if not part.name.strip() or len(part.name) > 30:
        raise InputError("行の名前を 30 文字以内で入力してください。例：世帯割", field=f"{at}-name")
    _rounding(part.rounding, f"{at}-unit")
    _bounds(part.least, part.most, f"{at}-least")
    if not part.bands:
        if part.by:
            raise InputError("段階の行を、1 つは入力してください。", field=f"{at}-band-1-least")
        return ReadPart(part, read(part.formula, names, field=f"{at}-formula"), None, ())
    if part.formula:
        raise InputError("式と段階は、どちらか一方だけを入力してください。", field=f"{at}-formula")
    if len(part.bands) > MAX_BANDS:
        raise InputError(f"段階は {MAX_BANDS} 件までです。", field=f"{at}-by")
    by = read(part.by, names, field=f"{at}-by", label="段階を分ける数値")
    bands = []
    for place, band in enumerate(part.bands, start=1):
        if place > 1 and band.least <= part.bands[place - 2].least:
            raise InputError(
                "段階は、小さいほうから順に、同じ数がないように入力してください。",
                field=f"{at}-band-{place}-least",
            )
        if not 0 <= band.least <= MAX_VALUE:
            raise InputError(
                "段階の始まりは、0 以上の整数で入力してください。", field=f"{at}-band-{place}-least"
            )
        bands.append((band, read(band.formula, names, field=f"{at}-band-{place}-formula")))
    return ReadPart(part, None, by, tuple(bands))


def _rounding(rounding: Rounding, field: str) -> None:
    if rounding.unit not in UNITS:
        raise InputError("端数処理の単位を選んでください。", field=field)


def _bounds(least: int | None, most: int | None, field: str) -> None:
    _yen(least, field)
    _yen(most, field)
    if least is not None and most is not None and least > most:
        raise InputError("下限が上限より大きくなっています。", field=field)


def _yen(amount: int | None, field: str) -> None:
    if amount is not None and not 0 <= amount <= MAX_VALUE:
        raise InputError("金額は、0 以上の整数で入力してください。", field=field)


def _condition(condition: Condition, number: int) -> None:
    if not condition.words.strip() or len(condition.words) > 200:
        raise InputError("条件の言葉を 200 文字以内で入力してください。", field=f"condition-{number}-words")
    needs = condition.check is Check.NONE_WITHIN
    if needs != (condition.years is not None) or not 1 <= (condition.years or 1) <= MAX_YEARS:
        raise InputError(
            f"年数は、「{Check.NONE_WITHIN.label}」のときだけ、1〜{MAX_YEARS} で入力してください。",
            field=f"condition-{number}-years",
        )
