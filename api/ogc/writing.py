"""One change of a feature on its way, within its transaction: what is stored, what is said, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.cache import PRIVATE
from api.errors import MethodRefusedError
from api.geojson import dumps
from api.ogc import item as item_parts
from api.ogc.answering import Reading, staff_etag
from api.ogc.crs import Crs
from api.ogc.formats import GEOJSON, HTML
from api.ogc.links import link, segment
from api.ogc.params import ItemParams
from api.ogc.write_kinds import Keeper, Writable
from api.ogc.write_request import check_match
from api.ogc.write_said import Kept, Said
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Collection
from kyodo_geo.errors import ContentError
from kyodo_geo.feature_bodies import SentFeature, typed
from kyodo_geo.sent_shapes import Shape, System, sent_shape

READS = ("GET", "HEAD", "OPTIONS")
WAITS = "下書きに入れました。まだ公開されていません。下書きのページで比べてから、有効にしてください。"


@dataclass(frozen=True, slots=True)
class Writing:
    """One change on its way: the transaction's reading, and what the collection's features are changed with."""

    reading: Reading
    collection: Collection
    way: Writable
    request: Request
    crs: Crs
    draft: bool = False

    @property
    def actor(self) -> str:
        return self.reading.reader.principal.login or "unknown"

    @property
    def keeper(self) -> Keeper:
        """Raises `MethodRefusedError` where features neither come nor go."""
        editor = self.way.editor
        if not isinstance(editor, Keeper):
            raise MethodRefusedError((*READS, *self.way.methods))
        return editor

    def stored(self, feature_id: str) -> FeatureRow:
        """The feature with all that staff read of it. Raises `NotFoundError`."""
        return item_parts.find(self.reading, self.collection, feature_id, self._asked)[0]

    @property
    def _asked(self) -> ItemParams:
        return ItemParams(crs=self.crs.uri, draft="true" if self.draft else "false")

    def held(self, feature_id: str) -> FeatureRow:
        """The same, which nobody else changes any more, as the sender must have seen it."""
        self.way.editor.hold(self.reading.conn, self.reading.ref.municipality_code, feature_id)
        found = self.stored(feature_id)
        check_match(self.request, found.tag)
        return found

    def said(self, sent: SentFeature, before: FeatureRow | None) -> Said:
        """What the body says, property by property, and its shape."""
        own = None if before is None else before.id
        if sent.id is not None and sent.id != own:
            what = (
                "新しい地物の id は、このサービスが付けます。送らないでください。"
                if own is None
                else "id は変えられません。"
            )
            raise ContentError(what, field="id")
        kept = (
            None if before is None or not isinstance(before.geometry, str) else orjson.loads(before.geometry)
        )
        shape: Shape | Kept = Kept.KEPT
        if self.way.shape is not None and (before is None or sent.geometry != kept):
            system = System(self.crs.epsg, self.crs.flip, self.reading.ref.municipality_code)
            shape = sent_shape(sent.geometry, self.way.shape, system)
        elif sent.geometry != kept:
            raise ContentError(
                "この地物の位置・区域は、この方法では変えられません。読んだままにしてください（ないものは null）。",
                field="geometry",
            )
        fixed = self.way.fixed if before is None else self.way.fixed | self.way.kept
        stored = None if before is None else before.properties
        texts = typed(
            self.collection, sent.properties,
            fixed=fixed, stored=stored, defaults=self.way.defaults, unsure=self.way.unsure,
        )  # fmt: skip
        return Said(texts, shape)

    def answer(self, feature_id: str, status: int) -> Response:
        """The feature as it is stored now."""
        row = self.stored(feature_id)
        made = item_parts.as_geojson(self.reading, self.collection, row, self.crs, draft=self.draft)
        path = f"/collections/{segment(self.collection.id)}/items/{segment(row.id)}"
        url = self.reading.links.url(path)
        headers = {
            **made.headers, "ETag": staff_etag(row.tag, GEOJSON), "Content-Location": url,
            "Cache-Control": PRIVATE, "X-Robots-Tag": "noindex",
        }  # fmt: skip
        if status == 201:
            headers["Location"] = url
        return Response(made.body, status, headers, made.media_type)

    def free(self, feature_id: str, *, going: bool = False) -> None:
        """Raises `ConflictError` where a change waits in the draft that the sender has not read."""
        drafted = self.way.drafted
        if drafted is not None and not self.draft:
            code = self.reading.ref.municipality_code
            drafted.refuse_pending(self.reading.conn, code, feature_id, going=going)

    def accepted(self, page: str, feature_id: str) -> Response:
        """The change waits in a draft; what is active stays as it is."""
        url = f"{self.reading.links.base}{page}"
        path = f"/collections/{segment(self.collection.id)}/items/{segment(feature_id)}"
        own = self.reading.links.url(path, {"draft": "true"})
        body = {
            "detail": WAITS,
            "id": feature_id,
            "links": [
                link("related", url, HTML.media_type, "下書きを比べて、有効にするページ"),
                link("item", own, GEOJSON.media_type, "下書きの地物"),
            ],
        }
        headers = {"Location": url, "Cache-Control": PRIVATE}
        return Response(dumps(body), 202, headers, "application/json")
