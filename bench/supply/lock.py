"""The run lock as it stands: every package with its version, hashes and where it is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
_PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^ ;\\]+)(?: *; *(?P<marker>[^\\]+?))? *\\?$"
)
_HASH = re.compile(r"^ +--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of the lock. `marker`: on which systems it is installed, None: everywhere."""

    name: str
    version: str
    hashes: tuple[str, ...]
    marker: str | None = None


def pins(path: Path = LOCK) -> list[Pin]:
    """All packages; raises ValueError for a line that is neither a pin, a hash nor a comment, or a pin without hashes."""
    found: list[Pin] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        pin, digest = _PIN.match(line), _HASH.match(line)
        if pin is not None:
            found.append(Pin(pin["name"].lower(), pin["version"], (), pin["marker"]))
        elif digest is not None and found:
            last = found[-1]
            found[-1] = Pin(last.name, last.version, (*last.hashes, digest[1]), last.marker)
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"not understood: {line}")
    if bare := [pin.name for pin in found if not pin.hashes]:
        raise ValueError(f"without a hash: {bare}")
    return found
