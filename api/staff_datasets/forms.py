"""The upload form: what was typed → options and facts of a dataset, and the files as they may come."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from starlette.datastructures import FormData, UploadFile

from api.uploads import clean_name
from geodata.readers import FORMATS
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.kinds import KIND_NAMES
from kyodo_geo.quality import Quality

MAX_FILES = 10
MAX_BYTES = 50 * 2**20
"""Of all files together; larger ones are loaded on the command line."""
MAX_UNPACKED = 500 * 2**20
MAX_TEXT = 300
ENCODINGS = {"": "自動で見分ける", "utf-8": "UTF-8", "cp932": "Shift_JIS（CP932）", "euc_jp": "EUC-JP"}
FORMAT_NAMES = {
    "table": "ふつうの表",
    "area-text": "区域を文で書いた表",
    "association-list": "町内会・自治会の名簿",
    "kokuji-text": "認可地縁団体の告示（.txt）",
    "geolonia": "Geolonia 住所データ",
    "abr-names": "アドレス・ベース・レジストリの名前",
    "abr-town": "アドレス・ベース・レジストリの町字",
    "abr-town-pos": "アドレス・ベース・レジストリの町字の位置",
    "abr-rsdt": "アドレス・ベース・レジストリの住居表示",
    "abr-blk": "アドレス・ベース・レジストリの街区",
    "abr-parcel": "アドレス・ベース・レジストリの地番",
    "isj-oaza": "位置参照情報（大字・町丁目レベル）",
    "isj-gaiku": "位置参照情報（街区レベル）",
    "projection": "将来推計（すべての行）",
}
QUALITIES = (Quality.REAL, Quality.UNOFFICIAL, Quality.SAMPLE)
# What the command line's messages call its options, and where the same is said on the page.
_OPTIONS = (
    (r"--map ([0-9a-z_]+)=", r"「列の対応」の欄に \1="),
    (r"--map ?", "「列の対応」の欄の"),
    (r"（--crs）|--crs", "「座標系」の欄"),
    (r"（--encoding）|--encoding", "「文字コード」の欄"),
    (r"（--format）|--format", "「形式」の欄"),
    (r"（--municipality）|--municipality", "（ほかの市区町村のファイルでないか）"),
)

TEXTS = (
    "kind",
    "format",
    "encoding",
    "crs",
    "mapping",
    "title",
    "source",
    "source_url",
    "licence",
    "authority",
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed, as it was typed; `errors` by field."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    meta: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.values["kind"]


def entered(form: FormData) -> Entered:
    """Read the form's texts. Nothing is lost: with errors the values come back to be put right."""
    values = {name: text_of(form, name, 2_000 if name == "mapping" else MAX_TEXT) for name in TEXTS}
    values |= {"as_of": text_of(form, "as_of", 10), "quality": text_of(form, "quality", 20) or "real"}
    errors: dict[str, str] = {}
    kind = values["kind"]
    if kind not in KIND_NAMES:
        errors["kind"] = "データの種類を選んでください。"
    elif values["format"] and values["format"] not in FORMATS.get(kind, ()):
        errors["format"] = f"この形式は{KIND_NAMES[kind]}にはありません。「自動で見分ける」に戻してください。"
    if values["encoding"] not in ENCODINGS:
        errors["encoding"] = "文字コードを一覧から選んでください。"
    mapping = mapping_of(values["mapping"], errors)
    if values["as_of"] and not _is_day(values["as_of"]):
        errors["as_of"] = "時点は 2024-04-01 の形で書いてください。"
    if values["source_url"] and not re.fullmatch(r"https?://[^\s<>\"']{1,280}", values["source_url"]):
        errors["source_url"] = "出典のアドレスは https:// で始めてください。"
    if values["quality"] not in QUALITIES:
        errors["quality"] = "区分を選んでください。"
    if any(not value.isprintable() for name, value in values.items() if name != "mapping"):
        errors.setdefault("title", "制御文字など、使えない文字が含まれています。")
    options = {
        "format": values["format"] or None,
        "encoding": values["encoding"] or None,
        "crs": values["crs"] or None,
        "mapping": mapping,
    }
    meta = {
        name: values[name] or None
        for name in ("title", "source", "source_url", "licence", "authority", "as_of", "quality")
    }
    return Entered(values, errors, options, meta)


def again(upload: Any) -> dict[str, str]:
    """The form's values of an upload that is to be read in another way."""
    mapping = upload.options.get("mapping") or {}
    return {
        "kind": upload.kind,
        **{name: upload.options.get(name) or "" for name in ("format", "encoding", "crs")},
        "mapping": "\n".join(f"{key}={column}" for key, column in mapping.items()),
        **{
            name: upload.meta.get(name) or ""
            for name in ("title", "source", "source_url", "licence", "authority", "as_of", "quality")
        },
    }


def empty(kind: str = "") -> dict[str, str]:
    """The form's values before anything was typed."""
    return {**dict.fromkeys((*TEXTS, "as_of"), ""), "kind": kind, "quality": Quality.REAL.value}


def files_of(form: FormData) -> tuple[list[tuple[str, IO[bytes]]], int]:
    """The uploaded files (name, stream) and their size. Raises InputError or FileFormatError, naming the file."""
    given = [item for item in form.getlist("files") if isinstance(item, UploadFile) and item.filename]
    if not given:
        raise InputError("ファイルを選んでください。", field="files")
    if len(given) > MAX_FILES:
        raise InputError(f"一度に読み込めるファイルは {MAX_FILES} 個までです。", field="files")
    found: list[tuple[str, IO[bytes]]] = []
    size = 0
    for item in given:
        name = clean_name(item.filename or "")
        if name.lower() in {known.lower() for known, _ in found}:
            raise InputError(f"「{name}」が2つあります。名前を変えてください。", field="files")
        if not item.size:
            raise FileFormatError(f"{name} は空のファイルです。", file=name)
        size += item.size
        if size > MAX_BYTES:
            raise InputError(
                f"ファイルは合わせて {MAX_BYTES >> 20} MB までです。大きいものはコマンドラインで読み込んでください。",
                field="files",
            )
        _refuse_swollen(name, item.file)
        found.append((name, item.file))
    return found, size


def _refuse_swollen(name: str, stream: Any) -> None:
    """A few bytes can stand for gigabytes. What a directory hides is caught when the worker unpacks it."""
    head = stream.read(4)
    stream.seek(0)
    if head != b"PK\x03\x04":
        return
    try:
        with zipfile.ZipFile(stream) as content:
            unpacked = sum(member.file_size for member in content.infolist())
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, EOFError, OSError, NotImplementedError):
        raise FileFormatError(
            f"{name} は壊れているか、途中で切れています。ダウンロードし直してください。", file=name
        ) from None
    finally:
        stream.seek(0)
    if unpacked > MAX_UNPACKED:
        raise FileFormatError(
            f"{name} は、展開すると {unpacked / 1e6:,.0f} MB になります（{MAX_UNPACKED >> 20} MB まで）。"
            "必要なファイルだけを取り出してください。",
            file=name,
        )


def for_page(message: str) -> str:
    """A message of the readers with the page's fields in place of the command line's options."""
    for pattern, words in _OPTIONS:
        message = re.sub(pattern, words, message)
    return message


def formats() -> list[tuple[str, Sequence[tuple[str, str]]]]:
    """(kind's name, [(format, its name)]) for the choice."""
    return [
        (KIND_NAMES[kind], [(name, FORMAT_NAMES.get(name, name)) for name in names])
        for kind, names in FORMATS.items()
    ]


def text_of(form: FormData, name: str, most: int) -> str:
    value = form.get(name)
    return value.strip()[:most] if isinstance(value, str) else ""


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and 1900 <= date.fromisoformat(value).year <= 2200
    except ValueError:
        return False


def mapping_of(text: str, errors: dict[str, str]) -> dict[str, str]:
    from api.commands.datasets import parse_mapping

    try:
        return parse_mapping([line for line in text.splitlines() if line.strip()]) or {}
    except InputError as error:
        errors["mapping"] = for_page(error.message)
        return {}
