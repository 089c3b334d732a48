"""Put the bundled sample into the database: all of it in one transaction, and never beside real data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

from geodata.database import Audience, Connection, Database, active_generation
from geodata.datasets import DatasetMeta, insert_dataset
from geodata.generations import activate_in
from geodata.municipalities import ensure_known
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import ConflictError
from kyodo_geo.kinds import DEPENDS, KIND_NAMES, SAMPLE_KINDS
from kyodo_geo.quality import Quality

if TYPE_CHECKING:
    from geodata.sample.generate import Sample

MUNICIPALITY = "03201"
LOADED_BY = "sample"
SAMPLE_DAY = date(2025, 4, 1)
"""Day the invented part pretends to describe."""

_INVENTED = "kyodo-geo が作った架空のデータ"
_SOURCES = {
    "outline": "outline.json",
    "facilities": "public_centres.csv",
    "towns": "towns.csv",
    "districts": "districts.csv",
}
_TITLES = {"facilities": "地区活動センターと市立公民館（盛岡市）"}
RECORD_TABLES = (
    "plan", "plan_policy", "initiative", "initiative_year", "indicator", "indicator_value", "department",
    "responsibility", "district_plan", "building",
    "facility_building", "room", "facility_year", "facility_profile",
    "body", "association_contact", "named_building", "project", "officer",
    "area_figure", "hall_subsidy", "facility_opening", "facility_closure", "facility_group", "facility_shelter", "room_year",
    "building_inspection", "building_work", "facility_stage", "unit_cost", "cost_assumption", "scenario", "scenario_action",
    "grant_rule",
    "consultation_topic", "consultation", "event", "event_attendance", "risk_case", "risk_visit", "adviser_dispatch",
    "activity_case", "handbook", "subsidy_notice",
)  # fmt: skip
"""Dated tables in the order in which they refer to each other."""
_ARRAYS = frozenset({"hazards"})
"""Columns whose lists are arrays; all others hold JSON."""
REMOVABLE = frozenset(
    {
        "district_plan", "project", "association_contact", "named_building", "department", "responsibility",
        "consultation_topic", "consultation", "event", "event_attendance", "risk_case", "risk_visit", "adviser_dispatch",
        "activity_case", "handbook", "subsidy_notice",
    }
)  # fmt: skip
"""Of these, staff can remove rows: what is missing later is missing on purpose."""


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """`loaded` is false when the same sample was active already. `rows` by kind, `records` entered by table.

    An installation that was upgraded may lack records that its older sample did not have: they are entered.
    """

    loaded: bool
    generation_no: int
    rows: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)


def load_sample(db: Database, on_step: Callable[[str], None] | None = None) -> SampleSummary:
    """Generate the sample and make it the active generation of 盛岡市.

    When it already is, only dated records that are missing are entered; what is there stays as it is.

    `on_step` is told the Japanese name of each step that begins. Raises `ConflictError` when any real dataset is
    active: invented associations must not stand on real ground.
    """
    from geodata.sample.generate import build_sample

    tell = on_step or (lambda _: None)
    ensure_known(db, MUNICIPALITY, by=LOADED_BY)
    tell("見本データの作成")
    sample = build_sample()
    checksums = {kind: sample.checksum(kind) for kind in SAMPLE_KINDS}
    with db.write(Audience.LOADER) as conn:
        # Two first starts at the same time load it once.
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.sample'), %s)", (int(MUNICIPALITY),))
        active = _active(conn)
        _refuse_beside_real(active, checksums)
        if {kind: checksum for kind, (_, checksum) in active.items()} == checksums:
            number = active_generation(conn, MUNICIPALITY)
            assert number is not None
            return SampleSummary(False, number, records=_records(conn, sample, REMOVABLE))
        stored = []
        for kind in _in_order():
            tell(KIND_NAMES[kind])
            result = _result(sample, kind, checksums[kind])
            stored.append(insert_dataset(conn, MUNICIPALITY, result, _meta(kind)))
        tell("有効化")
        done = activate_in(
            conn, MUNICIPALITY, [item.dataset_id for item in stored], by=LOADED_BY, note="見本データ"
        )
        records = _records(conn, sample)
    return SampleSummary(True, done.generation_no, {item.kind: item.rows for item in stored}, records)


def _in_order() -> list[str]:
    """Kinds such that each comes after those it refers to."""
    order: list[str] = []
    while len(order) < len(SAMPLE_KINDS):
        order += [kind for kind in SAMPLE_KINDS if kind not in order and DEPENDS[kind] <= set(order)]
    return order


def _active(conn: Connection) -> dict[str, tuple[Quality, str | None]]:
    """Kind → quality and checksum of the active datasets."""
    rows = conn.execute(
        """
        SELECT g.kind, d.quality, d.checksum FROM generation_dataset g
        JOIN dataset d USING (municipality_code, dataset_id, kind)
        WHERE g.municipality_code = %s AND g.generation_no = %s
        """,
        (MUNICIPALITY, active_generation(conn, MUNICIPALITY)),
    )
    return {row["kind"]: (Quality(row["quality"]), row["checksum"]) for row in rows}


def _refuse_beside_real(active: dict[str, tuple[Quality, str | None]], checksums: dict[str, str]) -> None:
    real = [
        kind
        for kind in SAMPLE_KINDS
        if kind in active and active[kind][0] is not Quality.SAMPLE and active[kind][1] != checksums[kind]
    ]
    if real:
        names = "、".join(KIND_NAMES[kind] for kind in real)
        raise ConflictError(
            f"見本でないデータ（{names}）が有効なため、見本データは読み込めません。"
            "架空のデータと混ざらないように、見本は空のデータベースで試してください"
            "（環境変数 KYODO_STATE_DIR に別のフォルダーを指定すると、別のデータベースを使えます）。",
            kinds=real,
        )


def _result(sample: Sample, kind: str, checksum: str) -> Any:
    from geodata.readers.result import LoadReport, ReadResult

    frame = sample.frames[kind]
    report = LoadReport(rows_read=len(frame), rows_loaded=len(frame))
    if kind == "small-areas":
        report.totals = {"people": int(frame["people"].sum()), "households": int(frame["households"].sum())}
    return ReadResult(kind, frame, report, checksum, _title(kind), None)


def _title(kind: str) -> str:
    return _TITLES.get(kind, f"{KIND_NAMES[kind]}（見本）")


def _meta(kind: str) -> DatasetMeta:
    from geodata.sample import facts

    credit = facts.sources().get(_SOURCES.get(kind, ""))
    if kind == "facilities":
        assert credit is not None
        return DatasetMeta(
            title=_title(kind),
            source=credit["source"],
            licence=credit["licence"],
            authority="kyodo-geo",
            quality=Quality.REAL,
            loaded_by=LOADED_BY,
        )
    notes = ["この見本データは架空です。実在の区域・団体・住所・数値ではありません。"]
    if kind == "districts":
        unsure = "、".join(fact.name for fact in facts.districts() if not fact.kana_confirmed)
        notes.append(
            f"地区の番号・名前・計画書の区分は公表された事実です。読みを確かめていない地区: {unsure}"
        )
    return DatasetMeta(
        title=_title(kind),
        source=f"{_INVENTED}（{credit['source']}）" if credit else _INVENTED,
        licence=credit["licence"] if credit else "自由に利用できます（架空のデータ）",
        authority="kyodo-geo",
        as_of=SAMPLE_DAY,
        quality=Quality.SAMPLE,
        loaded_by=LOADED_BY,
        notes=tuple(notes),
    )


def _records(conn: Connection, sample: Sample, skip: frozenset[str] = frozenset()) -> dict[str, int]:
    return {table: _enter(conn, table, sample.records[table]) for table in RECORD_TABLES if table not in skip}


def _enter(conn: Connection, table: str, rows: list[dict[str, Any]]) -> int:
    """Insert dated records; what somebody has entered or changed since stays as it is."""
    if table == "scenario_action":
        rows = _of_new_scenarios(conn, rows)
        if not rows:
            return 0
    columns = list(rows[0])
    statement = sql.SQL(
        "INSERT INTO {} (municipality_code, {}) VALUES (%s, {}) ON CONFLICT DO NOTHING"
    ).format(
        sql.Identifier("kyodo", table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() for _ in columns),
    )
    with conn.cursor() as cursor:
        cursor.executemany(
            statement, [(MUNICIPALITY, *(_value(name, row[name]) for name in columns)) for row in rows]
        )
        return cursor.rowcount


def _of_new_scenarios(conn: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Actions of the scenarios entered in this transaction: those of others are no longer the sample's to say."""
    found = conn.execute(
        "SELECT scenario_id, version FROM scenario WHERE municipality_code = %s AND created_at = now()",
        (MUNICIPALITY,),
    )
    new = {(row["scenario_id"], row["version"]) for row in found}
    return [row for row in rows if (row["scenario_id"], row["version"]) in new]


def _value(name: str, value: Any) -> Any:
    if name == "geom" and value is not None:
        return f"SRID={WGS84};POINT({value[0]} {value[1]})"
    return Jsonb(value) if isinstance(value, list | dict) and name not in _ARRAYS else value
