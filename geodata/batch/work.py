"""Work through a file: each row's address is looked up, its columns are written beside the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from geodata.batch.source import Sink, Source
from kyodo_geo.lookup.columns import COLUMNS, Columns, columns_of, unusable

if TYPE_CHECKING:
    from kyodo_geo.lookup import Answer, LookupIndex

STEP = 200
BLANK = [None] * len(COLUMNS)


class StoppedError(Exception):
    """The work was asked to end before it was done."""


def work_through(
    index: LookupIndex,
    source: Source,
    column: int,
    sink: Sink,
    *,
    on_progress: Callable[[int], None] = lambda done: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_answer: Callable[[Answer], None] = lambda answer: None,
    recall: Callable[[str, Answer], Answer] = lambda text, answer: answer,
) -> Counter[str]:
    """Write every row with its result; returns the number of rows by outcome (`blank` for rows without anything).

    `recall` may add to the answer of a text (the register of buildings). `on_answer` is called for each row that was
    looked up, for counters; `on_progress(done)` and `should_stop()` every few rows. Raises StoppedError.
    """
    outcomes: Counter[str] = Counter()
    done = 0
    for done, row in enumerate(source.rows(), start=1):
        if row:
            found = _columns(index, source.text(row[column]), on_answer, recall)
            outcomes[found.outcome] += 1
            sink.write(row, found.cells())
        else:
            outcomes["blank"] += 1
            sink.write([], BLANK)
        if done % STEP == 0:
            on_progress(done)
            if should_stop():
                raise StoppedError
    sink.close()
    on_progress(done)
    return outcomes


def _columns(
    index: LookupIndex,
    text: str,
    on_answer: Callable[[Answer], None],
    recall: Callable[[str, Answer], Answer],
) -> Columns:
    # Line breaks inside a cell stand between parts of an address.
    plain = " ".join(text.split())
    refused = unusable(plain, index.mark)
    if refused is not None:
        return refused
    answer = recall(plain, index.by_address(plain))
    on_answer(answer)
    return columns_of(answer)
