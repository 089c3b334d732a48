"""Between a program and PostgreSQL: counts what the program sends, and kills somebody at a chosen message.

The same seed kills at the same message of the same work: no clock is involved, and the product knows nothing of it.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from geodata.cluster.layout import SOCKET_NAME


@dataclass
class Trigger:
    """At message `at` (counted over all connections, from 1) `act(process of the server, process of the program)` is called.

    `sent`: the message has reached the server when it happens. `seen` counts all messages; `fired` says it happened.
    """

    at: int = 0
    act: Callable[[int, int], None] = lambda server, program: None
    sent: bool = False
    seen: int = 0
    fired: bool = False
    over: threading.Event = field(default_factory=threading.Event)


@dataclass
class Proxy:
    """A unix socket in `folder` that leads to the server in `server`; bytes go through unchanged."""

    folder: Path
    server: Path
    trigger: Trigger = field(default_factory=Trigger)
    black_hole: bool = False
    """From now on nothing goes through, and nobody is told: what a broken line looks like."""

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / SOCKET_NAME))
        self._listener.listen(50)
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self.folder), safe='')}"

    def arm(self, trigger: Trigger) -> Trigger:
        with self._lock:
            self.trigger = trigger
        return trigger

    def cut(self) -> int:
        """Every connection ends at once; how many there were."""
        with self._lock:
            gone, self._open = self._open, set()
        for end in gone:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        return len(gone) // 2

    def close(self) -> None:
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(str(self.server / SOCKET_NAME))
        except OSError:
            client.close()
            return
        pid: list[int] = []
        with self._lock:
            self._open |= {client, server}
        back = threading.Thread(target=self._answers, args=(server, client, pid), daemon=True)
        back.start()
        with suppress(OSError):
            self._questions(client, server, pid)
        for end in (client, server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join(10)
        with self._lock:
            self._open -= {client, server}
        client.close()
        server.close()

    def _questions(self, client: socket.socket, server: socket.socket, pid: list[int]) -> None:
        """Message by message: the first has no type, the others are a letter and a length."""
        held, head = b"", 0
        told = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        program = struct.unpack("3i", told)[0]
        while piece := client.recv(1 << 16):
            held += piece
            while len(held) >= head + 4 and len(held) >= (
                size := head + struct.unpack_from("!i", held, head)[0]
            ):
                message, held = held[:size], held[size:]
                head = 1
                self._pass_on(message, server, pid, program)

    def _pass_on(self, message: bytes, server: socket.socket, pid: list[int], program: int) -> None:
        if self.black_hole:
            return
        with self._lock:
            trigger = self.trigger
            trigger.seen += 1
            now = trigger.seen == trigger.at
        if now and not trigger.sent:
            trigger.fired = True
            trigger.act(pid[0] if pid else 0, program)
            trigger.over.set()
        server.sendall(message)
        if now and trigger.sent:
            trigger.fired = True
            trigger.act(pid[0] if pid else 0, program)
            trigger.over.set()

    def _answers(self, server: socket.socket, client: socket.socket, pid: list[int]) -> None:
        begun = b""
        with suppress(OSError):
            while piece := server.recv(1 << 16):
                if not pid:
                    begun += piece
                    found = begun.find(b"K\x00\x00\x00\x0c")
                    if 0 <= found <= len(begun) - 13:
                        pid.append(struct.unpack_from("!i", begun, found + 5)[0])
                if not self.black_hole:
                    client.sendall(piece)
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


def kill(pid: int) -> None:
    """Outright; a process that has gone already is none to kill."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
