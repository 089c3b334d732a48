"""The table of sources: what to download from where, and what the file must look like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kyodo_geo.errors import InputError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

BUILT_IN = Path(__file__).with_name("sources.toml")
MEGABYTE = 1_000_000

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold before anything is loaded.

    `where` picks the rows that count (column → text); `rows` is their exact number, `rows_min` the least;
    `totals` are exact sums of integer columns over them. `columns` must be there. `loaded_rows` and `loaded` are
    the same for what the reader makes of the file (canonical columns).
    """

    columns: tuple[str, ...] = ()
    where: Mapping[str, str] = field(default_factory=dict)
    rows: int | None = None
    rows_min: int = 1
    totals: Mapping[str, int] = field(default_factory=dict)
    loaded_rows: int | None = None
    loaded: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """One file: at `url`, or `bundled` with this program (a path inside the package geodata).

    `members` are patterns of the archive's files that are wanted, the one to read first; empty for a file that
    is no archive. `as_of_member` names a metadata file whose last date of the period is the as-of date.
    `page` is where a person finds the file. `confirmed` is false until somebody has downloaded from `url`.
    """

    id: str
    kind: str
    title: str
    source: str
    licence: str
    authority: str
    url: str | None = None
    bundled: str | None = None
    filename: str = ""
    page: str | None = None
    format: str | None = None
    crs: str | None = None
    encoding: str | None = None
    members: tuple[str, ...] = ()
    as_of: date | None = None
    as_of_member: str | None = None
    quality: Quality = Quality.REAL
    max_bytes: int = 200 * MEGABYTE
    max_seconds: int = 1800
    confirmed: bool = False
    sha256: str | None = None
    check: Check = Check()

    @property
    def is_archive(self) -> bool:
        return bool(self.members)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """All sources of one municipality, in the order in which they are loaded."""

    municipality: str
    sources: tuple[Source, ...]
    path: Path

    def select(self, only: Iterable[str]) -> tuple[Source, ...]:
        """Sources of the kinds named by kind or by id of a source (all when `only` is empty).

        A dataset replaces its kind whole, so the sources of one kind go together. Raises `InputError` for an
        unknown name.
        """
        wanted = list(only)
        known = {source.id for source in self.sources} | {source.kind for source in self.sources}
        unknown = [name for name in wanted if name not in known]
        if unknown:
            listed = "、".join(source.id for source in self.sources)
            raise InputError(
                f"--only に指定した「{'、'.join(unknown)}」はありません。指定できる名前: {listed}",
                field="only",
            )
        kinds = {s.kind for s in self.sources if not wanted or s.id in wanted or s.kind in wanted}
        return tuple(source for source in self.sources if source.kind in kinds)


def load_sources(path: Path | None = None) -> SourceTable:
    """The built-in table, or the one in `path`.

    Raises `InputError` naming the entry that cannot be used.
    """
    path = path or BUILT_IN
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"取得元の表 {path} がありません。", field="sources") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"取得元の表 {path} を読めません: {error}", field="sources") from None
    municipality = raw.get("municipality")
    if not isinstance(municipality, str) or not re.fullmatch(r"[0-9]{5}", municipality):
        raise InputError(
            "取得元の表に municipality（市区町村コード5桁の文字列）がありません。", field="sources"
        )
    entries = raw.get("source")
    if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
        raise InputError("取得元の表に [[source]] がありません。", field="sources")
    sources = tuple(_source(entry, number) for number, entry in enumerate(entries, start=1))
    for what in ("id", "filename"):
        names = [getattr(source, what) for source in sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"取得元の表に同じ {what} が2つあります: {'、'.join(twice)}", field="sources")
    return SourceTable(municipality, sources, path)


def _source(entry: dict[str, Any], number: int) -> Source:
    name = f"{number}番目の取得元" + (f"「{entry['id']}」" if isinstance(entry.get("id"), str) else "")

    def refuse(what: str) -> InputError:
        return InputError(f"取得元の表の{name}: {what}", field="sources")

    allowed = {part.name for part in fields(Source)}
    unknown = sorted(set(entry) - allowed)
    if unknown:
        raise refuse(f"知らない項目 {'、'.join(unknown)} があります。")
    missing = [key for key in ("id", "kind", "title", "source", "licence", "authority") if not entry.get(key)]
    if missing:
        raise refuse(f"{'、'.join(missing)} がありません。")
    values = {key: _typed(key, value, refuse) for key, value in entry.items()}
    if ("url" in values) == ("bundled" in values):
        raise refuse("url か bundled のどちらか一方を書いてください。")
    if values["kind"] not in KIND_NAMES:
        raise refuse(f"kind「{values['kind']}」はありません。使える種類: {'、'.join(KIND_NAMES)}")
    if "url" in values:
        address = urlsplit(values["url"])
        if address.scheme not in ("https", "http") or not address.hostname:
            raise refuse(f"url「{values['url']}」は https:// で始まるアドレスにしてください。")
    else:
        values.setdefault("filename", Path(values["bundled"]).name)
        if ".." in Path(values["bundled"]).parts or Path(values["bundled"]).is_absolute():
            raise refuse("bundled はパッケージ geodata の中のファイルにしてください。")
    values.setdefault("filename", values["id"] + (".zip" if values.get("members") else ""))
    for key in ("id", "filename"):
        if not _NAME.fullmatch(values[key]):
            raise refuse(f"{key} は英数字と . _ - で、80字以内にしてください。")
    if "sha256" in values and not _SHA256.fullmatch(values["sha256"]):
        raise refuse("sha256 は16進数64桁で書いてください。")
    return Source(**values)


def _typed(key: str, value: Any, refuse: Any) -> Any:
    """The value in the type of its field."""
    if key == "check":
        return _check(value, refuse)
    if key == "members":
        return _texts(key, value, refuse)
    if key == "quality":
        if value not in (Quality.REAL.value, Quality.UNOFFICIAL.value):
            raise refuse("quality は real か unofficial にしてください。")
        return Quality(value)
    wanted: type = {"as_of": date, "max_bytes": int, "max_seconds": int, "confirmed": bool}.get(key, str)
    empty = (isinstance(value, str) and not value.strip()) or (wanted is int and value == 0)
    if type(value) is not wanted or empty or (type(value) is int and value < 0):
        names = {date: "日付（例 2020-10-01）", int: "1以上の整数", bool: "true か false", str: "文字列"}
        raise refuse(f"{key} は{names[wanted]}で書いてください。")
    return value


def _texts(key: str, value: Any, refuse: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise refuse(f"{key} は文字列の並びにしてください。")
    return tuple(value)


def _check(value: Any, refuse: Any) -> Check:
    if not isinstance(value, dict) or set(value) - {part.name for part in fields(Check)}:
        listed = "、".join(part.name for part in fields(Check))
        raise refuse(f"check には {listed} だけを書けます。")
    done = dict(value)
    if "columns" in done:
        done["columns"] = _texts("check.columns", done["columns"], refuse)
    for key, kind in (("where", str), ("totals", int), ("loaded", int)):
        part = done.get(key, {})
        if not isinstance(part, dict) or not all(type(item) is kind for item in part.values()):
            raise refuse(f"check.{key} の値は{'文字列' if kind is str else '整数'}で書いてください。")
    for key in ("rows", "rows_min", "loaded_rows"):
        if key in done and (type(done[key]) is not int or done[key] < 0):
            raise refuse(f"check.{key} は0以上の整数で書いてください。")
    return Check(**done)
