"""People by age: tables with one row per age class, or one column per age class (e-Stat and others)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from geodata.readers import estat_tables
from geodata.readers.fields import Field, find_columns, folded
from geodata.readers.key_codes import key_code
from geodata.readers.reading import SOURCE, Reading, canonical
from geodata.readers.sources import Table
from geodata.readers.values import choice, clean, integer, name, narrow, number, yes_no
from kyodo_geo.ages import OLDEST, AgeClass, AgeLabel, finest, read_label
from kyodo_geo.dates import parse_fiscal_year
from kyodo_geo.errors import FileFormatError, InputError
from kyodo_geo.mesh import corners

COLUMNS = ("area_kind", "area_key", "year", "age_from", "age_to", "people", "projected")
AREA_KINDS = {"small-area": "small-area", "mesh": "mesh", "小地域": "small-area", "メッシュ": "mesh"}
MESH_HEADINGS = frozenset({"メッシュコード", "meshcode", "meshid", "地域メッシュコード"})
SEXES = {"計": "both", "総数": "both", "男女計": "both", "男": "male", "女": "female"}
MAX_PEOPLE = 50_000_000


def _year(cell: str) -> int:
    year = parse_fiscal_year(cell)
    if not 1920 <= year <= 2200:
        raise InputError(f"「{cell[:40]}」は年として読めません。")
    return year


def _age(cell: str) -> AgeLabel:
    found = read_label(cell)
    if found is None:
        raise InputError(f"「{cell[:40]}」は年齢の区分（例: 0～4歳、85歳以上）として読めません。")
    return found


def _age_number(cell: str) -> int | None:
    value = integer(cell)
    if value is not None and not 0 <= value <= OLDEST:
        raise InputError(f"「{cell[:40]}」は年齢ではありません。")
    return value


def people(cell: str) -> float | None:
    """People, None where they are kept secret (*, X); a projection has a fraction."""
    if narrow(cell) in estat_tables.SECRET:
        return None
    value = number(cell)
    if value is not None and not 0 <= value <= MAX_PEOPLE:
        raise InputError(f"「{cell[:40]}」は人数として読めません。")
    return value


FIELDS = (
    Field(
        "area_key", "区域", name, ("KEY_CODE", "小地域コード", "メッシュコード", "MESH_CODE", "MESH_ID", "地域メッシュコード"),
        required=True,
    ),
    Field("area_kind", "区域の種類", choice(AREA_KINDS), ("区分",)),
    Field("year", "調査年", _year, ("年", "年次", "西暦")),
    Field("age", "年齢", _age, ("年齢区分", "年齢階級")),
    Field("age_from", "年齢から", _age_number, ("下限年齢",)),
    Field("age_to", "年齢まで", _age_number, ("上限年齢",)),
    Field("sex", "性別", choice(SEXES), ("男女", "男女別")),
    Field("people", "人口", people, ("人数", "値")),
    Field("projected", "推計", yes_no, ("将来推計",)),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Figure:
    """One number of the file. `row` is the row it stands in."""

    source: str
    row: int
    kind: str
    key: str
    year: int
    label: AgeLabel
    people: float | None
    projected: bool


def read(reading: Reading) -> Any:
    """One row per area, year and class; sums by sex, totals and coarser classes beside finer ones are left out."""
    import pandas as pd

    stated = estat_tables.stated_year(reading)
    figures: list[_Figure] = []
    for table in reading.tables:
        figures += _figures(reading, table, stated)
    rows = _classes(reading, figures)
    frame = pd.DataFrame(rows, columns=[*COLUMNS, SOURCE, "row"]).set_index("row")
    reading.refuse_if_useless(frame)
    known = reading.context.small_area_keys
    if known is not None:
        strange = (frame["area_kind"] == "small-area") & ~frame["area_key"].isin(list(known))
        for key in dict.fromkeys(frame["area_key"][strange]):
            reading.report.add("unmatched", column="area_key", value=key)
        for source, row in dict.fromkeys(zip(frame[SOURCE][strange], frame.index[strange], strict=True)):
            reading.report.reject(
                str(source), int(row), "area_key", None, "登録されている小地域にありません。"
            )
        frame = frame[~strange]
    frame = reading.drop_duplicates(frame, ("area_kind", "area_key", "year", "age_from"))
    for year, part in frame.groupby("year"):
        reading.report.totals[f"{year}年の人口"] = float(part["people"].sum())
    frame["age_to"] = frame["age_to"].astype("Int64")
    return canonical(frame, COLUMNS)


def _figures(reading: Reading, table: Table, stated: int | None) -> list[_Figure]:
    estat = estat_tables.take_labels(table)
    if not len(table.frame):
        raise FileFormatError(f"{table.source} にデータの行がありません。", file=table.source)
    columns = find_columns(table, FIELDS, reading.mapping)
    long = "age" in columns or "age_from" in columns
    wide = {} if long else _wide_columns(table, set(columns.values()))
    if not long and not wide:
        raise FileFormatError(
            f"{table.source} に年齢の列がありません。「年齢」「人口」の列か、「0～4歳」のような見出しの列が要ります。",
            file=table.source,
            column="age",
        )
    if long and "people" not in columns:
        raise FileFormatError(
            f"{table.source} に「人口」の列が見つかりません。", file=table.source, column="people"
        )
    frame = reading.typed(table, [field for field in FIELDS if long or field.name not in ("people", "sex")])
    frame = _known_areas(reading, table, frame, columns["area_key"])
    cells = {} if long else {heading: dict(table.frame[heading].items()) for heading in wide}
    found: list[_Figure] = []
    for row, record in zip(frame.index, frame.to_dict("records"), strict=True):
        try:
            if long:
                found.append(_long(table, int(row), record, stated))
            else:
                found += [
                    _figure(table, int(row), record, label, _count(cells[heading][row], estat), stated)
                    for heading, label in wide.items()
                ]
        except InputError as error:
            if isinstance(error, FileFormatError):
                raise
            reading.report.reject(table.source, int(row), None, None, error.message)
    return found


def _wide_columns(table: Table, taken: set[str]) -> dict[str, AgeLabel]:
    """Column → what its heading (or its label) says of ages."""
    found = {}
    for column in map(str, table.frame.columns):
        label = None if column in taken else read_label(table.labels.get(column, column))
        if label is not None:
            found[column] = label
    return found if any(label.kind == "class" for label in found.values()) else {}


def _count(cell: str, estat: bool) -> float | None:
    plain = clean(cell)
    if not plain or (estat and narrow(plain) in estat_tables.NONE):
        return 0.0 if plain else None
    return people(plain)


def _known_areas(reading: Reading, table: Table, frame: Any, heading: str) -> Any:
    """Rows whose key is one, with the kind of area; rows that are sums of others of the file go."""
    default = "mesh" if folded(heading) in MESH_HEADINGS else "small-area"
    kinds = [kind or default for kind in frame["area_kind"]]
    keys: list[str | None] = []
    for row, kind, cell in zip(frame.index, kinds, frame["area_key"], strict=True):
        try:
            keys.append(_checked(kind, cell))
        except InputError as error:
            reading.report.reject(table.source, int(row), heading, cell, error.message)
            keys.append(None)
    frame = frame.assign(area_kind=kinds, area_key=keys)
    frame = frame[frame["area_key"].notna()]
    small = frame["area_kind"] == "small-area"
    parents = {key[:9] for key in frame["area_key"][small] if len(key) == 11}
    sums = small & frame["area_key"].isin(list(parents))
    if sums.any():
        number_ja = f"{int(frame['area_key'][sums].nunique()):,}"
        reading.report.note(f"{table.source}: 丁目のある町の合計（{number_ja} 件）は読み飛ばしました。")
        frame = frame[~sums]
    return frame


def _checked(kind: str, cell: str) -> str:
    if kind == "mesh":
        code = narrow(cell)
        corners(code)
        return code
    return key_code(cell)


def _long(table: Table, row: int, record: dict[str, Any], stated: int | None) -> _Figure:
    label = record["age"]
    if label is None:
        if record["age_from"] is None:
            raise InputError("年齢がありません。")
        last = record["age_to"]
        if last is not None and last < record["age_from"]:
            raise InputError("年齢の上限が下限より小さくなっています。")
        label = AgeLabel("class", "both", (record["age_from"], last))
    if record["sex"] is not None:
        label = AgeLabel(label.kind, record["sex"], label.ages, label.year)
    return _figure(table, row, record, label, record["people"], stated)


def _figure(
    table: Table, row: int, record: dict[str, Any], label: AgeLabel, count: float | None, stated: int | None
) -> _Figure:
    year = record["year"] or label.year or stated
    if year is None:
        raise estat_tables.need_year(table.source)
    return _Figure(
        table.source,
        row,
        record["area_kind"],
        record["area_key"],
        year,
        label,
        count,
        record["projected"] is True,
    )


def _classes(reading: Reading, figures: Iterable[_Figure]) -> list[list[Any]]:
    """The finest classes of each area and year, with what their sum says against the total."""
    groups: dict[tuple[str, str, int], list[_Figure]] = {}
    for figure in figures:
        groups.setdefault((figure.kind, figure.key, figure.year), []).append(figure)
    kept_of: dict[frozenset[AgeClass], list[AgeClass]] = {}
    rows: list[list[Any]] = []
    unknown = mismatched = 0.0
    for (kind, key, year), group in groups.items():
        counts = _by_class(reading, group)
        if counts is None:
            continue
        classes = frozenset(counts)
        if classes not in kept_of:
            try:
                kept_of[classes] = finest(classes)
            except InputError as error:
                raise FileFormatError(f"{group[0].source}: {error.message}", file=group[0].source) from None
        kept = kept_of[classes]
        projected = any(figure.projected for figure in group) or reading.format == "projection"
        for ages in kept:
            figure, count = counts[ages]
            rows.append([kind, key, year, ages[0], ages[1], count, projected, figure.source, figure.row])
        unknown += sum(f.people or 0 for f in group if f.label.kind == "unknown" and f.label.sex == "both")
        mismatched += _differs(group, [counts[ages][1] for ages in kept])
    if unknown:
        reading.report.note(f"年齢不詳の {unknown:,.0f} 人は、年齢別の人口に入っていません。")
    if mismatched:
        reading.report.note(
            f"年齢別の合計が総数と合わない区域が {mismatched:,.0f} あります（総数には年齢不詳が含まれることがあります）。"
        )
    dropped = sorted(
        {ages for classes, kept in kept_of.items() for ages in classes - set(kept)},
        key=lambda ages: (ages[0], ages[1] or OLDEST),
    )
    if dropped:
        names = "、".join(f"{a}歳以上" if b is None else f"{a}〜{b}歳" for a, b in dropped[:8])
        reading.report.note(f"ほかの区分と重なる年齢の区分は読み飛ばしました: {names}")
    return rows


def _by_class(reading: Reading, group: list[_Figure]) -> dict[AgeClass, tuple[_Figure, float | None]] | None:
    """Class → figure and people: of both sexes, else of men and women together; None when rows contradict."""
    found: dict[AgeClass, dict[str, tuple[_Figure, float | None]]] = {}
    for figure in group:
        if figure.label.kind != "class" or figure.label.ages is None:
            continue
        of = found.setdefault(figure.label.ages, {})
        if figure.label.sex in of:
            reading.report.add("duplicates", file=figure.source, row=figure.row, area_key=figure.key)
            reading.report.reject(figure.source, figure.row, "age", None, "同じ行がすでにあります。")
            continue
        of[figure.label.sex] = (figure, figure.people)
    counts: dict[AgeClass, tuple[_Figure, float | None]] = {}
    for ages, of in found.items():
        if "both" in of:
            counts[ages] = of["both"]
        elif {"male", "female"} <= set(of):
            men, women = of["male"][1], of["female"][1]
            counts[ages] = (of["male"][0], None if men is None or women is None else men + women)
    if found and not counts:
        first = group[0]
        reading.report.reject(first.source, first.row, "sex", None, "男女の片方の人口しかありません。")
    return counts or None


def _differs(group: list[_Figure], parts: list[float | None]) -> bool:
    totals = [f.people for f in group if f.label.kind == "total" and f.label.sex == "both"]
    if not totals or totals[0] is None or any(part is None for part in parts):
        return False
    return abs(totals[0] - sum(part or 0 for part in parts)) > 0.5
