"""folium and pygal, imported late, without what they would bring along for nothing.

folium imports pandas only to recognise data frames handed to it, which we never do; with it a web worker would
hold 34 MB more (measured with pandas 3.1: 80 MB instead of 46 MB after `import folium`). folium itself supports
machines without pandas, so while it is being imported pandas is hidden from it. requests it wants only to fetch data from
addresses that are handed to it, which we never do: an empty module stands in its place (8 MB with what it brings along).
"""

from __future__ import annotations

import importlib.metadata
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_LOCK = threading.Lock()


class _Hidden:
    """A finder that denies one module to one thread; other threads import it as usual."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.thread = threading.get_ident()

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname == self.name and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{fullname} is hidden while folium is imported", name=fullname)
        return None


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Let this thread find no such module, if nobody has imported it yet."""
    finder = _Hidden(name)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def _replaced(name: str, by: ModuleType | None = None) -> Iterator[None]:
    """Another module, or an empty one, in place of one that nothing else in the process has imported."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = by or ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]


def load_folium() -> ModuleType:
    """The folium package. Where pandas is loaded already nothing is hidden: there is nothing to save."""
    with _LOCK:
        if "folium" not in sys.modules:
            with _hidden("pandas"), _replaced("requests"):
                import folium
            _forget_lists()
        import folium

        return folium


def load_pygal() -> Any:
    """The pygal package, with the standard library's ElementTree and metadata of packages instead of lxml and
    importlib_metadata: 5 MB for a few charts."""
    with _LOCK:
        if "pygal" not in sys.modules:
            with _hidden("lxml"), _replaced("importlib_metadata", importlib.metadata):
                import pygal
        import pygal
        import pygal.style

        return pygal


def _forget_lists() -> None:
    """Addresses of some hundred tile servers and as many scales of colours, which we never name: 3 MB."""
    from branca import colormap

    sys.modules["xyzservices"].providers.clear()
    for scales in (colormap.linear, colormap.step):
        vars(scales).clear()
