"""Known vulnerabilities of the run lock, by pip-audit. A package that could not be looked up is no clean package.

Exit status: 0 every package was looked up and none is known to be vulnerable; 1 vulnerabilities; 2 the service could not be
reached, or did not know packages: then nothing is proven, whatever pip-audit itself returns (it ends with 0 when the index
it asks knows none of them).
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from bench.supply.lock import LOCK, pins

ACCEPTED: dict[str, str] = {}
"""Id of a vulnerability → why it does not touch us, and until when that was judged."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a report comes to. `vulnerable`: "package version id: mended in …"."""

    looked_up: int
    unknown: tuple[str, ...]
    vulnerable: tuple[str, ...]

    @property
    def status(self) -> int:
        return 1 if self.vulnerable else 2 if self.unknown or not self.looked_up else 0


def judge(report: dict[str, Any], wanted: int) -> Verdict:
    """Read pip-audit's JSON. `wanted`: how many packages of the lock it should tell of."""
    looked_up, unknown, vulnerable = 0, [], []
    for item in report.get("dependencies", ()):
        if "skip_reason" in item:
            unknown.append(item["name"])
            continue
        looked_up += 1
        for found in item.get("vulns", ()):
            if found["id"] in ACCEPTED or set(found.get("aliases", ())) & set(ACCEPTED):
                continue
            mended = "、".join(found.get("fix_versions", ())) or "まだない"
            vulnerable.append(f"{item['name']} {item['version']} {found['id']}（直った版: {mended}）")
    if looked_up + len(unknown) < wanted:
        unknown.append(f"ほか {wanted - looked_up - len(unknown)} 件")
    return Verdict(looked_up, tuple(unknown), tuple(vulnerable))


def applying() -> int:
    """Packages of the lock that are installed on this system."""
    from packaging.markers import Marker

    return sum(pin.marker is None or Marker(pin.marker).evaluate() for pin in pins())


def main() -> int:
    run = subprocess.run(
        [sys.executable, "-m", "pip_audit", "-r", str(LOCK), "--require-hashes", "--disable-pip", "--progress-spinner",
         "off", "--format", "json", "--timeout", "15", *sys.argv[1:]],
        check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    say = sys.stdout.write
    try:
        report = json.loads(run.stdout)
    except json.JSONDecodeError:
        last = (run.stderr.strip().splitlines() or ["?"])[-1]
        say(f"脆弱性の情報に届かないため、検査できませんでした（終了コード 2）: {last[:300]}\n")
        return 2
    verdict = judge(report, applying())
    for line in verdict.vulnerable:
        say(f"脆弱性: {line}\n")
    if verdict.unknown:
        names = "、".join(verdict.unknown[:10])
        say(
            f"調べられなかったパッケージ {len(verdict.unknown)} 件（{names} など）。検査できたことにはなりません。\n"
        )
    say(
        f"{verdict.looked_up} 件を調べました。脆弱性 {len(verdict.vulnerable)} 件。終了コード {verdict.status}\n"
    )
    return verdict.status


if __name__ == "__main__":
    raise SystemExit(main())
