"""Which association a row of figures speaks of: by number, else by name, with the district where a name is not enough.

Nothing is guessed: a name that fits two associations refuses the row and lists them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geodata.readers.reading import SOURCE
from geodata.readers.values import clean, narrow

if TYPE_CHECKING:
    from geodata.readers.reading import Reading
    from geodata.readers.result import ReadContext

MAX_NAMED = 5
NEAR = 75
"""Similarity (0–100) from which a registered name is offered for one that is not registered."""
_SUFFIX = re.compile(r"(?:町内会|自治会|町会|部落会|振興会)$")
_LIKE = str.maketrans({"ヶ": "ケ", "ヵ": "カ", "の": "ノ", "之": "ノ", "ｹ": "ケ"})


def folded_name(name: str) -> str:
    """A name without spaces and without what is written in two ways."""
    return re.sub(r"\s", "", narrow(clean(name))).casefold().translate(_LIKE)


@dataclass(frozen=True, slots=True)
class Register:
    """The associations of the dataset that a file is checked against."""

    names: dict[str, str]
    district_of: dict[str, int]
    districts: dict[int, str]
    by_name: dict[str, list[str]] = field(default_factory=dict)
    by_stem: dict[str, list[str]] = field(default_factory=dict)
    by_district: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, name in self.names.items():
            whole = folded_name(name)
            self.by_name.setdefault(whole, []).append(key)
            self.by_stem.setdefault(_SUFFIX.sub("", whole), []).append(key)
        for no, name in self.districts.items():
            self.by_district.setdefault(folded_name(name).removesuffix("地区"), no)

    def called(self, name: str) -> list[str]:
        """Ids of the associations of a name; without 町内会 or 自治会 where the whole name is nobody's."""
        whole = folded_name(name)
        return self.by_name.get(whole) or self.by_stem.get(_SUFFIX.sub("", whole), [])

    def district(self, text: str) -> int | None:
        """Number of the district in a cell: 3, 3 上田, 上田, 上田地区."""
        plain = folded_name(text)
        if match := re.match(r"0*([0-9]{1,3})(?![0-9])", plain):
            return int(match[1]) if int(match[1]) in self.districts else None
        return self.by_district.get(plain.removesuffix("地区"))

    def shown(self, key: str) -> str:
        no = self.district_of.get(key)
        place = f"、{no} {self.districts.get(no, '')}".rstrip() if no is not None else ""
        return f"{key} {self.names[key]}{place}"

    def near(self, name: str) -> list[str]:
        from rapidfuzz import process

        found = process.extract(folded_name(name), list(self.by_name), limit=3, score_cutoff=NEAR)
        return [self.names[self.by_name[text][0]] for text, _, _ in found]


def register_of(context: ReadContext) -> Register | None:
    """None where no associations are known to compare with."""
    if context.association_names is None:
        return None
    names = context.districts or {}
    aliases = {no: facts.get("aliases") or () for no, facts in (context.district_facts or {}).items()}
    found = Register(context.association_names, context.association_districts or {}, names)
    for no, others in aliases.items():
        for other in others:
            found.by_district.setdefault(folded_name(other).removesuffix("地区"), no)
    return found


def identified(reading: Reading, frame: Any) -> Any:
    """`frame` with `association_id` in every row that is left; it has `association_id`, `name` and `district`."""
    known = register_of(reading.context)
    if known is None:
        missing = frame["association_id"].isna().to_numpy(dtype=bool)
        return reading.reject(
            frame,
            missing,
            "association_id",
            "町内会・自治会がまだ登録されていないため、番号のない行は読めません。",
        )
    ids: list[str | None] = []
    problems: list[tuple[str, str] | None] = []
    for row, key, name, district, source in zip(
        frame.index, frame["association_id"], frame["name"], frame["district"], frame[SOURCE], strict=True
    ):
        found, problem = _one(known, key, name, district)
        ids.append(found)
        problems.append(problem)
        if problem is None and found is not None:
            _doubt(reading, known, found, name, district, int(row), source)
    frame = frame.assign(association_id=ids)
    for place, (row, problem) in enumerate(zip(frame.index, problems, strict=True)):
        if problem is not None:
            column, reason = problem
            reading.report.reject(frame[SOURCE].iloc[place], int(row), column, None, reason)
    return frame[[problem is None for problem in problems]]


def _one(
    known: Register, key: str | None, name: str | None, district: str | None
) -> tuple[str | None, tuple[str, str] | None]:
    """(id, None), or (what was found, (column, why the row cannot be used))."""
    if key is None and name is None:
        return None, ("association_id", "町内会番号も町内会名も書かれていません。どちらかを書いてください。")
    no = known.district(district) if district is not None else None
    if key is not None:
        others = [other for other in known.called(name) if other != key] if name is not None else []
        if key in known.names and others and folded_name(known.names[key]) != folded_name(name or ""):
            return key, (
                "name",
                f"番号 {key} は「{known.names[key]}」で、名前は {known.shown(others[0])} のものです。行がずれていませんか。",
            )
        return key, None  # an unknown number is told by what follows
    assert name is not None
    if district is not None and no is None:
        listed = "、".join(f"{number} {label}" for number, label in sorted(known.districts.items())[:40])
        return None, ("district", f"登録されている地区にありません。使える地区: {listed}")
    found = known.called(name)
    mine = [other for other in found if no is None or known.district_of.get(other) in (no, None)]
    if len(mine) == 1:
        return mine[0], None
    if not found:
        near = known.near(name)
        hint = f"近い名前: {'、'.join(near)}。" if near else ""
        return None, ("name", f"登録されている町内会・自治会にない名前です。{hint}町内会番号でも書けます。")
    listed = "、".join(known.shown(other) for other in found[:MAX_NAMED])
    more = f" ほか {len(found) - MAX_NAMED}" if len(found) > MAX_NAMED else ""
    if not mine:
        return None, (
            "district",
            f"この地区に、その名前の町内会・自治会はありません。あるのは: {listed}{more}",
        )
    return None, (
        "name",
        f"同じ名前の町内会・自治会が {len(mine)} つあります: {listed}{more}。町内会番号か地区の列を足してください。",
    )


def _doubt(
    reading: Reading, known: Register, key: str, name: str | None, district: str | None, row: int, source: str
) -> None:
    """What is loaded all the same and has to be looked at: another name or district than the registered one."""
    if key not in known.names:
        return
    if name is not None and key not in known.called(name):
        reading.report.add(
            "unmatched", file=source, row=row, column="name",
            note=f"番号 {key} の登録されている名前は「{known.names[key]}」です。名前が変わったか、番号の間違いです。",
        )  # fmt: skip
    no, mine = known.district(district) if district is not None else None, known.district_of.get(key)
    if district is not None and mine is not None and no != mine:
        reading.report.add(
            "unmatched", file=source, row=row, column="district",
            note=f"番号 {key} の登録されている地区は {mine} {known.districts.get(mine, '')} です（値は読み込みます）。",
        )  # fmt: skip
