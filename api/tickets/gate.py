"""Against floods of tickets: how many one client may enter in a while, and each filled-in form only once.

In memory of one process and bounded: with several workers the limits are as many times as wide, which is accepted.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from kyodo_geo.errors import TooManyRequestsError

WINDOW_S = 600.0
PER_VISITOR = 6
PER_LOGIN = 60
ALL_VISITORS = 120
MOST_REMEMBERED = 10_000

_SLOW_DOWN = (
    "短い時間に多くの申し込みを受け付けたため、いったん止めています。書いた内容は下に残っています。"
    "{minutes} 分ほど待ってから送るか、お急ぎのときは窓口へお電話ください。"
)


@dataclass(slots=True)
class Gate:
    """Thread-safe. Clients are network addresses or logins; nothing of what they write is kept."""

    clock: Callable[[], float] = time.monotonic
    _seen: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _forms: OrderedDict[str, int] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, client: str, *, login: str | None = None) -> None:
        """Count one ticket; raises TooManyRequestsError (with `retry_after`) when it is one too many."""
        now = self.clock()
        with self._lock:
            if login is not None:
                wanted = [(f"login {login}", PER_LOGIN)]
            else:
                wanted = [(f"visitor {client}", PER_VISITOR), ("visitors", ALL_VISITORS)]
            for name, most in wanted:
                times = self._recent(name, now)
                if len(times) >= most:
                    wait = max(1, round(times[0] + WINDOW_S - now))
                    raise TooManyRequestsError(_SLOW_DOWN.format(minutes=-(-wait // 60)), retry_after=wait)
            for name, _ in wanted:
                self._recent(name, now).append(now)

    def ticket_of(self, form_id: str) -> int | None:
        """Number given to this very form before (sent twice, or reloaded)."""
        with self._lock:
            return self._forms.get(form_id)

    def remember(self, form_id: str, ticket_no: int) -> None:
        """The form has become a ticket."""
        with self._lock:
            self._forms[form_id] = ticket_no
            while len(self._forms) > MOST_REMEMBERED:
                self._forms.popitem(last=False)

    def _recent(self, name: str, now: float) -> deque[float]:
        times = self._seen.setdefault(name, deque())
        self._seen.move_to_end(name)
        while times and times[0] <= now - WINDOW_S:
            times.popleft()
        while len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)
        return times
