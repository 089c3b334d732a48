"""Parameters below /ogc. A model is the complete list of what its route knows; anything else is 400."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AfterValidator, ConfigDict, Field

from api.params import DataParams, Integer, readable

MAX_LIMIT = 10_000
DRAFT = r"^(true|false)$"
CollectionId = Annotated[
    str,
    Path(
        max_length=60,
        description="コレクションの id（/ogc/collections の一覧にある）",
        openapi_examples={"地区": {"value": "districts"}},
    ),
]
FeatureId = Annotated[
    str,
    Path(max_length=200, description="地物の id", openapi_examples={"一番": {"value": "1"}}),
    AfterValidator(readable),
]
RecordId = Annotated[
    str,
    Path(max_length=60, description="記録の id", openapi_examples={"地区": {"value": "districts"}}),
]


class OgcParams(DataParams):
    """What every route takes: municipality, as_of, and the format."""

    f: str | None = Field(
        default=None,
        pattern=r"^[0-9A-Za-z.+-]{1,40}$",
        description="答えの形式。指定しなければ見出し Accept による",
        examples=["json"],
    )


class ItemParams(OgcParams):
    """One item."""

    crs: str | None = Field(
        default=None,
        max_length=120,
        description="答えの座標参照系（コレクションの `crs` のどれか）",
        examples=["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    )
    properties: Annotated[str, Field(max_length=2000), AfterValidator(readable)] | None = Field(
        default=None, description="答える属性の名前をコンマで区切って並べる", examples=["name"]
    )
    draft: Annotated[str, Field(pattern=DRAFT)] = Field(
        default="false",
        description="true は、まだ有効にしていない下書きを重ねて答える（担当の職員だけ）",
        examples=["false"],
    )


class ListParams(OgcParams):
    """What lists of whatever kind take alike."""

    limit: Annotated[Integer, Field(ge=1, le=MAX_LIMIT)] = Field(
        default=100, description="1 回に返す件数（1〜10000）", examples=[50]
    )
    bbox: Annotated[str, Field(max_length=400)] | None = Field(
        default=None, description="範囲。4 つまたは 6 つの数", examples=["141.10,39.60,141.20,39.80"]
    )
    filter_lang: Annotated[str, Field(max_length=40)] | None = Field(
        default=None,
        alias="filter-lang",
        description="条件の言語（cql2-text / cql2-json）",
        examples=["cql2-text"],
    )
    filter_crs: Annotated[str, Field(max_length=120)] | None = Field(
        default=None,
        alias="filter-crs",
        description="条件の中の座標の座標参照系",
        examples=["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    )


class ItemsParams(ListParams, ItemParams):
    """Items. Further names are filters by equality on queryables; `item_query` refuses all others."""

    model_config = ConfigDict(extra="allow", frozen=True)

    offset: Annotated[Integer, Field(ge=0, le=10_000_000)] = Field(
        default=0, description="飛ばす件数。続きは `links` の next をたどる方が速い", examples=[0]
    )
    cursor: Annotated[str, Field(max_length=4000, pattern=r"^[0-9A-Za-z_-]+$")] | None = Field(
        default=None,
        description="続きの位置。前の答えの next / prev のリンクにある値をそのまま渡す",
    )
    bbox_crs: Annotated[str, Field(max_length=120)] | None = Field(
        default=None,
        alias="bbox-crs",
        description="bbox の座標参照系",
        examples=["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
    )
    datetime: Annotated[str, Field(max_length=120)] | None = Field(
        default=None,
        description="日時または期間。その日（期間の終わり）のデータで、期間に有効な記録を答える",
        examples=["2200-01-01"],
    )
    sortby: Annotated[str, Field(max_length=1000), AfterValidator(readable)] | None = Field(
        default=None, description="並べ方。名前をコンマで区切り、逆順は - を前に付ける", examples=["-name"]
    )
    filter: Annotated[str, Field(max_length=20_000)] | None = Field(
        default=None, description="CQL2 の条件", examples=["name IS NOT NULL"]
    )
    count: Annotated[str, Field(pattern=r"^(exact|estimate|none)$")] = Field(
        default="exact",
        description="全体の件数（numberMatched）: exact は正確、estimate は見積もり、none は数えない",
        examples=["none"],
    )

    csv_bom: Annotated[str, Field(pattern=r"^(true|false)$")] = Field(
        default="true",
        alias="csv-bom",
        description="f=csv のとき: 表計算ソフトのための目印（BOM）を先頭に付ける",
        examples=["true"],
    )
    csv_shape: Annotated[str, Field(pattern=r"^(auto|wkt|none)$")] = Field(
        default="auto",
        alias="csv-shape",
        description="f=csv のとき: 形状の列。auto は点を経度・緯度、ほかを WKT、none は形状なし",
        examples=["auto"],
    )
    csv_heading: Annotated[str, Field(pattern=r"^(name|title)$")] = Field(
        default="name",
        alias="csv-heading",
        description="f=csv のとき: 見出し。name は属性の名前、title は日本語の題名",
        examples=["name"],
    )

    @property
    def others(self) -> dict[str, Any]:
        """Parameters that are no fixed ones: names of properties, perhaps."""
        return dict(self.model_extra or {})


Ogc = Annotated[OgcParams, Query()]
Item = Annotated[ItemParams, Query()]
Items = Annotated[ItemsParams, Query()]


class RecordsParams(ListParams):
    """Records of the catalogue."""

    offset: Annotated[Integer, Field(ge=0, le=10_000_000)] = Field(
        default=0, description="飛ばす件数", examples=[0]
    )
    sortby: Annotated[str, Field(max_length=1000), AfterValidator(readable)] | None = Field(
        default=None, description="並べ方。名前をコンマで区切り、逆順は - を前に付ける", examples=["-title"]
    )
    filter: Annotated[str, Field(max_length=4000)] | None = Field(
        default=None, description="CQL2 の条件", examples=["title LIKE '%地区%'"]
    )
    datetime: Annotated[str, Field(max_length=120)] | None = Field(
        default=None, description="日時または期間", examples=["2200-01-01"]
    )
    q: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(readable)] | None = Field(
        default=None, description="題名、説明、キーワードのどれかにある語", examples=["施設"]
    )
    type: Annotated[str, Field(max_length=40), AfterValidator(readable)] | None = Field(
        default=None, description="記録の種類", examples=["dataset"]
    )
    ids: Annotated[str, Field(max_length=2000), AfterValidator(readable)] | None = Field(
        default=None, description="記録の id をコンマで区切って並べる", examples=["districts,facilities"]
    )


Records = Annotated[RecordsParams, Query()]
