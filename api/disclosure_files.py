"""The files that answer requests of disclosure, in Japanese; no cell of them runs as a formula."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from api.answers import CSV
from api.clock import JAPAN, now
from api.tables import rows_to_csv
from api.workbooks import XLSX, Page, workbook
from geodata import disclosure, lookup_log
from geodata.database import Audience, Database
from geodata.disclosure import AUTH_PLACES, STAFF_PLACES, Held
from geodata.lookup_log import Looked, Sought
from kyodo_geo.errors import InputError
from kyodo_geo.lookup.answers import Outcome

if TYPE_CHECKING:
    from api.workbooks import Plain

Form = Literal["csv", "xlsx"]
MOST_LOOKUPS = 100_000
LOOKUP_HEAD = ("日時", "経路", "結果", "町", "鍵", "事業所", "利用者", "件数")
PERSON_HEAD = ("置き場所", "番号", "項目", "値")
CHANNELS = {
    "page": "画面", "counter": "転入窓口", "api": "API", "partner": "会員店", "widget": "会員店のサイト",
    "batch": "まとめて", "command-line": "コマンド", "embed": "埋め込み",
}  # fmt: skip
OUTCOMES = {
    Outcome.ONE.value: "1 つに決まった", Outcome.SEVERAL.value: "候補", Outcome.NONE_HERE.value: "登録なし",
    Outcome.OUTSIDE_CITY.value: "市の外", Outcome.NOT_UNDERSTOOD.value: "読み取れない",
}  # fmt: skip
COLUMNS = {
    "ticket_no": "取次の番号", "received_at": "受付", "channel": "経路", "office_id": "事業所", "asked_by": "入力した人",
    "customer_name": "氏名", "customer_phone": "電話", "customer_email": "メール", "consent_at": "同意", "question": "質問",
    "answer": "回答", "state": "状態", "closed_at": "終了", "erased_at": "消去", "association_id": "町内会・自治会",
    "name": "氏名・名前", "phone": "電話", "email": "メール", "address": "住所", "purpose": "利用目的", "event_no": "経過の番号",
    "at": "日時", "actor": "した人", "note": "メモ", "contact_no": "連絡先の番号", "role": "役割", "published": "公開",
    "valid_from": "始まり", "valid_to": "終わり", "officer_id": "職員の番号", "record_no": "記録の番号", "district_no": "地区",
    "kind": "種類", "office": "課", "person_name": "氏名", "entry_no": "記録の番号", "action": "操作", "target": "対象",
    "details": "内容", "user_id": "利用者の番号", "login": "利用者名", "display_name": "表示名", "active": "利用中",
    "created_at": "作成", "last_sign_in_at": "最後のサインイン", "partner_id": "団体", "closed_on": "協定の終わり",
    "key_id": "鍵の番号", "label": "用途", "created_by": "発行した人", "expires_at": "期限", "revoked_at": "取り消し",
    "log_no": "番号", "outcome": "結果", "town": "町", "lookups": "件数",
    "house_id": "空き家の番号", "end_no": "記録の番号", "recipient": "相手", "ends_on": "見せない最初の日", "scope": "範囲",
    "granted_at": "役割を与えた日時", "granted_by": "役割を与えた人", "session_no": "サインインの番号",
    "last_seen_at": "最後の利用", "via": "方法", "device": "機器", "network": "ネットワーク", "issuer": "発行者",
    "subject": "発行者での番号", "linked_at": "結び付けた日時", "linked_by": "結び付けた人", "last_used_at": "最後の利用",
    "confirmed_at": "登録", "job_id": "仕事の番号", "file_name": "ファイル名", "rows": "行数", "finished_at": "終了",
}  # fmt: skip


def said(value: Any) -> Plain:
    """A stored value in a cell."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        return value.astimezone(JAPAN).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value if isinstance(value, int | float) else str(value)


def _file(form: Form, title: str, head: Sequence[str], rows: list[list[Plain]]) -> tuple[bytes, str]:
    if form == "xlsx":
        return workbook([Page(title, head, rows, frozen=1, filtered=True)]), XLSX
    return rows_to_csv(head, rows), CSV


def lookups_file(
    database: Database, municipality: str, sought: Sought, form: Form, *, by: str, request: str
) -> tuple[bytes, str]:
    """Who looked up what when (bytes, media type); that it was taken is written down.

    Raises InputError when it is more than one file should hold.
    """
    with database.write(Audience.AUTH) as conn:
        rows = lookup_log.read(conn, municipality, sought, limit=MOST_LOOKUPS + 1)
        if len(rows) > MOST_LOOKUPS:
            raise InputError(
                f"記録が {MOST_LOOKUPS:,} 行を超えます。期間を短くするか、鍵、事業所、利用者を指定してください。",
                field="first",
            )
        about = {
            "rows": len(rows), "first": sought.first, "last": sought.last, "key": sought.key_id, "office": sought.office_id,
            "login": sought.login,
        }  # fmt: skip
        disclosure.note(conn, municipality, by, "lookups", request, about)
    return _file(form, "住所検索の記録", LOOKUP_HEAD, [_row(row) for row in rows])


def _row(row: Looked) -> list[Plain]:
    return [
        said(row.at), CHANNELS.get(row.channel, row.channel), OUTCOMES.get(row.outcome, row.outcome), row.town, row.key_id,
        row.office_id, row.login, row.lookups,
    ]  # fmt: skip


def person_file(
    database: Database, municipality: str, wanted: str, form: Form, *, by: str, request: str
) -> tuple[bytes, str, Counter[str]]:
    """Everything stored about a person (bytes, media type, rows by place); that it was taken is written down."""
    with database.read(Audience.STAFF) as conn:
        held: list[Held] = disclosure.about(conn, municipality, wanted, STAFF_PLACES)
    with database.write(Audience.AUTH) as conn:
        held += disclosure.about(conn, municipality, wanted, AUTH_PLACES)
        counts = Counter(row.place for row in held)
        disclosure.note(
            conn, municipality, by, "person", request, {"rows": len(held), "places": dict(counts)}
        )
    rows: list[list[Plain]] = [
        [row.place, row.number, COLUMNS[name], said(value)]
        for row in held
        for name, value in row.values.items()
    ]
    if not rows:
        rows = [["（該当する記録はありません）", "", "確かめた日時", said(now())]]
    return (*_file(form, "保有する個人情報", PERSON_HEAD, rows), counts)
