"""Published scenarios of the public facilities."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Credit, Schema


class ScenarioHead(Schema):
    """What a scenario is. It is a proposal to talk about, no plan that was decided."""

    id: str
    title: str
    author: str = Field(description="作成した課・会議")
    reason: str = Field(description="ねらい")
    version: int
    state: str = Field(description="いつも published（公開中）")
    published_on: str | None
    base_year: int
    last_year: int
    actions: int = Field(description="行動の数")
    cost_yen: int | None = Field(
        description="期間の費用（わかっている建物だけ、計算できなければ null）。年度の額は別々に四捨五入するので、足すと数円違う"
    )
    cost_base_yen: int | None = Field(description="今のまま続ける場合")
    effect_yen: int | None = Field(description="今のまま－この案。負なら、この案のほうが高い")
    faults: list[str] = Field(description="今の施設の記録に合わない行動（あれば、数値は null）")


class ScenarioList(Schema):
    """All published scenarios of a municipality."""

    municipality: str
    ready: bool = Field(description="false: 道のりの計算が終わっておらず、直線距離×1.3 の値")
    buildings: int
    buildings_unknown: int = Field(description="面積・建築年・用途のどれかが不明で、費用に入っていない建物")
    scenarios: list[ScenarioHead]
    dataset: Credit


class ScenarioActionRow(Schema):
    """What happens with a facility in a fiscal year."""

    year: int
    facility_id: str
    facility: str
    action: str
    into_facility: str | None
    floor_area_m2: float | None
    cost_yen: int | None = Field(description="期間の中に払う、この行動の費用。何もわからなければ null")
    cost_stated: bool = Field(description="入力された額か（false: 単価で計算）")
    unknown: list[str] = Field(description="費用のうち、わかっていないこと")
    note: str | None


class ScenarioYear(Schema):
    """A fiscal year. Reach is null without people or facilities."""

    year: int
    works_yen: int | None
    ending_yen: int | None = Field(description="除却・移転・転用など")
    upkeep_yen: int | None
    total_yen: int | None
    open: int | None = Field(description="開いている施設")
    capacity: int | None = Field(description="定員の計（わかる施設）")
    capacity_unknown: int | None
    people: int | None
    share_within: float | None = Field(description="範囲に施設がある人の割合（0〜1）")
    out_of_reach: int | None
    out_of_reach_65: int | None
    mean_m: int | None
    worst_m: int | None = Field(description="いちばん遠い5%の平均（m）")
    worst_stranded: int | None = Field(description="そのうち行ける施設がない人")
    gini: float | None = Field(description="人数あたりの定員（2SFCA）の偏り")


class ScenarioPair(Schema):
    """The same year of the scenario and of keeping everything as it is."""

    scenario: ScenarioYear
    base: ScenarioYear


class ScenarioMove(Schema):
    """People whose nearest facility changes in the year asked for."""

    from_id: str
    to_id: str
    people: int
    before_m: int
    after_m: int


class ScenarioDistrict(Schema):
    """What changes for the people of a district in the year asked for."""

    no: int
    people: int
    share_within: float | None
    share_base: float | None
    longer: int = Field(description="最寄りの施設が遠くなる人")
    longer_65: int | None = Field(description="年齢別の人口がなければ null")
    pushed_out: int = Field(description="範囲の外になる人")
    stranded: int


class ScenarioShelter(Schema):
    """A role of shelter that a facility has which ends by the year asked for."""

    facility_id: str
    role: str
    capacity: int | None


class ScenarioAnswer(Schema):
    """One scenario with its effects and what they stand on."""

    municipality: str
    ready: bool
    scenario: ScenarioHead
    year: int
    actions: list[ScenarioActionRow]
    years: list[ScenarioPair]
    districts: list[ScenarioDistrict]
    moves: list[ScenarioMove]
    shelters: list[ScenarioShelter]
    unknown: list[str]
    assumptions: list[str]
    dataset: Credit
