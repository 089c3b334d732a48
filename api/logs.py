"""Our own log: what was asked by route, never by address.

A request is logged as method, route template (`/districts/{no}`), status, milliseconds and bytes. Neither query
strings nor raw paths nor bodies are written anywhere: a lookup's address stands in them. uvicorn's own access log
stays off (`access_log=False`, and `uvicorn_log_config` leaves it out should somebody switch it on).
"""

from __future__ import annotations

import copy
import logging
import os
import sys
import time
import traceback
from typing import Any

ACCESS = logging.getLogger("kyodo.access")
SERVICE = logging.getLogger("kyodo.service")
ACCESS_LINE = "%s %s %d %.0fms %dB"
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s %(message)s"


def configure(level: str) -> None:
    """Let the loggers below `kyodo` write to standard error; harmless when called again."""
    logger = logging.getLogger("kyodo")
    logger.setLevel(level.upper())
    # Our lines name neither threads nor tasks: not to be looked up for each.
    logging.logThreads = logging.logMultiprocessing = False
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(Lines(FORMAT))
        logger.addHandler(handler)


class Lines(logging.Formatter):
    """Writes the time of day once a second and its milliseconds for each line: a quarter of what a line costs.

    Lines without a failure are put together here, as `FORMAT` says.
    """

    _second = -1
    _written = ""

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.exc_text or record.stack_info:
            return super().format(record)
        when = self.formatTime(record)
        return f"{when} {record.levelname} {record.process} {record.name} {record.getMessage()}"

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - logging's name
        second = int(record.created)
        if second != self._second:
            written = self.converter(record.created)
            # The second last: another thread that sees it finds the text of it or of the one before.
            self._written = time.strftime("%Y-%m-%d %H:%M:%S", written)
            self._second = second
        return f"{self._written},{int(record.msecs):03d}"


def access(method: str, route: str, status: int, spent_ms: float, sent: int) -> None:
    """The one line of a request; `route` is a template and never what was asked."""
    if ACCESS.isEnabledFor(logging.INFO):
        ACCESS.handle(_record((method, route, status, spent_ms, sent)))


def _record(values: tuple[object, ...]) -> logging.LogRecord:
    """A record of the access log: all but the values and the time are the same for each, and made once a process."""
    same = _RECORD.get(os.getpid())
    if same is None:
        _RECORD.clear()
        made = logging.LogRecord(ACCESS.name, logging.INFO, "", 0, ACCESS_LINE, (), None)
        same = _RECORD[os.getpid()] = (made.__dict__, made.created - made.relativeCreated / 1000)
    fields, began = same
    record = logging.LogRecord.__new__(logging.LogRecord)
    now = time.time()
    record.__dict__.update(
        fields,
        args=values,
        created=now,
        msecs=int((now - int(now)) * 1000) + 0.0,
        relativeCreated=(now - began) * 1000,
    )
    return record


_RECORD: dict[int, tuple[dict[str, object], float]] = {}


def uvicorn_log_config(level: str) -> dict[str, Any]:
    """uvicorn's logging without its access log, whose lines hold query strings."""
    from uvicorn.config import LOGGING_CONFIG

    config = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"]["uvicorn.access"] = {"handlers": [], "level": "CRITICAL", "propagate": False}
    config["loggers"]["uvicorn"]["level"] = level.upper()
    return config


def failure(error: BaseException) -> str:
    """Where an unexpected failure happened: its class and the lines of code, without its message or any value.

    Messages of exceptions quote what they choked on ("could not convert string … to float").
    """
    frames = traceback.extract_tb(error.__traceback__)[-10:]
    places = " < ".join(
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    cause = error.__cause__ or error.__context__
    return f"{type(error).__name__} at {places}" + (f" | caused by {failure(cause)}" if cause else "")
