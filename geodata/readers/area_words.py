"""Areas of associations in words (lists of a city, 告示) → address rules, each row with what was read of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from geodata.readers import persons
from geodata.readers.associations import ASSOCIATION_ID
from geodata.readers.fields import Field, find_columns, folded
from geodata.readers.notices import LABELS, read_notices
from geodata.readers.reading import Reading, stable_id
from geodata.readers.sources import PLAIN_TEXT, Table
from geodata.readers.values import name, narrow, text
from kyodo_geo.addresses import Gazetteer
from kyodo_geo.errors import FileFormatError
from kyodo_geo.lookup_types import Rule
from kyodo_geo.notation import FindingKind, Notation, normal_form, read_notation
from kyodo_geo.notation.places import PROSE
from kyodo_geo.notation.quoting import homes, quotable, unquoted

if TYPE_CHECKING:
    import pandas as pd

AREA_FORMATS = ("area-text", "association-list", "kokuji-text")
AREA_FIELDS = (
    ASSOCIATION_ID,
    Field(
        "name", "町内会名", name,
        ("自治会名", "町内会・自治会名", "町会名", "区名", "町内会", "自治会", "団体名", "名称", "認可地縁団体の名称"),
    ),
    Field(
        "area_text", "区域", text, ("区域の説明", "区域（文）", "範囲", "町内会の区域", "自治会の区域", "住所の範囲"),
        required=True,
    ),
)  # fmt: skip
NAMING_FORMATS = ("association-list", "kokuji-text")
"""Sources that name persons: nothing of their text is repeated unless every word of it is known."""
_ELSEWHERE = re.compile(r"[\s　(（]*(?:区域は[、,]?)?別(?:図|紙|表|記|添|途)[^\n]{0,20}", re.MULTILINE)
_ORGANISATION = re.compile(r"\S{1,40}(?:会|区|町|組|部落|団地|連合|自治体|クラブ|コミュニティ)")
RULE_COLUMNS = (
    "association_id", "kind", "town", "koaza", "block_from", "block_to", "house_from", "house_to",
)  # fmt: skip


def has_area_text(table: Table, mapping: Mapping[str, str] | None) -> bool:
    """Whether the table holds areas in words rather than one rule per row."""
    headings = {folded(str(column)) for column in table.frame.columns}
    return "area_text" in (mapping or {}) or any(
        folded(known) in headings for known in AREA_FIELDS[2].known_as
    )


def read_areas(reading: Reading, table: Table) -> pd.DataFrame:
    """Rules of all rows; the index is the row in the file.

    A row with an error gives no rule at all: half an area would be a wrong answer for the other half. Parts that
    are no exact rule are reported and the rest of the row is kept.
    """
    import pandas as pd

    context = reading.context
    gazetteer = Gazetteer(context.towns, reading.municipality) if context.towns else None
    if gazetteer is None:
        reading.report.note(
            "町・字の一覧（towns）がまだないため、町名は確かめずに、書かれたとおりに読みました。"
        )
    rows: list[dict[str, Any]] = []
    index: list[int] = []
    naming = _names_persons(reading, table)
    if naming and gazetteer is None:
        raise FileFormatError(
            f"{table.source} には人の名前が書かれているかもしれません。町の名前と区別するために、先に町・字の一覧（towns）を"
            "読み込んでください。",
            file=table.source,
        )
    frame, column = _rows(reading, _notices(reading, table), naming=naming, plain=_plain_text(table))
    for number, key, area in zip(frame.index.tolist(), frame["association_id"], frame["area"], strict=True):
        rules, problem = _read_area(reading, table, number, key, area, gazetteer, naming=naming)
        if problem is not None:
            reading.report.reject(table.source, number, column, None, problem)
        for rule in rules:
            rows.append({part: getattr(rule, part) for part in RULE_COLUMNS})
            index.append(number)
    return pd.DataFrame(rows, index=index, columns=list(RULE_COLUMNS), dtype=object)


def _read_area(
    reading: Reading,
    table: Table,
    number: int,
    key: str,
    area: str,
    gazetteer: Gazetteer | None,
    *,
    naming: bool,
) -> tuple[list[Rule], str | None]:
    """Rules of one area and why there are none; what was read of it is entered in the report."""
    city = reading.context.municipality_name or ""
    words = "\n".join("" if _ELSEWHERE.fullmatch(line) else line for line in area.split("\n"))
    if not words.strip():
        return [], "区域が文でなく、別図などで示されています。区域の図から読み込んでください。"
    if words != area:
        reading.report.note(
            f"{table.source} の {number} 行目: 区域の一部が、文でなく別図などで示されています。"
        )
    person = _person_in(words, gazetteer) if naming else None
    found = None
    if person is None:
        found = read_notation(words, association_id=key, gazetteer=gazetteer, municipality=city)
        if naming:
            found, person = guarded(found, gazetteer, city, blocks=not _plain_text(table))
    if found is None or person is not None:
        line, what = person or (None, persons.MENTIONED)
        place = f"{number + line - 1} 行目に" if line and _plain_text(table) else ""
        place = place or (f"「区域」の{line}行目に" if line else "「区域」に")
        return [], f"{place}{what}があります。取り除いてから読み込んでください（文は示しません）。"
    reading.report.read_as(
        file=table.source,
        row=number,
        association_id=key,
        rules=len(found.rules) if found.readable else 0,
        normal_form=normal_form(found.rules) if found.readable else "",
        findings=[finding.as_dict() for finding in found.findings],
    )
    for finding in found.of(FindingKind.UNKNOWN):
        reading.report.add(
            "unmatched", column="town", value=finding.text[:60] or None, file=table.source, row=number
        )
    errors = found.of(FindingKind.ERROR)
    if errors:
        more = f"（ほかに {len(errors) - 1} か所）" if len(errors) > 1 else ""
        return [], errors[0].text_ja() + more
    if not found.rules:
        return [], "住所の範囲として読める部分がありません。"
    return list(dict.fromkeys(found.rules)), None


def guarded(
    found: Notation, gazetteer: Gazetteer | None, city: str, *, blocks: bool = False
) -> tuple[Notation, tuple[int | None, str] | None]:
    """The reading without the words nobody knows; and a person's place, where such words may be one.

    A name that no list has, or a sentence, may be somebody's: with it the whole area is refused, for what stands
    beside it may be that person's home. Roads and rivers (範囲が決まりません) only lose their words.
    """
    shown = []
    for finding in found.findings:
        known = quotable(finding.text, gazetteer, city, blocks=blocks)
        if not known and (finding.kind is FindingKind.UNKNOWN or finding.message == PROSE):
            return found, (finding.line, persons.UNKNOWN)
        shown.append(finding if known else unquoted(finding))
    return replace(found, findings=tuple(shown)), None


def _person_in(text: str, gazetteer: Gazetteer | None) -> tuple[int | None, str] | None:
    if persons.mentions(text):
        return None, persons.MENTIONED
    alone = homes(text, gazetteer)
    return (alone[0], persons.HOME) if alone else None


def _plain_text(table: Table) -> bool:
    return list(table.frame.columns) == [PLAIN_TEXT]


def _names_persons(reading: Reading, table: Table) -> bool:
    """Whether the source is one that names persons: by its format, as a text, or because columns were dropped."""
    dropped = any(item["file"] == table.source for item in reading.report.dropped)
    return reading.format in NAMING_FORMATS or _plain_text(table) or dropped


def rules_of(frame: pd.DataFrame) -> list[Rule]:
    """The rows of a canonical frame as rules."""
    return [Rule(*values) for values in frame[list(RULE_COLUMNS)].itertuples(index=False, name=None)]


def _notices(reading: Reading, table: Table) -> Table:
    """A plain text of 告示 as a table of names and areas."""
    import pandas as pd

    if not _plain_text(table):
        return table
    found = read_notices(table.frame[PLAIN_TEXT].tolist(), table.source)
    reading.report.rows_read += len(found.found) - len(table.frame)
    for label, number in found.dropped.items():
        reading.report.leave_out(table.source, LABELS[label], number)
    if found.without_area:
        reading.report.note(
            f"{table.source}: 区域の書かれていない告示が {found.without_area:,} 件ありました（代表者の変更など）。"
            "読み込んでいません。"
        )
    if found.unread:
        lines = "、".join(str(number) for number in found.unread[:20]) + (
            " など" if len(found.unread) > 20 else ""
        )
        reading.report.note(
            f"{table.source}: 項目の名前を知らないため、{lines} 行目からの項目は読みませんでした。"
            "区域の続きであれば、番号を「（1）」のように、ほかの項目と違う形にしてください。"
        )
    by_line: dict[int, tuple[str, str]] = {}
    for notice in found.found:
        if notice.row in by_line:
            reading.report.reject(
                table.source, notice.row, "区域", None, "1行に2つ以上の区域があります。行を分けてください。"
            )
            continue
        by_line[notice.row] = (notice.name, "\n".join(notice.area))
    frame = pd.DataFrame(list(by_line.values()), columns=["名称", "区域"], index=list(by_line), dtype=object)
    return Table(table.source, frame, guarded=True)


def _rows(reading: Reading, table: Table, *, naming: bool, plain: bool) -> tuple[pd.DataFrame, str]:
    """Id and area of each usable row, and the heading of the area. Line breaks of the cell stay."""
    columns = find_columns(table, AREA_FIELDS, reading.mapping)
    if "association_id" not in columns and "name" not in columns:
        raise FileFormatError(
            f"{table.source} に「町内会番号」か「町内会名」の列が見つかりません。別の名前の列であれば "
            "--map name=列名 で指定してください。",
            file=table.source,
            column="町内会名",
        )
    area = columns["area_text"]
    # The area is taken from the cell itself: parsing would join its lines.
    typed = _typed(reading, table, naming)
    typed["area"] = [str(cell) for cell in table.frame[area].loc[typed.index]]
    keep, ids = [], []
    for number, given, label, words in zip(
        typed.index.tolist(), typed["association_id"], typed["name"], typed["area"], strict=True
    ):
        key, problem = _identity(reading, given, label)
        if problem is None and not words.strip():
            problem = "「区域」が空です。"
        if problem is None and not naming and (person := persons.found_in(words)) is not None:
            problem = f"「区域」に{person[1]}があります。取り除いてから読み込んでください（文は示しません）。"
        if problem is not None:
            reading.report.reject(table.source, number, area, None, problem)
            if key is None and label and _is_organisation(label, plain):
                reading.report.add("unmatched", column="name", value=label)
        keep.append(problem is None)
        ids.append(key)
    typed["association_id"] = ids
    return typed[keep], area


def _typed(reading: Reading, table: Table, naming: bool) -> Any:
    """Id and name of each row. What cannot be read is not repeated where it may be a person's, in a slipped column."""
    report = reading.report
    before, report.private = report.private, report.private or naming
    try:
        return reading.typed(table, (*AREA_FIELDS[:2], replace(AREA_FIELDS[2], parse=str, required=False)))
    finally:
        report.private = before


def _is_organisation(label: str, plain: bool) -> bool:
    """Whether a name may be repeated: it ends as names of associations do, and nothing stands beside it.

    A name from a text may have run into the line below it.
    """
    return not plain and _ORGANISATION.fullmatch(narrow(label)) is not None and not persons.mentions(label)


def _identity(reading: Reading, given: str | None, label: str | None) -> tuple[str | None, str | None]:
    """The association's id, by its number or its name; or why there is none."""
    known = reading.context.association_names
    if given is not None and persons.is_telephone(given):
        return None, "町内会番号の列に電話番号のような値があります。列がずれていないか確かめてください。"
    if given is not None:
        return given, None
    if label is None:
        return None, "町内会番号も町内会名もありません。"
    if known is None:
        return stable_id("n", label), None
    ids = [key for key, other in known.items() if _plain(other) == _plain(label)]
    if len(ids) == 1:
        return ids[0], None
    if ids:
        return None, "同じ名前の町内会・自治会がいくつかあります。町内会番号の列を加えてください。"
    return None, "登録されている町内会・自治会に、この名前のものがありません。"


def _plain(label: str) -> str:
    return narrow(label).replace(" ", "")
