"""What a person sent with the lookup's form: messy is fine, impossible gets one clear sentence."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass, replace

from starlette.datastructures import FormData

from api.params import MAX_ADDRESS
from kyodo_geo.crs import looks_swapped

ADDRESS = ("address",)
POINT = ("lon", "lat")
MAX_ACCURACY_M = 100_000.0
_DEGREES = "度を単位とする数で入力してください（例 経度 141.1527、緯度 39.7036）。"


@dataclass(frozen=True, slots=True)
class Asked:
    """An address, or a point; `error` says in Japanese why neither can be used, `fields` where to mend it."""

    address: str | None = None
    lon: float | None = None
    lat: float | None = None
    accuracy_m: float = 0.0
    association: str | None = None
    error: str | None = None
    lon_text: str = ""
    lat_text: str = ""
    fields: tuple[str, ...] = ()

    def failed(self, message: str, fields: tuple[str, ...] = ()) -> Asked:
        return replace(self, error=message, fields=fields or (ADDRESS if self.address else POINT))


def read_form(form: FormData) -> Asked:
    """Never raises; control characters are taken out, since people paste them without knowing."""
    address, lon, lat, association = (_text(form, name) for name in ("address", "lon", "lat", "association"))
    asked = Asked(
        address=address or None, association=association or None, lon_text=lon[:40], lat_text=lat[:40]
    )
    if address:
        if len(address) > MAX_ADDRESS:
            shorter = replace(asked, address=address[:MAX_ADDRESS])
            return shorter.failed(f"住所は {MAX_ADDRESS} 文字以内で入力してください。")
        return asked
    if not lon and not lat:
        if "lon" in form:
            return asked.failed(f"経度と緯度を、{_DEGREES}", POINT)
        return asked.failed("住所を入力してください。", ADDRESS)
    east, north = _number(lon), _number(lat)
    if east is not None and north is not None and looks_swapped(east, north):
        return asked.failed(
            "経度と緯度が逆になっていないか確かめてください（例 経度 141.1527、緯度 39.7036）。", POINT
        )
    wrong = [
        (name, label)
        for name, label, number, most in (("lon", "経度", east, 180), ("lat", "緯度", north, 90))
        if number is None or abs(number) > most
    ]
    if wrong:
        labels = "と".join(label for _, label in wrong)
        return asked.failed(f"{labels}は、{_DEGREES}", tuple(name for name, _ in wrong))
    # A device says how far it may be off; anything but a plain number is no device.
    accuracy = _number(_text(form, "accuracy") or "0")
    if accuracy is None or not 0 <= accuracy <= MAX_ACCURACY_M:
        return asked.failed("現在地を確かめられませんでした。住所で調べてください。", ADDRESS)
    return replace(asked, lon=east, lat=north, accuracy_m=accuracy)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    if not isinstance(value, str):
        return ""
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cs") else " " for char in value).strip()


def _number(value: str) -> float | None:
    try:
        number = float(unicodedata.normalize("NFKC", value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
