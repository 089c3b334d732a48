"""Atom feed (RFC 4287) of the events: well-formed whatever the texts hold, ids that are the same on every server."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

MEDIA = "application/atom+xml; charset=utf-8"
MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("0b9c7a52-6a0e-5f43-9d1c-3f4e2b7a8c61")
"""Ids are made of it and of what they name."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """`name`: what it is, for ever; `link`: its page; `updated` with a time zone; `category`: (term, label)."""

    name: str
    title: str
    summary: str
    link: str
    updated: datetime
    category: tuple[str, str]


def feed(
    entries: Iterable[Entry], *, code: str, name: str, title: str, author: str, self_link: str, page: str, since: datetime
) -> bytes:  # fmt: skip
    """The feed with the `MOST` entries changed last; `since` is its time where it has none."""
    ET.register_namespace("", _ATOM)
    held = sorted(entries, key=lambda entry: (entry.updated, entry.name), reverse=True)[:MOST]
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "ja"})
    _text(root, "id", _id(code, name))
    _text(root, "title", title)
    _text(root, "updated", _moment(held[0].updated if held else since))
    _text(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", author)
    _link(root, "self", self_link, "application/atom+xml")
    _link(root, "alternate", page, "text/html")
    for entry in held:
        one = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _text(one, "id", _id(code, entry.name))
        _text(one, "title", entry.title)
        _text(one, "updated", _moment(entry.updated))
        _link(one, "alternate", entry.link, "text/html")
        _text(one, "summary", entry.summary)
        term, label = entry.category
        ET.SubElement(one, f"{{{_ATOM}}}category", {"term": term, "label": label})
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _id(code: str, name: str) -> str:
    return uuid.uuid5(_NAMES, f"{code}/{name}").urn


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = _NOT_XML.sub("", text)


def _link(parent: ET.Element, rel: str, href: str, media: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": _NOT_XML.sub("", href), "type": media})
