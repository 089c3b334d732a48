"""Municipalities this database serves."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.audit import record
from geodata.database import Audience, Connection, Database
from kyodo_geo.crs import plane_epsg
from kyodo_geo.errors import InputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Municipality:
    """Facts that no file of the municipality states; the contact is whom pages tell people to ask."""

    code: str
    name: str
    pref_name: str
    contact_department: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    contact_fax: str | None = None


# Public facts from the cities' own pages; further municipalities are entered by `kyodo-geo municipality add`.
KNOWN: dict[str, Municipality] = {
    "03201": Municipality(
        "03201",
        "盛岡市",
        "岩手県",
        "盛岡市 市民部 市民協働推進課",
        "019-626-7535",
        "kyodo@city.morioka.iwate.jp",
        "019-622-6211",
    ),
    "22212": Municipality("22212", "焼津市", "静岡県", "焼津市役所", None, None),
}


def ensure_municipality(db: Database, municipality: Municipality, *, by: str) -> bool:
    """Enter a municipality unless it is there; returns whether it was entered.

    Raises `InputError` for a code that is not five digits of one of the 47 prefectures.
    """
    if len(municipality.code) != 5 or not municipality.code.isascii() or not municipality.code.isdigit():
        raise InputError(
            f"市区町村コード「{municipality.code}」は5桁の数字で指定してください。", field="code"
        )
    with db.write(Audience.LOADER) as conn:
        entered = conn.execute(
            """
            INSERT INTO municipality (municipality_code, name, pref_name, plane_epsg, contact_department,
                                      contact_phone, contact_email)
            VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
            """,
            (
                municipality.code,
                municipality.name,
                municipality.pref_name,
                plane_epsg(municipality.code),
                municipality.contact_department,
                municipality.contact_phone,
                municipality.contact_email,
            ),
        ).rowcount
        if entered:
            record(
                conn,
                municipality.code,
                by,
                "municipality.add",
                municipality.code,
                {"name": municipality.name},
            )
        return bool(entered)


def municipalities(conn: Connection) -> list[dict[str, object]]:
    """Every municipality by code."""
    return conn.execute(
        "SELECT municipality_code, name, pref_name, plane_epsg FROM municipality ORDER BY municipality_code"
    ).fetchall()


def ensure_known(db: Database, code: str, *, by: str) -> None:
    """Enter one of the municipalities in `KNOWN` on first use; raises `NotFoundError` for any other unknown code."""
    with db.read(Audience.LOADER) as conn:
        found = conn.execute("SELECT 1 FROM municipality WHERE municipality_code = %s", (code,)).fetchone()
    if found:
        return
    if code not in KNOWN:
        raise unknown(code)
    ensure_municipality(db, KNOWN[code], by=by)


def unknown(code: str) -> NotFoundError:
    """The refusal of a municipality nobody has registered, saying how to."""
    return NotFoundError(
        f"市区町村コード「{code}」は登録されていません。"
        "`kyodo-geo municipality add` で名前と都道府県を登録してから、もう一度実行してください"
        "（データベースがまだないときは、先に `kyodo-geo db start` と `kyodo-geo db upgrade`）。",
        municipality=code,
    )
