"""Partners' keys as one process knows them: looked up once, forgotten when the database says something changed."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from geodata.database import Audience, Database
from geodata.partner_keys import KEY_FORM, PartnerKey, digest, find, widget_origins

MAX_CACHED = 10_000
KNOWN_S = 30.0
"""A key is asked for again after so long, should a notice ever be lost on a connection that looks alive."""


class KeyRing:
    """Thread-safe. While the listener is not connected nothing is taken from memory: a revoked key must not live on."""

    def __init__(self, database: Database, municipality: str) -> None:
        self._database = database
        self._municipality = municipality
        self._lock = threading.Lock()
        self._known: dict[bytes, tuple[float, PartnerKey | None]] = {}
        self._origins: list[tuple[str, datetime | None]] | None = None
        self._epoch = 0
        self._listening = False

    def set_connected(self, connected: bool) -> None:
        with self._lock:
            self._listening = connected
            self._clear()

    def forget(self) -> None:
        """A key was issued or revoked somewhere."""
        with self._lock:
            self._clear()

    def _clear(self) -> None:
        self._known.clear()
        self._origins = None
        self._epoch += 1

    def cached(self, key: str) -> tuple[bool, PartnerKey | None]:
        """(known, key) from memory; never waits."""
        with self._lock:
            fingerprint = digest(key)
            at, found = self._known.get(fingerprint, (0.0, None))
            if at and time.monotonic() - at < KNOWN_S:
                return True, self._valid(found)
            return False, None

    def get(self, key: str) -> PartnerKey | None:
        """The key if it works now, else None; asks the database when memory does not know."""
        if KEY_FORM.fullmatch(key) is None:
            return None
        known, found = self.cached(key)
        if known:
            return found
        with self._lock:
            epoch = self._epoch
        with self._database.read(Audience.AUTH) as conn:
            found = find(conn, self._municipality, key)
        with self._lock:
            # A notice that came while we were reading may be about this very key: then do not keep the answer.
            if len(self._known) >= MAX_CACHED:
                self._known.clear()
            if self._listening and epoch == self._epoch:
                self._known[digest(key)] = time.monotonic(), found
        return self._valid(found)

    def allows_origin(self, origin: str) -> bool:
        """Whether some publishable key that works now belongs to the origin; may ask the database (blocking)."""
        with self._lock:
            epoch, found = self._epoch, self._origins
        if found is None:
            with self._database.read(Audience.AUTH) as conn:
                found = widget_origins(conn, self._municipality)
            with self._lock:
                if self._listening and epoch == self._epoch:
                    self._origins = found
        now = datetime.now(UTC)
        return any(known == origin and (ends is None or ends > now) for known, ends in found)

    @staticmethod
    def _valid(key: PartnerKey | None) -> PartnerKey | None:
        if key is None or (key.expires_at is not None and key.expires_at <= datetime.now(UTC)):
            return None
        return key
