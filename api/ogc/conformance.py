"""Conformance classes served: what `/ogc/conformance` declares. Whoever adds a part adds its classes here.

Only a class whose requirements all hold (`tests/conformance/standards.py` lists them). OGC API Records is not among them:
its classes want `application/ogc-catalog+json` for the catalogue, or pages as the default.
"""

from __future__ import annotations

from kyodo_geo.cql.tree import CONFORMANCE as CQL2

_COMMON1 = "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/"
_COMMON2 = "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/"
_FEATURES1 = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/"
_FEATURES2 = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/"
_FEATURES3 = "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/"

CLASSES: list[str] = [
    *(_COMMON1 + name for name in ("core", "landing-page", "json", "html", "oas30")),
    *(_COMMON2 + name for name in ("collections", "html", "json")),
    *(_FEATURES1 + name for name in ("core", "oas30", "html", "geojson")),
    _FEATURES2 + "crs",
    *(
        _FEATURES3 + name
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *CQL2,
]
