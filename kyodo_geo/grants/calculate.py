"""A rule table worked out for figures: every step in words, whole yen, and why where nothing can be calculated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kyodo_geo.grants.formula import CannotCalculateError, Number, value, written
from kyodo_geo.grants.table import ReadPart, ReadTable, Rounding

Known = int | Fraction | Decimal | None
Figures = Mapping[str, Known]
"""Name of a figure (会員世帯数) → its value; None or missing is unknown, never 0."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the calculation sheet. `words`: how the amount comes about; the amounts of all steps sum to the total.

    `own`: the table's row; else an adjustment of the whole (端数、上限、下限).
    """

    name: str
    words: str
    amount: int
    own: bool = True


@dataclass(frozen=True, slots=True)
class Calculation:
    """`total` in yen, or None with `reasons` why nothing can be calculated; `steps` as far as they are known."""

    total: int | None
    steps: tuple[Step, ...]
    reasons: tuple[str, ...] = ()


def calculate(read: ReadTable, figures: Figures) -> Calculation:
    """Work the table out. Figures must be 0 or more; a figure below is a reason, not an error."""
    known: dict[str, Fraction | None] = {}
    reasons: list[str] = []
    for name in read.figures:
        given = figures.get(name)
        known[name] = None if given is None else Fraction(given)
        if given is not None and given < 0:
            reasons.append(f"{name}が 0 より小さくなっています")
    if reasons:
        return Calculation(None, (), tuple(reasons))
    said = {name: _said(read, name, found) for name, found in known.items() if found is not None}
    steps: list[Step] = []
    for part in read.parts:
        try:
            step = _part(part, known, said)
        except CannotCalculateError as error:
            if not _follows(part, known, read):
                reasons.append(f"{part.part.name}：{error.reason}")
            known[part.part.name] = None
            continue
        steps.append(step)
        known[part.part.name] = Fraction(step.amount)
        said[part.part.name] = f"{step.amount:,}円"
    if reasons:
        return Calculation(None, tuple(steps), tuple(reasons))
    try:
        steps += _whole(read, sum(step.amount for step in steps), known, said)
    except CannotCalculateError as error:
        return Calculation(None, tuple(steps), (f"上限：{error.reason}",))
    return Calculation(sum(step.amount for step in steps), tuple(steps))


def _follows(part: ReadPart, known: Mapping[str, Fraction | None], read: ReadTable) -> bool:
    """Whether a row fails merely because an earlier one did: that one has been told already."""
    rows = {earlier.part.name for earlier in read.parts}
    missing = {name for name in part.names() if known.get(name) is None}
    return bool(missing) and missing <= rows & set(known)


def _said(read: ReadTable, name: str, found: Fraction) -> str:
    figure = read.scheme.figure(name)
    return f"{number(found)}{figure.unit if figure else ''}"


def number(found: Fraction) -> str:
    """A number in words: grouped, at most four places, 約 where it is not exact."""
    if found.denominator == 1:
        return f"{int(found):,}"
    rounded = round(found, 4)
    text = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):,.4f}".rstrip("0").rstrip(".")
    return text if rounded == found else f"約{text}"


def _part(row: ReadPart, known: Mapping[str, Fraction | None], said: Mapping[str, str]) -> Step:
    part, formula, before = row.part, row.formula, ""
    if row.by is not None:
        at = value(row.by, known)
        fitting = [(band, node) for band, node in row.bands if band.least <= at]
        if not fitting:
            raise CannotCalculateError(f"{part.by} が {number(at)} のときの段階がありません")
        band, formula = fitting[-1]
        by = written(row.by, said)
        before = f"{by}{'' if by.endswith('）') else ' '}は {band.least:,} からの段階："
    assert formula is not None
    exact = value(formula, known)
    if exact < 0:
        raise CannotCalculateError("計算すると 0 より小さくなります")
    amount = part.rounding.of(exact)
    notes = [] if exact == amount else [part.rounding.label]
    if part.least is not None and amount < part.least:
        amount = part.least
        notes.append(f"下限 {part.least:,}円")
    if part.most is not None and amount > part.most:
        amount = part.most
        notes.append(f"上限 {part.most:,}円")
    worked = "" if isinstance(formula, Number) else f" = {number(exact)}円"
    words = before + written(formula, said) + worked + "".join(f"、{note}" for note in notes)
    return Step(part.name, words, amount)


def _whole(
    read: ReadTable, total: int, known: Mapping[str, Fraction | None], said: Mapping[str, str]
) -> list[Step]:
    """Rounding, floor, ceiling and smallest grant, each as the difference that it makes."""
    whole, steps = read.table.whole, []

    def to(amount: int, name: str, words: str) -> None:
        nonlocal total
        if amount != total:
            steps.append(Step(name, words, amount - total, own=False))
            total = amount

    to(whole.rounding.of(Fraction(total)), "端数処理", whole.rounding.label)
    if whole.least is not None:
        to(max(total, whole.least), "下限による調整", f"{whole.least:,}円に引き上げ")
    if whole.most is not None:
        to(min(total, whole.most), "上限による調整", f"上限 {whole.most:,}円")
    if read.cap is not None:
        exact = value(read.cap, known)
        if exact < 0:
            raise CannotCalculateError("計算すると 0 より小さくなります")
        cap = Rounding(whole.rounding.unit).of(exact)
        to(min(total, cap), "上限による調整", f"{written(read.cap, said)} = {number(exact)}円まで")
    if whole.smallest is not None and total < whole.smallest:
        to(0, "交付しない額", f"{whole.smallest:,}円に満たないため")
    return steps
