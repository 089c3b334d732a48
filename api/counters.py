"""Counts lookups in memory and adds them to the database once a second: a lookup never waits for it.

When the process is killed the last second's counts are lost, which is accepted: they are statistics.
"""

from __future__ import annotations

import threading
from collections import Counter

from api import logs
from geodata.database import Audience, Database
from geodata.lookup_counts import Count, add
from kyodo_geo.errors import KyodoError

FLUSH_S = 1.0

Sort = tuple[str, str, str, str, str, str, int]
"""Municipality, channel, outcome, town, key, office, district."""


class LookupCounters:
    """Thread-safe. Nothing but outcome, channel, town, district, key and office is kept; addresses never get here."""

    def __init__(self, database: Database, *, flush_s: float = FLUSH_S) -> None:
        self._database = database
        self._flush_s = flush_s
        self._lock = threading.Lock()
        self._lookups: Counter[Sort] = Counter()
        self._faults: Counter[Sort] = Counter()
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
    ) -> None:
        """One lookup; `fault` when rule and area disagreed."""
        key = (municipality, channel, outcome, town, key_id, office_id, district_no)
        with self._lock:
            self._lookups[key] += 1
            self.outcomes[channel, outcome] += 1
            if fault:
                self._faults[key] += 1

    def flush(self) -> None:
        """Add everything counted so far to the database; on failure it is kept for the next time."""
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

    def _run(self) -> None:
        while not self._stop.wait(self._flush_s):
            self.flush()
        self.flush()
