"""Many questions at once: the rows, and one answer or error for each."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SkipValidation,
    StrictInt,
    StrictStr,
    model_validator,
)

from api.params import Address, Latitude, Longitude, readable, refuse
from api.schemas.common import Credit, FieldError, Schema
from api.schemas.lookup import not_swapped, one_question

MAX_ROWS = 1000
MAX_ROWS_WITHOUT_KEY = 100

MAX_ID = 100


def row_id(value: Any) -> Any:
    """A short readable text, or an integer that JSON readers hold exactly."""
    if isinstance(value, str):
        if len(value) > MAX_ID:
            raise refuse(f"id は {MAX_ID} 文字以内で指定してください")
        return readable(value)
    if value is not None and abs(value) > 2**53:
        raise refuse("id の数が大きすぎます")
    return value


RowId = Annotated[StrictStr | StrictInt | None, AfterValidator(row_id)]


class BatchRow(BaseModel):
    """One question: an address, or a point; `id` is sent back as it came."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: RowId = Field(default=None, description="呼び出し側の番号。答えにそのまま付きます", examples=["A-1"])
    address: Address | None = None
    lon: Annotated[Longitude | None, Field(strict=True)] = None
    lat: Annotated[Latitude | None, Field(strict=True)] = None

    _order = model_validator(mode="before")(not_swapped)

    @model_validator(mode="after")
    def _check(self) -> Self:
        one_question(self.address, self.lon, self.lat)
        return self


class BatchQuestion(BaseModel):
    """Up to 1,000 rows. A row that cannot be used gets its own error; the others are answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Rows are checked one by one, off the event loop.
    rows: Annotated[
        list[SkipValidation[BatchRow]],
        Field(
            min_length=1,
            max_length=MAX_ROWS,
            description=f"質問（鍵があれば {MAX_ROWS:,} 行、なければ {MAX_ROWS_WITHOUT_KEY} 行まで）",
        ),
    ]
    municipality: str | None = Field(default=None, pattern=r"^[0-9]{5}$", examples=["03201"])


class BatchCandidate(Schema):
    """An association that comes into question."""

    id: str
    name: str
    basis: Literal["rule", "area", "memory"]


class BatchColumns(Schema):
    """The answer in the columns that files get too."""

    outcome: Literal["one", "several", "none_here", "outside_city", "not_understood"]
    municipality: str | None
    town: str | None
    koaza: str | None
    block: str | None
    house: str | None
    level: str | None
    lon: float | None
    lat: float | None
    accuracy_m: int | None
    association_id: str | None = Field(description="1 つに決まったときだけ")
    association_name: str | None
    basis: Literal["rule", "area", "memory"] | None
    confidence: float | None
    candidates: list[BatchCandidate] = Field(description="1 つに決まらないときの候補")
    message: str = Field(description="結果と次にすること（日本語）")


class BatchAnswer(Schema):
    """Answer to one row: either `result` or `errors`."""

    id: str | int | None
    result: BatchColumns | None
    errors: list[FieldError] | None


class BatchAnswers(Schema):
    """One answer per row, in the order of the rows."""

    count: int
    failed: int = Field(description="errors のある行の数")
    dataset: Credit | None
    rows: list[BatchAnswer]
