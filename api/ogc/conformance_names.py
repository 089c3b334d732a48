"""What the conformance classes are called on the page: the standard, and what the class is about, in Japanese."""

from __future__ import annotations

from collections.abc import Iterable

_SPEC = "http://www.opengis.net/spec/"
_STANDARDS = {
    "ogcapi-common-1": "OGC API – Common 第1部",
    "ogcapi-common-2": "OGC API – Common 第2部（案）",
    "ogcapi-features-1": "OGC API – Features 第1部",
    "ogcapi-features-2": "OGC API – Features 第2部（座標参照系）",
    "ogcapi-features-3": "OGC API – Features 第3部（絞り込み）",
    "ogcapi-features-4": "OGC API – Features 第4部（変更・案）",
    "cql2": "CQL2（絞り込みの条件の書き方）",
    "ogcapi-tiles-1": "OGC API – Tiles 第1部",
    "tms": "2 次元タイルの区画（TMS）",
}
_NAMES = {
    "core": "中核",
    "landing-page": "入口",
    "json": "JSON で答える",
    "html": "ページで答える",
    "oas30": "OpenAPI 3.0 の定義",
    "collections": "コレクション",
    "geojson": "GeoJSON で答える",
    "crs": "座標参照系を選ぶ",
    "queryables": "絞り込みに使える属性の一覧",
    "queryables-query-parameters": "属性の値で絞り込む",
    "filter": "条件で絞り込む",
    "features-filter": "地物を条件で絞り込む",
    "create-replace-delete": "作成・置き換え・取り消し（職員）",
    "update": "一部の変更（職員）",
    "optimistic-locking-etags": "ほかの人の変更を上書きしない（ETag）",
    "features": "地物の変更（職員）",
    "cql2-text": "条件を文で書く",
    "cql2-json": "条件を JSON で書く",
    "basic-cql2": "基本の比較と組み合わせ",
    "advanced-comparison-operators": "範囲・一覧・似た文字の比較",
    "case-insensitive-comparison": "大文字と小文字を区別しない比較",
    "accent-insensitive-comparison": "アクセント記号を区別しない比較",
    "basic-spatial-functions": "点や四角との重なり",
    "basic-spatial-functions-plus": "いろいろな図形との重なり",
    "spatial-functions": "図形の位置の関係",
    "temporal-functions": "日と期間の関係",
    "array-functions": "一覧どうしの比較",
    "property-property": "属性どうしの比較",
    "arithmetic": "四則などの計算",
    "tileset": "タイルの組の説明",
    "tilesets-list": "タイルの組の一覧",
    "dataset-tilesets": "全体のタイル",
    "geodata-tilesets": "コレクションごとのタイル",
    "collections-selection": "タイルに入れるコレクションを選ぶ",
    "datetime": "日を選ぶ",
    "mvt": "ベクトルタイル（MVT）",
    "tilematrixset": "区画の体系",
    "tilematrixsetlimits": "区画の範囲",
    "tilesetmetadata": "タイルの組の情報",
    "json-tilematrixset": "区画の体系（JSON）",
    "json-tilematrixsetlimits": "区画の範囲（JSON）",
    "json-tilesetmetadata": "タイルの組の情報（JSON）",
}


def named(uris: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """[(standard, [(name of the class, URI), …]), …] by standard; a class without a name is its own name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for uri in uris:
        standard, _, rest = uri.removeprefix(_SPEC).partition("/")
        class_ = rest.rpartition("/")[2]
        found.setdefault(_STANDARDS.get(standard, standard), []).append((_NAMES.get(class_, class_), uri))
    order = list(_STANDARDS.values())
    return sorted(found.items(), key=lambda one: order.index(one[0]) if one[0] in order else len(order))
