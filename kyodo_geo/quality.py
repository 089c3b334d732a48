"""How far a figure may be believed, and the credit every answer carries."""

from __future__ import annotations

from collections.abc import Iterable
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
