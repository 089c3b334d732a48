"""Drafts of changes to datasets: gathered, compared, activated as a new generation, rolled back; never over somebody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from geodata.cluster import Cluster
from geodata.database import Audience, Database
from geodata.edits import drafts, publish
from geodata.edits.active import active_facts
from geodata.generations import rollback
from geodata.queries.districts import districts
from geodata.queries.generation import resolve
from kyodo_geo.edits import EditConflictError, stamp
from kyodo_geo.errors import ConflictError, NotFoundError
from tests.fixtures_db import DatabaseUrls, copied

CODE = "03201"


@pytest.fixture
def sample(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[Database]:
    with copied(cluster, sample_db_template) as urls:
        database = Database(urls.app)
        try:
            yield database
        finally:
            database.close()


def facts(db: Database, kind: str, key: str) -> dict[str, Any] | None:
    with db.read(Audience.STAFF) as conn:
        return active_facts(conn, resolve(conn, CODE), kind, [key]).get(key)


def enter(
    db: Database, scope: str, kind: str, key: str, wanted: dict[str, Any] | None, actor: str = "hana"
) -> None:
    """As a page does it that has just been opened."""
    with db.write(Audience.STAFF) as conn:
        drafts.lock(conn, CODE, scope)
        active = active_facts(conn, resolve(conn, CODE), kind, [key]).get(key)
        drafts.enter(conn, CODE, scope, [(kind, key, active, wanted)], version=stamp(1), seen=1, actor=actor)


def draft_of(db: Database, scope: str) -> drafts.Draft:
    with db.read(Audience.STAFF) as conn:
        found = drafts.open_draft(conn, CODE, scope)
    assert found is not None
    return found


def people(db: Database) -> dict[int, int | None]:
    with db.read() as conn:
        return {row.no: row.people for row in districts(conn, resolve(conn, CODE), None, with_geometry=False)}


def some_area(db: Database, district: int) -> tuple[str, int]:
    """(KEY_CODE, people) of the largest small area of a district."""
    with db.read() as conn:
        row = conn.execute(
            """
            SELECT s.key_code, s.people FROM district_assignment a JOIN small_area s USING (municipality_code, key_code)
            WHERE a.dataset_id = active_dataset(%(m)s, 1, 'district-assignment')
              AND s.dataset_id = active_dataset(%(m)s, 1, 'small-areas') AND a.district_no = %(no)s
            ORDER BY s.people DESC NULLS LAST LIMIT 1
            """,
            {"m": CODE, "no": district},
        ).fetchone()
    assert row is not None
    return row["key_code"], row["people"]


def test_an_area_moves_with_its_people_and_comes_back_by_the_roll_back(sample: Database) -> None:
    key, moving = some_area(sample, 5)
    before = people(sample)
    enter(sample, "assignment", "district-assignment", key, {"district_no": 6, "confidence": "official"})
    assert people(sample) == before, "a draft changes nothing"
    found = publish.compare(sample, CODE, "assignment", version=1, actor="hana")
    assignment, shapes = found.diffs
    assert (assignment.added, assignment.removed, assignment.changed) == (0, 0, 1)
    (moved,) = [move for move in shapes.moved if move.people or move.area_m2 > 100]
    assert (moved.from_no, moved.to_no, moved.people) == (5, 6, moving) and moved.area_m2 > 0
    assert set(shapes.keys["changed"]) == {"5", "6"}, "other districts keep their borders to the last digit"
    assert not found.redrawn
    assert people(sample) == before, "a comparison changes nothing"
    with sample.read(Audience.STAFF) as conn:
        rows = conn.execute("SELECT count(*) AS n FROM dataset WHERE kind = 'districts'").fetchone()
        assert rows is not None and rows["n"] == 1, "and leaves nothing"

    done = publish.activate(
        sample, CODE, "assignment", version=1, generation_no=1, actor="hana", note="見直し"
    )
    assert (
        done.generation_no == 2
        and set(done.activated) == {"district-assignment", "districts"}
        and done.retired == ()
    )
    after = people(sample)
    assert (after[5], after[6]) == ((before[5] or 0) - moving, (before[6] or 0) + moving)
    assert {no: n for no, n in after.items() if no not in (5, 6)} == {
        no: n for no, n in before.items() if no not in (5, 6)
    }
    with sample.read(Audience.STAFF) as conn:
        assert drafts.open_draft(conn, CODE, "assignment") is None
        told = conn.execute(
            "SELECT action, target, details FROM audit WHERE actor = 'hana' ORDER BY entry_no"
        ).fetchall()
    assert {"edit.draft.enter", "edit.activate", "edit.draft.activate", "generation.activate"} <= {
        row["action"] for row in told
    }
    (row,) = [row for row in told if row["action"] == "edit.activate"]
    assert row["target"] == f"district-assignment/{key}"
    assert row["details"]["changes"]["district_no"] == {"before": 5, "after": 6}

    rollback(sample, CODE, by="hana")
    assert people(sample) == before


def test_several_changes_of_an_association_become_one_generation(sample: Database) -> None:
    key = "sample-0104"
    names = facts(sample, "associations", key)
    rules = facts(sample, "association-rules", key)
    assert names is not None and rules is not None
    with sample.read() as conn:
        shapes = conn.execute("SELECT count(*) AS n FROM association_area WHERE geom IS NULL").fetchone()
    enter(
        sample,
        "associations",
        "associations",
        key,
        {**names, "name": "改名見本町内会", "kana": "かいめいみほんちょうないかい"},
    )
    new_rule = {
        **rules["rules"][0],
        "kind": "whole",
        "block_from": None,
        "block_to": None,
        "house_from": None,
        "house_to": None,
    }
    enter(sample, "associations", "association-rules", key, {"rules": [new_rule]}, actor="taro")
    profile = {"fee": "月 300 円", "activities": None, "joining": None, "website": "https://example.jp/"}
    enter(sample, "associations", "association-profiles", key, profile)
    found = publish.compare(sample, CODE, "associations", version=3, actor="hana")
    assert {d.kind: (d.added, d.removed, d.changed) for d in found.diffs}["associations"] == (0, 0, 1)
    assert {d.kind: d.against is None for d in found.diffs}["association-profiles"], (
        "the first profile begins a dataset"
    )
    publish.activate(sample, CODE, "associations", version=3, generation_no=1, actor="hana")
    assert facts(sample, "associations", key) == {
        **names,
        "name": "改名見本町内会",
        "kana": "かいめいみほんちょうないかい",
    }
    assert facts(sample, "association-rules", key) == {"rules": [new_rule]}
    assert facts(sample, "association-profiles", key) == profile
    with sample.read() as conn:
        ref = resolve(conn, CODE)
        assert ref.generation_no == 2
        again = conn.execute("SELECT count(*) AS n FROM association_area WHERE geom IS NULL").fetchone()
        assert again is not None and shapes is not None and again["n"] == 2 * shapes["n"], (
            "areas are carried over"
        )
        rows = conn.execute(
            "SELECT count(*) AS n, active_dataset(%s, 1, 'association-rules') AS old FROM address_rule WHERE dataset_id = "
            "active_dataset(%s, 1, 'association-rules')", (CODE, CODE),
        ).fetchone()  # fmt: skip
        assert rows is not None and rows["n"] > 0, "the dataset before stands as it was"


def test_what_is_back_at_the_active_value_leaves_the_draft(sample: Database) -> None:
    key, _ = some_area(sample, 5)
    held = facts(sample, "district-assignment", key)
    enter(sample, "assignment", "district-assignment", key, {"district_no": 6, "confidence": "official"})
    enter(sample, "assignment", "district-assignment", key, held)
    with sample.read(Audience.STAFF) as conn:
        assert drafts.open_draft(conn, CODE, "assignment") is None, "an empty draft is none"


def test_nobody_enters_takes_out_discards_or_activates_what_they_have_not_seen(sample: Database) -> None:
    key, _ = some_area(sample, 5)
    wanted = {"district_no": 6, "confidence": "official"}
    enter(sample, "assignment", "district-assignment", key, wanted)
    with sample.write(Audience.STAFF) as conn, pytest.raises(EditConflictError) as caught:
        drafts.enter(conn, CODE, "assignment", [], version=stamp({"old": 1}), seen={"new": 2}, actor="taro")
    assert caught.value.stored == {"new": 2}
    stale = {"version": 9, "actor": "taro"}
    with sample.write(Audience.STAFF) as conn:
        for work in (
            lambda: drafts.take_out(conn, CODE, "assignment", "district-assignment", key, **stale),
            lambda: drafts.discard(conn, CODE, "assignment", **stale),
        ):
            with pytest.raises(EditConflictError):
                work()
    with pytest.raises(EditConflictError):
        publish.compare(sample, CODE, "assignment", **stale)
    with pytest.raises(EditConflictError):
        publish.activate(sample, CODE, "assignment", generation_no=1, **stale)
    with pytest.raises(EditConflictError, match="もう一度比べて"):
        publish.activate(sample, CODE, "assignment", version=1, generation_no=7, actor="taro")
    assert draft_of(sample, "assignment").changes[0].after == wanted


def test_a_change_to_what_was_loaded_meanwhile_is_refused_by_name(sample: Database) -> None:
    key, _ = some_area(sample, 5)
    other, _ = some_area(sample, 7)
    enter(sample, "assignment", "district-assignment", key, {"district_no": 6, "confidence": "official"})
    publish.activate(sample, CODE, "assignment", version=1, generation_no=1, actor="hana")
    enter(sample, "assignment", "district-assignment", key, {"district_no": 8, "confidence": "official"})
    enter(sample, "assignment", "district-assignment", other, {"district_no": 8, "confidence": "official"})
    rollback(sample, CODE, by="admin")
    with pytest.raises(ConflictError, match=key):
        publish.compare(sample, CODE, "assignment", version=2, actor="hana")
    with sample.write(Audience.STAFF) as conn:
        drafts.take_out(conn, CODE, "assignment", "district-assignment", key, version=2, actor="hana")
    done = publish.activate(sample, CODE, "assignment", version=3, generation_no=3, actor="hana")
    assert done.generation_no == 4
    assert (facts(sample, "district-assignment", other) or {})["district_no"] == 8


def test_a_discarded_draft_is_gone_and_can_be_begun_again(sample: Database) -> None:
    key, _ = some_area(sample, 5)
    for _ in range(2):
        enter(sample, "assignment", "district-assignment", key, {"district_no": 6, "confidence": "official"})
        with sample.write(Audience.STAFF) as conn:
            drafts.discard(conn, CODE, "assignment", version=1, actor="hana")
    with sample.write(Audience.STAFF) as conn, pytest.raises(NotFoundError):
        drafts.discard(conn, CODE, "assignment", version=1, actor="hana")


def test_only_staff_see_what_is_not_decided(sample: Database) -> None:
    for table in ("edit_draft", "edit_draft_change"):
        for audience in (Audience.PUBLIC, Audience.PARTNER, Audience.AUTH):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), sample.read(audience) as conn:
                conn.execute(f"SELECT 1 FROM kyodo.{table}")


def test_rules_of_others_and_order_of_rules_stay(sample: Database) -> None:
    with sample.read() as conn:
        ref = resolve(conn, CODE)
        before = active_facts(conn, ref, "association-rules")
    key = "sample-0104"
    rules = [
        *before[key]["rules"],
        {**before[key]["rules"][0], "kind": "except", "block_from": 3, "block_to": 3},
    ]
    enter(sample, "associations", "association-rules", key, {"rules": rules})
    publish.activate(sample, CODE, "associations", version=1, generation_no=1, actor="hana")
    with sample.read() as conn:
        after = active_facts(conn, resolve(conn, CODE), "association-rules")
    assert after.pop(key) == {"rules": rules}
    before.pop(key)
    assert after == before


def test_what_follows_from_a_draft_is_told_before_it_is_activated(sample: Database) -> None:
    """A far district gets an island with what stands on it; rules that meet others or leave blocks to nobody."""
    with sample.read(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        row = conn.execute(
            """
            SELECT s.key_code, f.facility_id, a.district_no FROM facility_site f
            JOIN small_area s ON s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas') AND ST_Covers(s.geom, f.geom)
            JOIN district_assignment a ON a.key_code = s.key_code
                 AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
            WHERE f.dataset_id = active_dataset(%(m)s, %(g)s, 'facilities') AND a.district_no < 20
              AND ST_Area(s.geom::geography) > 20000
            ORDER BY 1 LIMIT 1
            """,
            ref.args,
        ).fetchone()
        assert row is not None
        rules = active_facts(conn, ref, "association-rules")
    enter(
        sample,
        "assignment",
        "district-assignment",
        row["key_code"],
        {"district_no": 30, "confidence": "official"},
    )
    found = publish.compare(
        sample, CODE, "assignment", version=draft_of(sample, "assignment").version, actor="hana"
    )
    assert 30 in {piece.no for piece in found.pieces}, "an island far from the rest of district 30"
    assert (row["facility_id"], row["district_no"], 30) in {
        (item.id, item.from_no, item.to_no) for item in found.shifted
    }
    first, second = sorted(
        key for key, held in rules.items() if "みたけ三丁目" in {rule["town"] for rule in held["rules"]}
    )[:2]
    enter(sample, "associations", "association-rules", first, rules[second])
    found = publish.compare(
        sample, CODE, "associations", version=draft_of(sample, "associations").version, actor="hana"
    )
    assert (first, second) in {(item.first, item.second) for item in found.rules.new_overlaps}
    assert any(where.startswith("みたけ三丁目") for where in found.rules.new_gaps), (
        "what the first had is nobody's now"
    )
    with sample.read() as conn:
        assert resolve(conn, CODE).generation_no == 1, "comparing stores nothing"
