"""The catalogue of the open data as DCAT 3 in JSON-LD: catalogue, datasets, distributions, and the service.

The context stands in the document, so that it can be read without fetching anything. Follows the core of DCAT-AP: titles and
descriptions in Japanese, publisher, contact, licence, place and time, and for each file its type, size and checksum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.ogc.description import LICENCES
from api.ogc.links import Links, segment
from geodata.exports.formats import formats_for
from geodata.features.query import Extent
from geodata.queries.generation import Ref
from kyodo_geo.collections import Collection

MEDIA = "application/ld+json"
_IANA = "https://www.iana.org/assignments/media-types/"
_EU = "http://publications.europa.eu/resource/authority/"
_JA = {"@language": "ja"}
_LINK = {"@type": "@id"}
CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "spdx": "http://spdx.org/rdf/terms#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "title": {"@id": "dct:title", **_JA},
    "description": {"@id": "dct:description", **_JA},
    "name": {"@id": "foaf:name", **_JA},
    "label": {"@id": "rdfs:label", **_JA},
    "keyword": {"@id": "dcat:keyword", **_JA},
    "fn": {"@id": "vcard:fn", **_JA},
    "identifier": "dct:identifier",
    "publisher": "dct:publisher",
    "creator": "dct:creator",
    "contactPoint": "dcat:contactPoint",
    "dataset": "dcat:dataset",
    "service": "dcat:service",
    "distribution": "dcat:distribution",
    "spatial": "dct:spatial",
    "temporal": "dct:temporal",
    "provenance": "dct:provenance",
    "checksum": "spdx:checksum",
    "checksumValue": {"@id": "spdx:checksumValue", "@type": "xsd:hexBinary"},
    "checksumAlgorithm": {"@id": "spdx:checksumAlgorithm", **_LINK},
    "bbox": {"@id": "dcat:bbox", "@type": "gsp:wktLiteral"},
    "startDate": {"@id": "dcat:startDate", "@type": "xsd:date"},
    "endDate": {"@id": "dcat:endDate", "@type": "xsd:date"},
    "modified": {"@id": "dct:modified", "@type": "xsd:dateTime"},
    "issued": {"@id": "dct:issued", "@type": "xsd:dateTime"},
    "byteSize": {"@id": "dcat:byteSize", "@type": "xsd:nonNegativeInteger"},
    **{
        name: {"@id": iri, **_LINK}
        for name, iri in {
            "license": "dct:license", "language": "dct:language", "format": "dct:format", "theme": "dcat:theme",
            "accrualPeriodicity": "dct:accrualPeriodicity", "conformsTo": "dct:conformsTo",
            "mediaType": "dcat:mediaType", "accessURL": "dcat:accessURL", "downloadURL": "dcat:downloadURL",
            "accessService": "dcat:accessService", "servesDataset": "dcat:servesDataset",
            "endpointURL": "dcat:endpointURL", "endpointDescription": "dcat:endpointDescription",
            "landingPage": "dcat:landingPage", "homepage": "foaf:homepage",
            "hasEmail": "vcard:hasEmail", "hasTelephone": "vcard:hasTelephone",
        }.items()
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One collection with its credit, extent, and the files of the dump that hold it ({name, media_type, bytes, sha256})."""

    collection: Collection
    credit: Mapping[str, Any]
    extent: Extent
    modified: str | None
    files: tuple[Mapping[str, Any], ...] = ()


def catalogue(
    links: Links, ref: Ref, entries: Iterable[Entry], dumps: str, *, sample: bool
) -> dict[str, Any]:
    """The document. `dumps`: path below which the files of the generation's dump are."""
    base = links.base
    own = links.beside("/opendata/catalog.jsonld")
    made = [_dataset(links, ref, entry, dumps, own) for entry in entries]
    title = f"{ref.name} 協働まちづくりマップ オープンデータ"
    warned = "見本データ（架空）を含みます。" if sample else ""
    service = {
        "@id": f"{own}#service",
        "@type": "dcat:DataService",
        "title": f"{ref.name} OGC API",
        "description": "すべてのデータを、条件を付けて取得できる OGC API です。",
        "endpointURL": links.beside("/ogc"),
        "endpointDescription": f"{base}/api/v1/openapi.json",
        "conformsTo": "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
        "publisher": {"@id": f"{own}#publisher"},
        "servesDataset": [item["@id"] for item in made],
    }
    return {
        "@context": CONTEXT,
        "@id": own,
        "@type": "dcat:Catalog",
        "title": title,
        "description": f"{ref.name}の町内会・自治会、コミュニティ推進地区、公共施設などのデータの目録です。{warned}",
        "language": f"{_EU}language/JPN",
        "publisher": _publisher(ref, own, base),
        "homepage": links.beside("/opendata"),
        "license": links.beside("/datasets"),
        "issued": ref.activated_at.isoformat(),
        "modified": ref.activated_at.isoformat(),
        "spatial": {
            "@type": "dct:Location",
            "label": f"{ref.pref_name}{ref.name}",
            "identifier": ref.municipality_code,
        },
        "theme": f"{_EU}data-theme/REGI",
        "service": service,
        "dataset": made,
    }


def _publisher(ref: Ref, own: str, base: str) -> dict[str, Any]:
    return {
        "@id": f"{own}#publisher",
        "@type": "foaf:Organization",
        "name": ref.name,
        "homepage": f"{base}/about",
    }


def _dataset(links: Links, ref: Ref, entry: Entry, dumps: str, own: str) -> dict[str, Any]:
    collection, credit = entry.collection, entry.credit
    path = f"/collections/{segment(collection.id)}"
    mark = "" if credit["quality"] == "real" else f"【{credit['quality_label']}】"
    found: dict[str, Any] = {
        "@id": f"{own}#{collection.id}",
        "@type": "dcat:Dataset",
        "identifier": f"{ref.municipality_code}/{collection.id}",
        "title": f"{ref.name} {collection.title}",
        "description": f"{mark}{collection.description}",
        "keyword": [*collection.keywords, ref.name],
        "language": f"{_EU}language/JPN",
        "theme": f"{_EU}data-theme/REGI",
        "publisher": {"@id": f"{own}#publisher"},
        "contactPoint": _contact(ref),
        "license": licence_of(credit, links),
        "accrualPeriodicity": f"{_EU}frequency/IRREG",
        "landingPage": links.url(path),
        "spatial": _place(ref, entry.extent),
        "distribution": [*_live(links, entry, own), *_held(entry, dumps, links)],
    }
    if credit["source"]:
        found["provenance"] = {"@type": "dct:ProvenanceStatement", "label": f"出典: {credit['source']}"}
    if credit["authority"]:
        found["creator"] = {"@type": "foaf:Agent", "name": credit["authority"]}
    if entry.modified:
        found["modified"] = entry.modified
    period = _period(entry)
    if period is not None:
        found["temporal"] = period
    return found


def licence_of(credit: Mapping[str, Any], links: Links) -> str:
    """Address of the terms: their own where they are well known, else of our page that states all of them."""
    return LICENCES.get(credit["licence"], links.beside("/datasets"))


def _contact(ref: Ref) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": "vcard:Organization", "fn": ref.contact_department or ref.name}
    if ref.contact_phone:
        found["hasTelephone"] = f"tel:{ref.contact_phone}"
    if ref.contact_email:
        found["hasEmail"] = f"mailto:{ref.contact_email}"
    return found


def _place(ref: Ref, extent: Extent) -> dict[str, Any]:
    found = {
        "@type": "dct:Location",
        "label": f"{ref.pref_name}{ref.name}",
        "identifier": ref.municipality_code,
    }
    if extent.bbox is not None:
        w, s, e, n = (f"{value:.6f}" for value in extent.bbox)
        found["bbox"] = f"POLYGON (({w} {s}, {e} {s}, {e} {n}, {w} {n}, {w} {s}))"
    return found


def _period(entry: Entry) -> dict[str, Any] | None:
    """Days of the records, else the day the data are of."""
    begin = entry.extent.begin.isoformat() if entry.extent.begin else None
    end = entry.extent.end.isoformat() if entry.extent.end else None
    if begin is None and end is None:
        begin = end = entry.credit["as_of"]
    found = {name: day for name, day in (("startDate", begin), ("endDate", end)) if day}
    return {"@type": "dct:PeriodOfTime", **found} if found else None


def _live(links: Links, entry: Entry, own: str) -> Iterable[dict[str, Any]]:
    """The formats in which the collection can be asked for; their size depends on the day."""
    path = f"/collections/{segment(entry.collection.id)}/items"
    for item in formats_for(entry.collection.id):
        address = links.url(path, {"f": item.id})
        yield {
            "@type": "dcat:Distribution",
            "title": f"{item.title}（OGC API）",
            "accessURL": address,
            "downloadURL": address,
            "mediaType": _type(item.media_type),
            "license": licence_of(entry.credit, links),
            "accessService": {"@id": f"{own}#service"},
        }


def _held(entry: Entry, dumps: str, links: Links) -> Iterable[dict[str, Any]]:
    """Files of the generation's dump; size and checksum once it has been made."""
    for file in entry.files:
        found: dict[str, Any] = {
            "@type": "dcat:Distribution",
            "title": f"{file['title']}（世代ごとの一括ダウンロード）",
            "accessURL": links.beside("/opendata"),
            "downloadURL": links.beside(f"{dumps}/{file['name']}"),
            "mediaType": _type(file["media_type"]),
            "license": licence_of(entry.credit, links),
        }
        if "bytes" in file:
            found["byteSize"] = str(file["bytes"])
            found["checksum"] = {
                "@type": "spdx:Checksum",
                "checksumAlgorithm": "spdx:checksumAlgorithm_sha256",
                "checksumValue": file["sha256"],
            }
        yield found


def _type(media_type: str) -> str:
    return _IANA + media_type.partition(";")[0]
