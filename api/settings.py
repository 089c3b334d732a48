"""Everything an operator can set, read from `KYODO_*` environment variables.

No instance is made when this module is imported: `load_settings()` reads the environment when a program
starts, and `create_app(settings)` takes what it is given. The descriptions are the text of docs/SETTINGS.md.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from api.embedding import origin
from api.keeping_settings import KeepingSettings
from api.running_settings import RunningSettings
from api.secret_settings import SecretFiles, refuse_exposed_files, refuse_weak, secret_names
from api.setting_types import CommaList
from api.sign_in_settings import SignInSettings
from api.ticket_settings import TicketSettings
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from geodata.cluster import Cluster
    from geodata.database import WriteBounds
    from kyodo_geo.reach.transit import Riding

PREFIX = "KYODO_"
IDLE_MS = 300_000
"""A writing transaction whose program has gone silent for so long is ended by the server, and its locks with it."""


class Settings(TicketSettings, KeepingSettings, RunningSettings, SignInSettings):
    """One configuration of the service; two different ones can live in one process."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    # -- database
    database_url: str | None = Field(
        default=None,
        repr=False,
        description=(
            "既存の PostGIS を使うときの接続先（postgresql://利用者:パスワード@ホスト/データベース）。"
            "利用者は NOINHERIT のログインロールにする。指定しなければ、専用のデータベースを作って使う。"
        ),
    )
    owner_database_url: str | None = Field(
        default=None,
        repr=False,
        description=(
            "スキーマを作り更新する所有者の接続先。KYODO_DATABASE_URL を使うときだけ要る。"
            "指定しなければ KYODO_DATABASE_URL と同じ。"
            "足りない拡張機能・権限・ロールは kyodo-geo db upgrade が作り、作れなければ管理者が実行する SQL を示す。"
        ),
    )
    read_database_url: str | None = Field(
        default=None,
        repr=False,
        description=(
            "公開のページと職員の画面の読み取りに使う、レプリカ（PostgreSQL のストリーミングレプリケーション）の接続先。"
            "書き込みと変更の通知は、いつも KYODO_DATABASE_URL のほうを使う。"
            "レプリカが遅れているときや止まっているときも、KYODO_DATABASE_URL から読む（[使い方](REPLICAS.md)）。"
        ),
    )
    listen_database_url: str | None = Field(
        default=None,
        repr=False,
        description=(
            "KYODO_DATABASE_URL が PgBouncer（pool_mode=transaction）のときに書く、PostgreSQL そのものの接続先。"
            "変更の通知（LISTEN）と仕事の実行（worker）は、こちらに直接つなぐ。"
            "これを書くと、画面と API は準備済みの文（prepared statement）を使わない。"
        ),
    )
    state_dir: Path | None = Field(
        default=None,
        description=(
            "専用データベースと受け取ったファイルの置き場所。"
            "指定しなければ root では /var/lib/kyodo-geo の下、"
            "ほかの利用者では XDG の状態フォルダー（~/.local/state/kyodo-geo）の下。"
        ),
    )
    wal_archive_dir: Path | None = Field(
        default=None,
        description=(
            "専用データベースの変更の記録（WAL）を写しておくフォルダー。指定すると、任意の時点に戻せる"
            "（[使い方](BACKUP.md)）。データベースとは別のディスクに置く。"
        ),
    )
    database_pool_size: int = Field(
        default=8, ge=2, le=100, description="プロセス 1 つが同時に開くデータベース接続の上限。"
    )
    statement_timeout_s: int = Field(
        default=15,
        ge=1,
        le=600,
        description=(
            "画面と API のための読み取り 1 つにかける時間の上限（秒）。"
            "超えるとデータベースの側で中止し、503（Retry-After 付き）を返す。ほかの要求はそのまま続く。"
        ),
    )
    write_timeout_s: int = Field(
        default=60, ge=1, le=3600, description="画面と API からの書き込み 1 つにかける時間の上限（秒）。"
    )
    lock_timeout_s: int = Field(
        default=10,
        ge=1,
        le=600,
        description=(
            "書き込みが、ほかの人の変更が終わるのを待つ時間の上限（秒）。超えると、何も変えずに 503 を返す。"
        ),
    )
    job_timeout_s: int = Field(
        default=600,
        ge=10,
        le=86_400,
        description="ジョブ（kyodo-geo worker）の読み書き 1 つにかける時間の上限（秒）。",
    )
    lookup_memory_mb: int = Field(
        default=128,
        ge=1,
        le=65_536,
        description=(
            "プロセス 1 つが持つ検索の索引の上限（MB、見積もり）。超えると、長く使われていない市区町村の索引から手放し、"
            "次に尋ねられたときに作り直す。このサービスの市と、いま作った 1 つは、上限を超えても持つ。"
            "市区町村ごとの大きさは docs/SCALE.md にある。"
        ),
    )

    # -- the service
    municipality: str = Field(
        default="03201",
        pattern=r"^[0-9]{5}$",
        description="ページと API が扱う市区町村の全国地方公共団体コード（5 桁）。",
    )
    host: str = Field(default="127.0.0.1", description="待ち受けるアドレス。")
    port: int = Field(default=8000, ge=1, le=65535, description="待ち受けるポート番号。")
    workers: int = Field(default=1, ge=1, le=32, description="画面と API に答えるプロセスの数。")
    base_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]+$",
        description=(
            "利用者から見たアドレス（例 https://kyodo.example.lg.jp）。招待リンクと、チラシの二次元コードに使う。"
            "指定しなければ http://ホスト:ポート（二次元コードには、開いたときのアドレス）。"
        ),
    )
    trusted_hosts: CommaList = Field(
        default=["127.0.0.1", "localhost"],
        description="受け付けるホスト名をコンマで区切って並べる。base_url のホスト名は書かなくてよい。",
    )
    basemap: Literal["none", "gsi", "local"] = Field(
        default="none",
        description=(
            "背景地図。none は無地で外部に接続しない。"
            "gsi は地理院タイル（利用者の端末が国土地理院に接続する）。"
            "local はサーバーにあるタイルのファイル（外部に接続しない。[作り方](BASEMAP.md)）。"
        ),
    )
    basemap_file: Path | None = Field(
        default=None,
        description=(
            "KYODO_BASEMAP=local で使うタイル。MBTiles か PMTiles のファイル、または z/x/y.png のフォルダー。"
            "`kyodo-geo basemap` で、使えるかどうかを確かめられる。"
        ),
    )
    basemap_credit: str | None = Field(
        default=None,
        max_length=300,
        description="背景地図の出典の文。タイルのファイルに書かれていないときだけ使う。",
    )

    tile_cache_mb: int = Field(
        default=24,
        ge=0,
        le=1024,
        description=(
            "OGC API のベクタータイルを覚えておくメモリーの上限（MB、プロセスごと）。"
            "0 にすると、タイルを毎回作る。"
        ),
    )

    contact_fax: str | None = Field(
        default=None,
        pattern=r"^[0-9-]{6,16}$",
        description="ファクス用の取次票に載せる、市の窓口のファクス番号。指定しなければ市が公表している番号。",
    )

    embed_origins: CommaList = Field(
        default=[],
        description=(
            "地図のページと住所検索を iframe で埋め込んでよいサイトを、コンマで区切って並べる"
            "（例 https://www.city.example.lg.jp）。https:// とホスト名（とポート）だけを書く。"
            "試すときは http://localhost と http://127.0.0.1 も使える。指定しなければ、どこにも埋め込めない。"
            "[埋め込み方](EMBEDDING.md)"
        ),
    )
    dump_max_mb: int = Field(
        default=2000,
        ge=10,
        le=1_000_000,
        description=(
            "世代ごとの一括ダウンロードのファイルに使うディスクの上限（MB）。"
            "超えると、長く使われていない世代のファイルを消し、求められたときに作り直す。"
        ),
    )

    # -- partners' keys
    key_rows_per_minute: int = Field(
        default=30_000,
        ge=1_000,
        le=1_000_000,
        description="プログラム用の鍵 1 つで 1 分間に調べられる件数（全プロセスの合計。鍵ごとに別の値も決められる）。",
    )
    widget_lookups_per_minute: int = Field(
        default=120,
        ge=1,
        le=100_000,
        description="ページ用の鍵 1 つで 1 分間に調べられる件数（全プロセスの合計。鍵ごとに別の値も決められる）。",
    )

    # -- files of addresses
    batch_keep_hours: int = Field(
        default=24,
        ge=1,
        le=168,
        description="まとめて調べるためにアップロードされた表と結果を、消すまでの時間。",
    )
    batch_store_mb: int = Field(
        default=1000,
        ge=20,
        le=1_000_000,
        description=(
            "まとめて調べるためにアップロードされた表と結果を、全員の分を合わせて預かる大きさの上限（MB）。"
            "超えると、新しいアップロードを断る（507）。1 人が預けられるのは 5 個、1 個 20 MB まで。"
        ),
    )

    # -- buses
    bus_day: Literal["weekday", "saturday", "sunday"] = Field(
        default="weekday",
        description="バスで施設に行けるかを考える日。weekday 平日 / saturday 土曜 / sunday 日曜。",
    )
    bus_from_hour: int = Field(default=8, ge=0, le=29, description="バスの便を数える時間帯の始まり（時）。")
    bus_to_hour: int = Field(
        default=18,
        ge=1,
        le=30,
        validate_default=True,
        description="バスの便を数える時間帯の終わり（時。KYODO_BUS_FROM_HOUR より後。24 を超えると翌日）。",
    )
    bus_walk_m: float = Field(
        default=500.0, gt=0, le=5000, description="家や施設と停留所の間を歩く距離の上限（m）。"
    )
    bus_transfer_m: float = Field(
        default=300.0, ge=0, le=5000, description="乗り換えで停留所の間を歩く距離の上限（m）。"
    )
    bus_wait_max_minutes: float = Field(
        default=30.0, gt=0, le=600, description="1 回にバスを待つ時間（運行間隔の半分）の上限（分）。"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, then the environment, then the files that hold one secret each."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @field_validator("embed_origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        return list(dict.fromkeys(map(origin, value)))

    @field_validator("bus_to_hour")
    @classmethod
    def _ends_later(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("bus_from_hour", -1):
            raise ValueError("ends before it begins")
        return value

    def riding(self) -> Riding:
        """What is assumed of buses."""
        from kyodo_geo.reach.transit import Riding

        return Riding(
            self.bus_day, self.bus_from_hour, self.bus_to_hour, self.bus_walk_m, self.bus_transfer_m,
            self.bus_wait_max_minutes,
        )  # fmt: skip

    @property
    def public_url(self) -> str:
        """Address people use, without a slash at the end."""
        if self.base_url:
            return self.base_url
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies get the Secure attribute."""
        return self.public_url.startswith("https://") if self.cookie_secure is None else self.cookie_secure

    @property
    def state_folder(self) -> Path:
        """Where files of the service's own are, made or not."""
        from geodata.cluster.layout import default_state_dir

        return self.state_dir or default_state_dir()

    @property
    def dumps_dir(self) -> Path:
        """Where dumps of the generations are kept."""
        return self.state_folder / "dumps"

    def write_bounds(self) -> WriteBounds:
        """Of the web workers."""
        from geodata.database import WriteBounds

        return WriteBounds(self.write_timeout_s * 1000, self.lock_timeout_s * 1000, IDLE_MS)

    def job_bounds(self) -> WriteBounds:
        """Of the job worker: nobody waits for it, so it may wait longer itself."""
        from geodata.database import WriteBounds

        return WriteBounds(self.job_timeout_s * 1000, self.job_timeout_s * 1000, IDLE_MS)

    def cluster(self) -> Cluster | None:
        """The private cluster, or None when a PostGIS of the user's own is set."""
        if self.database_url:
            return None
        from geodata.cluster import Cluster, default_state_dir

        return Cluster(self.state_dir or default_state_dir(), archive=self.wal_archive_dir)

    def app_url(self) -> str:
        """libpq URL of the service's login role."""
        cluster = self.cluster()
        return cluster.url("kyodo_app") if cluster else str(self.database_url)

    @property
    def pooled(self) -> bool:
        """Whether `app_url` is a pooler by transactions."""
        return self.listen_database_url is not None

    def listen_url(self) -> str:
        """libpq URL of PostgreSQL itself, for what needs one connection all the time."""
        return self.listen_database_url or self.app_url()

    def faults(self) -> dict[str, str]:
        """Settings that do not go together: name → what is wrong."""
        found = super().faults()
        if self.owner_database_url and not self.database_url:
            found["database_url"] = (
                "KYODO_OWNER_DATABASE_URL だけが指定されています。このままでは、別の専用データベースに命令します。"
                "サービスと同じ KYODO_DATABASE_URL も指定してください。"
            )
        return found

    def owner_url(self) -> str:
        """libpq URL of the schema's owner, for migrations."""
        cluster = self.cluster()
        return cluster.url("kyodo_owner") if cluster else str(self.owner_database_url or self.database_url)


def load_settings(**overrides: object) -> Settings:
    """Settings from the environment; `overrides` that are not None win.

    Raises InputError naming the variable that cannot be used.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = sorted({str(part["loc"][0]) for part in error.errors()})
        names = [f"{PREFIX}{name.upper()}" for name in wrong]
        meanings = [f"{PREFIX}{name.upper()}: {Settings.model_fields[name].description}" for name in wrong]
        raise InputError(
            f"設定の値が正しくありません: {', '.join(names)}\n" + "\n".join(meanings), field=names[0]
        ) from None
    together = settings.faults()
    if together:
        names = [f"{PREFIX}{name.upper()}" for name in together]
        raise InputError(
            "設定の組み合わせが正しくありません:\n"
            + "\n".join(f"{name}: {told}" for name, told in zip(names, together.values(), strict=True)),
            field=names[0],
        )
    refuse_weak(settings)
    refuse_exposed_files(settings)
    return settings


def unknown_variables() -> list[str]:
    """`KYODO_*` variables that are no setting: usually a slip of the pen that would go unnoticed."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in secret_names(Settings)}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
