"""Counts lookups, and what keys are used for, in memory and writes it to the database once a second: a lookup never waits.

When the process is killed the last second is lost, of the counters as of the log of lookups: documented
(docs/DATA_PROTECTION.md). While the database is away everything is kept and written when it is back.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from api import logs
from geodata.database import Audience, Database
from geodata.key_use import used
from geodata.lookup_counts import Count, add
from kyodo_geo.errors import KyodoError

if TYPE_CHECKING:
    from api.rate_limit import RateLimits

FLUSH_S = 1.0

Sort = tuple[str, str, str, str, str, str, int, str]
"""Municipality, channel, outcome, town, key, office, district, login."""


class LookupCounters:
    """Thread-safe. Nothing but outcome, channel, town, district, key, office and login is kept; addresses never get here.

    `rates`: what this process answered each key, told to the other processes with the same rhythm.
    """

    def __init__(
        self,
        database: Database,
        *,
        flush_s: float = FLUSH_S,
        municipality: str = "",
        rates: RateLimits | None = None,
    ) -> None:
        self._database = database
        self._flush_s = flush_s
        self._municipality = municipality
        self._rates = rates
        self._lock = threading.Lock()
        self._lookups: Counter[Sort] = Counter()
        self._faults: Counter[Sort] = Counter()
        self._used: dict[str, float] = {}
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Channel and outcome of every lookup since the start, whatever became of the counts."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kyodo-count", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Write what is left and end."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def count(
        self,
        municipality: str,
        *,
        channel: str,
        outcome: str,
        town: str = "",
        key_id: str = "",
        office_id: str = "",
        district_no: int = 0,
        fault: bool = False,
        login: str = "",
    ) -> None:
        """One lookup; `fault` when rule and area disagreed."""
        key = (municipality, channel, outcome, town, key_id, office_id, district_no, login)
        with self._lock:
            self._lookups[key] += 1
            self.outcomes[channel, outcome] += 1
            if fault:
                self._faults[key] += 1

    def used(self, key_id: str) -> None:
        """A key was shown, and holds."""
        with self._lock:
            self._used[key_id] = time.time()

    def flush(self) -> None:
        """Write everything counted so far to the database; on failure it is kept for the next time."""
        self._flush_counts()
        self._flush_keys()

    def _flush_counts(self) -> None:
        with self._lock:
            lookups, faults = self._lookups, self._faults
            self._lookups, self._faults = Counter(), Counter()
        if not lookups:
            return
        try:
            with self._database.write(Audience.AUTH) as conn:
                add(
                    conn,
                    [
                        Count(
                            *key[:5],
                            lookups=number,
                            data_faults=faults[key],
                            office_id=key[5],
                            district_no=key[6],
                            login=key[7],
                        )
                        for key, number in lookups.items()
                    ],
                )
        except KyodoError:
            with self._lock:
                self._lookups.update(lookups)
                self._faults.update(faults)
        except Exception as error:
            logs.SERVICE.error("lookup counts dropped: %s", logs.failure(error))

    def _flush_keys(self) -> None:
        with self._lock:
            seen, self._used = self._used, {}
        try:
            if seen:
                with self._database.write(Audience.AUTH) as conn:
                    used(conn, self._municipality, seen)
            if self._rates is not None:
                self._rates.share(self._database, self._municipality)
        except KyodoError:
            with self._lock:
                self._used = seen | self._used
        except Exception as error:
            logs.SERVICE.error("use of keys dropped: %s", logs.failure(error))

    def _run(self) -> None:
        while not self._stop.wait(self._flush_s):
            self.flush()
        self.flush()
