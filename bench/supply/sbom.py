"""CycloneDX bill of materials: every package of the run lock (version, hashes, licence) and the Debian packages beside it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from bench.supply.licences import licence_of
from bench.supply.lock import Pin, pins

DEBIAN = (
    "python3", "postgresql-15", "postgresql-15-postgis-3", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0",
    "fonts-noto-cjk",
)  # fmt: skip
"""What `.ci/system-packages run` sees to (tests/unit/test_supply.py compares); with what they need in turn."""


def debian_packages(names: Iterable[str] = DEBIAN) -> list[tuple[str, str, str]]:
    """(name, version, architecture) of those installed here, with everything they depend on; empty without dpkg."""
    try:
        needed = subprocess.run(
            ["apt-cache", "depends", "--recurse", "--installed", "--no-recommends", "--no-suggests", "--no-conflicts",
             "--no-breaks", "--no-replaces", "--no-enhances", *names],
            check=False, capture_output=True, text=True,
        ).stdout  # fmt: skip
        told = subprocess.run(
            ["dpkg-query", "-W", "-f", "${Package}\t${Version}\t${Architecture}\t${db:Status-Abbrev}\n"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return []
    wanted = {
        line.strip().split(":")[0] for line in needed.splitlines() if line[:1].strip() and "<" not in line
    } | set(names)
    rows = (line.split("\t") for line in told.splitlines())
    return sorted(
        (name, version, arch)
        for name, version, arch, state in rows
        if state.startswith("ii") and name in wanted
    )


def bill(version: str, packages: list[Pin], debian: list[tuple[str, str, str]]) -> Bom:
    """The bill of one release."""
    made = LicenseFactory()
    bom = Bom()
    root = Component(
        name="kyodo-geo", version=version, type=ComponentType.APPLICATION, bom_ref=f"kyodo-geo@{version}"
    )
    bom.metadata.component = root
    parts = []
    for pin in packages:
        licence = licence_of(pin.name)
        parts.append(
            Component(
                name=pin.name, version=pin.version, type=ComponentType.LIBRARY, bom_ref=f"pypi:{pin.name}@{pin.version}",
                purl=PackageURL("pypi", None, pin.name, pin.version),
                hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pin.hashes],
                licenses=[made.make_from_string(licence)] if licence else [],
                description=f"only where {pin.marker}" if pin.marker else None,
            )
        )  # fmt: skip
    parts += [
        Component(
            name=name, version=number, type=ComponentType.LIBRARY, bom_ref=f"deb:{name}@{number}",
            purl=PackageURL("deb", "debian", name, number, {"arch": arch}),
        )
        for name, number, arch in debian
    ]  # fmt: skip
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(root, parts)
    return bom


def as_json(bom: Bom) -> str:
    """The bill as CycloneDX 1.6, which has been checked against the schema. Raises ValueError."""
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(f"not CycloneDX: {fault}")
    return text


def main() -> int:
    from api.app import program_version

    reader = argparse.ArgumentParser(prog="make sbom")
    reader.add_argument("out", type=Path)
    out: Path = reader.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    debian = debian_packages()
    packages = pins()
    out.write_text(as_json(bill(program_version(), packages, debian)), encoding="utf-8")
    sys.stdout.write(f"{out}: {len(packages)} Python, {len(debian)} Debian packages\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
