"""Settings of how long things are kept (docs/DATA_PROTECTION.md)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class KeepingSettings(BaseSettings):
    """The part of `api.settings.Settings` that the purge job goes by."""

    lookup_log_days: int = Field(
        default=90,
        ge=31,
        le=3660,
        description=(
            "住所検索の記録（時刻、結果、町、鍵、事業所、利用者。住所は残さない）を残す日数。"
            "30 日たたないうちは、データベースが消させない。"
        ),
    )
    lookup_count_days: int = Field(
        default=5 * 366, ge=366, le=36_600, description="住所検索の件数（人の記録はない）を残す日数。"
    )
    audit_retention_days: int = Field(
        default=5 * 366,
        ge=366,
        le=36_600,
        description=(
            "監査の記録を残す日数。公文書の保存期間に合わせる。過ぎた記録は古い順に消し、消したことと照合値を鎖に残す。"
            "1 年たたないうちは、データベースが消させない。"
        ),
    )
    key_retention_days: int = Field(
        default=5 * 366, ge=31, le=36_600, description="取り消した鍵と期限が切れた鍵の記録を残す日数。"
    )
    job_retention_days: int = Field(
        default=30, ge=1, le=3660, description="失敗したり取りやめたりした裏の仕事の記録を残す日数。"
    )
    dump_retention_days: int = Field(
        default=366,
        ge=1,
        le=36_600,
        description="一括ダウンロードのファイルを、最後に使われてから残す日数（消しても、求められれば作り直す）。",
    )
    case_retention_days: int = Field(
        default=366,
        ge=1,
        le=36_600,
        description=(
            "公開をやめた活動事例を、文章、写真、同意の記録とともに残す日数。"
            "過ぎると消す（公開中と下書きの事例は消さない）。"
        ),
    )
    subsidy_check_days: int = Field(
        default=60,
        ge=1,
        le=3660,
        description="補助金・助成金の情報の募集のページを、この日数だれも確かめていないと、職員の画面で知らせる。",
    )
    audit_head_file: Path | None = Field(
        default=None,
        description=(
            "監査の記録の鎖の先頭（番号とハッシュ）を、毎日 1 行ずつ書き足すファイル。"
            "書き換えられない媒体や、別の機械に置く。指定しなければ、サービスの記録（ログ）とメールだけに出す。"
        ),
    )
