"""Approved returns become data, in one transaction of the audience `LOADER`: all of it or nothing.

Membership of the fiscal year is laid over the active dataset and activated as a new generation (with its comparison,
checks and roll-back); contacts, copies of circulars and notes are dated records. To compare before deciding, the same
transaction runs and is undone. A second press finds nothing more; returns approved later are a second feed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from geodata.database import Audience, Connection, Database
from geodata.datasets import DatasetMeta, insert_dataset
from geodata.edits.active import active_facts
from geodata.edits.history import hold, tell
from geodata.generations import activate_in, lock
from geodata.queries.dataset_changes import MembershipComparison, membership_changes
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref, resolve
from geodata.returns.deciding import mark_fed
from geodata.returns.feeding_records import feed_circulation, feed_contacts, feed_notes
from geodata.returns.rounds import Round, one_round, target
from geodata.returns.rows import Return, listed
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.quality import Quality
from kyodo_geo.returns import ReturnState
from kyodo_geo.returns.feeding import Figures, carried_figures, figures_of
from kyodo_geo.returns.states import UNANSWERED


@dataclass(frozen=True, slots=True)
class FeedPlan:
    """What a feed would do. `seen` and `generation_no` are handed to `feed`, so that it does what was looked at.

    `figures` are rows of membership that change; `without` approved returns whose figures are incomplete, so that only the
    rest of them is taken in. `contacts`: association → what changes ("会長の電話" …), `notes`: association → about → words.
    `comparison` is None where no figure changes.
    """

    fiscal_year: int
    generation_no: int
    seen: str
    returns: tuple[Return, ...]
    figures: tuple[Figures, ...]
    without: tuple[Return, ...]
    contacts: dict[str, tuple[str, ...]]
    circulation: int
    notes: dict[str, dict[str, str]]
    comparison: MembershipComparison | None

    @property
    def empty(self) -> bool:
        return not self.returns and not self.figures


@dataclass(frozen=True, slots=True)
class Fed:
    """What became of it; `feed_no` None: there was nothing more. `generation_no` None: no figure changed."""

    feed_no: int | None
    generation_no: int | None
    dataset_id: int | None
    returns: int
    carried: int
    contacts: int


class _UndoError(Exception):
    """Ends the transaction of a comparison."""


def compare_feed(db: Database, code: str, fiscal_year: int, *, carry: bool, actor: str) -> FeedPlan:
    """What `feed` would do now; nothing is stored. Raises NotFoundError, ConflictError where it would not hold together."""
    found: list[FeedPlan] = []
    try:
        with db.write(Audience.LOADER) as conn:
            plan, _ = _feed(conn, code, fiscal_year, carry, actor, None)
            found.append(plan)
            raise _UndoError
    except _UndoError:
        pass
    return found[0]


def feed(
    db: Database,
    code: str,
    fiscal_year: int,
    *,
    carry: bool,
    plan: FeedPlan,
    actor: str,
    note: str | None = None,
) -> Fed:
    """Take the approved returns in. With `carry` associations that have not answered keep their last figures, marked.

    `plan` is what was looked at. Raises EditConflictError when something else would be taken in now, NotFoundError,
    ConflictError. When everything has been taken in already, nothing happens.
    """
    return feed_seen(
        db,
        code,
        fiscal_year,
        carry=carry,
        seen=plan.seen,
        generation_no=plan.generation_no,
        actor=actor,
        note=note,
    )


def feed_seen(
    db: Database,
    code: str,
    fiscal_year: int,
    *,
    carry: bool,
    seen: str,
    generation_no: int,
    actor: str,
    note: str | None = None,
) -> Fed:
    """The same by the marks of the plan, as a page hands them over."""
    with db.write(Audience.LOADER) as conn:
        _, fed = _feed(conn, code, fiscal_year, carry, actor, (seen, generation_no), note)
        return fed


def _feed(
    conn: Connection,
    code: str,
    fiscal_year: int,
    carry: bool,
    actor: str,
    expected: tuple[str, int] | None,
    note: str | None = None,
) -> tuple[FeedPlan, Fed]:
    hold(conn, code, "return-rounds")
    lock(conn, code)  # Before the active data are read.
    ref = resolve(conn, code)
    found = one_round(conn, code, fiscal_year)
    items = _approved(conn, code, fiscal_year)
    figures = _figures(conn, ref, found, items, carry)
    mark = stamp(
        [carry, [(item.association_id, item.version) for item in items], [asdict(row) for row in figures]]
    )
    without = tuple(
        item for item in items if item.answers and figures_of("", item.answers, found.reference_day) is None
    )
    if not items and not figures:
        empty = FeedPlan(fiscal_year, ref.generation_no, mark, (), (), (), {}, 0, {}, None)
        return empty, Fed(None, None, None, 0, 0, 0)
    if expected is not None and expected != (mark, ref.generation_no):
        raise EditConflictError(
            ref.generation_no,
            "確かめた後に、承認された回答か有効なデータが変わりました。まだ何も反映していません。もう一度確かめてください。",
        )
    number = _number(conn, code, fiscal_year)
    contacts = feed_contacts(conn, code, items, actor)
    circulation = feed_circulation(conn, code, items, found, actor)
    notes = feed_notes(conn, code, items)
    comparison, dataset_id, generation_no = None, None, None
    if figures:
        before = active_datasets(conn, ref).get("membership")
        dataset_id = _store(conn, ref, found, figures, number, actor)
        comparison = membership_changes(conn, code, dataset_id, before.dataset_id if before else None)
        words = note or f"{fiscal_year_label(fiscal_year)}の年度更新（{number} 回目の反映）"
        generation_no = activate_in(
            conn, code, [dataset_id], by=actor, note=words, figures=True
        ).generation_no
    carried = sum(row.carried for row in figures)
    changed = sum(1 for labels in contacts.values() if labels)
    fed = Fed(number, generation_no, dataset_id, len(items), carried, changed)
    _remember(conn, code, fiscal_year, fed, actor, note)
    mark_fed(conn, code, items, number, actor)
    plan = FeedPlan(
        fiscal_year,
        ref.generation_no,
        mark,
        tuple(items),
        tuple(figures),
        without,
        contacts,
        circulation,
        notes,
        comparison,
    )
    return plan, fed


def _approved(conn: Connection, code: str, fiscal_year: int) -> list[Return]:
    """Those that wait to be taken in; nobody else decides about them until the transaction ends."""
    conn.execute(
        "SELECT FROM association_return WHERE municipality_code = %s AND fiscal_year = %s ORDER BY association_id FOR UPDATE",
        (code, fiscal_year),
    )
    found = listed(conn, code, fiscal_year, states=(ReturnState.APPROVED,))
    return sorted(found, key=lambda item: item.association_id)


def _figures(conn: Connection, ref: Ref, found: Round, items: Sequence[Return], carry: bool) -> list[Figures]:
    """Rows of membership that the active dataset does not have like this, by association."""
    code, year = ref.municipality_code, found.fiscal_year
    rows = conn.execute(
        """
        SELECT DISTINCT ON (association_id) association_id, fiscal_year, households, member_households, denominator,
               denominator_as_of, denominator_source
        FROM membership
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
          AND fiscal_year <= %(year)s
        ORDER BY association_id, fiscal_year DESC
        """,
        {**ref.args, "year": year},
    )
    last = {row["association_id"]: row for row in rows}
    there = active_facts(conn, ref, "associations")
    wanted = {}
    for item in items:
        assert item.answers is not None
        answered = figures_of(item.association_id, item.answers, found.reference_day)
        if answered is not None:
            wanted[item.association_id] = answered
    if carry:
        for item in listed(conn, code, year, states=UNANSWERED):
            held = last.get(item.association_id)
            if held is not None and held["fiscal_year"] < year:
                wanted[item.association_id] = carried_figures(
                    item.association_id, held["fiscal_year"], held["households"], held["member_households"],
                    held["denominator"], held["denominator_as_of"],
                )  # fmt: skip
    # One that was dissolved since the round began has no figures of the year in the new generation.
    return [
        row for key, row in sorted(wanted.items()) if key in there and not _same(row, last.get(key), year)
    ]


def _same(row: Figures, held: dict[str, Any] | None, year: int) -> bool:
    if held is None or held["fiscal_year"] != year:
        return False
    said = asdict(row)
    return all(held[name] == said[name] for name in held if name != "fiscal_year")


def _number(conn: Connection, code: str, fiscal_year: int) -> int:
    row = conn.execute(
        "SELECT coalesce(max(feed_no), 0) + 1 AS n FROM return_feed WHERE municipality_code = %s AND fiscal_year = %s",
        (code, fiscal_year),
    ).fetchone()
    assert row is not None
    return int(row["n"])


def _store(
    conn: Connection, ref: Ref, found: Round, figures: Sequence[Figures], number: int, actor: str
) -> int:
    """The rows as a dataset of membership; what it does not speak of is carried over from the active one."""
    import pandas as pd

    from geodata.readers.membership import COLUMNS
    from geodata.readers.result import LoadReport, ReadResult

    rows = [{**asdict(row), "fiscal_year": found.fiscal_year} for row in figures]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    label = f"{fiscal_year_label(found.fiscal_year)}の年度更新"
    written = json.dumps(rows, ensure_ascii=False, default=str)
    report = LoadReport(rows_read=len(rows), rows_loaded=len(rows))
    carried = sum(row.carried for row in figures)
    report.note(f"{label}で承認した回答 {len(rows) - carried:,} 件、前の値の引き継ぎ {carried:,} 件")
    ground = active_datasets(conn, ref).get("associations")
    sample = ground is not None and ground.quality is Quality.SAMPLE
    meta = DatasetMeta(
        title=f"町内会・自治会の加入世帯数（{label}）",
        source="町内会・自治会の年度更新" + ("（見本データ）" if sample else ""),
        quality=Quality.SAMPLE if sample else Quality.REAL,
        loaded_by=actor,
        as_of=found.reference_day,
        notes=(f"{label}の {number} 回目の反映",),
        carry_sample=sample,
    )
    result = ReadResult("membership", frame, report, hashlib.sha256(written.encode()).hexdigest(), meta.title)
    return insert_dataset(conn, ref.municipality_code, result, meta).dataset_id


def _remember(conn: Connection, code: str, fiscal_year: int, fed: Fed, actor: str, note: str | None) -> None:
    conn.execute(
        """
        INSERT INTO return_feed (municipality_code, fiscal_year, feed_no, generation_no, dataset_id, returns, carried,
                                 contacts, note, created_by)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            code, fiscal_year, fed.feed_no, fed.generation_no, fed.dataset_id, fed.returns, fed.carried, fed.contacts, note,
            actor,
        ),
    )  # fmt: skip
    tell(
        conn, code, actor, "edit.return-round.feed", target(fiscal_year), None, None, **asdict(fed), note=note
    )
