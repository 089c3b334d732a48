"""What an address was read as."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from kyodo_geo.addresses.gazetteer import Place
from kyodo_geo.lookup_types import FormerName, Town


class Fit(IntEnum):
    """How well a place explains the text after its name, best first."""

    FULL = 0
    LOWER = 1
    """The 大字 is certain; the 小字 or 地割 is not in the gazetteer or not written."""
    SEVERAL = 2
    """丁目 is missing, or the same words mean several towns."""
    MISSING = 3
    """The 丁目 does not exist."""


class Use(StrEnum):
    """What a part of the input was taken for."""

    POSTAL_CODE = "postal_code"
    REGION = "region"
    """Country, prefecture, 郡, municipality, former municipality."""
    TOWN = "town"
    KOAZA = "koaza"
    NUMBERS = "numbers"
    BUILDING = "building"
    JOINT = "joint"
    """Words between two addresses: または, から, 同."""
    UNUSED = "unused"
    """Nothing: named in a note, or in the reason of a refusal."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the cleaned input and what it was taken for."""

    use: Use
    text: str


@dataclass(slots=True)
class Reading:
    """One way to read an address. Filled in by `interpret`, not changed afterwards.

    `town` is the official name with 丁目 or 地割 (None when that is open), `row` its row of the gazetteer when it has
    one of its own. `block` is 番 or the main lot number, `house` 号 or the lot's branch. `koaza` is what is written,
    `koaza_known` whether the gazetteer has it, `literal` false when 字 had to be added or left out.
    `options` are the towns among which the text does not decide or, for `Fit.MISSING`, those that exist.
    `notes` are Japanese sentences on what was assumed or left out. `parts` says for every stretch of the input, from
    left to right, what it was taken for; separators between them apart. `doubt`: a Japanese sentence on why the place
    meant may be another one. `name_end`: how far the town's name reaches;
    `renamed`: it is the name the town had in a former municipality that is not written; `former`: the old name that
    was written.
    """

    place: Place
    fit: Fit
    tier: int
    town: str | None
    row: Town | None
    level: str
    koaza: str | None = None
    koaza_known: bool = False
    literal: bool = True
    block: str | None = None
    house: str | None = None
    lot: bool = False
    building: str | None = None
    unused: str | None = None
    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    doubt: str = ""
    name_end: int = 0
    renamed: bool = False
    former: FormerName | None = None

    def leave(self, text: str) -> None:
        """Report text of the input that was not used."""
        self.unused = f"{self.unused} {text}" if self.unused else text
        self.notes = (*self.notes, f"「{text[:20]}」は使っていません。")

    def leave_building(self) -> None:
        """Report what was taken for a building, the last part, as not used."""
        text = self.parts[-1].text
        self.building = (self.building or "").removesuffix(text).strip() or None
        self.parts = (*self.parts[:-1], Part(Use.UNUSED, text))
        self.leave(text)

    @property
    def names(self) -> tuple[str, ...]:
        """The towns it may be: one, or the options."""
        return (self.town,) if self.town is not None else self.options


class Status(StrEnum):
    """Outcome of reading an address, before any association is looked for."""

    FOUND = "found"
    SEVERAL = "several"
    MANY = "many"
    """The text names several addresses, and each of them is clear."""
    OUTSIDE = "outside"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Match:
    """Outcome with its readings: one when FOUND, the possible ones when SEVERAL, each when MANY, none otherwise.

    `text` is the cleaned input; `other` the municipality or prefecture named when OUTSIDE, with
    `contradiction` when our city was named within another prefecture; `reason` a Japanese sentence on why the address
    could not be read; `unknown` the part that was not understood; `suggestions` names that exist. `postal_code` as
    written (seven digits), `postal_conflict` when it is known to be another town's. `written`: the parts of a text
    with several addresses.
    """

    status: Status
    text: str
    readings: tuple[Reading, ...] = ()
    other: str | None = None
    contradiction: bool = False
    reason: str = ""
    suggestions: tuple[str, ...] = ()
    unknown: str = ""
    postal_code: str | None = None
    postal_conflict: bool = False
    written: tuple[Part, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What each stretch of the input was taken for, by the first reading; one unused part where there is none."""
        if self.written:
            return self.written
        if self.readings:
            return self.readings[0].parts
        return (Part(Use.UNUSED, self.text),) if self.text else ()
