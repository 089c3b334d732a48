"""Whom an answer credits, and how far it may be believed: part of every JSON, page and download."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kyodo_geo.quality import DatasetInfo, Quality, worst


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
