"""What a collection of features is: its properties, what it rests on, and who may read which part of it."""

from __future__ import annotations

from collections.abc import Collection as Roles
from dataclasses import dataclass, replace
from enum import StrEnum

from kyodo_geo.roles import Role

EVERYBODY: frozenset[Role] = frozenset(Role)


class Kind(StrEnum):
    """Type of a property's values. `LIST` is an array of strings."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Property:
    """One property. `title` and `description` are Japanese; `options` is a closed vocabulary (empty: anything).

    `readers`: the roles that may read it, None for whoever may read the collection. A property that a reader may
    not read does not exist for them: not as a column, queryable, sort key, or word of an error.
    """

    name: str
    title: str
    kind: Kind
    unit: str | None = None
    options: tuple[str, ...] = ()
    description: str | None = None
    queryable: bool = True
    sortable: bool = True
    readers: frozenset[Role] | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """One collection. `kinds` are the kinds of datasets it rests on, the main one first; () for dated records.

    `key` names the property whose values are the ids (as text in addresses); it is unique and closes every order.
    `interval` names the properties of the first day and of the day after the last.
    """

    id: str
    title: str
    description: str
    kinds: tuple[str, ...]
    geometry: str | None
    key: str
    properties: tuple[Property, ...]
    keywords: tuple[str, ...] = ()
    interval: tuple[str, str] | None = None
    readers: frozenset[Role] = EVERYBODY

    def seen_by(self, roles: Roles[Role]) -> Collection | None:
        """The collection with the properties that these roles may read; None where it does not exist for them."""
        if self.readers.isdisjoint(roles):
            return None
        seen = tuple(p for p in self.properties if p.readers is None or not p.readers.isdisjoint(roles))
        return self if len(seen) == len(self.properties) else replace(self, properties=seen)

    def find(self, name: str) -> Property | None:
        """The property of that name, None where there is none (for these readers)."""
        return next((p for p in self.properties if p.name == name), None)

    @property
    def queryables(self) -> tuple[Property, ...]:
        """Properties that a filter may name."""
        return tuple(p for p in self.properties if p.queryable)

    @property
    def sortables(self) -> tuple[Property, ...]:
        """Properties that an order may name."""
        return tuple(p for p in self.properties if p.sortable)


def text(name: str, title: str, **kwargs: object) -> Property:
    """A property of text."""
    return Property(name, title, Kind.STRING, **kwargs)  # type: ignore[arg-type]


def whole(name: str, title: str, **kwargs: object) -> Property:
    """A property of whole numbers."""
    return Property(name, title, Kind.INTEGER, **kwargs)  # type: ignore[arg-type]


def number(name: str, title: str, **kwargs: object) -> Property:
    """A property of numbers with a fraction."""
    return Property(name, title, Kind.NUMBER, **kwargs)  # type: ignore[arg-type]


def yes_no(name: str, title: str, **kwargs: object) -> Property:
    """A property that is true or false."""
    return Property(name, title, Kind.BOOLEAN, **kwargs)  # type: ignore[arg-type]


def day(name: str, title: str, **kwargs: object) -> Property:
    """A property of days."""
    return Property(name, title, Kind.DATE, **kwargs)  # type: ignore[arg-type]


def texts(name: str, title: str, **kwargs: object) -> Property:
    """A property of several texts; a list has no order of its own."""
    return Property(name, title, Kind.LIST, sortable=False, **kwargs)  # type: ignore[arg-type]


def origin() -> tuple[Property, ...]:
    """Where a dated record comes from, and how far it may be believed."""
    return (
        text("quality", "品質", options=("real", "unofficial", "sample")),
        text("source", "出典"),
    )


def validity() -> tuple[Property, ...]:
    """The period in which a dated record holds."""
    return (
        day("valid_from", "最初の日", description="この日から有効。空は、不明または以前から"),
        day("valid_to", "終わりの次の日", description="この日から無効。空は、今も有効"),
    )
