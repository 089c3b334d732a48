"""Plans, initiatives, indicators, datasets, and (for staff) vacant houses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from api.schemas.common import Credit, FeatureCollection, QualityName, Schema


class Evidence(Schema):
    """A document behind a record."""

    title: str
    url: str | None
    number: str | None = Field(description="文書番号")


class InitiativeRecord(Schema):
    """What was done in a fiscal year."""

    fiscal_year: int
    record: str
    evidence: list[Evidence]
    evidence_url: str | None = Field(description="evidence の最初のアドレス")
    quality: QualityName
    source: str | None


class Initiative(Schema):
    """One initiative (取組) of a plan."""

    plan_id: str
    initiative_no: int
    title: str
    policy_no: int
    policy: str | None = Field(description="基本方針の名前")
    direction: str
    priority: bool
    novelty: Literal["new", "expanded"] | None
    for_associations: bool
    for_districts: bool
    challenge: str
    records: list[InitiativeRecord]


State = Literal["達成", "順調", "遅れ", "改善", "横ばい", "悪化", "不明"]


class IndicatorValue(Schema):
    """A measured value; surveys carry their sample size and 95 % interval."""

    fiscal_year: int
    value: float
    sample_size: int | None
    low: float | None = Field(description="95 % 区間の下端")
    high: float | None = Field(description="95 % 区間の上端")
    interval_method: Literal["given", "wilson"] | None = Field(
        description="区間の出し方。given は調査の報告書の値、wilson は回答者数から計算した値"
    )
    expected: float | None = Field(description="基準から目標までまっすぐ進んだときの、この年度の値")
    state: State | None = Field(description="この年度の状態。基準の年度にはありません")
    within_noise: bool = Field(description="値だけなら届かず、区間の端で届くとき true")
    quality: QualityName
    source: str | None


class Indicator(Schema):
    """An outcome (成果指標) or reference (参考指標) indicator; reference ones have a direction but no target."""

    plan_id: str
    indicator_id: str
    chapter: Literal["associations", "districts"]
    kind: Literal["outcome", "reference"]
    title: str
    unit: str
    direction: Literal["up", "down"]
    baseline_fiscal_year: int
    baseline: float
    target_fiscal_year: int | None
    target: float | None
    measured_by: str | None
    state: State | None = Field(description="`fiscal_year` の状態")
    expected: float | None = Field(description="`fiscal_year` の目標への道筋。参考指標にはありません")
    values: list[IndicatorValue]


class Plan(Schema):
    """A version of the plan."""

    plan_id: str
    name: str
    first_fiscal_year: int
    last_fiscal_year: int
    successor_of: str | None


class Initiatives(Schema):
    """Initiatives of one plan."""

    municipality: str
    plans: list[Plan]
    fiscal_year: int = Field(description="ページが初めに示す年度")
    fiscal_years: list[int] = Field(description="進捗を示せる年度")
    dataset: Credit
    quality: QualityName = Field(description="値の品質のうち最も低いもの")
    quality_label: str
    count: int
    initiatives: list[Initiative]


class Indicators(Schema):
    """Indicators of one plan."""

    municipality: str
    plans: list[Plan]
    fiscal_year: int = Field(description="状態を示す年度")
    fiscal_years: list[int] = Field(description="指定できる年度")
    dataset: Credit
    quality: QualityName = Field(description="値の品質のうち最も低いもの")
    quality_label: str
    count: int
    indicators: list[Indicator]


class Dataset(Schema):
    """One loaded dataset."""

    dataset_id: int
    kind: str
    kind_label: str
    title: str
    source: str
    source_url: str | None
    licence: str | None
    authority: str | None
    as_of: date | None
    quality: QualityName
    quality_label: str
    loaded_at: datetime
    checksum: str | None
    row_count: int
    derived_from: list[int] = Field(description="計算の元になったデータセット")
    active: bool = Field(description="今の世代で使われているか")


class Generation(Schema):
    """A set of datasets that was active together."""

    generation_no: int
    activated_at: datetime
    retired_kinds: list[str] = Field(description="この世代で外れた見本データの種類")
    datasets: dict[str, int]


class Datasets(Schema):
    """Datasets and generations of a municipality."""

    municipality: str
    generation_no: int
    revision: int
    count: int
    datasets: list[Dataset]
    generations: list[Generation]


class VacantHouse(Schema):
    """A vacant-house record; for staff only."""

    house_id: str
    state: Literal["survey", "consented", "listed"]
    rank: Literal["A", "B", "C", "D"] | None
    address: str
    structure: str | None
    floors: int | None
    floor_area_m2: float | None
    largest_room_m2: float | None
    built_year: int | None
    confirmed_on: date | None
    seismic: str | None
    road_access: bool | None
    hazard: str | None
    owner_willing: bool | None
    consented_to: list[str]
    consented_on: date | None
    neglected: bool | None = Field(description="管理不全空家等に当たるか")
    certificate: bool | None = Field(description="検査済証があるか")
    use_district: str | None
    office_answer: Literal["未確認", "特建扱い", "地区集会所扱い"] | None
    capacity: int | None
    price_yen: int | None


class VacantHouses(FeatureCollection[VacantHouse]):
    """Vacant houses; never to be passed on."""

    municipality: str


class ListedHouse(Schema):
    """A vacant house that its owner has listed."""

    house_id: str
    address: str
    structure: str | None
    floors: int | None
    floor_area_m2: float | None
    largest_room_m2: float | None
    built_year: int | None
    seismic: str | None
    road_access: bool | None
    use_district: str | None
    capacity: int | None
    quality: QualityName
    source: str | None


class ConsentedHouse(ListedHouse):
    """The same of a house whose owner named the reader's body."""

    recipients: list[str] = Field(description="所有者が挙げた相手のうち、あなたに当たるもの")
    consented_on: date


class ListedHouses(FeatureCollection[ListedHouse]):
    """Vacant houses that are listed now."""

    municipality: str


class ConsentedHouses(FeatureCollection[ConsentedHouse]):
    """Vacant houses for the reader alone."""

    municipality: str


__all__ = [
    "ConsentedHouses",
    "Credit",
    "Datasets",
    "Indicators",
    "Initiatives",
    "ListedHouses",
    "VacantHouses",
]
