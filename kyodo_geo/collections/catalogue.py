"""The catalogue as a collection of records: what a filter and an order may name. Its rows are made of the others'."""

from __future__ import annotations

from kyodo_geo.collections.model import Collection, Kind, Property, day, text, texts

CATALOGUE = Collection(
    "datasets",
    "データの目録",
    "このサービスのデータの目録。データごとに、出典・利用条件・時点・品質と、地物への入口があります。",
    (),
    "Polygon",
    "id",
    (
        text("id", "記録の番号"),
        text("type", "記録の種類", options=("dataset",)),
        text("title", "題名"),
        text("description", "説明"),
        texts("keywords", "キーワード"),
        text("license", "利用条件の略号", description="SPDX の略号。ほかは other"),
        text("rights", "利用条件"),
        text("source", "出典"),
        day("as_of", "時点"),
        text("quality", "品質", options=("real", "unofficial", "sample")),
        Property("updated", "読み込んだ日時", Kind.TIMESTAMP),
    ),
    keywords=("目録", "メタデータ"),
)
