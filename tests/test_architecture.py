"""The rules of docs/ARCHITECTURE.md, each with a planted violation that proves the check can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import architecture
from tests.conftest import ROOT

HEAVY = {
    "pandas", "geopandas", "scipy", "highspy", "weasyprint", "folium", "pyogrio", "osmium",
    "pyarrow", "dask", "distributed", "morecantile", "cql2",
}  # fmt: skip
Check = Callable[[Path], list[str]]


def heavy_modules_loaded(module: str, root: Path, heavy: set[str]) -> set[str]:
    """Which of `heavy` are in memory after `import module` in a fresh interpreter started in `root`."""
    program = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True
    )
    return heavy & set(done.stdout.split())


def broken_import_contracts(root: Path) -> str:
    """Output of import-linter when a contract is broken, else an empty text."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=root, check=False, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """An empty copy of the layout, to plant violations in."""
    for package in architecture.PACKAGES:
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").write_text('"""Package."""\n')
    return tmp_path


# -- rules checked over the syntax tree ---------------------------------------------------------------------

CHECKS: list[Check] = [
    architecture.sql_outside_geodata,
    architecture.folium_outside_maps,
    architecture.status_numbers_outside_api,
    architecture.epsg_outside_crs,
    architecture.impure_domain,
    architecture.settings_made_at_import,
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_repository_keeps_the_rule(check: Check) -> None:
    assert check(ROOT) == []


@pytest.mark.parametrize(
    ("check", "file", "planted"),
    [
        (architecture.sql_outside_geodata, "api/x.py", 'Q = "SELECT name FROM district"'),
        (architecture.sql_outside_geodata, "api/x.py", 'def f(n): return f"select count(*)\\nfrom {n}"'),
        (architecture.sql_outside_geodata, "maps/x.py", 'Q = "insert into t values (1)"'),
        (architecture.sql_outside_geodata, "api/x.py", 'Q = "UPDATE t SET a = 1"'),
        (architecture.sql_outside_geodata, "api/x.py", 'Q = "DELETE FROM t"'),
        (architecture.sql_outside_geodata, "api/x.py", 'Q = "LISTEN kyodo_revision"'),
        (architecture.sql_outside_geodata, "api/x.py", 'Q = "SET LOCAL ROLE kyodo_staff"'),
        (architecture.sql_outside_geodata, "api/x.py", 'Q = " WHERE district_no = %s"'),
        (architecture.sql_outside_geodata, "kyodo_geo/x.py", 'Q = "ST_Area(geom)"'),
        (architecture.sql_outside_geodata, "api/queries.sql", "SELECT 1"),
        (architecture.folium_outside_maps, "api/x.py", "import folium"),
        (architecture.folium_outside_maps, "api/x.py", "def f():\n    from folium.features import GeoJson"),
        (architecture.folium_outside_maps, "geodata/x.py", 'm = __import__("folium")'),
        (architecture.folium_outside_maps, "api/x.py", "import branca.colormap"),
        (architecture.status_numbers_outside_api, "geodata/x.py", "def f(r): return r.status_code == 404"),
        (architecture.status_numbers_outside_api, "kyodo_geo/x.py", "STATUS = {KeyError: 404}"),
        (architecture.status_numbers_outside_api, "maps/x.py", "f(status=200)"),
        (architecture.status_numbers_outside_api, "geodata/x.py", "match r.status_code:\n    case 429: pass"),
        (architecture.epsg_outside_crs, "api/x.py", "CRS = 4326"),
        (architecture.epsg_outside_crs, "geodata/x.py", 'CRS = "EPSG:6678"'),
        (architecture.epsg_outside_crs, "geodata/x.py", 'Q = "SELECT ST_Transform(geom, 6676) FROM t"'),
        (architecture.epsg_outside_crs, "kyodo_geo/x.py", 'CRS = f"epsg:{zone}"; z = "epsg: 2451"'),
        (architecture.epsg_outside_crs, "geodata/q.sql", "SELECT ST_SetSRID(geom, 4612) FROM t"),
        (architecture.impure_domain, "kyodo_geo/x.py", "import os\nHOME = os.environ"),
        (architecture.impure_domain, "kyodo_geo/x.py", "from datetime import date\nD = date.today()"),
        (architecture.impure_domain, "kyodo_geo/x.py", "import datetime\nD = datetime.datetime.now()"),
        (architecture.impure_domain, "kyodo_geo/x.py", "import pandas as pd\nF = pd.read_csv('a')"),
        (architecture.impure_domain, "kyodo_geo/x.py", "def f(frame): frame.to_file('a')"),
        (architecture.impure_domain, "kyodo_geo/x.py", "def f(p):\n    with open(p) as h: return h"),
        (architecture.impure_domain, "kyodo_geo/x.py", "from pathlib import Path\nT = Path('a').read_text()"),
        (architecture.impure_domain, "kyodo_geo/x.py", "def f(a): return a['p'].open()"),
        (architecture.impure_domain, "kyodo_geo/x.py", "import urllib.request"),
        (architecture.settings_made_at_import, "api/x.py", "settings = load_settings()"),
        (architecture.settings_made_at_import, "api/x.py", "class A:\n    s = settings.Settings(port=1)"),
        (architecture.settings_made_at_import, "api/x.py", "if True:\n    app = create_app(None)"),
    ],
)
def test_a_planted_violation_is_found(tree: Path, check: Check, file: str, planted: str) -> None:
    assert check(tree) == []
    (tree / file).write_text(planted + "\n", encoding="utf-8")
    assert len(check(tree)) >= 1
    assert all(finding.startswith(file) for finding in check(tree))


@pytest.mark.parametrize(
    ("check", "file", "allowed"),
    [
        (architecture.sql_outside_geodata, "geodata/x.py", 'Q = "SELECT name FROM district"'),
        (architecture.sql_outside_geodata, "api/x.py", '"""Select the districts from the list."""'),
        (architecture.sql_outside_geodata, "api/x.py", 'T = "データを更新しました。"; U = "Select a file"'),
        (architecture.folium_outside_maps, "maps/x.py", "import folium"),
        (architecture.folium_outside_maps, "api/x.py", 'T = "folium は maps だけで使います"'),
        (
            architecture.status_numbers_outside_api,
            "geodata/x.py",
            "LIMIT_M = 500; f(distance=400, status='open')",
        ),
        (architecture.status_numbers_outside_api, "api/x.py", "STATUS = {KeyError: 404}"),
        (architecture.epsg_outside_crs, "kyodo_geo/crs.py", "GEOGRAPHIC = 4326"),
        (
            architecture.epsg_outside_crs,
            "geodata/x.py",
            '"""Geometry is EPSG:4326."""\nN = 14326; T = "64326"',
        ),
        (architecture.impure_domain, "kyodo_geo/x.py", "import time\nT = time.monotonic()"),
        (architecture.impure_domain, "geodata/x.py", "import os\nHOME = os.environ"),
        (architecture.settings_made_at_import, "api/x.py", "def f(): return load_settings()"),
    ],
)
def test_what_the_rule_allows_is_not_reported(tree: Path, check: Check, file: str, allowed: str) -> None:
    (tree / file).write_text(allowed + "\n", encoding="utf-8")
    assert check(tree) == []


# -- layers -------------------------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    assert broken_import_contracts(ROOT) == ""


@pytest.mark.parametrize(
    ("file", "planted", "contract"),
    [
        ("kyodo_geo/x.py", "import geodata", "api → (maps | geodata) → kyodo_geo"),
        ("geodata/x.py", "import api", "api → (maps | geodata) → kyodo_geo"),
        ("maps/x.py", "import geodata", "api → (maps | geodata) → kyodo_geo"),
        ("geodata/x.py", "import maps", "api → (maps | geodata) → kyodo_geo"),
        ("kyodo_geo/x.py", "def f():\n    import psycopg", "kyodo_geo knows no database, no web, no folium"),
        ("kyodo_geo/x.py", "import folium", "kyodo_geo knows no database, no web, no folium"),
        ("kyodo_geo/x.py", "from fastapi import FastAPI", "kyodo_geo knows no database, no web, no folium"),
        ("geodata/x.py", "import starlette", "geodata knows no web framework and draws no map"),
        ("maps/x.py", "import sqlalchemy", "maps know no database and no web"),
        ("maps/x.py", "import fastapi", "maps know no database and no web"),
        ("api/x.py", "import folium", "api calls maps and geodata, not what they are made of"),
    ],
)
def test_a_planted_import_breaks_its_contract(tree: Path, file: str, planted: str, contract: str) -> None:
    shutil.copy(ROOT / "pyproject.toml", tree)
    (tree / file).write_text(planted + "\n", encoding="utf-8")
    assert f"{contract} BROKEN" in broken_import_contracts(tree)


# -- memory -------------------------------------------------------------------------------------------------


def test_importing_the_app_loads_nothing_heavy() -> None:
    assert heavy_modules_loaded("api.app", ROOT, HEAVY) == set()


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    assert heavy_modules_loaded("api.cli", ROOT, HEAVY | {"fastapi", "psycopg", "sqlalchemy"}) == set()


def test_a_planted_heavy_import_is_found(tree: Path) -> None:
    (tree / "api" / "app.py").write_text("import scipy.spatial\n")
    assert heavy_modules_loaded("api.app", tree, HEAVY) == {"scipy"}
