"""Settings of what people ask the city: referrals, wishes to join, and the mail about them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class TicketSettings(BaseSettings):
    """The part of `api.settings.Settings` that is about tickets (取次) and mail."""

    referral_due_days: int = Field(
        default=5, ge=1, le=60, description="質問の取次に答えるまでの日数（市役所の開庁日で数える）。"
    )
    wish_due_days: int = Field(
        default=10,
        ge=1,
        le=60,
        description="加入の取次の結果を確かめるまでの日数（市役所の開庁日で数える）。",
    )
    holidays_file: Path | None = Field(
        default=None,
        description=(
            "祝日の一覧の CSV（1 列目が日付。内閣府の「国民の祝日」の CSV がそのまま使える）。"
            "指定しなければ、土曜・日曜と 12 月 29 日〜1 月 3 日だけを休みとする。"
        ),
    )
    ticket_retention_days: int = Field(
        default=180,
        ge=1,
        le=3660,
        description="取次が終わってから、氏名・連絡先・質問・回答・メモを消去するまでの日数。件数は残る。",
    )
    ticket_open_days: int = Field(
        default=730,
        ge=31,
        le=3660,
        description=(
            "終わらないままの取次の氏名・連絡先・質問・回答・メモを、最後の動き（受付、状態の変更、メモ）から消去するまでの日数。"
        ),
    )
    smtp_url: str | None = Field(
        default=None,
        pattern=r"^smtps?://[^\s/]+/?$",
        repr=False,
        description=(
            "メールを送るサーバー（smtp://ホスト:ポート または smtps://ホスト:ポート。利用者:パスワード@ を書ける）。"
            "指定しなければメールは送らない。"
        ),
    )
    smtp_starttls: Literal["required", "off"] = Field(
        default="required",
        description=(
            "smtp:// の通信を STARTTLS で暗号化する。暗号化できないサーバーには送らない。"
            "庁内の暗号化しない中継サーバーを使うときだけ off にする（パスワードは送れなくなる）。"
        ),
    )
    smtp_user: str | None = Field(default=None, description="メールのサーバーの利用者名。")
    smtp_password: str | None = Field(
        default=None,
        repr=False,
        description="メールのサーバーのパスワード。KYODO_SMTP_PASSWORD_FILE のほうを勧める。",
    )
    smtp_password_file: Path | None = Field(
        default=None, description="メールのサーバーのパスワードだけを書いたファイル。"
    )
    smtp_ca_file: Path | None = Field(
        default=None,
        description="メールのサーバーの証明書を確かめる認証局の証明書（PEM）。指定しなければ OS のもの。",
    )
    mail_from: str | None = Field(
        default=None,
        pattern=r"^[^\s<>,;:\"()]+@[^\s<>,;:\"()@]+$",
        description="メールの差出人のアドレス。KYODO_SMTP_URL と一緒に指定する。",
    )
    mail_staff: str | None = Field(
        default=None,
        pattern=r"^[^\s<>,;:\"()]+@[^\s<>,;:\"()@]+$",
        description="新しい取次を知らせる職員のアドレス（課の共有の受信箱など）。",
    )
