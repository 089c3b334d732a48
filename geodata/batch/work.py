"""Work through a file: each row's address is looked up, its columns are written beside the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from geodata.batch.source import UNCOMPUTED, Sink, Source
from kyodo_geo.lookup.answers import Outcome
from kyodo_geo.lookup.columns import COLUMNS, Columns, columns_of, unusable

if TYPE_CHECKING:
    from kyodo_geo.lookup import Answer, LookupIndex

STEP = 200
MAX_NAMED = 5
FORMULA_ADDRESS = (
    "住所のセルは数式で、計算した値がブックに入っていません。"
    "Excel で開いて保存し直すか、値だけを貼り付けてください。"
)
FORMULA_OTHERS = "（列{}は数式で、計算した値がブックに入っていないため、この表では空になっています。）"
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
            if row[column] is UNCOMPUTED:
                found = Columns(Outcome.NOT_UNDERSTOOD.value, FORMULA_ADDRESS)
            else:
                found = result_of(index, source.text(row[column]), on_answer, recall)
                found = _with_lost(found, [at for at, cell in enumerate(row) if cell is UNCOMPUTED], source)
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


def _with_lost(found: Columns, lost: Sequence[int], source: Source) -> Columns:
    """The result; its message names the columns of the row that come back empty."""
    if not lost:
        return found
    names = "".join(f"「{source.shape.header[at]}」" for at in lost[:MAX_NAMED])
    more = f"ほか {len(lost) - MAX_NAMED} 列" if len(lost) > MAX_NAMED else ""
    return replace(found, message=f"{found.message}{FORMULA_OTHERS.format(names + more)}")


def result_of(
    index: LookupIndex,
    text: str,
    on_answer: Callable[[Answer], None] = lambda answer: None,
    recall: Callable[[str, Answer], Answer] = lambda text, answer: answer,
) -> Columns:
    """The columns of one text: what every table of answers is made of, whatever file it is."""
    # Line breaks inside a cell stand between parts of an address.
    plain = " ".join(text.split())
    refused = unusable(plain, index.mark)
    if refused is not None:
        return refused
    answer = recall(plain, index.by_address(plain))
    on_answer(answer)
    return columns_of(answer)
