"""CQL2 JSON into the typed tree: every name is looked up, every operand's type is checked, everything is bounded."""

from __future__ import annotations

from typing import Any

from kyodo_geo.collections import Collection, Kind
from kyodo_geo.cql import magnitudes
from kyodo_geo.cql.instants import read_day, read_instant, read_time
from kyodo_geo.cql.patterns import check_pattern
from kyodo_geo.cql.relations import ARRAYS, SPATIAL, TEMPORAL, check_shapes, metres
from kyodo_geo.cql.shapes import Frame, read_shape, vertices
from kyodo_geo.cql.tree import (
    MAX_DEPTH,
    MAX_NODES,
    MAX_VERTICES,
    ORDERED,
    SCALAR,
    Call,
    Column,
    Literal,
    Node,
    Type,
    refused,
)

GEOMETRY = "geometry"
"""Name of the geometry in filters and queryables."""

_TYPES = {
    Kind.STRING: Type.STRING, Kind.INTEGER: Type.NUMBER, Kind.NUMBER: Type.NUMBER, Kind.BOOLEAN: Type.BOOLEAN,
    Kind.DATE: Type.DATE, Kind.TIMESTAMP: Type.TIMESTAMP, Kind.LIST: Type.LIST,
}  # fmt: skip
_COMPARISONS = {"=", "<>", "<", ">", "<=", ">="}
_ARITHMETIC = {"+", "-", "*", "/", "^", "%", "div"}
_FOLDS = {"casei", "accenti"}
_MAX_POWER = 10


class Checker:
    """One filter against one collection, as its reader sees it."""

    def __init__(self, collection: Collection, frame: Frame) -> None:
        self.collection = collection
        self.frame = frame
        self.nodes = self.vertices = 0

    def condition(self, expression: Any, depth: int = 0) -> Node:
        """A tree of type BOOLEAN."""
        found = self.node(expression, depth)
        if found.type is not Type.BOOLEAN:
            raise refused("filter は、真偽を表す条件で指定してください。", found=found.type.value)
        return found

    def node(self, value: Any, depth: int) -> Node:
        """Any expression."""
        self._count(depth)
        if isinstance(value, bool):
            return Literal(Type.BOOLEAN, value)
        if isinstance(value, (int, float)):
            return Literal(Type.NUMBER, _number(value))
        if isinstance(value, str):
            return Literal(Type.STRING, _text(value))
        if isinstance(value, list):
            return self._list(value)
        if not isinstance(value, dict):
            raise refused("filter で空の値と比べることはできません。IS NULL を使ってください。")
        if "op" in value:
            return self._call(value, depth)
        if "property" in value:
            return self._column(value["property"])
        if "date" in value:
            return read_day(value["date"])
        if "timestamp" in value:
            return read_time(value["timestamp"])
        if "interval" in value:
            return self._interval(value["interval"], depth)
        if "type" in value or "bbox" in value:
            return self._shape(value)
        raise refused(
            "filter に、CQL2にない部分があります。", members=[str(key)[:40] for key in list(value)[:5]]
        )

    # -- operands ---------------------------------------------------------------------------------------------

    def _count(self, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise refused(f"filter の条件は合わせて{MAX_NODES}個以内にしてください。", limit=MAX_NODES)
        if depth > MAX_DEPTH:
            raise refused("filter の入れ子が深すぎます。", limit=MAX_DEPTH)

    def _column(self, name: Any) -> Column:
        if not isinstance(name, str):
            raise refused("filter のプロパティの名前は文字列で指定してください。")
        if name == GEOMETRY and self.collection.geometry is not None:
            return Column(Type.GEOMETRY, GEOMETRY)
        for prop in self.collection.queryables:
            if prop.name == name:
                return Column(_TYPES[prop.kind], name, prop.kind is Kind.INTEGER)
        raise refused(f"filter のプロパティ「{_shown(name)}」はありません。", property=_shown(name))

    def _list(self, members: list[Any]) -> Literal:
        self.nodes += len(members)
        self._count(0)
        if not all(isinstance(member, str) for member in members):
            raise refused("filter の配列の要素は文字列にしてください。")
        return Literal(Type.LIST, tuple(_text(member) for member in members))

    def _shape(self, value: dict[str, Any]) -> Literal:
        shape = read_shape(value, self.frame)
        self.vertices += vertices(shape)
        if self.vertices > MAX_VERTICES:
            raise refused(
                f"filter の図形の頂点は合わせて{MAX_VERTICES}個以内にしてください。", limit=MAX_VERTICES
            )
        return Literal(Type.GEOMETRY, shape)

    def _interval(self, ends: Any, depth: int) -> Call:
        if not isinstance(ends, list) or len(ends) != 2:
            raise refused("filter の INTERVAL の端は2つ指定してください。")
        start, end = (self._end(value, depth + 1) for value in ends)
        types = {node.type for node in (start, end) if node is not None}
        if len(types) > 1:
            raise refused("filter の INTERVAL の両端は、日と日、または日時と日時にしてください。")
        if isinstance(start, Literal) and isinstance(end, Literal) and start.value > end.value:
            raise refused("filter の INTERVAL の始まりが終わりより後になっています。")
        return Call(Type.INTERVAL, "interval", (start, end))

    def _end(self, value: Any, depth: int) -> Node | None:
        """An end of an interval. One that is the collection's own first or last day is open where it is empty."""
        if value == "..":
            return None
        found = self.node(value, depth) if isinstance(value, dict) else read_instant(value)
        if found.type not in (Type.DATE, Type.TIMESTAMP):
            raise refused("filter の INTERVAL の端は、日、日時、プロパティまたは「..」で指定してください。")
        if isinstance(found, Column) and found.name in (self.collection.interval or ()):
            return Call(found.type, "open", (found,))
        return found

    # -- operators --------------------------------------------------------------------------------------------

    def _call(self, value: dict[str, Any], depth: int) -> Node:
        name, given = value["op"], value.get("args")
        if not isinstance(name, str) or not isinstance(given, list):
            raise refused("filter の op は文字列で、args は配列で指定してください。")
        op = name.lower()
        if op in ("and", "or"):
            _count_of(op, given, at_least=2)
            return Call(Type.BOOLEAN, op, tuple(self.condition(one, depth + 1) for one in given))
        if op == "not":
            _count_of(op, given, 1)
            return Call(Type.BOOLEAN, op, (self.condition(given[0], depth + 1),))
        if op == "isnull":
            _count_of("isNull", given, 1)
            return Call(Type.BOOLEAN, op, (self.node(given[0], depth + 1),))
        if op == "in":
            return self._in(given, depth)
        if op == "like":
            return self._like(given, depth)
        args = [self.node(one, depth + 1) for one in given]
        if op in _COMPARISONS:
            return _comparison(op, args)
        if op == "between":
            _count_of(op, args, 3)
            _same(op, args, ORDERED)
            return Call(Type.BOOLEAN, op, tuple(args))
        if op in _FOLDS:
            _count_of(op.upper(), args, 1)
            _same(op.upper(), args, frozenset({Type.STRING}))
            return Call(Type.STRING, op, tuple(args))
        if op in _ARITHMETIC:
            return _arithmetic(op, args)
        return _function(op, args, name)

    def _in(self, given: list[Any], depth: int) -> Call:
        _count_of("in", given, 2)
        if not isinstance(given[1], list) or not given[1]:
            raise refused("filter の IN には、比べる値を1つ以上かっこに入れて指定してください。")
        args = [self.node(given[0], depth + 1), *(self.node(one, depth + 1) for one in given[1])]
        _same("in", args, SCALAR)
        return Call(Type.BOOLEAN, "in", tuple(args))

    def _like(self, given: list[Any], depth: int) -> Call:
        _count_of("like", given, 2)
        args = [self.node(one, depth + 1) for one in given]
        _same("like", args, frozenset({Type.STRING}))
        return Call(Type.BOOLEAN, "like", (args[0], _pattern(args[1])))


def _function(op: str, args: list[Node], name: str) -> Call:
    """An operator that is written like a function."""
    if op in SPATIAL:
        _count_of(op.upper(), args, 2)
        check_shapes(op, _same(op.upper(), args, frozenset({Type.GEOMETRY})))
        return Call(Type.BOOLEAN, op, tuple(args))
    if op == "s_dwithin":
        _count_of(op.upper(), args, 4)
        _same(op.upper(), args[:2], frozenset({Type.GEOMETRY}))
        return Call(Type.BOOLEAN, op, (args[0], args[1], metres(args[2], args[3])))
    if op in TEMPORAL:
        _count_of(op.upper(), args, 2)
        return Call(Type.BOOLEAN, op, _periods(op, args))
    if op in ARRAYS:
        _count_of(op.upper(), args, 2)
        # The text ('a') is an array of one and a bracketed text alike.
        args = [
            Literal(Type.LIST, (a.value,)) if isinstance(a, Literal) and a.type is Type.STRING else a
            for a in args
        ]
        _same(op.upper(), args, frozenset({Type.LIST}))
        return Call(Type.BOOLEAN, op, tuple(args))
    raise refused(f"filter の関数「{_shown(name)}」はありません。", function=_shown(name))


def _comparison(op: str, args: list[Node]) -> Call:
    _count_of(op, args, 2)
    _same(op, args, SCALAR if op in ("=", "<>") else ORDERED)
    return Call(Type.BOOLEAN, op, tuple(args))


def _arithmetic(op: str, args: list[Node]) -> Call:
    _count_of(op, args, 2)
    _same(op, args, frozenset({Type.NUMBER}))
    if op == "^":
        power = args[1]
        if not isinstance(power, Literal) or power.value != int(power.value) or abs(power.value) > _MAX_POWER:
            raise refused(f"filter の「^」の指数は、{_MAX_POWER}以下の整数で指定してください。")
    found = Call(Type.NUMBER, op, tuple(args))
    _magnitude(found)
    return found


def _magnitude(node: Node) -> magnitudes.Magnitude:
    if isinstance(node, Literal):
        return magnitudes.of_number(node.value)
    if isinstance(node, Column):
        return magnitudes.COLUMN
    left, right = (_magnitude(arg) for arg in node.args)
    power = int(node.args[1].value) if node.op == "^" else 0
    return magnitudes.combine(node.op, left, right, power)


def _pattern(node: Node) -> Node:
    """The pattern of LIKE: a text, folded or not."""
    if isinstance(node, Literal):
        return Literal(Type.STRING, check_pattern(node.value))
    if isinstance(node, Call) and node.op in _FOLDS:
        return Call(Type.STRING, node.op, (_pattern(node.args[0]),))
    raise refused("filter の LIKE の右には、文字列そのものを指定してください。")


def _periods(op: str, args: list[Node]) -> tuple[Call, ...]:
    """Both operands of a relation in time as intervals; an instant is one that starts and ends at once."""
    periods = []
    kinds: set[Type] = set()
    for arg in args:
        if arg.type in (Type.DATE, Type.TIMESTAMP):
            kinds.add(arg.type)
            periods.append(Call(Type.INTERVAL, "interval", (arg, arg)))
        elif isinstance(arg, Call) and arg.type is Type.INTERVAL:
            kinds |= {end.type for end in arg.args if end is not None}
            periods.append(arg)
        else:
            raise refused(
                f"filter の {op.upper()} には、日、日時または期間を指定してください。", found=arg.type.value
            )
    if len(kinds) > 1:
        raise refused(f"filter の {op.upper()} では、日は日と、日時は日時と比べてください。")
    return tuple(periods)


def _same(op: str, args: list[Node], allowed: frozenset[Type]) -> list[Node]:
    """The operands, which have one type among the allowed ones. Raises `InputError` with the types found."""
    types = {arg.type for arg in args}
    if len(types) > 1 or not types <= allowed:
        names = [arg.name for arg in args if isinstance(arg, Column)]
        where = f"（プロパティ「{'」「'.join(names)}」）" if names else ""
        found = "と".join(dict.fromkeys(arg.type.value for arg in args))
        raise refused(
            f"filter の {op.upper()} に、{found}は指定できません{where}。",
            properties=names,
            found=[arg.type.value for arg in args[:5]],
        )
    return args


def _count_of(op: str, args: list[Any], exactly: int | None = None, at_least: int = 0) -> None:
    if len(args) < at_least or (exactly is not None and len(args) != exactly):
        raise refused(
            f"filter の {op.upper()} に渡す値の数が正しくありません。", function=op, found=len(args)
        )


def _number(value: float) -> float:
    """A whole number as int, so that it compares with integers without rounding."""
    if not abs(value) < 1e300:
        raise refused("filter の数が大きすぎます。")
    number = float(value)
    magnitudes.of_number(number)
    return int(value) if number.is_integer() else number


def _text(value: str) -> str:
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise refused("filter の文字列に使えない文字があります。")
    return value


def _shown(name: str) -> str:
    """A name that the reader wrote, short and without signs that break a line."""
    return "".join(sign for sign in name[:40] if sign.isprintable())
