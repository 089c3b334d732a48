"""docs/CONFORMANCE.md of the outcomes: per conformance class what was checked, by which test, on how many cases."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.conformance.registry import SPEC, Requirement

HEAD = """# Conformance

Written by `make conformance` from the run of `tests/conformance`; not edited by hand. The tests follow the abstract
test suites (Annex A) of the standards and name the requirement each of them checks; sentences are our own. They ask a
service on the bundled sample as the public sees it: a layer of areas, one of points and dated records without a place.
The last section is what independent programs make of the same service over a real connection.

"""
LIBRARIES = ("cql2", "fastapi", "psycopg", "pyproj", "shapely", "OWSLib")
CLIENTS = "clients"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outcome of one case of one test: passed, failed or skipped."""

    requirement: Requirement
    test: str
    outcome: str


def write(target: Path, outcomes: list[Outcome]) -> None:
    """The page, whole or not at all."""
    new = target.with_name(target.name + ".new")
    new.write_text(page(outcomes), encoding="utf-8")
    new.replace(target)


def page(outcomes: list[Outcome]) -> str:
    """Markdown of all outcomes."""
    classes: dict[str, list[Outcome]] = {}
    for found in outcomes:
        classes.setdefault(found.requirement.conformance_class, []).append(found)
    order = sorted(classes, key=lambda name: (name == CLIENTS, name))
    return (
        HEAD + summary(classes, order) + "".join(section(name, classes[name]) for name in order) + versions()
    )


def summary(classes: dict[str, list[Outcome]], order: list[str]) -> str:
    rows = ["| conformance class | requirements | cases | result |", "|---|---|---|---|"]
    for name in order:
        found = classes[name]
        rows.append(
            f"| {short(name)} | {len({o.requirement.id for o in found})} | {len(found)} | {result(found)} |"
        )
    return "\n".join(rows) + "\n\n"


def section(name: str, found: list[Outcome]) -> str:
    """One conformance class: a row per requirement and test."""
    rows: dict[tuple[Requirement, str], list[Outcome]] = {}
    for outcome in found:
        rows.setdefault((outcome.requirement, outcome.test), []).append(outcome)
    lines = [
        f"## {short(name)}",
        "",
        "| requirement | checked | test | cases | result |",
        "|---|---|---|---|---|",
    ]
    if name.startswith(SPEC):
        lines[2:2] = [f"<{name}>", ""]
    for (known, test), outcomes in sorted(rows.items(), key=lambda row: (row[0][0].id, row[0][1])):
        lines.append(f"| {known.id} | {known.title} | `{test}` | {len(outcomes)} | {result(outcomes)} |")
    return "\n".join(lines) + "\n\n"


def result(outcomes: list[Outcome]) -> str:
    """`passed`, or how many of each."""
    counts = {word: sum(o.outcome == word for o in outcomes) for word in ("passed", "failed", "skipped")}
    if counts["passed"] == len(outcomes):
        return "passed"
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def short(name: str) -> str:
    return name.removeprefix(SPEC) if name != CLIENTS else "Independent clients"


def versions() -> str:
    rows = [f"| {name} | {version(name)} |" for name in LIBRARIES]
    rows += [f"| {name} | {told} |" for name, told in programs()]
    return "\n".join(["## Versions", "", "| library or program | version |", "|---|---|", *rows]) + "\n"


def programs() -> list[tuple[str, str]]:
    """GDAL's own word on its version."""
    done = subprocess.run(["ogrinfo", "--version"], capture_output=True, text=True, check=False)
    return [("GDAL (ogrinfo, ogr2ogr)", done.stdout.split(",")[0].removeprefix("GDAL ").strip() or "absent")]
