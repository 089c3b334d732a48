"""The schema, one file per topic. `metadata` knows every table once this package is imported."""

from geodata.schema import (
    accounts,
    areas,
    associations,
    at_risk,
    batches,
    core,
    dataset_uploads,
    drafts,
    facilities,
    gazetteer,
    halls,
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
    "at_risk",
    "batches",
    "core",
    "dataset_uploads",
    "drafts",
    "facilities",
    "gazetteer",
    "halls",
    "layers",
    "metadata",
    "partners",
    "people",
    "plans",
    "vacant",
]
