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
        default=5 * 366,
        ge=31,
        le=36_600,
        description="取り消したり期限が切れたりした、鍵とカレンダーのリンクの記録を残す日数。",
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
    return_keep_days: int = Field(
        default=366,
        ge=31,
        le=36_600,
        description=(
            "年度更新の回答のうち、氏名・住所・電話・メールと自由な文章を、締め切りの日から残す日数。"
            "過ぎると消し、世帯数などの数は残す。"
        ),
    )
    grant_contact_days: int = Field(
        default=2 * 366,
        ge=31,
        le=36_600,
        description="補助金の案件の、連絡先の担当者と電話を、最後の手続きから残す日数。案件そのものは残る。",
    )
    consultation_text_days: int = Field(
        default=3 * 366,
        ge=31,
        le=36_600,
        description=(
            "センターの相談の内容の文を、相談の日から残す日数。過ぎると文だけを消し、センター・内容・日などの件数のもとは残す。"
        ),
    )
    risk_text_days: int = Field(
        default=5 * 366,
        ge=31,
        le=36_600,
        description=(
            "見守りの記録（取組14）の文と職員の名前を、終了した日から残す日数。過ぎると、理由、聞いたこと、助言、次にすること、"
            "結果、名前を消し、日と状態は残す。続いている記録は消さない。"
        ),
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
