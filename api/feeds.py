"""Atom feeds (RFC 4287) of cases, handbooks, subsidies and events: well-formed whatever the texts hold, ids that never change."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from kyodo_geo.xml_text import xml_text

MEDIA = "application/atom+xml; charset=utf-8"
MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"
_NAMES = uuid.UUID("6f1d8a52-7c0b-5d0e-9a3f-2b7f5c1e4d90")
"""Ids are made of it and of what they name, so that they are the same on every server and under every address."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`name`: what it is, for ever (`case/c12…`); `link`: its page; `updated` with a time zone."""

    name: str
    title: str
    summary: str
    link: str
    updated: datetime
    category: tuple[str, str] | None = None


def feed(
    entries: Iterable[Entry], *, code: str, name: str, title: str, author: str, self_link: str, page: str, since: datetime
) -> bytes:  # fmt: skip
    """The feed with the `MOST` newest entries; `since` is its time where it has none."""
    ET.register_namespace("", _ATOM)
    held = sorted(entries, key=lambda entry: (entry.updated, entry.name), reverse=True)
    newest = held[0].updated if held else since
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "ja"})
    _text(root, "id", _id(code, name))
    _text(root, "title", title)
    _text(root, "updated", _moment(newest))
    _text(ET.SubElement(root, f"{{{_ATOM}}}author"), "name", author)
    _link(root, "self", self_link, "application/atom+xml")
    _link(root, "alternate", page, "text/html")
    for entry in held[:MOST]:
        one = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _text(one, "id", _id(code, entry.name))
        _text(one, "title", entry.title)
        _text(one, "updated", _moment(entry.updated))
        _link(one, "alternate", entry.link, "text/html")
        _text(one, "summary", entry.summary)
        if entry.category is not None:
            ET.SubElement(
                one, f"{{{_ATOM}}}category", {"term": entry.category[0], "label": xml_text(entry.category[1])}
            )
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _id(code: str, name: str) -> str:
    return uuid.uuid5(_NAMES, f"{code}/{name}").urn


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}{name}").text = xml_text(text)


def _link(parent: ET.Element, rel: str, href: str, media: str) -> None:
    ET.SubElement(parent, f"{{{_ATOM}}}link", {"rel": rel, "href": xml_text(href), "type": media})
