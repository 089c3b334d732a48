"""The schema, one file per topic. `metadata` knows every table once this package is imported."""

from geodata.schema import (
    accounts,
    areas,
    associations,
    batches,
    core,
    drafts,
    facilities,
    gazetteer,
    layers,
    partners,
    people,
    plans,
    vacant,
)
from geodata.schema.base import SCHEMA, VACANT_SCHEMA, metadata

__all__ = [
    "SCHEMA",
    "VACANT_SCHEMA",
    "accounts",
    "areas",
    "associations",
    "batches",
    "core",
    "drafts",
    "facilities",
    "gazetteer",
    "layers",
    "metadata",
    "partners",
    "people",
    "plans",
    "vacant",
]
