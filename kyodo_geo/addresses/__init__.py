"""Addresses as people write them: normalise, take apart, match against the gazetteer."""

from kyodo_geo.addresses.gazetteer import Gazetteer
from kyodo_geo.addresses.match import AddressMatcher
from kyodo_geo.addresses.municipalities import Municipality
from kyodo_geo.addresses.national import NationalMatch, NationalMatcher
from kyodo_geo.addresses.normalise import MAX_LENGTH, clean, fold_name
from kyodo_geo.addresses.reading import Fit, Match, Part, Reading, Status, Use
from kyodo_geo.addresses.towns import koaza_key, official, spelling, split_town

__all__ = [
    "MAX_LENGTH", "AddressMatcher", "Fit", "Gazetteer", "Match", "Municipality", "NationalMatch", "NationalMatcher", "Part",
    "Reading", "Status", "Use", "clean", "fold_name", "koaza_key", "official", "spelling", "split_town",
]  # fmt: skip
