"""Which requirement a test checks: `@requirement("/req/core/root-success", "…")` on tests of a module with `CLASS`.

A module names its conformance class once (`CLASS = FEATURES_1 + "core"`); a test of another class says
`conformance_class=`. Sentences are our own, in English: what is checked, not what the standard says. Which ids were seen in
the standards' sources, and which of them no test covers, stands in `standards.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest

SPEC = "http://www.opengis.net/spec/"
COMMON_1 = f"{SPEC}ogcapi-common-1/1.0/conf/"
COMMON_2 = f"{SPEC}ogcapi-common-2/1.0/conf/"
FEATURES_1 = f"{SPEC}ogcapi-features-1/1.0/conf/"
FEATURES_2 = f"{SPEC}ogcapi-features-2/1.0/conf/"
FEATURES_3 = f"{SPEC}ogcapi-features-3/1.0/conf/"
FEATURES_4 = f"{SPEC}ogcapi-features-4/1.0/conf/"
FEATURES_6 = f"{SPEC}ogcapi-features-6/1.0/conf/"
FEATURES_8 = f"{SPEC}ogcapi-features-8/1.0/conf/"
CQL2 = f"{SPEC}cql2/1.0/conf/"
TILES_1 = f"{SPEC}ogcapi-tiles-1/1.0/conf/"
TMS_2 = f"{SPEC}tms/2.0/conf/"
RECORDS_1 = f"{SPEC}ogcapi-records-1/1.0/conf/"

Test = TypeVar("Test", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Requirement:
    """`id` is the requirement's (or the abstract test's) path in the standard; `title` says what our test checks."""

    conformance_class: str
    id: str
    title: str


REQUIREMENTS: list[Requirement] = []
"""All that the imported test modules check, in the order of their lines."""


def requirement(id: str, title: str, *, conformance_class: str | None = None) -> Callable[[Test], Test]:
    """Mark a test with the requirement it checks; several marks may stand above one test."""
    module = sys.modules[sys._getframe(1).f_globals["__name__"]]
    named = conformance_class or module.CLASS
    found = Requirement(named, id, title)
    REQUIREMENTS.append(found)
    return pytest.mark.requirement(found)
