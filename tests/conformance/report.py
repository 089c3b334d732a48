"""docs/CONFORMANCE.md of the outcomes: per conformance class what was checked, by which test, on how many cases."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from tests.conformance.registry import SPEC, Requirement
from tests.conformance.standards import ASKED, READ_IN, was_seen

HEAD = """# Conformance

Written by `make conformance` from the run of `tests/conformance`; not edited by hand. The tests follow the abstract
test suites (Annex A) of the standards and name the requirement each of them checks; sentences are our own. They ask a
service on the bundled sample as the public sees it: a layer of areas, one of points and dated records without a place.
The last section is what independent programs make of the same service over a real connection.

Ids are those of the standards. Where "id" says 確認, it was seen in the source named there; 未確認 was not found in it. What
a class asks for and no test covers is listed with its reason. Records, and the drafts Features 6 and 8, are tested but
not declared.

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
        "| requirement | id | checked | test | cases | result |",
        "|---|---|---|---|---|---|",
    ]
    if name.startswith(SPEC):
        lines[2:2] = [f"<{name}>, ids read in {read_in(name)}", ""]
    for (known, test), outcomes in sorted(rows.items(), key=lambda row: (row[0][0].id, row[0][1])):
        lines.append(
            f"| {known.id} | {id_of(name, known)} | {known.title} | `{test}` | {len(outcomes)} | {result(outcomes)} |"
        )
    lines += [
        f"| {id} | 確認 | not tested: {why} | – | – | – |" for id, why in sorted(untested(name).items())
    ]
    return "\n".join(lines) + "\n\n"


def read_in(name: str) -> str:
    """The source in which the ids of a class were looked up."""
    return next((where for start, where in READ_IN.items() if name.startswith(start)), "nothing")


def id_of(name: str, known: Requirement) -> str:
    """Whether the id was seen there; nothing for what is no requirement of a standard."""
    if name == CLIENTS:
        return "–"
    return "確認" if was_seen(name, known.id) else "未確認"


def untested(name: str) -> dict[str, str]:
    return ASKED[name].untested if name in ASKED else {}


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
