"""Many questions in one request: checked and answered row by row, off the event loop, in slices.

A slice works in a thread and stands aside for a moment after every row, so that a single lookup never waits for
more than one row of somebody's batch. One slice of one batch runs at a time in a process; batches take turns.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from anyio.to_thread import run_sync
from pydantic import ValidationError

from api import memory
from api.asking import count, ready
from api.auth.principals import Principal
from api.held import Ready
from api.problems import field_errors
from api.schemas.batch import BatchRow, row_id
from api.services import Services
from kyodo_geo.lookup import Answer
from kyodo_geo.lookup.columns import columns_of

SLICE = 50
STAND_ASIDE_S = 0.0001


async def ask_many(
    services: Services,
    channel: str,
    rows: Sequence[Any],
    *,
    municipality: str | None = None,
    principal: Principal | None = None,
) -> dict[str, Any]:
    """One answer per row, in order: `{"id", "result", "errors"}`, either of the last two None. Raises nothing for a row."""
    held = await ready(services, municipality)
    answers: list[dict[str, Any]] = []
    for start in range(0, len(rows), SLICE):
        part = rows[start : start + SLICE]
        work = (services, held, channel, principal, part)
        answers += await run_sync(_slice, *work, limiter=services.batch_limiter)
    return {
        "count": len(answers),
        "failed": sum(answer["errors"] is not None for answer in answers),
        "dataset": held.index.snapshot.dataset,
        "rows": answers,
    }


def _slice(
    services: Services, held: Ready, channel: str, principal: Principal | None, rows: Sequence[Any]
) -> list[dict[str, Any]]:
    answers: list[dict[str, Any] | tuple[BatchRow, Answer]] = []
    for row in rows:
        answers.append(_one(held, row))
        # Whoever waits for the index or the interpreter gets it now; without a real pause we would take both again.
        time.sleep(STAND_ASIDE_S)
    read = [item for item in answers if isinstance(item, tuple)]
    texts = [(question.address or "", answer) for question, answer in read]
    who = memory.reader(principal)
    final = iter(memory.with_memory(services.database, held.municipality, held.index, texts, who))
    shown = []
    for item in answers:
        if not isinstance(item, tuple):
            shown.append(item)
            continue
        answer = next(final)
        count(services, held, channel, answer, principal)
        shown.append({"id": item[0].id, "result": columns_of(answer).as_dict(), "errors": None})
    return shown


def _one(held: Ready, row: Any) -> dict[str, Any] | tuple[BatchRow, Answer]:
    """The question and its answer, or what the row's sender gets instead."""
    try:
        question = BatchRow.model_validate(row)
    except ValidationError as error:
        found = [{**item, "loc": ("row", *item["loc"][:1])} for item in error.errors(include_url=False)]
        return {"id": _id_of(row), "result": None, "errors": field_errors(found)}
    if question.address is not None:
        answer = held.index.by_address(question.address)
    else:
        assert question.lon is not None and question.lat is not None
        answer = held.index.by_point(question.lon, question.lat)
    return question, answer


def _id_of(row: Any) -> str | int | None:
    """The id of a row that cannot be used otherwise, so that its error can be told apart from others'."""
    found = row.get("id") if isinstance(row, dict) else None
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    try:
        row_id(found)
    except ValueError:
        return None
    return found
