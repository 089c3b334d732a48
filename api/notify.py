"""Tells systemd that the service is up or ends (`Type=notify`): one datagram, as sd_notify(3) shows it."""

from __future__ import annotations

import contextlib
import os
import socket

WHERE = "NOTIFY_SOCKET"


def wanted() -> bool:
    return bool(os.environ.get(WHERE))


def _send(state: bytes) -> None:
    where = os.environ.get(WHERE, "")
    if not where.startswith(("/", "@")):
        return
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line,
    ):
        line.connect("\0" + where[1:] if where.startswith("@") else where)
        line.sendall(state)


def ready() -> None:
    _send(b"READY=1")


def stopping() -> None:
    _send(b"STOPPING=1")
