"""The checks behind test_architecture.py: functions over a source tree that return what breaks a rule.

Each takes the folder that holds the four packages, so that it can run on this repository and on a planted one.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGES = ("kyodo_geo", "geodata", "maps", "api")
EXEMPT = ("geodata/migrations/",)

# Statements in any case, and fragments in capitals, with which a query is put together.
SQL = re.compile(
    r"""
    ^[\s(]*(?:
      (?i:select\b.*\bfrom\s+[\w"{%]) | (?i:select\s+[\w.]+\() | (?i:insert\s+into\s) | (?i:delete\s+from\s)
    | (?i:update\s+[\w."{}]+\s+set\s) | (?i:with\s+(?:recursive\s+)?\w+\s+as\s*(?:materialized\s*)?\()
    | (?i:(?:create|alter|drop)\s+(?:or\s+replace\s+|unique\s+|if\s+exists\s+)*
        (?:table|index|view|materialized|schema|role|database|extension|function|trigger|type|sequence|policy)\b)
    | (?i:(?:grant|revoke)\s+\w+.*\s(?:on|to|from)\s) | (?i:truncate\s+(?:table\s+)?\w+\s*(?:$|,|;|cascade|restart))
    | (?i:copy\s+[\w".(),\s]+\s(?:from|to)\s) | (?i:(?:un)?listen\s+\w+\s*;?\s*$) | (?i:notify\s+\w+\s*(?:,|;|$))
    | (?i:set\s+(?:local|session)\s+\w) | (?i:set\s+role\s)
    | (?:WHERE|ORDER\s+BY|GROUP\s+BY|HAVING|(?:LEFT\s+|INNER\s+|CROSS\s+)?JOIN|UNION(?:\s+ALL)?|RETURNING|LIMIT)\s+[\w(%:$]
    )
    | \bST_[A-Z]\w+\s*\(
    """,
    re.VERBOSE | re.DOTALL,
)
FOLIUM = {"folium", "branca"}
EPSG_NUMBERS = {3857, 4301, 4326, 4612, 4019, *range(2443, 2462), *range(6668, 6688), *range(32651, 32657)}
EPSG_TEXT = re.compile(rf"(?i:epsg)\W{{0,3}}\d|(?<!\d)(?:{'|'.join(map(str, sorted(EPSG_NUMBERS)))})(?!\d)")
STATUS_NAME = re.compile(r"(?i)^(?:http_?)?status(?:_?codes?)?$|_status$|^status_")
FILE_METHODS = {
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "urlopen",
    "unlink",
    "mkdir",
    "iterdir",
}
IO_MODULES = {"os", "shutil", "subprocess", "socket", "tempfile", "sqlite3", "requests", "urllib.request"}
CLOCK = {
    ("date", "today"),
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("Timestamp", "now"),
}
FACTORIES = {"Settings", "load_settings", "create_app"}


def modules(root: Path, *packages: str) -> Iterator[tuple[str, ast.Module]]:
    """(path from root, syntax tree) of each module; migrations are exempt."""
    for package in packages or PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith(EXEMPT):
                yield name, ast.parse(path.read_text(encoding="utf-8"), filename=name)


def docstrings(tree: ast.Module) -> set[int]:
    """ids of the constants that are docstrings (or strings standing alone): documentation, not code."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, text) of every string in code; an f-string as one text with {} for its values."""
    skip = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skip.update(id(part) for part in node.values)
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skip:
            yield node.lineno, node.value


def dotted(node: ast.AST) -> str:
    """`a.b.c` for such an expression, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def imported(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def sql_outside_geodata(root: Path) -> list[str]:
    """SQL text belongs to geodata/ alone, whether in a string or in a .sql file."""
    others = [package for package in PACKAGES if package != "geodata"]
    found = [
        f"{name}:{line}: {text.strip()[:60]!r}"
        for name, tree in modules(root, *others)
        for line, text in strings(tree)
        if SQL.search(text)
    ]
    files = [
        path.relative_to(root).as_posix() for package in others for path in (root / package).rglob("*.sql")
    ]
    return found + files


def folium_outside_maps(root: Path) -> list[str]:
    """folium and branca are imported and called in maps/ alone, also by name (importlib)."""
    found = []
    for name, tree in modules(root, "kyodo_geo", "geodata", "api"):
        found += [f"{name}:{line}: import {m}" for line, m in imported(tree) if m.split(".")[0] in FOLIUM]
        found += [f"{name}:{line}: {text!r}" for line, text in strings(tree) if text.split(".")[0] in FOLIUM]
    return found


def status_numbers_outside_api(root: Path) -> list[str]:
    """A number 100–599 is a status where a name says so: `status=404`, `answer.status_code >= 500`, `STATUS = 200`."""

    def numbers(node: ast.AST) -> bool:
        return any(
            isinstance(part, ast.Constant) and type(part.value) is int and 100 <= part.value <= 599
            for part in ast.walk(node)
        )

    def named(node: ast.AST) -> bool:
        return bool(STATUS_NAME.search(dotted(node).split(".")[-1]))

    found = []
    for name, tree in modules(root, "kyodo_geo", "geodata", "maps"):
        for node in ast.walk(tree):
            wrong = False
            if isinstance(node, ast.keyword):
                wrong = bool(node.arg and STATUS_NAME.search(node.arg)) and numbers(node.value)
            elif isinstance(node, ast.Compare):
                sides = [node.left, *node.comparators]
                wrong = any(map(named, sides)) and any(map(numbers, sides))
            elif isinstance(node, ast.Assign):
                wrong = any(map(named, node.targets)) and numbers(node.value)
            elif isinstance(node, ast.AnnAssign):
                wrong = named(node.target) and node.value is not None and numbers(node.value)
            elif isinstance(node, ast.Match):
                wrong = named(node.subject) and any(numbers(case.pattern) for case in node.cases)
            if wrong:
                found.append(
                    f"{name}:{getattr(node, 'lineno', node.value.lineno if isinstance(node, ast.keyword) else 0)}"
                )
    return found


def epsg_outside_crs(root: Path) -> list[str]:
    """Numbers of coordinate systems stand in kyodo_geo/crs.py alone; documentation may name them."""
    found = []
    for name, tree in modules(root):
        if name == "kyodo_geo/crs.py":
            continue
        found += [
            f"{name}:{line}: {text.strip()[:60]!r}" for line, text in strings(tree) if EPSG_TEXT.search(text)
        ]
        found += [
            f"{name}:{node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and type(node.value) is int and node.value in EPSG_NUMBERS
        ]
    for package in PACKAGES:
        for path in (root / package).rglob("*.sql"):
            if path.relative_to(root).as_posix().startswith(EXEMPT):
                continue
            code = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
            if EPSG_TEXT.search(code):
                found.append(path.relative_to(root).as_posix())
    return found


def impure_domain(root: Path) -> list[str]:
    """kyodo_geo reads no file, no network, no environment and no clock."""
    found = []
    for name, tree in modules(root, "kyodo_geo"):
        found += [
            f"{name}:{line}: import {m}"
            for line, m in imported(tree)
            if m.split(".")[0] in IO_MODULES or m in IO_MODULES
        ]
        for node in ast.walk(tree):
            path = dotted(node.func) if isinstance(node, ast.Call) else dotted(node)
            parts = path.split(".")
            last = (
                node.func.attr
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
                else parts[-1]
            )
            wrong = path in {"os.environ", "os.getenv"}
            if isinstance(node, ast.Call):
                wrong = (
                    path == "open"
                    or tuple(parts[-2:]) in CLOCK
                    or path in {"time.time", "time.localtime"}
                    or last in FILE_METHODS
                    or (isinstance(node.func, ast.Attribute) and last == "open")
                    or (last.startswith("read_") and isinstance(node.func, ast.Attribute))
                    or last
                    in {"to_file", "to_csv", "to_parquet", "to_feather", "to_excel", "to_postgis", "to_sql"}
                )
            if wrong:
                found.append(f"{name}:{node.lineno}: {path or last}")
    return found


def settings_made_at_import(root: Path) -> list[str]:
    """Calls of Settings(), load_settings() or create_app() that run when a module is imported."""

    def run_at_import(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            if isinstance(child, ast.If) and "__main__" in ast.dump(child.test):
                continue
            yield child
            yield from run_at_import(child)

    return [
        f"{name}:{node.lineno}"
        for name, tree in modules(root)
        for node in run_at_import(tree)
        if isinstance(node, ast.Call) and dotted(node.func).split(".")[-1] in FACTORIES
    ]
