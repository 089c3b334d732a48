"""What the conformance classes ask for, by the ids of the standards: seen in their sources, and what no test of ours covers.

The ids were read on 2026-11-26 in stored copies of the public repositories of the OGC (`READ_IN`); what was not found
there is 未確認 and listed apart. No sentence of a standard stands here. Parts 4, 6 and 8 of Features and Part 2 of
Common are drafts: their ids may change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.conformance.registry import (
    COMMON_1,
    COMMON_2,
    CQL2,
    FEATURES_1,
    FEATURES_2,
    FEATURES_3,
    FEATURES_4,
    FEATURES_6,
    FEATURES_8,
    RECORDS_1,
    TILES_1,
    TMS_2,
)

READ_IN = {
    COMMON_1: "opengeospatial/ogcapi-common, core (19-072)",
    COMMON_2: "opengeospatial/ogcapi-common, collections (20-024, draft)",
    FEATURES_1: "opengeospatial/ogcapi-features, core (17-069)",
    FEATURES_2: "opengeospatial/ogcapi-features, extensions/crs (18-058)",
    FEATURES_3: "opengeospatial/ogcapi-features, extensions/filtering (19-079)",
    FEATURES_4: "opengeospatial/ogcapi-features, extensions/transactions (20-002, draft): ids of its abstract tests",
    FEATURES_6: "opengeospatial/ogcapi-features, extensions/property-selection (24-019, draft)",
    FEATURES_8: "opengeospatial/ogcapi-features, extensions/sorting (24-030, draft)",
    CQL2: "opengeospatial/ogcapi-features, cql2 (21-065)",
    TILES_1: "opengeospatial/ogcapi-tiles, core (20-057)",
    TMS_2: "opengeospatial/2D-Tile-Matrix-Set (17-083)",
    RECORDS_1: "opengeospatial/ogcapi-records, core (20-004)",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Of one class: ids seen in its source, those of them without a test and why, and ids used here that were not seen."""

    seen: frozenset[str]
    untested: dict[str, str] = field(default_factory=dict)
    unconfirmed: frozenset[str] = frozenset()


def asked(
    path: str, names: str, *, untested: dict[str, str] | None = None, also: str = "", unconfirmed: str = ""
) -> Asked:
    """`names` below `path`; `also` and `unconfirmed` are whole ids (of recommendations, mostly)."""
    return Asked(
        frozenset({f"{path}/{name}" for name in names.split()} | set(also.split())),
        {f"{path}/{name}": why for name, why in (untested or {}).items()},
        frozenset(unconfirmed.split()),
    )


_ENCODED = (
    "accent-insensitive-comparison advanced-comparison-operators array-functions basic-cql2 basic-spatial-functions "
    "basic-spatial-functions-plus case-insensitive-comparison functions property-property spatial-functions "
    "temporal-functions"
)
_NO_FUNCTIONS = "the class Functions of CQL2 is not declared: there are none but the standard's"

ASKED: dict[str, Asked] = {
    COMMON_1 + "core": asked(
        "/req/core",
        "http query-param-name-unknown query-param-value-invalid query-param-capitalization query-param-list-delimiter "
        "query-param-list-escape query-param-list-empty query-param-value-boolean query-param-value-integer "
        "query-param-value-decimal query-param-value-double",
    ),
    COMMON_1 + "landing-page": asked(
        "/req/landing-page",
        "root-op root-success api-definition-op api-definition-success conformance-op conformance-success",
    ),
    COMMON_1 + "json": asked("/req/json", "definition content"),
    COMMON_1 + "html": asked("/req/html", "definition content"),
    COMMON_1 + "oas30": asked(
        "/req/oas30", "completeness exceptions-codes oas-definition-1 oas-definition-2 oas-impl security"
    ),
    COMMON_2 + "collections": asked(
        "/req/collections",
        "collections-list-op collections-list-success collections-list-links collections-list-collections "
        "description-op description-success description-links description-extent description-extent-multi",
    ),
    COMMON_2 + "json": asked("/req/json", "definition content"),
    COMMON_2 + "html": asked("/req/html", "definition content"),
    FEATURES_1 + "core": asked(
        "/req/core",
        "root-op root-success api-definition-op api-definition-success conformance-op conformance-success http "
        "query-param-unknown query-param-invalid crs84 fc-md-op fc-md-success fc-md-links fc-md-items "
        "fc-md-items-links fc-md-extent fc-md-extent-multi sfc-md-op sfc-md-success fc-op fc-limit-definition "
        "fc-limit-response-1 fc-bbox-definition fc-bbox-response fc-time-definition fc-time-response fc-response "
        "fc-links fc-rel-type fc-timeStamp fc-numberMatched fc-numberReturned f-op f-success f-links",
        also="/rec/core/fc-filters /rec/core/fc-next-1",
        unconfirmed="/rec/core/root-links",
    ),
    FEATURES_1 + "geojson": asked("/req/geojson", "definition content"),
    FEATURES_1 + "html": asked("/req/html", "definition content"),
    FEATURES_1 + "oas30": asked(
        "/req/oas30", "oas-definition-1 oas-definition-2 oas-impl completeness exceptions-codes security"
    ),
    FEATURES_2 + "crs": asked(
        "/req/crs",
        "crs-uri fc-md-crs-list fc-md-storageCrs fc-md-storageCrs-valid-value fc-md-crs-list-global "
        "fc-bbox-crs-definition fc-bbox-crs-valid-value fc-bbox-crs-default-value fc-bbox-crs-action "
        "fc-crs-definition fc-crs-valid-value fc-crs-default-value fc-crs-action geojson ogc-crs-header "
        "ogc-crs-header-value",
        untested={"fc-md-crs-list-global": "no global list is served: each collection has its own"},
    ),
    FEATURES_3 + "queryables": asked(
        "/req/queryables", "queryables-link get-queryables-op get-queryables-response expression-construction"
    ),
    FEATURES_3 + "queryables-query-parameters": asked("/req/queryables-query-parameters", "parameters"),
    FEATURES_3 + "filter": asked(
        "/req/filter",
        "filter-param filter-lang-param filter-crs-wgs84 filter-crs-param mixing-expressions expression-construction "
        "get-functions-operation get-functions-response-json response",
        untested={"get-functions-operation": _NO_FUNCTIONS, "get-functions-response-json": _NO_FUNCTIONS},
    ),
    FEATURES_3 + "features-filter": asked(
        "/req/features-filter",
        "get-queryables-op queryables-link filter-param filter-lang-param filter-crs-param response",
    ),
    FEATURES_4 + "create-replace-delete": asked(
        "/conf/create-replace-delete",
        "options create create-content-type replace replace-content-type replace-rid replace-exceptions delete",
    ),
    FEATURES_4 + "update": asked("/conf/update", "options update update-content-type update-rid"),
    FEATURES_4 + "optimistic-locking-etags": asked(
        "/conf/optimistic-locking-etags", "get-etag replace update delete"
    ),
    FEATURES_4 + "features": asked(
        "/conf/features",
        "endpoints put-create crs84 crs gml-srsname schema geojson json-merge-patch jsonfg gml",
        untested={
            "put-create": "only where PUT makes features: it does not",
            "crs84": "only without Part 2, which is declared",
            "gml-srsname": "only with GML, which is not declared",
            "gml": "only with GML, which is not declared",
            "jsonfg": "only with JSON-FG, which is not declared",
        },
    ),
    FEATURES_6 + "properties": asked("/req/properties", "parameter response"),
    FEATURES_6 + "properties-features": asked("/req/properties-features", "request"),
    FEATURES_8 + "sortables": asked(
        "/req/sortables",
        "sortables-link get-sortables-op get-sortables-response defaultSortOrder-definition",
        untested={"defaultSortOrder-definition": "no order of its own is declared for a collection"},
    ),
    FEATURES_8 + "sorting": asked("/req/sorting", "sortby-definition sortby-param sortby-response"),
    FEATURES_8 + "features-sorting": asked(
        "/req/features-sorting", "get-sortables-op sortables-link sortby-param response"
    ),
    CQL2 + "basic-cql2": asked(
        "/req/basic-cql2", "cql2-filter binary-comparison-predicate null-predicate property"
    ),
    CQL2 + "advanced-comparison-operators": asked(
        "/req/advanced-comparison-operators", "like-predicate between-predicate in-predicate"
    ),
    CQL2 + "case-insensitive-comparison": asked("/req/case-insensitive-comparison", "casei-function"),
    CQL2 + "accent-insensitive-comparison": asked("/req/accent-insensitive-comparison", "accenti-function"),
    CQL2 + "basic-spatial-functions": asked(
        "/req/basic-spatial-functions", "spatial-functions spatial-predicate"
    ),
    CQL2 + "basic-spatial-functions-plus": asked("/req/basic-spatial-functions-plus", "spatial-data-types"),
    CQL2 + "spatial-functions": asked("/req/spatial-functions", "spatial-functions spatial-data-types"),
    CQL2 + "temporal-functions": asked("/req/temporal-functions", "temporal-functions temporal-predicates"),
    CQL2 + "array-functions": asked("/req/array-functions", "array-predicates"),
    CQL2 + "property-property": asked("/req/property-property", "withdraw-permissions"),
    CQL2 + "arithmetic": asked("/req/arithmetic", "arithmetic"),
    CQL2 + "cql2-text": asked(
        "/req/cql2-text", f"{_ENCODED} arithmetic escaping", untested={"functions": _NO_FUNCTIONS}
    ),
    CQL2 + "cql2-json": asked(
        "/req/cql2-json",
        _ENCODED,
        untested={"functions": _NO_FUNCTIONS},
        unconfirmed="/req/cql2-json/arithmetic",
    ),
    TILES_1 + "core": asked(
        "/req/core",
        "conformance-success tc-op tc-tilematrix-definition tc-tilerow-definition tc-tilecol-definition tc-success "
        "tc-error",
    ),
    TILES_1 + "tileset": asked("/req/tileset", "description"),
    TILES_1 + "tilesets-list": asked("/req/tilesets-list", "tileset-links"),
    TILES_1 + "dataset-tilesets": asked("/req/dataset-tilesets", "landingpage operation"),
    TILES_1 + "geodata-tilesets": asked("/req/geodata-tilesets", "desc-links operation"),
    TILES_1 + "collections-selection": asked(
        "/req/collections-selection", "query-collections collections-response"
    ),
    TILES_1 + "datetime": asked("/req/datetime", "axis"),
    TILES_1 + "mvt": asked("/req/mvt", "content"),
    TILES_1 + "oas30": asked("/req/oas30", "completeness operation-id"),
    TMS_2 + "tilematrixset": asked("/req/tilematrixset", "model"),
    TMS_2 + "tilematrixsetlimits": asked("/req/tilematrixsetlimits", "model"),
    TMS_2 + "tilesetmetadata": asked("/req/tilesetmetadata", "model identifier"),
    TMS_2 + "json-tilematrixset": asked("/req/json-tilematrixset", "ietf media-type model schema"),
    TMS_2 + "json-tilematrixsetlimits": asked("/req/json-tilematrixsetlimits", "ietf model schema"),
    TMS_2 + "json-tilesetmetadata": asked("/req/json-tilesetmetadata", "ietf media-type model schema"),
    # Not declared: as documents the records hold to record-core, but the service speaks no `application/ogc-catalog+json`.
    RECORDS_1 + "record-core": asked(
        "/req/record-core",
        "mandatory-properties-record contact license links default-mediatype templated-link time-instant time-interval",
        untested={
            "default-mediatype": "does not hold: GeoJSON is the default, and the class JSON is not kept",
            "contact": "only for contacts with a logo or links: there are none",
            "templated-link": "only for templated links: there are none",
            "time-instant": "only for moments: records have periods",
        },
    ),
    RECORDS_1 + "record-collection": asked(
        "/req/record-collection",
        "mandatory-properties-collection itemType license contact links links-records default-mediatype",
        untested={
            "default-mediatype": "does not hold: JSON is the default, and the class JSON is not kept",
            "license": "does not hold: the catalogue names no terms of its own",
            "contact": "only for contacts with a logo or links: there are none",
        },
    ),
}


def was_seen(conformance_class: str, id: str) -> bool:
    """Whether the id stands in the source that was read."""
    found = ASKED.get(conformance_class)
    return found is not None and id in found.seen
