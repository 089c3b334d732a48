"""Take a package in on the public side: everything is checked first, then one transaction makes the database equal to it.

Done by the owner of the tables, because no other role may change activated datasets or what is append-only: the guards of
the tables are off within this transaction and for it alone. A kill at any point leaves what was there before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from geodata.database import UNAVAILABLE, conninfo
from geodata.publishing.answers import take_answers
from geodata.publishing.check import refuse_in_transaction
from geodata.publishing.decisions import CARRIED, FIGURES, Carried
from geodata.publishing.package import ANSWERS, Package, opened_package
from kyodo_geo.crs import WGS84
from kyodo_geo.errors import ConflictError, InputError, UnavailableError

Conn = psycopg.Connection[dict[str, Any]]
LOCK_TIMEOUT = "30s"


@dataclass(frozen=True, slots=True)
class Imported:
    """`applied` is false when this very package is in place already. `changed`: parts that were not as before."""

    applied: bool
    sequence: int
    generation_no: int
    rows: int
    changed: int
    key_id: str


def take_in(
    owner_url: str,
    file: Path,
    public_keys: Sequence[Path],
    *,
    municipality: str,
    schema: str,
    by: str,
    max_bytes: int,
    force_reason: str | None = None,
    rebuild: bool = False,
    on_step: Callable[[str], None] | None = None,
) -> Imported:
    """Check the package and put it in place of what is there; the same one again changes nothing.

    `force_reason`: why a package that is not newer may come. `rebuild` writes every part anew, also those that are
    as before. Raises `InputError` for a package that is not sound, `ConflictError` where it does not fit here.
    """
    with opened_package(file, public_keys, max_bytes=max_bytes) as package, _owner(owner_url) as conn:
        manifest = package.manifest
        if manifest.municipality != municipality:
            raise ConflictError(
                f"市区町村コード {manifest.municipality} の公開用データです（この環境は {municipality}）。"
            )
        if manifest.schema != schema:
            raise ConflictError(
                f"公開用データのスキーマの版（{manifest.schema}）が、この環境（{schema}）と違います。"
                "内部と公開のプログラムを同じ版にしてから、もう一度実行してください。"
            )
        with conn.transaction():
            conn.execute(
                "SELECT pg_advisory_xact_lock(hashtext('kyodo.publication'), %s)", (int(municipality),)
            )
            last = _last(conn, municipality)
            if last is not None and last["package_sha256"] == package.sha256 and not rebuild:
                return Imported(
                    False, manifest.sequence, manifest.generation_no, manifest.rows, 0, package.key_id
                )
            _refuse_older(
                conn, municipality, manifest.sequence, last, force_reason, same=rebuild, sha=package.sha256
            )
            before: dict[str, str] = {} if last is None or rebuild else last["parts"]
            changed = _replace(conn, package, municipality, before, on_step)
            if ANSWERS in manifest.parts or manifest.acknowledged:
                content = package.whole(ANSWERS) if ANSWERS in manifest.parts else b"[]"
                take_answers(conn, municipality, content, manifest.acknowledged, by=by)
            refuse_in_transaction(conn)
            _note(conn, package, municipality, by, force_reason, changed)
    return Imported(True, manifest.sequence, manifest.generation_no, manifest.rows, changed, package.key_id)


def _owner(url: str) -> Conn:
    try:
        conn: Conn = psycopg.connect(
            **conninfo(url), autocommit=True, row_factory=dict_row, connect_timeout=10,
            options=f"-c search_path=kyodo,public -c lock_timeout={LOCK_TIMEOUT} -c TimeZone=UTC "
            "-c DateStyle=ISO,YMD -c application_name=kyodo-geo-publish",
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise UnavailableError(UNAVAILABLE) from error
    return conn


def _last(conn: Conn, municipality: str) -> dict[str, Any] | None:
    return conn.execute(
        "SELECT sequence, package_sha256, parts FROM publication "
        "WHERE municipality_code = %s AND direction = 'import' ORDER BY publication_no DESC LIMIT 1",
        (municipality,),
    ).fetchone()


def _refuse_older(
    conn: Conn,
    municipality: str,
    sequence: int,
    last: dict[str, Any] | None,
    reason: str | None,
    *,
    same: bool,
    sha: str,
) -> None:
    row = conn.execute(
        "SELECT max(sequence) AS highest, bool_or(direction = 'export') AS makes FROM publication "
        "WHERE municipality_code = %s",
        (municipality,),
    ).fetchone()
    assert row is not None
    if row["makes"]:
        raise ConflictError("この環境では公開用データを作っています。内部の環境に取り込むことはできません。")
    if last is None or sequence > row["highest"] or (same and last["package_sha256"] == sha):
        return
    if reason is None:
        raise ConflictError(
            f"通し番号 {sequence} の公開用データは、取り込み済みの番号（{row['highest']}）より新しくありません。"
            "古いデータに戻すときは、--force-older と --reason（理由）を付けてください。",
            sequence=sequence,
            highest=row["highest"],
        )


def _replace(
    conn: Conn,
    package: Package,
    municipality: str,
    before: dict[str, str],
    on_step: Callable[[str], None] | None,
) -> int:
    """Make every carried table equal to the package; how many parts differ from before."""
    parts = package.manifest.parts
    now = {name: part.sha256 for name, part in parts.items()}
    fresh = {name for name in parts if before.get(name) != now[name]}
    missing = [
        name for table, carried in CARRIED.items() if carried.scope != "dataset"
        for name in [f"data/{_plain(table)}.csv"] if name not in parts
    ] + [f"figures/{_plain(table)}.csv" for table in FIGURES if f"figures/{_plain(table)}.csv" not in parts]  # fmt: skip
    if missing:
        raise InputError("公開用データに、なければならない表がありません。", file=missing[0])
    _refuse_strangers(parts)
    records = [t for t, c in CARRIED.items() if c.scope == "record"]
    anew = any(f"data/{_plain(table)}.csv" in fresh for table in records) or not before
    _guards(conn, on=False)
    if anew:
        for table in reversed(records):
            _delete(conn, table, municipality)
    for table, carried in CARRIED.items():
        plain = _plain(table)
        if on_step:
            on_step(plain)
        if carried.scope == "municipality":
            _upsert(conn, package, f"data/{plain}.csv", table, carried, municipality, key=None)
        elif carried.scope == "identity":
            _upsert(conn, package, f"data/{plain}.csv", table, carried, municipality, key=carried.key)
        elif carried.scope == "record":
            if anew:
                _load(conn, package, f"data/{plain}.csv", table, carried, municipality)
        else:
            _datasets(conn, package, table, carried, municipality, fresh)
    for table, (columns, _) in FIGURES.items():
        name = f"figures/{_plain(table)}.csv"
        if name in fresh or not before:
            _delete(conn, table, municipality)
            _load(conn, package, name, table, Carried("record", columns), municipality)
    _forget_gone(conn, municipality)
    _guards(conn, on=True)
    return len(fresh | (before.keys() - now.keys()))


def _refuse_strangers(parts: dict[str, Any]) -> None:
    """Signed or not: a part that belongs to no table is refused."""
    known = {f"data/{_plain(table)}": carried.scope == "dataset" for table, carried in CARRIED.items()}
    known |= {f"figures/{_plain(table)}": False for table in FIGURES}
    for name in parts:
        stem, _, rest = name.removesuffix(".csv").rpartition("/")
        of_dataset = rest.isdigit()
        whole = stem if of_dataset else name.removesuffix(".csv")
        if name.endswith(".csv") and known.get(whole) is not of_dataset:
            raise InputError("公開用データに、知らない表が入っています。", file=name)


def _datasets(
    conn: Conn, package: Package, table: str, carried: Carried, municipality: str, fresh: set[str]
) -> None:
    prefix = f"data/{_plain(table)}/"
    wanted = {int(name[len(prefix) : -4]): name for name in package.manifest.parts if name.startswith(prefix)}
    present = {
        row["dataset_id"]
        for row in conn.execute(
            sql.SQL("SELECT DISTINCT dataset_id FROM {} WHERE municipality_code = %s").format(_table(table)),
            (municipality,),
        )
    }
    for dataset_id in sorted(present | wanted.keys()):
        name = wanted.get(dataset_id)
        if name is not None and dataset_id in present and name not in fresh:
            continue
        if dataset_id in present:
            conn.execute(
                sql.SQL("DELETE FROM {} WHERE municipality_code = %s AND dataset_id = %s").format(
                    _table(table)
                ),
                (municipality, dataset_id),
            )
        if name is not None:
            _load(conn, package, name, table, carried, municipality, dataset_id)


def _load(
    conn: Conn,
    package: Package,
    name: str,
    table: str,
    carried: Carried,
    municipality: str,
    dataset_id: int | None = None,
) -> None:
    """Rows of a part into its empty place."""
    _stage(conn, package, name, table, carried, municipality, dataset_id)
    conn.execute(_insert(table, carried))
    conn.execute("DROP TABLE pg_temp.staged")


def _upsert(
    conn: Conn,
    package: Package,
    name: str,
    table: str,
    carried: Carried,
    municipality: str,
    *,
    key: str | None,
) -> None:
    """Rows that others refer to: new ones are entered, known ones set; those gone are noted for `_forget_gone`."""
    _stage(conn, package, name, table, carried, municipality, None)
    by = ("municipality_code", key) if key else ("municipality_code",)
    rest = [column for column in (*carried.names, *carried.replaced) if column not in by]
    target = sql.SQL(", ").join(map(sql.Identifier, by))
    if rest:
        setting = sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in rest
        )
        conflict = sql.SQL(" ON CONFLICT ({}) DO UPDATE SET {}").format(target, setting)
    else:
        conflict = sql.SQL(" ON CONFLICT ({}) DO NOTHING").format(target)
    conn.execute(_insert(table, carried) + conflict)
    if key:
        conn.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM pg_temp.staged").format(
                sql.Identifier(f"kept_{_plain(table)}"), sql.Identifier(key)
            )
        )
    conn.execute("DROP TABLE pg_temp.staged")


_STILL_NAMED = {
    "kyodo.association": ("referral", "join_wish"),
}
"""Identities that tickets of this side name stay, as an id without anything."""


def _forget_gone(conn: Conn, municipality: str) -> None:
    for table, carried in reversed(CARRIED.items()):
        if carried.scope != "identity":
            continue
        key = sql.Identifier(carried.key)
        statement = sql.SQL(
            "DELETE FROM {table} t WHERE municipality_code = %s "
            "AND NOT EXISTS (SELECT FROM pg_temp.{kept} k WHERE k.{key} = t.{key})"
        ).format(table=_table(table), kept=sql.Identifier(f"kept_{_plain(table)}"), key=key)
        for other in _STILL_NAMED.get(table, ()):
            statement += sql.SQL(
                " AND NOT EXISTS (SELECT FROM kyodo.{other} o "
                "WHERE o.municipality_code = t.municipality_code AND o.{key} = t.{key})"
            ).format(other=sql.Identifier(other), key=key)
        conn.execute(statement, (municipality,))


def _stage(
    conn: Conn,
    package: Package,
    name: str,
    table: str,
    carried: Carried,
    municipality: str,
    dataset_id: int | None,
) -> None:
    """The part in a table of its own; raises `InputError` when a row is of another municipality or dataset."""
    columns = sql.SQL(", ").join(
        sql.SQL("NULL::text AS geom") if column == "geom" else sql.Identifier(column)
        for column in carried.names
    )
    conn.execute(
        sql.SQL("CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
            columns, _table(table)
        )
    )
    listed = sql.SQL(", ").join(map(sql.Identifier, carried.names))
    statement = sql.SQL(
        "COPY pg_temp.staged ({}) FROM STDIN (FORMAT csv, HEADER MATCH, ENCODING 'UTF8')"
    ).format(listed)
    try:
        with conn.cursor() as cursor:
            with cursor.copy(statement) as copy:
                for piece in package.read(name):
                    copy.write(piece)
            rows = cursor.rowcount
    except psycopg.DataError as error:
        raise InputError("公開用データの表を読めません。", file=name) from error
    wrong = conn.execute(
        sql.SQL("SELECT FROM pg_temp.staged WHERE municipality_code IS DISTINCT FROM %s {} LIMIT 1").format(
            sql.SQL("")
            if dataset_id is None
            else sql.SQL("OR dataset_id IS DISTINCT FROM {}").format(dataset_id)
        ),
        (municipality,),
    ).fetchone()
    if wrong is not None or rows != package.manifest.parts[name].rows:
        raise InputError("公開用データの表に、一覧と合わない行があります。", file=name)


def _insert(table: str, carried: Carried) -> sql.Composed:
    into = sql.SQL(", ").join(map(sql.Identifier, (*carried.names, *carried.replaced)))
    values = [
        sql.SQL("ST_GeomFromText(geom, {})").format(WGS84) if column == "geom" else sql.Identifier(column)
        for column in carried.names
    ] + [sql.SQL(value) for value in carried.replaced.values()]
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM pg_temp.staged").format(
        _table(table), into, sql.SQL(", ").join(values)
    )


def _delete(conn: Conn, table: str, municipality: str) -> None:
    conn.execute(
        sql.SQL("DELETE FROM {} WHERE municipality_code = %s").format(_table(table)), (municipality,)
    )


def _guards(conn: Conn, *, on: bool) -> None:
    word = sql.SQL("ENABLE" if on else "DISABLE")
    for table in (*CARRIED, *FIGURES):
        conn.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(_table(table), word))


def _note(conn: Conn, package: Package, municipality: str, by: str, reason: str | None, changed: int) -> None:
    manifest = package.manifest
    conn.execute(
        "INSERT INTO publication (municipality_code, publication_no, direction, sequence, actor, key_id, package_sha256, "
        "generation_no, parts, reason) SELECT %(m)s, coalesce(max(publication_no), 0) + 1, 'import', %(sequence)s, %(by)s, "
        "%(key)s, %(sha)s, %(generation)s, %(parts)s, %(reason)s FROM publication WHERE municipality_code = %(m)s",
        {
            "m": municipality,
            "sequence": manifest.sequence,
            "by": by,
            "key": package.key_id,
            "sha": package.sha256,
            "generation": manifest.generation_no,
            "parts": Jsonb({name: part.sha256 for name, part in manifest.parts.items()}),
            "reason": reason,
        },
    )
    told = {
        "generation": manifest.generation_no, "rows": manifest.rows, "changed": changed, "key": package.key_id,
        "sha256": package.sha256, "created": manifest.created, "reason": reason,
    }  # fmt: skip
    conn.execute("SET LOCAL ROLE kyodo_loader")
    from geodata.audit import record

    record(conn, municipality, by, "publish.import", str(manifest.sequence), told)
    conn.execute("RESET ROLE")
    # The guards were off, and with them what tells every process that something has changed.
    row = conn.execute(
        "UPDATE municipality SET revision = revision + 1 WHERE municipality_code = %s RETURNING revision",
        (municipality,),
    ).fetchone()
    assert row is not None
    conn.execute("SELECT pg_notify('kyodo_revision', %s)", (f"{municipality}:{row['revision']}",))


def _plain(table: str) -> str:
    return table.partition(".")[2]


def _table(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split("."))
