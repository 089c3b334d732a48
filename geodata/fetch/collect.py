"""Bring every selected source into a folder, checked and unpacked; nothing unchecked gets its final name."""

from __future__ import annotations

import enum
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import httpx

import geodata
from geodata.fetch import archive
from geodata.fetch.contents import check_contents
from geodata.fetch.download import Limits, Received, Watch, download
from geodata.fetch.part import Part, Validators
from geodata.fetch.sources import MEGABYTE, Source
from geodata.fetch.state import Record, State, exclusive, now, sha256_of
from kyodo_geo.errors import ConflictError, FileFormatError, NotFoundError, UnavailableError

PACKAGE = Path(geodata.__file__).parent
UNPACKED = "unpacked"


class How(enum.Enum):
    """Where the file came from this time; the value is what people read."""

    FIRST = "初めて取得しました"
    SAME = "前と同じ内容です"
    CHANGED = "内容が替わりました（承認済み）"
    KEPT = "取得済みのファイルを使います"
    BUNDLED = "同梱のファイルを使います"


@dataclass(frozen=True, slots=True)
class Collected:
    """A checked file: `files` to read (the archive's members, or the file itself) and what was found in it."""

    source: Source
    files: tuple[Path, ...]
    sha256: str
    how: How
    found: dict[str, int]
    as_of: date | None
    fetched_at: str | None


def collect(
    sources: Sequence[Source],
    folder: Path,
    *,
    watch: Watch,
    limits: Limits | None = None,
    offline: bool = False,
    accept_changed: bool = False,
) -> list[Collected]:
    """Download (unless `offline`), check and unpack `sources`.

    Raises the first failure: `NotFoundError`, `UnavailableError`, `FileFormatError`, or `ConflictError` when the
    content differs from the first download and `accept_changed` is false. Files that were good before stay.
    """
    limits = limits or Limits()
    with exclusive(folder), limits.client() as client:
        collector = _Collector(folder, State(folder), client, limits, watch, offline, accept_changed)
        return [collector.one(source) for source in sources]


def is_confirmed(source: Source, folder: Path) -> bool:
    """Whether the address is known to work: by the table, or because it was downloaded into `folder`."""
    return source.confirmed or (folder.is_dir() and State(folder).get(source.id, source.url) is not None)


@dataclass(frozen=True, slots=True)
class _Collector:
    folder: Path
    state: State
    client: httpx.Client
    limits: Limits
    watch: Watch
    offline: bool
    accept_changed: bool

    def one(self, source: Source) -> Collected:
        if source.bundled is not None:
            return self._bundled(source)
        target = self.folder / source.filename
        record = self.state.get(source.id, source.url)
        intact = record is not None and target.exists() and sha256_of(target) == record.sha256
        if self.offline:
            return self._kept(source, target, record, intact)
        known = Validators(record.etag, record.last_modified) if record and intact else Validators()
        received = self._download(source, target, known)
        if received is None:
            assert record is not None
            return self._collected(source, target, How.SAME, record)
        return self._received(source, target, received, record)

    def _bundled(self, source: Source) -> Collected:
        path = PACKAGE / str(source.bundled)
        if not path.is_file():
            raise NotFoundError(
                f"同梱のファイル {source.bundled} がありません。導入し直してください。", source=source.id
            )
        found = check_contents(source, path)
        return Collected(source, (path,), sha256_of(path), How.BUNDLED, found, source.as_of, None)

    def _kept(self, source: Source, target: Path, record: Record | None, intact: bool) -> Collected:
        """A file brought by hand (a closed network) or by an earlier run."""
        if not target.exists():
            raise NotFoundError(
                f"{source.title} のファイル {target} がありません。外につながる端末で"
                " `kyodo-geo fetch --no-load --dir フォルダー` を実行し、そのフォルダーを写してください。",
                source=source.id,
            )
        if record is not None and not intact:
            raise ConflictError(
                f"{target} の内容が、取得したときの記録（{record.sha256[:12]}…）と違います。"
                "写し間違いがないか確かめ、もう一度写すか取得してください。",
                source=source.id,
            )
        if record is None:
            self._inspect(source, target)
            sha = sha256_of(target)
            record = Record(
                str(source.url), source.filename, sha, target.stat().st_size, None, None, now(), sha
            )
            self._refuse_other_than_pinned(source, sha)
            self.state.put(source.id, record)
        self._refuse_other_than_pinned(source, record.sha256)
        return self._collected(source, target, How.KEPT, record)

    def _download(self, source: Source, target: Path, known: Validators) -> Received | None:
        def bring(known: Validators) -> Received | None:
            return download(self.client, source, target, known=known, limits=self.limits, watch=self.watch)

        received = bring(known)
        if received is None or not received.resumed:
            return received
        try:
            archive.check_file(source, received.part.path)
        except FileFormatError:
            # Two halves that do not belong together: the server continued something else. Once more, whole.
            self.watch.said(f"{source.title}: 続きを合わせた結果が壊れていたため、最初から受け取り直します。")
            received.part.discard()
            received = bring(Validators())
        return received

    def _received(self, source: Source, target: Path, received: Received, record: Record | None) -> Collected:
        part = received.part
        try:
            self._inspect(source, part.path)
        except FileFormatError:
            part.discard()  # continuing it would not make it better
            raise
        sha = sha256_of(part.path)
        changed = record is not None and record.sha256 != sha
        try:
            self._refuse_other_than_pinned(source, sha)
            if changed and not self.accept_changed:
                raise self._changed(source, record, sha)  # type: ignore[arg-type]
        except ConflictError:
            self._set_aside(target, part)
            raise
        fresh = Record(
            url=str(source.url),
            filename=source.filename,
            sha256=sha,
            size=received.size,
            etag=received.validators.etag,
            last_modified=received.validators.last_modified,
            fetched_at=now(),
            first_sha256=record.first_sha256 if record else sha,
            changes=(*record.changes, *([(now(), sha)] if changed else [])) if record else (),
        )
        part.finish(target)
        self.state.put(source.id, fresh)
        how = How.FIRST if record is None else How.CHANGED if changed else How.SAME
        return self._collected(source, target, how, fresh)

    def _set_aside(self, target: Path, part: Part) -> None:
        """Keep the unexpected file beside the good one, for comparison."""
        part.finish(target.with_name(target.name + ".changed"))

    def _changed(self, source: Source, record: Record, sha: str) -> ConflictError:
        return ConflictError(
            f"{source.title} の内容が、{record.fetched_at[:10]} に取得したもの（SHA-256 {record.sha256[:12]}…）と"
            f"違います（{sha[:12]}…）。前のファイルはそのまま残し、新しいものは {source.filename}.changed に"
            "置きました。提供元の更新であることを確かめたうえで、--accept-changed を付けて実行してください。",
            source=source.id,
            sha256=sha,
            recorded=record.sha256,
        )

    def _refuse_other_than_pinned(self, source: Source, sha: str) -> None:
        if source.sha256 is not None and sha != source.sha256:
            raise ConflictError(
                f"{source.title} の SHA-256（{sha[:12]}…）が、取得元の表にある値（{source.sha256[:12]}…）と違います。",
                source=source.id,
                sha256=sha,
            )

    def _inspect(self, source: Source, path: Path) -> dict[str, int]:
        """Form and contents; raises `FileFormatError`."""
        archive.check_file(source, path)
        scratch = self.folder / UNPACKED / f"{source.id}.checking"
        try:
            return check_contents(source, self._files(source, path, scratch)[0])
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _files(self, source: Source, path: Path, folder: Path) -> list[Path]:
        """Files to read. What is no archive is given its own suffix: pyogrio and pandas choose by it."""
        if source.is_archive:
            return archive.unpack(source, path, folder)
        if path.suffix == Path(source.filename).suffix:
            return [path]
        folder.mkdir(parents=True, exist_ok=True)
        named = folder / source.filename
        shutil.copyfile(path, named)
        return [named]

    def _collected(self, source: Source, target: Path, how: How, record: Record) -> Collected:
        try:
            files = self._files(source, target, self.folder / UNPACKED / source.id)
            found = check_contents(source, files[0])
        except OSError as error:
            raise UnavailableError(
                f"{source.filename}（{record.size / MEGABYTE:.1f} MB）を展開できません（{error.strerror or error}）。"
                "空き容量と権限を確かめてください。"
            ) from error
        dated = replace(source, as_of=archive.as_of(source, target)).as_of
        return Collected(source, tuple(files), record.sha256, how, found, dated, record.fetched_at)
