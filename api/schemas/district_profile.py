"""The profile of one district."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from api.schemas.common import Credit, QualityName, Schema
from api.schemas.districts import DistrictProperties


class RegisterDay(Schema):
    """Resident register (住民基本台帳) of one day."""

    as_of: date
    population: int | None
    households: int | None


class RateYear(Schema):
    """Membership rate of the district in a fiscal year."""

    fiscal_year: int
    membership_rate: float | None = Field(ge=0, le=1)
    suppressed: bool


class CityRateYear(Schema):
    """Membership rate of the city in a fiscal year."""

    fiscal_year: int
    membership_rate: float | None = Field(ge=0, le=1)


class MembershipYears(Schema):
    """Years of the district and, beside them, of the city."""

    years: list[RateYear]
    city: list[CityRateYear]


class PlanRecord(Schema):
    """One state of the district's plan; the newest stands first."""

    record_no: int
    state: Literal["none", "in_preparation", "adopted", "revised", "expired"]
    title: str | None
    document_url: str | None
    stated_on: date | None
    note: str | None
    valid_from: date | None
    valid_to: date | None
    quality: QualityName
    source: str | None


class ProjectYear(Schema):
    """Sums of a fiscal year; null where nothing is known."""

    fiscal_year: int
    recorded: bool = Field(description="市にこの年度の記録があるか。ないときの件数などは null")
    counted: int | None = Field(description="指標「地域づくり事業」に数える件数")
    grant_yen: int | None = Field(description="その事業の補助金のうち、分かっている額の合計（円）")
    unknown_grants: int = Field(description="補助金の額が分からない事業の数")
    participants: int | None
    others: int = Field(description="事業に数えない交付（地区の組織への支援など）の件数")
    other_grant_yen: int | None = Field(description="その額のうち、分かっている額の合計（円）")


class Project(Schema):
    """A community development project (地域づくり事業) or a grant to a district organisation."""

    project_id: str
    fiscal_year: int
    title: str
    theme: str | None
    grant_yen: int | None
    participants: int | None
    counts_as_project: bool
    quality: QualityName
    source: str | None


class Projects(Schema):
    """Projects by year and one by one."""

    years: list[ProjectYear]
    items: list[Project]


class CommunityGrant(Schema):
    """Grant to the district's organisations (コミュニティ活動費、取組10) in a fiscal year: settled, else decided."""

    fiscal_year: int = Field(description="年度（始まりの西暦）", examples=[2025])
    grant_yen: int = Field(description="補助の額（円）。確定した額、まだのものは交付決定額")
    quality: str = Field(description="real / unofficial / sample")


class ProfileFacility(Schema):
    """An activity facility inside the district."""

    id: str
    name: str
    kind: str
    address: str | None


class ProfileReach(Schema):
    """Residents within a straight-line distance of any activity facility, also of those outside the district."""

    radius_m: int
    population: int | None
    inside: int | None
    share: float | None = Field(ge=0, le=1)


class Officer(Schema):
    """Department of an officer in charge of the district; persons are never named."""

    kind: Literal["contact", "issue", "coordinator"] = Field(
        description="contact 地域窓口担当 / issue 地域課題担当 / coordinator 専任職員"
    )
    office: str
    office_phone: str | None
    quality: QualityName
    source: str | None


class Body(Schema):
    """An organisation that works in the district."""

    kind: Literal["district-organisation", "community-building"]
    name: str
    phone: str | None
    quality: QualityName
    source: str | None


class Centre(Schema):
    """The nearest civic collaboration centre."""

    name: str
    phone: str | None
    address: str | None
    quality: QualityName
    source: str | None
    inside: bool
    distance_m: int = Field(description="地区の内側の 1 点からの直線距離（m）")


class ProfileAssociation(Schema):
    """Public facts of an association; never its membership."""

    id: str
    name: str
    kana: str | None
    kind: str
    area_text: str | None


class DistrictName(Schema):
    """A district by number and name."""

    no: int
    name: str


class ComparedMeasure(Schema):
    """A figure of both sides; `difference` is own minus other, of the figures as shown."""

    key: str
    label: str
    unit: str
    own: float | None
    other: float | None
    difference: float | None
    words: str


class Comparison(Schema):
    """The district beside another one, or beside the city (counts are means per district)."""

    with_: Literal["district", "city"] = Field(alias="with")
    district: DistrictName | None
    measures: list[ComparedMeasure]


class DistrictProfile(Schema):
    """Everything the district's page shows."""

    municipality: str
    dataset: Credit
    district: DistrictProperties
    towns: list[str]
    small_areas: list[str]
    register_: list[RegisterDay] = Field(alias="register")
    membership: MembershipYears
    plan: list[PlanRecord]
    projects: Projects
    community_grants: list[CommunityGrant]
    facilities: list[ProfileFacility]
    reach: list[ProfileReach]
    officers: list[Officer]
    bodies: list[Body]
    centre: Centre | None
    associations: list[ProfileAssociation]
    neighbours: list[DistrictName]
    comparison: Comparison | None
