"""Activity cases beyond their text (`geodata.edits.records`): consent, photos, and the way to the public and back.

As the audience `STAFF`. Whoever publishes says what they saw; the audit log has who and when, never who consented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.edits import records
from geodata.edits.history import hold, tell
from kyodo_geo.edits import check_stamp, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.records import Facts
from kyodo_geo.sharing.cases import MAX_PHOTOS, Consent, Photo, State, check_step, lacking
from kyodo_geo.sharing.kinds import CASES

Row = dict[str, Any]
LOCK = CASES.key


@dataclass(frozen=True, slots=True)
class Whole:
    """A case as its editor sees it."""

    facts: Facts
    state: State
    published_on: date | None
    withdrawn_on: date | None
    consents: list[Row]
    photos: list[Row]

    @property
    def mark(self) -> str:
        """Mark of the text."""
        return stamp(self.facts)

    @property
    def asked(self) -> str:
        """Mark of what a consent is to: the text and which photos."""
        return stamp(self.consented)

    @property
    def consented(self) -> list[Any]:
        """What a consent is to."""
        return [self.facts, sorted(photo["sha256"] for photo in self.photos)]

    @property
    def seen(self) -> str:
        """Mark of all of it, for whoever publishes."""
        return stamp([self.facts, self.state.value, self.consents, self.photos])

    def differs(self, on: date) -> bool:
        """Whether the text or a photo is not one that any consent which holds was given for."""
        return self.lacking(on) != self.lacking(on, within=True)

    def lacking(self, on: date, *, within: bool = False) -> tuple[str, ...]:
        """What is missing before it may be shown (`kyodo_geo.sharing.cases.lacking`)."""
        return lacking(
            [Photo(p["photo_no"], p["alt"], p["credit"], p["faces"], p["shown"], p["sha256"]) for p in self.photos],
            [
                Consent(
                    c["given_on"], c["covers_text"], c["covers_photos"], c["mark"], c["ended_on"],
                    frozenset(c["photo_marks"].split()),
                )
                for c in self.consents
            ],
            self.mark,
            on,
            within=within,
        )  # fmt: skip


def whole(conn: Connection, code: str, case_id: str) -> Whole:
    """Everything of a case; raises NotFoundError."""
    facts = records.one(conn, code, CASES, case_id)
    args = {"m": code, "id": case_id}
    row = conn.execute(
        "SELECT state, published_on, withdrawn_on FROM activity_case WHERE municipality_code = %(m)s AND case_id = %(id)s",
        args,
    ).fetchone()
    assert row is not None
    consents = conn.execute(
        "SELECT consent_no, given_by, given_on, way, covers_text, covers_photos, note, mark, photo_marks, "
        "ended_on, entered_by "
        "FROM case_consent WHERE municipality_code = %(m)s AND case_id = %(id)s ORDER BY consent_no",
        args,
    ).fetchall()
    photos = conn.execute(
        "SELECT photo_no, sort_order, alt, credit, faces, shown, width, height, sha256 "
        "FROM case_photo WHERE municipality_code = %(m)s AND case_id = %(id)s ORDER BY sort_order, photo_no",
        args,
    ).fetchall()
    return Whole(facts, State(row["state"]), row["published_on"], row["withdrawn_on"], consents, photos)


def states(conn: Connection, code: str) -> dict[str, tuple[State, int]]:
    """Case → its state and number of photos."""
    rows = conn.execute(
        "SELECT case_id, state, (SELECT count(*)::int FROM case_photo p WHERE p.municipality_code = c.municipality_code "
        "AND p.case_id = c.case_id) AS photos FROM activity_case c WHERE municipality_code = %s",
        (code,),
    )
    return {row["case_id"]: (State(row["state"]), row["photos"]) for row in rows}


def held(conn: Connection, code: str, case_id: str, seen: str | None = None) -> Whole:
    """The case, held until the transaction ends; raises EditConflictError unless it is what was `seen`."""
    hold(conn, code, LOCK)
    found = whole(conn, code, case_id)
    if seen is not None and seen != found.seen:
        check_stamp(seen, [found.facts, found.state.value, found.consents, found.photos])
    return found


def consent(conn: Connection, code: str, case_id: str, new: Facts, *, actor: str, version: str) -> None:
    """Enter a consent to the text and photos as they are now, whose mark is `version` (`Whole.asked`)."""
    found = held(conn, code, case_id)
    check_stamp(version, found.consented)
    if not (new["covers_text"] or new["covers_photos"]):
        raise InputError("何への同意か、文章か写真のどちらかを選んでください。", field="covers_text")
    no = max((row["consent_no"] for row in found.consents), default=0) + 1
    conn.execute(
        """
        INSERT INTO case_consent (municipality_code, case_id, consent_no, given_by, given_on, way, covers_text, covers_photos,
                                  note, mark, photo_marks, entered_by)
        VALUES (%(m)s, %(id)s, %(no)s, %(given_by)s, %(given_on)s, %(way)s, %(covers_text)s, %(covers_photos)s, %(note)s,
                %(mark)s, %(photo_marks)s, %(by)s)
        """,
        {
            **new, "m": code, "id": case_id, "no": no, "mark": found.mark, "by": actor,
            "photo_marks": " ".join(photo["sha256"] for photo in found.photos) if new["covers_photos"] else "",
        },
    )  # fmt: skip
    _told(conn, code, case_id, actor, "consent", consent_no=no)


def end_consent(conn: Connection, code: str, case_id: str, no: int, *, on: date, actor: str) -> bool:
    """Take a consent back from the day `on`; a published case that lacks one then is withdrawn at once (True).

    It lacks one, too, when this was the only one to the text or a photo as they are.
    """
    found = held(conn, code, case_id)
    if not any(row["consent_no"] == no and row["ended_on"] is None for row in found.consents):
        raise InputError("この同意は、もう取り消されています。")
    conn.execute(
        "UPDATE case_consent SET ended_on = %s WHERE municipality_code = %s AND case_id = %s AND consent_no = %s",
        (on, code, case_id, no),
    )
    _told(conn, code, case_id, actor, "consent-end", consent_no=no)
    after = whole(conn, code, case_id)
    newly = set(after.lacking(on)) - set(found.lacking(on))
    if after.state is not State.PUBLISHED or not (newly or after.lacking(on, within=True)):
        return False
    _step(conn, code, case_id, after, State.WITHDRAWN, on, actor)
    return True


def step(
    conn: Connection, code: str, case_id: str, wanted: State, *, seen: str, on: date, actor: str, within: bool = False
) -> None:  # fmt: skip
    """Give a case another state; raises InputError with what is lacking before it may be published.

    Publishing a published one again shows the photos that came since.
    """
    found = held(conn, code, case_id, seen)
    check_step(found.state, wanted)
    if wanted is State.PUBLISHED:
        missing = found.lacking(on, within=within)
        if missing:
            raise InputError(" ".join(missing), field="publish", shown=missing)
        conn.execute(
            "UPDATE case_photo SET shown = true WHERE municipality_code = %s AND case_id = %s AND NOT shown",
            (code, case_id),
        )
    _step(conn, code, case_id, found, wanted, on, actor)


def _step(
    conn: Connection, code: str, case_id: str, found: Whole, wanted: State, on: date, actor: str
) -> None:
    conn.execute(
        """
        UPDATE activity_case
        SET state = %(state)s, changed_at = now(),
            published_on = CASE WHEN %(state)s = 'published' THEN coalesce(published_on, %(on)s) ELSE published_on END,
            withdrawn_on = CASE WHEN %(state)s = 'withdrawn' THEN %(on)s::date END
        WHERE municipality_code = %(m)s AND case_id = %(id)s
        """,
        {"m": code, "id": case_id, "state": wanted.value, "on": on},
    )
    tell(
        conn, code, actor, "edit.case.state", records.target(CASES, case_id),
        {"state": found.state.value}, {"state": wanted.value},
    )  # fmt: skip


def add_photo(
    conn: Connection, code: str, case_id: str, sizes: Sequence[Mapping[str, Any]], sha256: str, words: Facts,
    *, actor: str,
) -> int:  # fmt: skip
    """Keep a photo in its sizes ({size, width, height, content}); nobody but staff sees it before the case is published
    (again). Returns its number."""
    found = held(conn, code, case_id)
    if len(found.photos) >= MAX_PHOTOS:
        raise InputError(f"写真は {MAX_PHOTOS} 枚までです。先に 1 枚消してください。", field="photo")
    if any(photo["sha256"] == sha256 for photo in found.photos):
        raise InputError("同じ写真が、もう入っています。", field="photo")
    no = max((photo["photo_no"] for photo in found.photos), default=0) + 1
    largest = max(sizes, key=lambda item: item["width"])
    order = max((photo["sort_order"] for photo in found.photos), default=0) + 1
    args = {
        "m": code, "id": case_id, "no": no, "order": order, "sha": sha256, "w": largest["width"],
        "h": largest["height"], **words,
    }  # fmt: skip
    conn.execute(
        "INSERT INTO case_photo (municipality_code, case_id, photo_no, sort_order, alt, credit, faces, width, height, sha256) "
        "VALUES (%(m)s, %(id)s, %(no)s, %(order)s, %(alt)s, %(credit)s, %(faces)s, %(w)s, %(h)s, %(sha)s)",
        args,
    )
    for item in sizes:
        conn.execute(
            "INSERT INTO case_photo_file (municipality_code, case_id, photo_no, size, width, height, content) "
            "VALUES (%(m)s, %(id)s, %(no)s, %(size)s, %(width)s, %(height)s, %(content)s)",
            {"m": code, "id": case_id, "no": no, **item},
        )
    _told(conn, code, case_id, actor, "photo", photo_no=no)
    return no


def change_photo(
    conn: Connection, code: str, case_id: str, no: int, words: Facts, *, order: int, actor: str
) -> None:
    """Other words for a photo, and its place among the others; one that is shown stays complete."""
    found = held(conn, code, case_id)
    photo = _photo(found, no)
    if photo["shown"] and (not words["alt"] or not words["credit"] or words["faces"] == "unknown"):
        raise InputError(
            "公開中の写真です。代替テキスト、撮影者・提供者、写っている人の確認を、空にはできません。"
            "見せたくないときは、写真を消してください。",
            field="alt",
        )
    conn.execute(
        "UPDATE case_photo SET alt = %(alt)s, credit = %(credit)s, faces = %(faces)s, sort_order = %(order)s "
        "WHERE municipality_code = %(m)s AND case_id = %(id)s AND photo_no = %(no)s",
        {"m": code, "id": case_id, "no": no, "order": order, **words},
    )
    _touch(conn, code, case_id, photo)
    _told(conn, code, case_id, actor, "photo-words", photo_no=no)


def remove_photo(conn: Connection, code: str, case_id: str, no: int, *, actor: str) -> None:
    """Delete a photo with its bytes."""
    photo = _photo(held(conn, code, case_id), no)
    conn.execute(
        "DELETE FROM case_photo WHERE municipality_code = %s AND case_id = %s AND photo_no = %s",
        (code, case_id, no),
    )
    _touch(conn, code, case_id, photo)
    _told(conn, code, case_id, actor, "photo-gone", photo_no=no)


def refuse_published(conn: Connection, code: str, case_id: str) -> None:
    """Raise InputError while everybody can see the case: it has to be withdrawn before it can be deleted."""
    if held(conn, code, case_id).state is State.PUBLISHED:
        raise InputError("公開中の事例は消せません。先に「公開をやめる」を押してください。")


def refuse_unanswered(conn: Connection, code: str, case_id: str, *, within: bool) -> None:
    """Raise InputError when a text would go to everybody at once that nobody says is `within` the consent."""
    if held(conn, code, case_id).state is State.PUBLISHED and not within:
        raise InputError(
            "公開中の事例です。直したところが同意の範囲内なら「直したところは同意の範囲内です」にチェックを入れてください。"
            "それより大きく変えるときは、先に「公開をやめる」を押し、直してから新しい同意を記録してください。",
            field="within",
        )


def purge(conn: Connection, code: str, *, keep_days: int) -> int:
    """Delete cases that were withdrawn so long ago, with their photos and consents; how many."""
    return conn.execute(
        "DELETE FROM activity_case WHERE municipality_code = %s AND state = 'withdrawn' "
        "AND withdrawn_on < (now() AT TIME ZONE 'Asia/Tokyo')::date - %s::int",
        (code, keep_days),
    ).rowcount


def _photo(found: Whole, no: int) -> Row:
    photo = next((photo for photo in found.photos if photo["photo_no"] == no), None)
    if photo is None:
        raise NotFoundError("この写真はありません。消されたかもしれません。")
    return photo


def _touch(conn: Connection, code: str, case_id: str, photo: Row) -> None:
    """What readers see of the case has changed: feeds tell its time."""
    if photo["shown"]:
        conn.execute(
            "UPDATE activity_case SET changed_at = now() WHERE municipality_code = %s AND case_id = %s",
            (code, case_id),
        )


def _told(conn: Connection, code: str, case_id: str, actor: str, deed: str, **what: int) -> None:
    tell(conn, code, actor, f"edit.case.{deed}", records.target(CASES, case_id), None, None, **what)
