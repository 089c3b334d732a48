"""Why an association is among the candidates: one Japanese sentence for each."""

from __future__ import annotations

from functools import lru_cache

from kyodo_geo.rules import AddressAt, RuleBook, Verdict, describe, numbers_in

HOLDS = "区域の図では、この場所を含みます。"
ON_LINE = "区域の図の境界の上です。"
NOT_LISTED = "区域の図では含みますが、登録されている住所の範囲には入っていません。"
NOT_DRAWN = "ただし、区域の図はこの場所を含みません。"

_MAX_RULES = 2


def by_rule(rules: RuleBook, association: str, address: AddressAt) -> str:
    """The rule (or rules) that speak for the association, in words; what the address leaves open is said."""
    certain, possible, excepted = [], [], False
    for rule, town in rules.of(association, address):
        verdict = numbers_in(rule, town, address.block, address.house)
        if verdict is Verdict.NO:
            continue
        if rule.kind == "except":
            excepted = True
        elif verdict is Verdict.YES:
            certain.append(rule)
        else:
            possible.append(rule)
    shown = certain or possible
    named = "・".join([f"「{_described(rule)}」" for rule in shown[:_MAX_RULES]])
    if len(shown) > _MAX_RULES:
        named += "など"
    if certain and not excepted:
        return f"住所の範囲{named}に含まれます。"
    return f"住所の範囲{named}に入るかどうかは、入力された住所だけでは決まりません。"


def by_area(*, inside: bool, accuracy_m: float) -> str:
    """What the area on the map says about a place known to within `accuracy_m` metres."""
    if inside:
        return HOLDS
    if accuracy_m < 1:
        return ON_LINE
    return f"区域の図が、住所の位置の誤差（約{accuracy_m:,.0f}m）の範囲にかかっています。"


_described = lru_cache(maxsize=16384)(describe)
