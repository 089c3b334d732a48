"""A synthetic municipality into the database, by the product's own ways.

`import_municipality`: as files (GeoJSON, CSV) through the readers and all their checks, as `kyodo-geo data load` does.
`store_municipality`: the finished frames through the storing of datasets (COPY, constraints, foreign keys, audit); only
the reading of files is left out. Both end in the same activation. Nothing is written to a table in another way.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bench.national.country import Place
from bench.national.ground import Columns
from geodata.database import Database
from geodata.datasets import DatasetMeta, load_many
from geodata.generations import Activation, activate
from geodata.importing import ImportOptions, import_files
from geodata.municipalities import Municipality, ensure_municipality
from geodata.readers.result import LoadReport, ReadResult
from kyodo_geo.crs import WGS84
from kyodo_geo.quality import Quality

BY = "bench"
LABELS: dict[str, dict[str, str]] = {
    "districts": {"district_no": "地区番号", "name": "地区名"},
    "small-areas": {"key_code": "KEY_CODE", "name": "S_NAME", "people": "JINKO", "households": "SETAI"},
    "associations": {"association_id": "町内会番号", "name": "町内会名", "kind": "種別"},
    "association-rules": {
        "association_id": "町内会番号", "town": "町名", "block_from": "番から", "block_to": "番まで",
    },
    "association-districts": {"association_id": "町内会番号", "district_no": "地区番号"},
    "membership": {
        "association_id": "町内会番号", "fiscal_year": "年度", "households": "世帯数", "member_households": "加入世帯数",
        "denominator": "世帯数の種類",
    },
    "towns": {"name": "町名"},
    "blocks": {"town": "町名", "block": "街区符号", "house": "住居番号"},
}  # fmt: skip
"""Kind → column of the frame → heading in the file."""


def meta(kind: str) -> DatasetMeta:
    """What is said of every synthetic load: it is no real one."""
    return DatasetMeta(f"全国の見本（{kind}）", "kyodo-geo が作った架空のデータ", Quality.SAMPLE, BY)


def enter(db: Database, place: Place) -> None:
    """The municipality itself."""
    ensure_municipality(db, Municipality(place.code, place.name, place.pref_name), by=BY)


def frame(columns: Columns) -> pd.DataFrame:
    """Canonical frame of a kind."""
    plain = {
        name: pd.Series(list(values), dtype=object) for name, values in columns.items() if name != "geom"
    }
    if "geom" not in columns:
        return pd.DataFrame(plain)
    return gpd.GeoDataFrame(
        plain | {"geom": gpd.GeoSeries(columns["geom"], crs=WGS84)}, geometry="geom", crs=WGS84
    )


def store_municipality(db: Database, place: Place, kinds: Mapping[str, Columns]) -> tuple[int, Activation]:
    """Store and activate; returns the rows stored."""
    enter(db, place)
    items = []
    for kind, columns in kinds.items():
        rows = frame(columns)
        report = LoadReport(rows_read=len(rows), rows_loaded=len(rows))
        checksum = hashlib.sha256(f"{place.code} {kind} {len(rows)}".encode()).hexdigest()
        items.append((ReadResult(kind, rows, report, checksum, kind, None), meta(kind)))
    stored = load_many(db, place.code, items)
    return sum(item.rows for item in stored), activate_all(db, place, [item.dataset_id for item in stored])


def import_municipality(
    db: Database, place: Place, kinds: Mapping[str, Columns], folder: Path
) -> tuple[int, Activation]:
    """Write the municipality's files into `folder`, import them kind by kind and activate; returns the rows stored."""
    enter(db, place)
    rows, datasets = 0, []
    for kind, columns in kinds.items():
        path = write_file(folder, kind, columns)
        done = import_files(db, place.code, kind, [path], meta(kind), ImportOptions())
        if done.result.report.rejected:
            raise RuntimeError(f"{place.code} {kind}: {done.result.report.rejected[0]}")
        rows += sum(item.rows for item in done.stored)
        datasets += [item.dataset_id for item in done.stored]
        path.unlink()
    return rows, activate_all(db, place, datasets)


def activate_all(db: Database, place: Place, datasets: list[int]) -> Activation:
    return activate(db, place.code, datasets, by=BY, note="全国の見本")


def write_file(folder: Path, kind: str, columns: Columns) -> Path:
    """A file as a city would hand it in: GeoJSON for areas, CSV for everything else."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = LABELS.get(kind, {"name": "名称"})
    if "geom" in columns and kind not in ("towns", "blocks"):
        path = folder / f"{kind}.geojson"
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": list(_features(columns, labels))})
        )
        return path
    path = folder / f"{kind}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        places = ["経度", "緯度"] if "geom" in columns else []
        out.writerow([*labels.values(), *places])
        values = [_listed(columns[name]) for name in labels]
        if places:
            values += [shapely.get_x(columns["geom"]).tolist(), shapely.get_y(columns["geom"]).tolist()]
        out.writerows(zip(*values, strict=True))
    return path


def _features(columns: Columns, labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    shapes = shapely.to_geojson(np.asarray(columns["geom"], dtype=object))
    named = {label: _listed(columns[name]) for name, label in labels.items()}
    for number, shape in enumerate(shapes):
        yield {
            "type": "Feature",
            "properties": {label: values[number] for label, values in named.items()},
            "geometry": None if shape is None else json.loads(shape),
        }


def _listed(values: Any) -> list[Any]:
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
