"""Which town and which numbers a span speaks of."""

from __future__ import annotations

from kyodo_geo.addresses.towns import split_town
from kyodo_geo.notation import ranges
from kyodo_geo.notation.places import Doubt, Towns, Where
from kyodo_geo.notation.ranges import Box
from kyodo_geo.notation.result import FindingKind
from kyodo_geo.notation.scopes import Said
from kyodo_geo.notation.tokens import BAN, CHOME, JIWARI
from kyodo_geo.notation.tree import Place, Point, Span

MAX_TOWNS = 99


class Bases:
    """Reads spans; every doubt is raised as `Doubt`."""

    def __init__(self, towns: Towns) -> None:
        self._towns = towns

    def read(
        self, span: Span, said: Said, unit: str | None, within: bool
    ) -> tuple[list[Where], list[Box] | None]:
        """Towns (several only as wholes), and the rectangles within the town (None: all of it)."""
        left, right = span.left, span.right
        if right is not None and right.place is not None and right.first is None:
            below = right.place.numbered.unit if right.place.numbered else None
            first = self._town_end(left, said.where, below, within)
            return self._between(first, self._town_end(right, first, None, within)), None
        where = self._place(left.place, said.where, within) if left.place else None
        if unit in (CHOME, JIWARI) and left.first and left.first.unit is None and left.second is None:
            return self._bare_towns(span, where or said.where, unit), None
        if left.first is None:
            assert where is not None
            if right is not None:
                raise Doubt(FindingKind.ERROR, "町から番までの範囲は書けません。どちらかに揃えてください。")
            return [where], None
        town = where or said.where
        if town is None:
            if said.blind:
                raise Doubt(
                    FindingKind.UNCERTAIN, "前の部分が規則にならないため、どの町の番号か決まりません。"
                )
            raise Doubt(FindingKind.ERROR, "どの町の番号かが書かれていません。")
        if right is not None and right.place is not None:
            other = self._place(right.place, town, within)
            if split_town(other.town) != split_town(town.town) or other.koaza != town.koaza:
                text = f"{town.shown}から{other.shown}まで、町をまたぐ番号の範囲は決まりません。町ごとに書いてください。"
                raise Doubt(FindingKind.ERROR, text)
        self._towns.check_numbers(town)
        certain = town.numbered or town.koaza or town.place is not None
        hyphen = span.joint is not None and span.joint.kind == "HYPHEN"
        if hyphen and not certain:
            # みたけ1-5番 may be みたけ一丁目5番.
            raise Doubt(
                FindingKind.ERROR, "「-」が範囲か、丁目と番か決まりません。「から」か「〜」で書いてください。"
            )
        if unit is None and certain and not hyphen and left.first.unit is None:
            unit = BAN
        return [town], ranges.boxes(span, unit, said.block if where is None else None)

    def _place(self, place: Place, current: Where | None, within: bool) -> Where:
        where = current
        if place.name is not None:
            where = self._named(place, current, within)
        elif place.numbered is not None and current is None:
            raise Doubt(FindingKind.ERROR, "どの町の丁目・地割かが書かれていません。")
        if place.numbered is not None:
            assert where is not None
            where = self._towns.numbered(where, place.numbered.value, place.numbered.unit or CHOME)
        if place.koaza is not None:
            if where is None:
                raise Doubt(FindingKind.ERROR, "どの町の字かが書かれていません。")
            where = self._towns.koaza(where, place.koaza.text)
        assert where is not None
        return where

    def _named(self, place: Place, current: Where | None, within: bool) -> Where:
        assert place.name is not None
        plain = place.numbered is None and place.koaza is None
        if within and plain and not self._towns.known:
            text = f"「{place.name.text}」が町名か小字か決まりません。小字は「字{place.name.text}」と書いてください。"
            raise Doubt(FindingKind.UNCERTAIN, text)
        if plain and current is not None and current.place is not None:
            # 渋民（鶴塚、岩鼻）; a town of the same name is meant only outside the parentheses.
            try:
                below = self._towns.koaza(current, place.name.text)
            except Doubt:
                below = None
            if below is not None and (within or not self._is_town(place.name.text)):
                return below
        return self._towns.find(place.name.text)

    def _is_town(self, name: str) -> bool:
        try:
            self._towns.find(name)
        except Doubt:
            return False
        return True

    def _town_end(self, point: Point, current: Where | None, below: str | None, within: bool) -> Where:
        """One end of a range of towns; a bare number bears the unit of the other end: 若林1〜5丁目."""
        where = self._place(point.place, current, within) if point.place else current
        if where is None:
            raise Doubt(FindingKind.ERROR, "どの町の丁目・地割かが書かれていません。")
        if point.first is None:
            return where
        if below is None or point.first.unit is not None or point.second is not None:
            raise Doubt(FindingKind.ERROR, "番から町までの範囲は書けません。どちらかに揃えてください。")
        return self._towns.numbered(where, point.first.value, below)

    def _between(self, first: Where, last: Where) -> list[Where]:
        ends = [(where.chome, where.jiwari) for where in (first, last)]
        same = split_town(first.oaza) == split_town(last.oaza) and not first.koaza and not last.koaza
        if (
            not same
            or not first.numbered
            or (ends[0][0] is None) != (ends[1][0] is None)
            or not last.numbered
        ):
            text = f"{first.shown}から{last.shown}までに、どの町が入るか決まりません。町を1つずつ書いてください。"
            raise Doubt(FindingKind.UNCERTAIN, text)
        unit = JIWARI if first.chome is None else CHOME
        return self._row_of_towns(first, unit, *(chome or jiwari or 0 for chome, jiwari in ends))

    def _bare_towns(self, span: Span, where: Where | None, unit: str) -> list[Where]:
        if where is None:
            raise Doubt(FindingKind.ERROR, f"どの町の{unit}かが書かれていません。")
        assert span.left.first is not None
        last = span.right.first if span.right is not None else span.left.first
        if (
            last is None
            or last.unit is not None
            or (span.right is not None and span.right.second is not None)
        ):
            raise Doubt(FindingKind.ERROR, f"{unit}と番の範囲が混ざっています。分けて書いてください。")
        return self._row_of_towns(where, unit, span.left.first.value, last.value)

    def _row_of_towns(self, where: Where, unit: str, first: int, last: int) -> list[Where]:
        if first > last:
            raise Doubt(
                FindingKind.ERROR, f"始めの{unit}（{first}）が、終わり（{last}）より大きくなっています。"
            )
        if last - first >= MAX_TOWNS:
            raise Doubt(FindingKind.ERROR, f"{unit}の範囲が広すぎます。")
        found = [self._towns.numbered(where, first, unit)]
        for number in range(first + 1, last + 1):
            try:
                found.append(self._towns.numbered(where, number, unit))
            except Doubt:
                if number == last:
                    raise  # numbers that are skipped in between exist in no town: 一丁目, 二丁目, 四丁目
        return found
