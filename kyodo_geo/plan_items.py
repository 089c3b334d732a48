"""What a plan is made of, under one name each: `r3-r7/initiative/9`, `r3-r7/indicator/letters`.

Records that speak of either (who is responsible, what became of it in the next plan) keep this name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from kyodo_geo.errors import InputError

ItemKind = Literal["initiative", "indicator"]
ITEM_FORM = r"^[0-9a-z-]{1,20}/(initiative/[1-9][0-9]{0,2}|indicator/[0-9A-Za-z_-]{1,40})$"
"""The same pattern stands in the tables."""
_FORM = re.compile(ITEM_FORM)
PLAN_FORM = re.compile(r"[0-9a-z][0-9a-z-]{0,19}")


@dataclass(frozen=True, slots=True, order=True)
class PlanItem:
    """An initiative (key: its number) or an indicator (key: its id) of a plan."""

    plan_id: str
    kind: ItemKind
    key: str

    @classmethod
    def of(cls, name: str) -> PlanItem:
        """Raises InputError."""
        if not _FORM.fullmatch(name):
            raise InputError("取組か指標を選んでください。", field="item")
        plan_id, kind, key = name.split("/")
        return cls(plan_id, "initiative" if kind == "initiative" else "indicator", key)

    @property
    def number(self) -> int:
        """Of an initiative."""
        return int(self.key)

    @property
    def row_key(self) -> str | int:
        """As the tables of yearly rows have it."""
        return self.number if self.kind == "initiative" else self.key

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.kind}/{self.key}"
