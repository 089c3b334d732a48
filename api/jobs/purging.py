"""The one job that deletes what is past its time: every kind of record with its setting and who deletes it.

`kyodo-geo purge` does the same, and with `--dry-run` undoes it before it counts. A kind that keeps personal data and is
missing here fails `tests/api/test_purging.py`. Each kind is a transaction of its own: one that fails keeps no other waiting.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from api import logs
from api.jobs.tickets import CLOSE_AFTER_DAYS
from api.settings import Settings
from geodata import (
    audit_chain,
    batch_jobs,
    dataset_uploads,
    lookup_counts,
    lookup_log,
    purges,
    return_visits,
    sessions,
    tickets,
)
from geodata.database import Audience, Connection, Database
from geodata.edits import cases
from geodata.grants.contacts import erase_contacts
from geodata.returns import erasing
from kyodo_geo.errors import UnavailableError

BY = "job"
FAILED = -1
"""In place of a number, where a kind could not be purged."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record. `setting` and `unit`: what says how long; `often`: every ten minutes, the others once a night."""

    key: str
    label: str
    setting: str
    audience: Audience
    delete: Callable[[Connection, Settings], int]
    often: bool = False


def _sign_ins(conn: Connection, settings: Settings) -> int:
    ended = sum(sessions.purge(conn, idle_minutes=settings.session_idle_minutes).values())
    return ended + return_visits.purge(conn)


def _closed(conn: Connection, settings: Settings) -> int:
    return len(tickets.close_answered(conn, settings.municipality, after_days=CLOSE_AFTER_DAYS))


def _tickets(conn: Connection, settings: Settings) -> int:
    return len(tickets.erase_due(conn, settings.municipality, keep_days=settings.ticket_retention_days))


def _left(conn: Connection, settings: Settings) -> int:
    return len(tickets.erase_left(conn, settings.municipality, after_days=settings.ticket_open_days))


def _audit(conn: Connection, settings: Settings) -> int:
    return audit_chain.purge(conn, settings.municipality, keep_days=settings.audit_retention_days, by=BY)


def _batches(conn: Connection, settings: Settings) -> int:
    return batch_jobs.purge(conn)


def _uploads(conn: Connection, settings: Settings) -> int:
    return dataset_uploads.purge(conn)


def _returns(conn: Connection, settings: Settings) -> int:
    return erasing.purge(conn, keep_days=settings.return_keep_days)


def _lookup_log(conn: Connection, settings: Settings) -> int:
    return lookup_log.purge(conn, keep_days=settings.lookup_log_days)


def _lookup_counts(conn: Connection, settings: Settings) -> int:
    return lookup_counts.purge(conn, keep_days=settings.lookup_count_days)


def _keys(conn: Connection, settings: Settings) -> int:
    return purges.keys(conn, keep_days=settings.key_retention_days)


def _calendar_links(conn: Connection, settings: Settings) -> int:
    return purges.calendar_links(conn, keep_days=settings.key_retention_days)


def _key_minutes(conn: Connection, settings: Settings) -> int:
    return purges.key_minutes(conn)


def _consultations(conn: Connection, settings: Settings) -> int:
    return purges.consultation_texts(conn, settings.municipality, keep_days=settings.consultation_text_days)


def _risk(conn: Connection, settings: Settings) -> int:
    return purges.risk_texts(conn, settings.municipality, keep_days=settings.risk_text_days)


def _activity_cases(conn: Connection, settings: Settings) -> int:
    return cases.purge(conn, settings.municipality, keep_days=settings.case_retention_days)


def _jobs(conn: Connection, settings: Settings) -> int:
    return purges.jobs(conn, keep_days=settings.job_retention_days)


def _grant_contacts(conn: Connection, settings: Settings) -> int:
    return erase_contacts(conn, settings.municipality, keep_days=settings.grant_contact_days, by=BY)


KINDS = (
    Kind(
        "sign-ins", "サインインの状態とリンク", "session_idle_minutes", Audience.AUTH, _sign_ins, often=True
    ),
    Kind(
        "batches", "アップロードされた住所の表と結果", "batch_keep_hours", Audience.AUTH, _batches, often=True
    ),
    Kind("uploads", "アップロードされたデータのファイル", "", Audience.LOADER, _uploads, often=True),
    Kind("tickets-closed", "答えてから 30 日の質問を終了にする", "", Audience.STAFF, _closed),
    Kind("tickets", "取次の氏名・連絡先・質問・回答・メモ", "ticket_retention_days", Audience.AUTH, _tickets),
    Kind("tickets-left", "終わらないままの取次の氏名など", "ticket_open_days", Audience.STAFF, _left),
    Kind(
        "returns",
        "年度更新の氏名・連絡先・文章と、終わった番号",
        "return_keep_days",
        Audience.STAFF,
        _returns,
    ),
    Kind("lookup-log", "住所検索の記録", "lookup_log_days", Audience.AUTH, _lookup_log),
    Kind("lookup-counts", "住所検索の件数", "lookup_count_days", Audience.AUTH, _lookup_counts),
    Kind("keys", "取り消した鍵と期限が切れた鍵", "key_retention_days", Audience.AUTH, _keys),
    Kind(
        "calendar-links",
        "取り消したカレンダーのリンクと期限が切れたもの",
        "key_retention_days",
        Audience.AUTH,
        _calendar_links,
    ),
    Kind("key-minutes", "鍵の 1 分ごとの件数", "", Audience.AUTH, _key_minutes),
    Kind("consultation-texts", "相談の内容の文", "consultation_text_days", Audience.STAFF, _consultations),
    Kind("risk-texts", "終了した見守りの記録の文と名前", "risk_text_days", Audience.STAFF, _risk),
    Kind("cases", "公開をやめた活動事例と写真・同意", "case_retention_days", Audience.STAFF, _activity_cases),
    Kind("jobs", "失敗した裏の仕事の記録", "job_retention_days", Audience.AUTH, _jobs),
    Kind("grant-contacts", "補助金の案件の連絡先", "grant_contact_days", Audience.STAFF, _grant_contacts),
    Kind("audit", "監査の記録", "audit_retention_days", Audience.AUTH, _audit),
)
"""In this order; the audit log last, so that what the others write down is not the first to go."""
DUMPS = "dumps"


def purge(
    database: Database, settings: Settings, *, often_only: bool = False, dry_run: bool = False
) -> dict[str, int]:
    """Delete, or with `dry_run` count, what is past its time; numbers by kind."""
    done = {}
    for kind in KINDS:
        if often_only and not kind.often:
            continue
        done[kind.key] = FAILED
        try:
            with database.write(kind.audience) as conn:
                done[kind.key] = kind.delete(conn, settings)
                if dry_run:
                    purges.undo()
        except UnavailableError as error:
            logs.SERVICE.error("not purged: %s and what follows: %s", kind.key, logs.failure(error))
            return {item.key: FAILED for item in KINDS} | done
        except Exception as error:
            logs.SERVICE.error("not purged: %s: %s", kind.key, logs.failure(error))
    if not often_only:
        done[DUMPS] = _dumps(settings, dry_run=dry_run)
    return done


def _dumps(settings: Settings, *, dry_run: bool) -> int:
    """Whole-generation files nobody has asked for in a long time; they are made again when somebody does."""
    from api.exports.dumps import shelf_of

    before = time.time() - settings.dump_retention_days * 86400
    try:
        return shelf_of(settings).forget(before, dry_run=dry_run) if settings.dumps_dir.is_dir() else 0
    except OSError as error:
        logs.SERVICE.error("not purged: %s: %s", DUMPS, logs.failure(error))
        return FAILED
