"""Whom an answer credits, and how far it may be believed: part of every JSON, page and download."""

from __future__ import annotations

from kyodo_geo.quality import credit

__all__ = ["credit"]
