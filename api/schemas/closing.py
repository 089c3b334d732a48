"""What closing each facility does."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Credit, Schema


class Destination(Schema):
    """Where people go when a facility is closed."""

    id: str
    name: str
    people: int
    without_room: int | None = Field(description="新しく定員を超える分の住民。行き先の定員が不明なら null")


class LostShelter(Schema):
    """A shelter role of the facility."""

    role: str
    capacity: int | None


class ClosingRow(Schema):
    """One facility; figures are there only where it is open in that year."""

    id: str
    name: str
    kind: str
    open: bool
    capacity: int | None
    shelters: list[LostShelter]
    people: int | None = Field(default=None, description="ここが最寄りの人")
    people_65: int | None = Field(default=None, description="うち65歳以上。年齢がわからなければ null")
    added_person_m: int | None = Field(
        default=None, description="増える距離の計（人・m）。行き先のない人を除く"
    )
    longer_m: int | None = Field(default=None, description="伸びる距離の平均（m）")
    pushed_out: int | None = Field(default=None, description="範囲の中から外になる人")
    pushed_out_65: int | None = None
    stranded: int | None = Field(default=None, description="ほかに行ける施設がない人")
    pushed_out_no_car: int | None = Field(
        default=None,
        description="徒歩かバスで届いていて、どちらでも届かなくなる人。時刻表がなければ null",
    )
    pushed_out_no_car_65: int | None = None
    to: list[Destination] | None = None
    without_room: int | None = Field(default=None, description="行き先に入れない人（定員のわかる行き先だけ）")
    room_unknown: int | None = Field(default=None, description="定員が不明の行き先へ行く人")


class ClosingAnswer(Schema):
    """Effects of closing each facility alone in one year, and what they stand on."""

    municipality: str
    year: int
    year_label: str
    supply: str
    by: str
    by_label: str
    ready: bool = Field(description="false: 道のりの計算が終わっておらず、直線距離×1.3 の値")
    distance_m: float
    drive_m: float = Field(description="minutes の間に kmh で進む距離。car_network が false のときの範囲")
    car_network: bool = Field(description="true: 車の範囲は自動車の道路網の minutes 分")
    minutes: float
    bus_timetable: bool = Field(description="バスの時刻表があるか")
    bus_minutes: float
    drive_below: float
    use_percent: float
    demand: str = Field(description="人口の単位: areas 小地域 / mesh 地域メッシュ")
    projection: str = Field(description="将来の人口: table 読み込んだ推計 / cohort コーホート変化率")
    assumptions: list[str] = Field(description="数値の前提")
    facilities: list[ClosingRow]
    dataset: Credit
