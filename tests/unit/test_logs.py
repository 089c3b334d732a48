"""The line of a request is what the logging library would make of it."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from api import logs


def test_a_line_is_as_the_library_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs.ACCESS, "propagate", False)
    monkeypatch.setattr(logs.ACCESS, "level", logging.INFO)
    seen: list[logging.LogRecord] = []
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logs.Lines(logs.FORMAT))
    handler.addFilter(lambda record: not seen.append(record))
    monkeypatch.setattr(logs.ACCESS, "handlers", [handler])
    values = ("GET", "/districts/{no}", 200, 1.6, 12, "0123456789abcdef")
    logs.access(*values)
    logs.access("POST", "/api/v1/lookup", 404, 0.2, 0)
    first, second = seen
    plain = logging.LogRecord(logs.ACCESS.name, logging.INFO, "", 0, logs.ACCESS_LINE, values, None)
    written = {"message", "asctime"}
    assert first.__dict__.keys() == plain.__dict__.keys() | written
    changing = {"created", "msecs", "relativeCreated", *written}
    assert {k: v for k, v in first.__dict__.items() if k not in changing} == {
        k: v for k, v in plain.__dict__.items() if k not in changing
    }
    assert (
        abs(first.created - plain.created) < 5 and abs(first.relativeCreated - plain.relativeCreated) < 5000
    )
    assert first.args == values and second.args != values
    lines = handler.stream.getvalue().splitlines()
    library = logging.Formatter(logs.FORMAT)
    assert lines == [library.format(record) for record in seen]
    assert lines[0].endswith(
        f"INFO {first.process} kyodo.access GET /districts/{{no}} 200 2ms 12B 0123456789abcdef"
    )


def test_a_failure_is_written_with_its_trace() -> None:
    try:
        raise RuntimeError("x")
    except RuntimeError:
        record = logging.LogRecord("kyodo.service", logging.ERROR, "", 0, "failed %s", ("y",), sys.exc_info())
    text = logs.Lines(logs.FORMAT).format(record)
    assert text == logging.Formatter(logs.FORMAT).format(record) and "RuntimeError: x" in text
