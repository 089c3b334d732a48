"""What the service is made of: every package of the lock stands in the bill with version, hash and a licence that was judged."""

from __future__ import annotations

import json
import re

import pytest

from bench.supply.audit import Verdict, judge
from bench.supply.licences import JUDGED, licence_of, taken
from bench.supply.lock import pins
from bench.supply.sbom import DEBIAN, as_json, bill, debian_packages
from tests.conftest import ROOT


def test_no_package_has_an_unknown_or_refused_licence() -> None:
    told = {pin.name: licence_of(pin.name) for pin in pins()}
    wrong = {name: licence for name, licence in told.items() if licence is None or not taken(licence)}
    assert wrong == {}, "read its licence, then bench/supply/licences.py"
    assert set(JUDGED) <= set(told), "judged but no longer in the lock"


@pytest.mark.parametrize(
    ("expression", "good"),
    [
        ("MIT", True), ("GPL-3.0-only", False), ("GPL-2.0-or-later OR MPL-1.1", True), ("MIT AND AGPL-3.0-only", False),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True), ("(GPL-3.0-only OR MIT) AND BSD-3-Clause", True), ("", False),
        ("MIT AND", False), ("SSPL-1.0", False), ("MIT)", False),
    ],
)  # fmt: skip
def test_how_licences_are_judged(expression: str, good: bool) -> None:
    assert taken(expression) is good


def test_the_bill_names_every_package_of_the_lock() -> None:
    """In CycloneDX 1.6 that holds against its schema (`as_json` raises otherwise)."""
    packages = pins()
    told = json.loads(as_json(bill("1.0", packages, debian_packages())))
    assert (told["bomFormat"], told["specVersion"]) == ("CycloneDX", "1.6")
    python = {
        (part["name"], part["version"]): part
        for part in told["components"]
        if part["purl"].startswith("pkg:pypi/")
    }
    assert set(python) == {(pin.name, pin.version) for pin in packages}
    for pin in packages:
        part = python[pin.name, pin.version]
        assert {held["content"] for held in part["hashes"]} == set(pin.hashes), pin.name
        assert part["licenses"], pin.name
    assert len(packages) == len(re.findall(r"(?m)^[a-z0-9.-]+==", (ROOT / "requirements.lock").read_text()))
    debian = {part["name"] for part in told["components"] if part["purl"].startswith("pkg:deb/debian/")}
    assert {"postgresql-15", "postgresql-15-postgis-3", "libc6"} <= debian


def test_the_bill_asks_for_what_the_set_up_installs() -> None:
    text = (ROOT / ".ci" / "system-packages").read_text()
    run = text[text.index("missing() {") : text.index("if [[ $mode != run ]]; then")]
    installed = set(re.findall(r"(?:echo|\\n'|\|\| printf '%s\\n') ([a-z][a-z0-9.+-]+)", run))
    installed |= set(re.findall(r"(postgresql-[0-9a-z-]+)", run))
    assert installed - {"python3-venv"} <= set(DEBIAN), "see bench/supply/sbom.py"


REPORT = {
    "dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "2", "vulns": []}]
}


def test_an_audit_is_clean_only_where_everything_was_looked_up() -> None:
    assert judge(REPORT, 2).status == 0
    assert judge(REPORT, 3).status == 2, "one of the lock is missing from the report"
    skipped = {"dependencies": [*REPORT["dependencies"], {"name": "c", "skip_reason": "not found"}]}
    assert judge(skipped, 3) == Verdict(2, ("c",), ())
    assert judge(skipped, 3).status == 2
    assert judge({"dependencies": []}, 0).status == 2
    found = {"id": "GHSA-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}
    bad = {"dependencies": [{"name": "a", "version": "1", "vulns": [found]}]}
    assert judge(bad, 1).status == 1 and "GHSA-1" in judge(bad, 1).vulnerable[0]
