"""The page of features: rows, how many there are, and the ways on and back."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

from api.clock import today
from api.geojson import dumps, feature
from api.ogc.answering import AUDITED, Made, Reading
from api.ogc.cursors import encode, plain
from api.ogc.description import stamp
from api.ogc.formats import GEOJSON, HTML, Format
from api.ogc.item_query import Asked, asked_of, order_of
from api.ogc.links import link, segment
from api.ogc.params import ItemsParams
from geodata.exports.formats import formats_for
from geodata.features.query import Cursor, FeatureRow, count, estimate, features
from kyodo_geo.collections import Collection
from kyodo_geo.crs import WGS84
from kyodo_geo.quality import credit

"""Collections each look at which is written down."""

FORMATS: list[Format] = [GEOJSON, HTML]
"""Forms of the items; those that are files (api/ogc/item_files.py) stand behind."""


class Page:
    """One page of items: `rows` in order, `total` (None: not counted), and the links around it."""

    def __init__(self, reading: Reading, collection: Collection, params: ItemsParams) -> None:
        self.reading, self.collection, self.params = reading, collection, params
        self.asked: Asked = asked_of(reading, collection, params)
        if reading.form is HTML:
            # Pages draw lon/lat, whatever system was asked for.
            self.asked = replace(self.asked, query=replace(self.asked.query, epsg=WGS84, flip=False))
        self.rows, self.more, self.earlier = self._read()
        self.total = self._count()

    def _read(self) -> tuple[list[FeatureRow], bool, bool]:
        """Rows, and whether there are further ones behind and before them."""
        asked, query = self.asked, self.asked.query
        limit = self.params.limit
        with filtered(query.where):
            found = list(
                features(
                    self.reading.conn, asked.ref, self.collection, replace(query, limit=limit + 1), asked.on
                )
            )
        beyond = len(found) > limit
        rows = found[:limit]
        if query.after is None:
            return rows, beyond, query.offset > 0
        if query.after.before:
            return rows[::-1], True, beyond
        return rows, beyond, True

    def _count(self) -> int | None:
        reading, asked = self.reading, self.asked
        if self.params.count == "none":
            return None
        if asked.query.after is None and not self.more and (self.rows or not asked.query.offset):
            return asked.query.offset + len(self.rows)
        how = count if self.params.count == "exact" else estimate
        asked_for = self.params.model_dump(
            exclude={"f", "crs", "properties", "limit", "offset", "cursor", "sortby", "as_of", "municipality"}
        )
        key = (
            reading.ref.municipality_code,
            asked.ref.generation_no,
            reading.reader.roles,
            self.collection.id,
            asked.on,
            # What is published holds for today, whatever day is asked about.
            today(),
            tuple(sorted((name, str(value)) for name, value in asked_for.items())),
        )
        if asked.query.draft:  # which changes without a revision
            with filtered(asked.query.where):
                return how(reading.conn, asked.ref, self.collection, asked.query, asked.on)
        with filtered(asked.query.where):
            return reading.services.counts.get_or_make(
                key,
                reading.ref.revision,
                lambda: how(reading.conn, asked.ref, self.collection, asked.query, asked.on),
            )

    @property
    def seen(self) -> tuple[str, list[str]] | None:
        """What the audit log is told."""
        return (self.collection.id, [row.id for row in self.rows]) if self.collection.id in AUDITED else None

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Crs": f"<{self.asked.crs.uri}>"} if self.collection.geometry is not None else {}

    def dataset(self) -> dict[str, Any]:
        """Credit of what the page shows."""
        values = {row.properties.get("quality") for row in self.rows}
        return credit(self.reading.datasets, self.collection.kinds, values=values)

    def url(self, form: str, **changes: Any) -> str:
        """Address of this question with some parameters changed (None: left out)."""
        asked = self.params.model_dump(
            by_alias=True, exclude_defaults=True, mode="json", exclude={"municipality", "as_of"}
        )
        path = f"/collections/{segment(self.collection.id)}/items"
        return self.reading.links.url(path, {**asked, "f": form, **changes})

    def onward(self, form: str) -> str | None:
        """Address of the next page, None on the last."""
        if not self.more or not self.rows:
            return None
        return self.url(form, cursor=self._cursor(self.rows[-1], before=False), offset=None)

    def back(self, form: str) -> str | None:
        """Address of the page before, None on the first."""
        if not self.earlier:
            return None
        if not self.rows or self.asked.query.after is None:
            return self.url(form, offset=max(0, self.params.offset - self.params.limit) or None)
        return self.url(form, cursor=self._cursor(self.rows[0], before=True), offset=None)

    def _cursor(self, row: FeatureRow, *, before: bool) -> str:
        order = order_of(self.asked.ref, self.collection, self.asked.query.sort)
        return encode(Cursor(tuple(map(plain, row.position)), before), order)

    def links(self, form: Format) -> list[dict[str, str]]:
        """self, alternate, next, prev, collection."""
        found = [link("self", self.url(form.name), form.media_type, "この答え")]
        for other in forms_of(self.collection):
            if other is not form:
                found.append(
                    link(rel_of(other.name, "alternate"), self.url(other.name), other.media_type, other.label)
                )
        onward, back = self.onward(form.name), self.back(form.name)
        if onward is not None:
            found.append(link("next", onward, form.media_type, "次のページ"))
        if back is not None:
            found.append(link("prev", back, form.media_type, "前のページ"))
        path = f"/collections/{segment(self.collection.id)}"
        found.append(
            link("collection", self.reading.links.url(path), "application/json", self.collection.title)
        )
        return found


def rel_of(name: str, usual: str) -> str:
    """Relation of a link to a form. The whole layer as GeoJSON is no page of features, though of the same media type.

    Clients that look for pages by type (GDAL takes the last link that fits) would take it and find no next page.
    """
    return "enclosure" if name == "geojson" else usual


def forms_of(collection: Collection) -> list[Format]:
    """Forms this collection's items come in: a table without shapes is no KML."""
    files = {found.id for found in formats_for(collection.id)}
    return [form for form in FORMATS if form in (GEOJSON, HTML) or form.name in files]


def filtered(where: object) -> Any:
    """Around queries with a compiled filter: what PostgreSQL cannot compute is the filter's fault."""
    if where is None:
        return nullcontext()
    from geodata.features.filters import filter_errors

    return filter_errors()


def as_geojson(page: Page) -> Made:
    """The FeatureCollection."""
    members: dict[str, Any] = {
        "type": "FeatureCollection",
        "links": page.links(GEOJSON),
        "timeStamp": stamp(),
        "numberReturned": len(page.rows),
    }
    if page.total is not None:
        members["numberMatched"] = page.total
    members["dataset"] = page.dataset()
    members["municipality"] = page.reading.ref.municipality_code
    members["features"] = [
        feature(row.id, row.geometry if isinstance(row.geometry, str) else None, row.properties)
        for row in page.rows
    ]
    return Made(dumps(members), GEOJSON.media_type, page.headers, seen=page.seen)
