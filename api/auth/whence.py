"""Where a sign-in comes from: in full for the limit of the next minutes, coarsely for the owner's list of sessions.

What is kept with a session is the family of browser and system and the first half of an IPv4 address (the first 32 bits of
IPv6): enough for its owner to say "that was not me", too little to find a household. It goes with the session.
"""

from __future__ import annotations

import hashlib
import ipaddress

from starlette.requests import Request

from geodata.sessions import Whence

_BROWSERS = (("Edg/", "Edge"), ("EdgA/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
             ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def _address(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def whence(request: Request) -> Whence:
    """What its owner is shown of where a session was begun."""
    agent = request.headers.get("user-agent", "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in agent), None)
    device = f"{browser or 'ほかのブラウザー'}（{system or 'ほかの機器'}）" if browser or system else None
    address = _address(request)
    if address is None:
        return Whence(device)
    if address.version == 4:
        return Whence(device, ".".join(str(address).split(".")[:2]) + ".x.x")
    return Whence(device, ":".join(address.exploded.split(":")[:2]) + ":…")


def source_for(request: Request, purpose: str) -> bytes:
    """The same source in a count of its own: what pages elsewhere can make a browser send uses up nobody's passwords."""
    return hashlib.sha256(purpose.encode() + b"\0" + source(request)).digest()


def source(request: Request) -> bytes:
    """What the limit of failed attempts counts by: an IPv4 address, or the /64 that one line of IPv6 has."""
    address = _address(request)
    if address is None:
        return hashlib.sha256(b"unknown").digest()
    bits = 32 if address.version == 4 else 64
    network = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    return hashlib.sha256(str(network).encode()).digest()
