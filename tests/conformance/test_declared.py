"""What the service declares is tested, and every test of this folder names what it tests."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

from tests.conformance.api import Api
from tests.conformance.registry import REQUIREMENTS, SPEC
from tests.conformance.report import CLIENTS, Outcome, page
from tests.conformance.standards import ASKED, READ_IN

FOLDER = Path(__file__).parent


def modules() -> list[Path]:
    return [p for p in sorted(FOLDER.rglob("test_*.py")) if p.name != Path(__file__).name]


def test_every_declared_class_has_tests(api: Api) -> None:
    for path in modules():
        import_module("tests.conformance." + ".".join(path.relative_to(FOLDER).with_suffix("").parts))
    tested = {found.conformance_class for found in REQUIREMENTS}
    assert set(api.json("/conformance")["conformsTo"]) - tested == set()


def test_every_requirement_of_every_declared_class_has_a_test_or_a_reason(api: Api) -> None:
    """And what is tested under a standard's class was seen in its source, or is said not to have been."""
    named: dict[str, set[str]] = {}
    for found in REQUIREMENTS:
        named.setdefault(found.conformance_class, set()).add(found.id)
    for name in api.json("/conformance")["conformsTo"]:
        asked = ASKED[name]
        assert asked.seen - named[name] - asked.untested.keys() == set(), name
        assert not any("does not hold" in why for why in asked.untested.values()), name
    for name, ids in named.items():
        if name.startswith(SPEC):
            assert ids <= ASKED[name].seen | ASKED[name].unconfirmed, name
            assert ids.isdisjoint(ASKED[name].untested), name
            assert any(name.startswith(start) for start in READ_IN), name


def test_every_test_names_its_requirement() -> None:
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                named = [ast.unparse(mark).split("(")[0] for mark in node.decorator_list]
                assert "requirement" in named, f"{path.name}::{node.name}"


def test_a_failure_shows_in_the_report() -> None:
    found = next(r for r in REQUIREMENTS if r.conformance_class.startswith(SPEC))
    text = page([Outcome(found, "a::b", "passed"), Outcome(found, "a::b", "failed")])
    assert "1 passed, 1 failed" in text and found.id in text
    assert CLIENTS not in {found.conformance_class}
