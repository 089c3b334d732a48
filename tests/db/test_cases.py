"""Activity cases below the pages: consent, publication, what each role may read, what wakes the workers, what is purged."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from geodata.database import Audience, Database
from geodata.edits import cases, records
from geodata.queries import sharing
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.records import entry
from kyodo_geo.sharing.cases import State
from kyodo_geo.sharing.kinds import CASES, HANDBOOKS

CODE, ON = "03201", date(2026, 11, 26)
TEXTS = {
    "title": "お茶会", "summary": "毎月", "theme": "care", "district_no": "1", "body": "甲町内会", "done_year": "2025",
    "story": "話", "quality": "real",
}  # fmt: skip
CONSENT = {
    "given_by": "会長", "given_on": ON, "way": "paper", "covers_text": True, "covers_photos": True, "note": None,
}  # fmt: skip
SIZES = [
    {"size": size, "width": size, "height": size // 2, "content": b"jpeg" + bytes([size % 251])}
    for size in (1600, 960, 480)
]
GOOD = {"alt": "輪", "credit": "甲", "faces": "none"}


@pytest.fixture
def city(db: Database) -> Database:
    with db.write(Audience.LOADER) as conn:
        conn.execute("INSERT INTO district (municipality_code, district_no) VALUES (%s, 1)", (CODE,))
    return db


def add(city: Database, **other: str) -> str:
    facts = entry(
        CASES, lambda name: {**TEXTS, **other}.get(name, ""), {"district": ["1"], "association": []}
    )
    with city.write(Audience.STAFF) as conn:
        return records.add(conn, CODE, CASES, facts, actor="hana")


def consent(city: Database, case_id: str, **other: Any) -> None:
    with city.write(Audience.STAFF) as conn:
        version = records_stamp(conn, case_id)
        cases.consent(conn, CODE, case_id, {**CONSENT, **other}, actor="hana", version=version)


def records_stamp(conn: Any, case_id: str) -> str:
    return cases.whole(conn, CODE, case_id).asked


def photo(city: Database, case_id: str, words: dict[str, str] = GOOD, sha: str = "a" * 64) -> int:
    with city.write(Audience.STAFF) as conn:
        return cases.add_photo(conn, CODE, case_id, SIZES, sha, words, actor="hana")


def step(
    city: Database, case_id: str, wanted: State, *, on: date = ON, seen: str | None = None, **more: bool
) -> None:
    with city.write(Audience.STAFF) as conn:
        now = cases.whole(conn, CODE, case_id).seen
        cases.step(conn, CODE, case_id, wanted, seen=seen or now, on=on, actor="hana", **more)


def public(city: Database, case_id: str) -> tuple[int, int, int]:
    """Rows the public's own role can read, whatever is asked: cases, photos, files."""
    with city.read(Audience.PUBLIC) as conn:
        counts = conn.execute(
            "SELECT (SELECT count(*)::int FROM activity_case WHERE case_id = %(id)s) AS a, "
            "(SELECT count(*)::int FROM case_photo WHERE case_id = %(id)s) AS b, "
            "(SELECT count(*)::int FROM case_photo_file WHERE case_id = %(id)s) AS c",
            {"id": case_id},
        ).fetchone()
    assert counts is not None
    return counts["a"], counts["b"], counts["c"]


def revision(city: Database) -> int:
    with city.read(Audience.PUBLIC) as conn:
        row = conn.execute(
            "SELECT revision FROM municipality WHERE municipality_code = %s", (CODE,)
        ).fetchone()
    assert row is not None
    return int(row["revision"])


def test_the_public_role_reads_nothing_of_a_case_before_and_after_it_is_published(city: Database) -> None:
    case_id = add(city)
    photo(city, case_id)
    consent(city, case_id)
    before = revision(city)
    assert public(city, case_id) == (0, 0, 0)
    step(city, case_id, State.ASKED)
    assert public(city, case_id) == (0, 0, 0) and revision(city) == before, "drafts wake nobody"
    step(city, case_id, State.PUBLISHED)
    assert public(city, case_id) == (1, 1, 3) and revision(city) > before
    late = photo(city, case_id, {"alt": "", "credit": "", "faces": "unknown"}, "b" * 64)
    assert public(city, case_id) == (1, 1, 3), "a photo that came since was looked at by nobody"
    with city.read(Audience.PUBLIC) as conn:
        assert [p.no for p in sharing.case(conn, CODE, 0, case_id).photos] == [1]
        with pytest.raises(NotFoundError):
            sharing.photo(conn, CODE, case_id, late, 480)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT * FROM case_consent")
    step(city, case_id, State.WITHDRAWN)
    assert public(city, case_id) == (0, 0, 0)


def test_nothing_is_published_that_lacks_a_consent(city: Database) -> None:
    case_id = add(city)
    with pytest.raises(InputError, match="文章の公開への同意"):
        step(city, case_id, State.PUBLISHED)
    consent(city, case_id, covers_photos=False)
    photo(city, case_id)
    with pytest.raises(InputError, match="写真の公開への同意"):
        step(city, case_id, State.PUBLISHED)
    with pytest.raises(ConflictError):
        step(city, case_id, State.WITHDRAWN)
    assert public(city, case_id) == (0, 0, 0)


def test_a_text_that_changed_since_the_consent_needs_somebody_to_answer_for_it(city: Database) -> None:
    case_id = add(city)
    consent(city, case_id)
    with city.write(Audience.STAFF) as conn:
        facts = records.one(conn, CODE, CASES, case_id)
        version, asked = cases.whole(conn, CODE, case_id).mark, cases.whole(conn, CODE, case_id).asked
        records.correct(
            conn, CODE, CASES, case_id, {**facts, "story": "別の話"}, version=version, actor="hana"
        )
        with pytest.raises(EditConflictError):
            cases.consent(conn, CODE, case_id, CONSENT, actor="hana", version=asked)
    with pytest.raises(InputError, match="同意の後に文章が変わりました"):
        step(city, case_id, State.PUBLISHED)
    step(city, case_id, State.PUBLISHED, within=True)


def test_a_photo_that_came_after_the_consent_needs_somebody_to_answer_for_it(city: Database) -> None:
    case_id = add(city)
    first = photo(city, case_id)
    with city.read(Audience.STAFF) as conn:
        asked = cases.whole(conn, CODE, case_id).asked
    consent(city, case_id)
    step(city, case_id, State.PUBLISHED)
    with city.write(Audience.STAFF) as conn:
        cases.remove_photo(conn, CODE, case_id, first, actor="hana")
    assert photo(city, case_id, sha="b" * 64) == first, "its number is given again"
    with pytest.raises(InputError, match=f"同意の後に入った写真があります（写真 {first}）"):
        step(city, case_id, State.PUBLISHED)
    assert public(city, case_id) == (1, 0, 0)
    with city.write(Audience.STAFF) as conn, pytest.raises(EditConflictError):
        cases.consent(conn, CODE, case_id, CONSENT, actor="hana", version=asked)
    consent(city, case_id)
    step(city, case_id, State.PUBLISHED)
    assert public(city, case_id) == (1, 1, 3)
    with city.write(Audience.STAFF) as conn:
        assert cases.end_consent(conn, CODE, case_id, 2, on=ON, actor="hana") is True, (
            "1 was not for this photo"
        )
    assert public(city, case_id) == (0, 0, 0)
    step(city, case_id, State.PUBLISHED, within=True)


def test_the_text_of_a_published_case_changes_only_when_somebody_answers_for_it(city: Database) -> None:
    case_id = add(city)
    consent(city, case_id)
    with city.write(Audience.STAFF) as conn:
        cases.refuse_unanswered(conn, CODE, case_id, within=False)
    step(city, case_id, State.PUBLISHED)
    with city.write(Audience.STAFF) as conn:
        cases.refuse_unanswered(conn, CODE, case_id, within=True)
        with pytest.raises(InputError, match="先に「公開をやめる」"):
            cases.refuse_unanswered(conn, CODE, case_id, within=False)


def test_who_publishes_has_seen_what_is_published(city: Database) -> None:
    case_id = add(city)
    consent(city, case_id)
    with city.read(Audience.STAFF) as conn:
        seen = cases.whole(conn, CODE, case_id).seen
    photo(city, case_id)
    with pytest.raises(EditConflictError):
        step(city, case_id, State.PUBLISHED, seen=seen)


def test_a_consent_that_is_taken_back_takes_the_case_away_at_once(city: Database) -> None:
    case_id = add(city)
    photo(city, case_id)
    consent(city, case_id)
    consent(city, case_id, given_by="副会長", covers_photos=False)
    step(city, case_id, State.PUBLISHED)
    with city.write(Audience.STAFF) as conn:
        assert cases.end_consent(conn, CODE, case_id, 2, on=ON, actor="hana") is False, "the first one holds"
        assert cases.end_consent(conn, CODE, case_id, 1, on=ON, actor="hana") is True
    assert public(city, case_id) == (0, 0, 0)
    with city.write(Audience.STAFF) as conn, pytest.raises(InputError, match="もう取り消され"):
        cases.end_consent(conn, CODE, case_id, 1, on=ON, actor="hana")


def test_a_photo_that_is_shown_stays_complete_and_one_is_kept_once(city: Database) -> None:
    case_id = add(city)
    no = photo(city, case_id)
    consent(city, case_id)
    with pytest.raises(InputError, match="同じ写真"):
        photo(city, case_id)
    step(city, case_id, State.PUBLISHED)
    with city.write(Audience.STAFF) as conn:
        with pytest.raises(InputError, match="公開中の写真"):
            cases.change_photo(conn, CODE, case_id, no, {**GOOD, "alt": ""}, order=1, actor="hana")
        cases.change_photo(conn, CODE, case_id, no, {**GOOD, "alt": "別"}, order=3, actor="hana")
        cases.remove_photo(conn, CODE, case_id, no, actor="hana")
        with pytest.raises(InputError, match="公開中の事例は消せません"):
            cases.refuse_published(conn, CODE, case_id)
    assert public(city, case_id) == (1, 0, 0)


def test_the_audit_log_knows_the_deeds_and_neither_the_story_nor_who_consented(city: Database) -> None:
    case_id = add(city, story="消してほしい話")
    consent(city, case_id, given_by="秘密の会長", note="秘密の綴り")
    step(city, case_id, State.PUBLISHED)
    with city.read(Audience.STAFF) as conn:
        rows = conn.execute(
            "SELECT action, details::text AS told FROM audit WHERE action LIKE 'edit.%' ORDER BY entry_no"
        ).fetchall()
    assert [row["action"] for row in rows] == ["edit.case.add", "edit.case.consent", "edit.case.state"]
    told = "".join(row["told"] for row in rows)
    assert "story" in rows[0]["told"] and not any(word in told for word in ("消してほしい", "秘密"))


def test_withdrawn_cases_go_with_their_photos_and_consents_when_their_time_has_come(city: Database) -> None:
    old, young, shown, draft = (add(city, title=title) for title in ("古い", "新しい", "公開", "下書き"))
    for case_id in (old, young, shown):
        photo(city, case_id)
        consent(city, case_id)
        step(city, case_id, State.PUBLISHED)
    step(city, old, State.WITHDRAWN, on=date(2020, 1, 1))
    with city.read(Audience.STAFF) as conn:
        today = conn.execute("SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date AS day").fetchone()
    assert today is not None
    step(city, young, State.WITHDRAWN, on=today["day"])
    with city.write(Audience.STAFF) as conn:
        assert cases.purge(conn, CODE, keep_days=366) == 1
        left = [row["case_id"] for row in conn.execute("SELECT case_id FROM activity_case")]
        consents = conn.execute(
            "SELECT count(*)::int AS n FROM case_consent WHERE case_id = %s", (old,)
        ).fetchone()
        files = conn.execute(
            "SELECT count(*)::int AS n FROM case_photo_file WHERE case_id = %s", (old,)
        ).fetchone()
    assert sorted(left) == sorted([young, shown, draft])
    assert consents == {"n": 0} and files == {"n": 0}


def test_the_time_of_a_change_is_the_databases_own(city: Database) -> None:
    case_id = add(city)
    with city.read(Audience.STAFF) as conn:
        first = sharing.case(conn, CODE, 0, case_id, preview=True).changed_at
    consent(city, case_id)
    step(city, case_id, State.PUBLISHED)
    with city.read(Audience.PUBLIC) as conn:
        assert sharing.case(conn, CODE, 0, case_id).changed_at > first


def test_a_handbook_replaces_another_one_and_never_itself(city: Database) -> None:
    texts = {
        "title": "手引き",
        "audience": "役員",
        "issued_on": "2026-04-01",
        "publisher": "課",
        "quality": "real",
    }

    def facts(**other: str) -> Any:
        known = {"handbook": [first, second] if second else [first] if first else []}
        return entry(HANDBOOKS, lambda name: {**texts, **other}.get(name, ""), known)

    first = second = ""
    with city.write(Audience.STAFF) as conn:
        first = records.add(conn, CODE, HANDBOOKS, facts(edition="1"), actor="hana")
        second = records.add(conn, CODE, HANDBOOKS, facts(edition="2", replaces_id=first), actor="hana")
        rows = {row.id: row.newer_id for row in sharing.handbooks(conn, CODE)}
    assert rows == {first: second, second: None}
    with city.write(Audience.STAFF) as conn:
        version = cases.stamp(records.one(conn, CODE, HANDBOOKS, second))
        with pytest.raises(InputError, match="自分自身"):
            records.correct(
                conn,
                CODE,
                HANDBOOKS,
                second,
                facts(edition="2", replaces_id=second),
                version=version,
                actor="hana",
            )
    with city.write(Audience.STAFF) as conn, pytest.raises(InputError, match="もとにした"):
        version = cases.stamp(records.one(conn, CODE, HANDBOOKS, first))
        records.withdraw(conn, CODE, HANDBOOKS, first, version=version, actor="hana")
