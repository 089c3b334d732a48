"""GeoJSON geometry → WKT (OGC 06-103r4), for the columns of tables; shapely need not be loaded for it.

By replacing brackets and commas: reading numbers only to write them again would take four times as long.
"""

from __future__ import annotations

import orjson

_HEAD, _MIDDLE = '{"type":"', '","coordinates":'


def parts(geometry: str) -> tuple[str, str]:
    """(type, text of the coordinates without blanks) of a GeoJSON geometry that is no collection."""
    begin = geometry.find(_MIDDLE)
    if not geometry.startswith(_HEAD) or begin < 0:
        geometry = orjson.dumps({**_ORDER, **orjson.loads(geometry)}).decode()
        begin = geometry.find(_MIDDLE)
    return geometry[len(_HEAD) : begin], geometry[begin + len(_MIDDLE) : -1]


_ORDER = {"type": None, "coordinates": None}


def wkt(geometry: str) -> str:
    """WKT of a GeoJSON geometry; two dimensions, digits as they are. Raises JSONDecodeError for what is no JSON."""
    if "GeometryCollection" in geometry:
        inner = (orjson.dumps(part).decode() for part in orjson.loads(geometry)["geometries"])
        return f"GEOMETRYCOLLECTION ({', '.join(map(wkt, inner))})"
    kind, inside = parts(geometry)
    if inside == "[]":
        return f"{kind.upper()} EMPTY"
    # What is left of the commas after the first step stands within positions.
    body = inside.replace("],[", "|").replace(",", " ").replace("|", ", ").replace("[", "(").replace("]", ")")
    return f"{kind.upper()} {body if kind == 'Point' else body[1:-1]}"
