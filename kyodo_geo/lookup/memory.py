"""What the register of buildings (物件台帳) adds to an answer, for those who may read it.

The register is a second witness beside rules and areas. It decides where they leave several open, agrees with them, or
contradicts them: then the answer is `several` with both and a fault of the city's records, never a silent `one`. One
function for the page, the API, batches and files; `docs/BUILDINGS.md` has the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from kyodo_geo.buildings import Remembered, building_key
from kyodo_geo.lookup.answers import Answer, FoundAddress, FoundAssociation, Outcome
from kyodo_geo.lookup.decision import AROUND_TOWN
from kyodo_geo.lookup.index import LookupIndex
from kyodo_geo.lookup.named_buildings import whole_keys

_CHOOSE = "候補から選んでください。"
_SHOWN = 5


def recall(index: LookupIndex, answer: Answer, known: Iterable[Remembered]) -> Answer:
    """The answer with what the register says of the buildings found under `names_asked_for`."""
    held = tuple(known)
    if not held or answer.outcome is Outcome.OUTSIDE_CITY:
        return answer
    if answer.outcome is Outcome.NOT_UNDERSTOOD:
        return _by_name(index, answer, held)
    there = [(item, index.by_address(item.address)) for item in held]
    here = _most_exact([item for item, own in there if _same_place(answer, own.address)])
    if not here:
        whole = set(whole_keys(answer.asked, index.snapshot.municipality_name))
        named = tuple(item for item in held if building_key(item.name) in whole)
        return _name_or_address(index, answer, named) if named else answer
    if answer.several:
        return _of_several(index, answer, here)
    if answer.address.town is None and len(here) == 1:
        # The text left the town open; the building's own address does not.
        answer = next(own for item, own in there if item is here[0])
    return _with(index, answer, here)


def _most_exact(here: Sequence[Remembered]) -> tuple[Remembered, ...]:
    """Without buildings whose name only begins another's: of ハイツA 203 it is ハイツA, not ハイツ."""
    keys = [building_key(item.name) for item in here]
    return tuple(
        item
        for item, key in zip(here, keys, strict=True)
        if not any(other != key and other.startswith(key) for other in keys)
    )


def _name_or_address(index: LookupIndex, answer: Answer, named: tuple[Remembered, ...]) -> Answer:
    """The text reads as an address and is the name of a building that stands elsewhere (内丸21): both are possible."""
    theirs = [_with(index, index.by_address(item.address), (item,)) for item in named]
    both = _unique(one for item in (answer, *theirs) for one in item.associations)
    if len(both) == 1 and all(item.outcome is Outcome.ONE for item in (answer, *theirs)):
        return answer
    listed = "、".join(f"「{item.address}」" for item in named[:_SHOWN])
    lead = f"「{named[0].name}」は、物件台帳にある建物の名前でもあります（住所は{listed}）。"
    if not both:
        return replace(answer, message=lead + answer.message, buildings=named)
    message = index.words.several(len(both), [lead, answer.undecided], hint=_CHOOSE)
    districts = {item.district for item in both}
    return replace(
        answer, outcome=Outcome.SEVERAL, associations=both, message=message, neighbours=(),
        district=districts.pop() if len(districts) == 1 else None, undecided=lead + answer.undecided, notes="",
        buildings=named,
    )  # fmt: skip


def _of_several(index: LookupIndex, answer: Answer, here: tuple[Remembered, ...]) -> Answer:
    """A text with several addresses: the building stands at one of them, so it contradicts, but never decides."""
    told = {item.association_id for item in here}
    open_ = answer.outcome is Outcome.SEVERAL and not any(item.conflict for item in here)
    if open_ and told <= {item.id for item in answer.associations}:
        return answer
    return _with(index, answer, here)


def _by_name(index: LookupIndex, answer: Answer, held: Sequence[Remembered]) -> Answer:
    """The text is no address but a building's name: its own address answers."""
    answers = [_with(index, index.by_address(item.address), (item,)) for item in held]
    found = answers[0]
    if len(answers) == 1:
        return found
    alike = {(item.outcome, tuple(one.id for one in item.associations)) for item in answers}
    if len(alike) == 1 and found.outcome is Outcome.ONE:
        return replace(found, address=_common(answers), buildings=tuple(held))
    listed = "、".join(f"「{item.address}」" for item in held[:_SHOWN])
    lead = f"同じ名前の建物が物件台帳に{len(held)}件あります（{listed}）。"
    candidates = _unique(one for item in answers for one in item.associations)
    if not candidates:
        return replace(answer, message=lead + found.message, buildings=tuple(held))
    message = index.words.several(len(candidates), [lead], hint="住所も入力すると絞り込めます。")
    return replace(
        found, outcome=Outcome.SEVERAL, address=FoundAddress(municipality=index.snapshot.municipality_name),
        associations=candidates, district=None, message=message, neighbours=(), undecided=lead,
        data_fault=any(item.data_fault for item in answers), buildings=tuple(held),
    )  # fmt: skip


def _common(answers: Sequence[Answer]) -> FoundAddress:
    """Several buildings have no one place; only the town, where it is one."""
    towns = {item.address.town for item in answers}
    return FoundAddress(
        municipality=answers[0].address.municipality, town=towns.pop() if len(towns) == 1 else None
    )


def _with(index: LookupIndex, answer: Answer, here: tuple[Remembered, ...]) -> Answer:
    """One answer and what is remembered of the building at this place."""
    name = here[0].name
    told = {item.association_id for item in here}
    registered = _unique(
        found
        for item in here
        if item.association_id is not None
        and (found := index.remembered(item.association_id, _reason(item))) is not None
    )
    ids = [item.id for item in answer.associations]
    agreed = len(told) == 1 and not any(item.conflict for item in here)
    fact = here[0].association_id if agreed else None
    if agreed and answer.outcome is Outcome.ONE and fact in ids:
        lead = f"「{name}」の物件台帳の登録とも一致します（{_how(here[0])}）。"
        return replace(answer, message=lead + answer.message, buildings=here)
    if agreed and fact is None and answer.outcome is Outcome.NONE_HERE:
        lead = f"「{name}」は、物件台帳でも、加入する町内会・自治会がない建物です。"
        return replace(answer, message=lead + answer.message, buildings=here)
    if agreed and answer.outcome is Outcome.SEVERAL and not answer.data_fault and fact in ids and registered:
        one = registered[0]
        # Those around the town are candidates no longer.
        message = answer.undecided.replace(AROUND_TOWN, "") + index.words.remembered(
            name, one.name, _how(here[0])
        )
        return replace(
            answer, outcome=Outcome.ONE, associations=registered, district=one.district, message=message,
            undecided="", buildings=here,
        )  # fmt: skip
    return _contradicted(index, answer, here, registered)


def _contradicted(
    index: LookupIndex, answer: Answer, here: tuple[Remembered, ...], registered: tuple[FoundAssociation, ...]
) -> Answer:
    """Rules or areas say one thing, the register another: both, and whom to ask."""
    name = here[0].name
    if any(item.conflict for item in here):
        lead = f"「{name}」の物件台帳の登録には食い違いがあり、市が確かめています。"
    elif {item.association_id for item in here} == {None}:
        lead = f"「{name}」は、物件台帳では、加入する町内会・自治会がない建物です。"
    else:
        known = "、".join(item.name for item in registered) or "今のデータにない町内会・自治会"
        lead = f"「{name}」は、物件台帳では{known}です。"
    ids = {item.id for item in answer.associations}
    other = bool(ids) and not {item.association_id for item in here} <= ids
    differs = "登録されている住所の範囲や区域とは違います。" if other else ""
    both = (*answer.associations, *(item for item in registered if item.id not in ids))
    if not both:
        return replace(answer, message=lead + answer.message, buildings=here)
    missing = "この場所の住所の範囲は登録されていません。" if not answer.associations else ""
    reasons = [lead, differs, missing, answer.undecided]
    message = index.words.several(len(both), reasons, hint=_CHOOSE, fault=True)
    districts = {item.district for item in both}
    return replace(
        answer, outcome=Outcome.SEVERAL, associations=both, message=message, data_fault=True, neighbours=(),
        district=districts.pop() if len(districts) == 1 else None, undecided="".join(reasons), buildings=here,
    )  # fmt: skip


def contradicts(index: LookupIndex, item: Remembered) -> bool:
    """Whether the building's own address speaks against what is remembered: for the staff's page."""
    answer = index.by_address(item.address)
    return _with(index, answer, (item,)).data_fault and not answer.data_fault


def _same_place(answer: Answer, own: FoundAddress) -> bool:
    """Whether a building's own address may be the place asked for, or one of the places."""
    if answer.several:
        return any(_fits(asked, own) for asked in answer.several)
    if answer.address.town is None:
        return own.town is not None and own.town in answer.towns
    return _fits(answer.address, own)


def _fits(asked: FoundAddress, own: FoundAddress) -> bool:
    """The same town, and the same 番 where both are of one kind."""
    if asked.town != own.town or (asked.koaza and own.koaza and asked.koaza != own.koaza):
        return False
    # A new building is registered by its lot (地番) and asked for by the 住居番号 it got later.
    return None in (asked.block, own.block) or asked.block == own.block or _is_lot(asked) != _is_lot(own)


def _is_lot(address: FoundAddress) -> bool:
    return "番地" in (address.normalised or "")


def _unique(found: Iterable[FoundAssociation]) -> tuple[FoundAssociation, ...]:
    return tuple({item.id: item for item in found}.values())


def _how(item: Remembered) -> str:
    return item.joins_as.label + (f"、会費：{item.fee_way}" if item.fee_way else "")


def _reason(item: Remembered) -> str:
    return f"物件台帳に「{item.name}」として登録されています（{_how(item)}）。"
