"""Settings of where and how the service runs: zones, logs, proxies in front, ending, metrics, traces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode

from api.setting_types import CommaList, split


class RunningSettings(BaseSettings):
    """The part of `api.settings.Settings` that whoever runs the service sets."""

    # -- two zones
    zone: Literal["internal", "public"] = Field(
        default="internal",
        description=(
            "この環境の役割。internal は庁内ですべてのデータを持つ（1 つの環境だけで使うときもこれ）。"
            "public は公開してよいものだけを持ち、職員のページ・アップロード・編集に答えない。"
            "内部だけのデータがデータベースに入っていると、public は起動しない（[2 つの環境](ZONES.md)）。"
        ),
    )
    public_tickets: Annotated[list[Literal["page", "partner"]], NoDecode, BeforeValidator(split)] = Field(
        default=[],
        description=(
            "public の環境で受け付ける取次を、コンマで区切って並べる。page 住民の質問と加入の希望 / "
            "partner 会員店の取次（会員店のサインインも使えるようになる）。指定しなければ受け付けず、電話を案内する。"
        ),
    )
    publish_private_key: Path | None = Field(
        default=None,
        description=(
            "internal の環境で、公開用データに署名する秘密鍵のファイル（`kyodo-geo publish keygen` で作る）。"
        ),
    )
    publish_public_keys: Annotated[list[Path], NoDecode, BeforeValidator(split)] = Field(
        default=[],
        description=(
            "public の環境で受け入れる公開鍵のファイルを、コンマで区切って並べる。鍵を替える間は 2 つ並べる。"
        ),
    )
    publish_max_mb: int = Field(
        default=4_000,
        ge=10,
        le=1_000_000,
        description="public の環境で取り込む公開用データの、展開した大きさの上限（MB）。",
    )

    # -- running it
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="記録の詳しさ。住所や検索の言葉は、どの詳しさでも記録しない。"
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description=(
            "記録の形。text は 1 行の文、json は 1 行に 1 つの JSON（systemd と Compose の設定ではこちら）。"
            "どちらにも、応答の見出し X-Request-ID と同じ番号が入る。"
        ),
    )
    trusted_proxies: CommaList = Field(
        default=["127.0.0.1", "::1"],
        description=(
            "前に置くリバースプロキシの IP アドレスか範囲（例 10.0.0.5,172.16.0.0/12）をコンマで区切って並べる。"
            "X-Forwarded-For、X-Forwarded-Proto、X-Request-ID は、ここに書いた相手からのものだけを使う。"
        ),
    )
    shutdown_seconds: int = Field(
        default=10, ge=1, le=600, description="止めるとき、処理の途中の要求を終えるのを待つ秒数の上限。"
    )
    drain_seconds: int = Field(
        default=0,
        ge=0,
        le=300,
        description=(
            "止める合図（SIGTERM）を受けてから、新しい接続を断るまでの秒数。その間 /readyz は 503 を返すので、"
            "/readyz で振り分け先を選ぶ装置が、この実体を外せる。"
        ),
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description=(
            "Prometheus に測定値を渡すポート（画面とは別に待ち受ける）。指定しなければ渡さない。"
            "1 台で複数の実体を動かすときは、実体ごとに変える。"
        ),
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="測定値を渡すために待ち受けるアドレス。利用者の使うネットワークのアドレスにはしない。",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s@]+(/[^\s?#]*)?$",
        description=(
            "OpenTelemetry の記録（トレース）を送る先（OTLP/HTTP、例 http://127.0.0.1:4318）。指定しなければ送らない。"
            "送るのは経路の型、状態、時間だけで、住所、検索の言葉、SQL の値は送らない。"
        ),
    )
    otlp_sample: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="トレースを送る要求の割合（0〜1）。呼び出し元が決めているときはそれに従う。",
    )
