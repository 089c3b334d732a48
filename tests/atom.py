"""What RFC 4287 requires of a feed document, read whole."""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_ONCE = {"feed": ("id", "title", "updated"), "entry": ("id", "title", "updated")}
_KNOWN = {
    "feed": {"id", "title", "updated", "author", "link", "entry"},
    "entry": {"id", "title", "updated", "link", "summary", "category"},
}


def problems(body: bytes) -> list[str]:
    """What is wrong with a feed: RFC 4287, 4.1.1 and 4.1.2 (required parts), 3.3 (dates), 4.2.6 (ids), 4.2.7 (links)."""
    root = ET.fromstring(body)
    if root.tag != f"{ATOM}feed":
        return ["no feed"]
    found = _of("feed", root)
    if not any((author.findtext(f"{ATOM}name") or "").strip() for author in root.findall(f"{ATOM}author")):
        found.append("feed without author")
    if not any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link")):
        found.append("feed without self link")
    ids = [root.findtext(f"{ATOM}id")]
    for entry in root.findall(f"{ATOM}entry"):
        found += _of("entry", entry)
        ids.append(entry.findtext(f"{ATOM}id"))
        if not any(link.get("rel") == "alternate" for link in entry.findall(f"{ATOM}link")):
            found.append("entry without content and alternate link")
        found += [
            f"category without term: {c.attrib}"
            for c in entry.findall(f"{ATOM}category")
            if not c.get("term")
        ]
    if len(set(ids)) != len(ids):
        found.append("ids occur twice")
    return found


def _of(kind: str, element: ET.Element) -> list[str]:
    found = []
    for child in element:
        name = child.tag.removeprefix(ATOM)
        if name not in _KNOWN[kind]:
            found.append(f"{kind}: {child.tag}")
    for name in _ONCE[kind]:
        held = element.findall(f"{ATOM}{name}")
        if len(held) != 1 or not (held[0].text or "").strip():
            found.append(f"{kind}: {name} {len(held)} times")
    if not _DATE.fullmatch(element.findtext(f"{ATOM}updated") or ""):
        found.append(f"{kind}: updated")
    if not urlsplit(element.findtext(f"{ATOM}id") or "").scheme:
        found.append(f"{kind}: id is no IRI")
    for link in element.findall(f"{ATOM}link"):
        if not (link.get("href") or "").startswith(("http://", "https://")):
            found.append(f"{kind}: link {link.attrib}")
    return found
