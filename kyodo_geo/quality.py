"""How far a figure may be believed, and the credit every answer carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Quality(StrEnum):
    """Quality of a dataset or a single value."""

    REAL = "real"
    UNOFFICIAL = "unofficial"
    SAMPLE = "sample"

    @property
    def label(self) -> str:
        """The mark shown to people."""
        return LABELS[self]


LABELS = {
    Quality.REAL: "公表データ",
    Quality.UNOFFICIAL: "非公式（当サービスの推定）",
    Quality.SAMPLE: "見本データ（架空）",
}
_WORST_FIRST = (Quality.SAMPLE, Quality.UNOFFICIAL, Quality.REAL)


def worst(qualities: Iterable[Quality]) -> Quality:
    """The least believable of several; an answer is only as good as its worst part. Real when there is none."""
    found = set(qualities)
    return next((quality for quality in _WORST_FIRST if quality in found), Quality.REAL)


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """What is said of a dataset wherever its content is shown."""

    dataset_id: int
    kind: str
    title: str
    source: str
    licence: str
    authority: str
    as_of: date | None
    quality: Quality
    checksum: str | None = None
    loaded_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-able: dates as ISO 8601, the mark beside the quality."""
        return {
            "dataset_id": self.dataset_id,
            "kind": self.kind,
            "title": self.title,
            "source": self.source,
            "licence": self.licence,
            "authority": self.authority,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "quality": self.quality.value,
            "quality_label": self.quality.label,
        }


def credit(
    datasets: Mapping[str, DatasetInfo], kinds: Iterable[str], *, values: Iterable[str | None] = ()
) -> dict[str, Any]:
    """The `dataset` member for an answer made of these kinds (the first that is loaded is the main one).

    `values` are the qualities of dated records that went in; the whole is only as good as its worst part.
    """
    parts = [datasets[kind] for kind in kinds if kind in datasets]
    quality = worst([part.quality for part in parts] + [Quality(value) for value in values if value])
    return {
        "title": parts[0].title if parts else None,
        "source": _joined(part.source for part in parts),
        "licence": _joined(part.licence for part in parts),
        "authority": _joined(part.authority for part in parts),
        "as_of": parts[0].as_of.isoformat() if parts and parts[0].as_of else None,
        "quality": quality.value,
        "quality_label": quality.label,
        "parts": [part.as_dict() for part in parts],
    }


def _joined(texts: Iterable[str | None]) -> str:
    return "、".join(dict.fromkeys(text for text in texts if text))
