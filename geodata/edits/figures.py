"""Yearly figures of `kyodo_geo.figure_sheets`, one sheet per measure and fiscal year, as the audience `STAFF`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

from geodata.database import Connection
from geodata.edits.history import hold, tell
from kyodo_geo.edits import check_stamp
from kyodo_geo.figure_sheets import Measure


@dataclass(frozen=True, slots=True)
class Sheet:
    """Area → value; areas that are missing are unknown. Quality and source are those of the whole sheet."""

    values: dict[str, float]
    quality: str = "real"
    source: str | None = None


def target(measure: Measure, year: int) -> str:
    """Name in the audit log."""
    return f"figures/{measure.key}/{year}"


def sheet(conn: Connection, code: str, measure: Measure, year: int) -> Sheet:
    """What is kept; empty when nothing is. Of mixed qualities the least believable holds."""
    rows = conn.execute(
        """
        SELECT area_key, value, quality, source FROM area_figure
        WHERE municipality_code = %s AND area_kind = %s AND measure = %s AND fiscal_year = %s ORDER BY area_key
        """,
        (code, _kind(measure), measure.key, year),
    ).fetchall()
    if not rows:
        return Sheet({})
    found = {row["quality"] for row in rows}
    quality = next(word for word in ("sample", "unofficial", "real") if word in found)
    return Sheet({row["area_key"]: row["value"] for row in rows}, quality, rows[0]["source"])


def seen(held: Sheet) -> dict[str, object]:
    """What a mark is made of."""
    return asdict(held)


def years(conn: Connection, code: str) -> dict[str, list[int]]:
    """Measure → fiscal years with a figure, newest first."""
    rows = conn.execute(
        """
        SELECT measure, array_agg(DISTINCT fiscal_year ORDER BY fiscal_year DESC) AS years FROM area_figure
        WHERE municipality_code = %s AND area_kind IN ('district', 'city') GROUP BY measure
        """,
        (code,),
    )
    return {row["measure"]: row["years"] for row in rows}


def save(
    conn: Connection,
    code: str,
    measure: Measure,
    year: int,
    new: Sheet,
    *,
    version: str,
    actor: str,
    keys: Collection[str],
) -> bool:
    """Keep the sheet in place of the one seen; whether anything changed. Raises EditConflictError.

    `keys` are the areas the form asked for: figures of others (districts that are no more) stay.
    """
    hold(conn, code, target(measure, year))
    before = sheet(conn, code, measure, year)
    check_stamp(version, seen(before))
    others = {key: value for key, value in before.values.items() if key not in keys}
    new = replace(new, values={**others, **new.values})
    if new == before:
        return False
    conn.execute(
        "DELETE FROM area_figure WHERE municipality_code = %s AND area_kind = %s AND measure = %s AND fiscal_year = %s",
        (code, _kind(measure), measure.key, year),
    )
    for key, value in new.values.items():
        conn.execute(
            """
            INSERT INTO area_figure (municipality_code, area_kind, area_key, measure, fiscal_year, value, unit, quality,
                                     source)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            """,
            (
                code, _kind(measure), key, measure.key, year, value, measure.kept_unit, new.quality, new.source,
            ),
        )  # fmt: skip
    sides = [
        {**side.values, "quality": side.quality, "source": side.source} if side.values else None
        for side in (before, new)
    ]
    tell(conn, code, actor, "edit.figures.save", target(measure, year), sides[0], sides[1])
    return True


def _kind(measure: Measure) -> str:
    return "city" if measure.city else "district"
