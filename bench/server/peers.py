"""The peers from PyPI, each in a virtual environment of its own under `.cache/bench-server-peers`."""

from __future__ import annotations

import subprocess
import sys
import venv
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from bench.server.data import PEER_SCHEMA
from geodata.cluster import Cluster

HERE = Path(__file__).resolve().parent
PLACE = HERE.parents[1] / ".cache" / "bench-server-peers"
TABLES = ("areas_small", "areas_large", "districts")


@dataclass(frozen=True)
class Server:
    """How to start a server; `ready` is asked until it answers."""

    name: str
    command: list[str | Path]
    port: int
    ready: str
    environment: dict[str, str] = field(default_factory=dict)


def installed(name: str) -> Path | None:
    """The peer's `bin` folder, installed when it is not there yet; None (with a line on stderr) when that is impossible."""
    place = PLACE / name
    done = place / "installed"
    if not done.exists():
        venv.create(place, with_pip=True)
        requirements = HERE / f"requirements-{name}.txt"
        result = subprocess.run(
            [place / "bin" / "python", "-m", "pip", "install", "-q", "-r", requirements],
            check=False,
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            print(f"{name} cannot be installed: {result.stderr.strip()[-300:]}", file=sys.stderr)
            return None
        done.touch()
    return place / "bin"


def our_server(
    cluster: Cluster, municipality: str, name: str, port: int, *, nothing_kept: bool = False
) -> Server:
    """One worker of ours, as `kyodo-geo serve` starts it; `nothing_kept`: it makes every tile anew."""
    environment = {
        "KYODO_STATE_DIR": str(cluster.layout.state_dir),
        "KYODO_MUNICIPALITY": municipality,
        "KYODO_PORT": str(port),
        "KYODO_WORKERS": "1",
        **({"KYODO_TILE_CACHE_MB": "0"} if nothing_kept else {}),
    }
    return Server(name, [Path(sys.executable).parent / "kyodo-geo", "serve"], port, "/readyz", environment)


def version(bin_folder: Path, *packages: str) -> dict[str, str]:
    """Versions of packages in a virtual environment."""
    (site,) = bin_folder.parent.glob("lib/python*/site-packages")
    found = {item.metadata["Name"].lower(): item.version for item in metadata.distributions(path=[str(site)])}
    return {name: found.get(name.lower(), "?") for name in packages}


def tipg(cluster: Cluster, port: int) -> Server | None:
    """tipg under uvicorn, one process, as its documentation starts it."""
    folder = installed("tipg")
    if folder is None:
        return None
    host = quote(str(cluster.layout.socket_dir), safe="")
    return Server(
        "tipg",
        [folder / "uvicorn", "tipg.main:app", "--port", str(port), "--no-access-log"],
        port,
        "/healthz",
        {
            "DATABASE_URL": f"postgresql://kyodo_owner@{host}:5432/kyodo",
            "TIPG_DB_SCHEMAS": f'["{PEER_SCHEMA}"]',
            "TIPG_DB_FUNCTIONS": "[]",
            # Not to be measured: it reads its catalogue again every five minutes.
            "TIPG_CATALOG_TTL": "0",
        },
    )


def pygeoapi(cluster: Cluster, port: int, work: Path) -> Server | None:
    """pygeoapi under gunicorn with threads, one process."""
    folder = installed("pygeoapi")
    if folder is None:
        return None
    config, openapi = work / "pygeoapi.yml", work / "pygeoapi-openapi.yml"
    config.write_text(_pygeoapi_config(cluster, port), encoding="utf-8")
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    done = subprocess.run(
        [folder / "pygeoapi", "openapi", "generate", config, "--output-file", openapi],
        env={**environment, "PATH": str(folder)},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        print(f"pygeoapi cannot be configured: {done.stderr.strip()[-500:]}", file=sys.stderr)
        return None
    command = [folder / "gunicorn", "pygeoapi.flask_app:APP", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "8", "--keep-alive", "60"]
    return Server("pygeoapi", [*command], port, "/conformance?f=json", environment)


def _pygeoapi_config(cluster: Cluster, port: int) -> str:
    collections = "".join(_pygeoapi_collection(cluster, table) for table in TABLES)
    return f"""
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  languages: [en-US]
  limits: {{default_items: 10, max_items: 1000}}
  map: {{url: 'https://tile.example/{{z}}/{{x}}/{{y}}.png', attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification:
    title: {{en: bench}}
    description: {{en: bench}}
    keywords: {{en: [bench]}}
    keywords_type: theme
    terms_of_service: none
    url: http://127.0.0.1
  license: {{name: none, url: 'http://127.0.0.1'}}
  provider: {{name: none, url: 'http://127.0.0.1'}}
  contact: {{name: none, email: none@example.com}}
resources:
{collections}"""


def _pygeoapi_collection(cluster: Cluster, table: str) -> str:
    login = f"host: '{cluster.layout.socket_dir}', dbname: kyodo, user: kyodo_owner, password: none"
    data = f"{{{login}, search_path: [{PEER_SCHEMA}]}}"
    return f"""  {table}:
    type: collection
    title: {{en: {table}}}
    description: {{en: {table}}}
    keywords: {{en: [bench]}}
    links: []
    extents: {{spatial: {{bbox: [-180, -90, 180, 90], crs: 'http://www.opengis.net/def/crs/OGC/1.3/CRS84'}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: {data}
        id_field: id
        table: {table}
        geom_field: geom
      - type: tile
        name: MVT-postgresql
        data: {data}
        id_field: id
        table: {table}
        geom_field: geom
        options: {{zoom: {{min: 0, max: 16}}}}
        format: {{name: pbf, mimetype: application/vnd.mapbox-vector-tile}}
        storage_crs: http://www.opengis.net/def/crs/EPSG/0/4326
"""
