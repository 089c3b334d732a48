"""Licences of the packages of the lock, and which have been judged.

A city runs the service and may hand it on: permissive licences and file- or library-wise copyleft (MPL, LGPL; used as
separate packages, unchanged) are taken. The GPL and AGPL, source-available and unknown ones are not, unless another
licence can be chosen.
"""

from __future__ import annotations

import re
from importlib import metadata

TAKEN = frozenset(
    {
        "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "LGPL-2.1-or-later", "LGPL-3.0-only",
        "LGPL-3.0-or-later", "MIT", "MIT-0", "MIT-CMU", "MPL-1.1", "MPL-2.0", "PSF-2.0", "Zlib", "Unlicense",
    }
)  # fmt: skip
REFUSED = re.compile(r"\b(A?GPL|SSPL|BUSL|CC-BY-NC|Proprietary|Commons-Clause)", re.IGNORECASE)
CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
}
JUDGED = {
    # name: (SPDX expression, why)
    "brotlicffi": ("MIT", "only on PyPy; its project says MIT"),
    "partd": ("BSD-3-Clause", "its metadata say BSD, its LICENSE.txt has the three clauses"),
    "protobuf": ("BSD-3-Clause", "its metadata say it in other words"),
    "pyphen": ("GPL-2.0-or-later OR LGPL-2.1-or-later OR MPL-1.1", "three to choose from"),
    "xstatic-leaflet": ("BSD-2-Clause", "that of Leaflet, as its metadata say"),
    "colorama": ("BSD-3-Clause", "only on Windows; its project says BSD-3-Clause"),
}
"""Packages whose installed metadata do not say it, or name several to choose from, as a person read them."""


def licence_of(name: str) -> str | None:
    """SPDX expression of a package: as judged, as its metadata say, or None."""
    if name in JUDGED:
        return JUDGED[name][0]
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if expression := told.get("License-Expression"):
        return str(expression)
    plain = str(told.get("License") or "")
    if plain in TAKEN:  # older metadata, with an SPDX name where a text may stand
        return plain
    ends = [
        line.rsplit(" :: ", 1)[-1]
        for line in told.get_all("Classifier") or ()
        if line.startswith("License ::")
    ]
    found = [CLASSIFIERS[end] for end in ends if end in CLASSIFIERS]
    if found and len(found) == len([end for end in ends if end != "OSI Approved"]):
        return " OR ".join(dict.fromkeys(found))
    return None


def taken(expression: str) -> bool:
    """Whether the licence may stand in what a city installs: one side of each OR, every side of each AND."""
    words = re.findall(r"\(|\)|[^\s()]+", expression)

    def parse(at: int) -> tuple[bool, int]:
        good, at = term(at)
        while at < len(words) and words[at] in ("AND", "OR"):
            other, nxt = term(at + 1)
            good = (good and other) if words[at] == "AND" else (good or other)
            at = nxt
        return good, at

    def term(at: int) -> tuple[bool, int]:
        if at >= len(words):
            return False, at
        if words[at] == "(":
            good, at = parse(at + 1)
            return good, at + 1
        return words[at] in TAKEN, at + 1

    good, end = parse(0)
    return good and end == len(words)
