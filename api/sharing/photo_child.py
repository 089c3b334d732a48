"""Makes our own JPEGs of one uploaded photo, in a process with bounded memory and time: `python -m api.sharing.photo_child`.

Standard input is a JSON line (`fd`, `memory`, `seconds`); the photo is the open file with that number. Out comes a JSON line
([{size, width, height, bytes}], the largest first) and the JPEGs one after the other; a refusal is told on standard error
(`api.bounded.give_up`). Nothing of the sent bytes goes through: no EXIF (place, camera, time), no comments, no thumbnail.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import IO, Any

import orjson

from api.bounded import bound, end_with_parent, give_up
from kyodo_geo.errors import FileFormatError

SIZES = (1600, 960, 480)
"""Longer side at most, pixels."""
MAX_PIXELS = 60_000_000
MAX_SIDE = 20_000
LEAST = 200
"""Shorter side at least, pixels: a smaller one is a thumbnail or a mistake."""
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")
NOT_A_PHOTO = "写真として読めません。JPEG、PNG、WebP の写真を選んでください。"
HEIC = "HEIC（iPhone などの形式）の写真は使えません。写真アプリで JPEG に変えて（書き出して）から選んでください。"


def made(stream: IO[bytes]) -> list[tuple[dict[str, int], bytes]]:
    """The sizes of a photo as JPEG, upright, in sRGB, on white where it was transparent. Raises FileFormatError."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    head = stream.read(32)
    stream.seek(0)
    if head[4:8] == b"ftyp":
        raise FileFormatError(HEIC)
    try:
        with Image.open(stream, formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
                raise FileFormatError(
                    f"写真が大きすぎます（{width:,} × {height:,} 画素）。{MAX_PIXELS // 10_000:,} 万画素までにしてください。"
                )
            if min(width, height) < LEAST:
                raise FileFormatError(
                    f"写真が小さすぎます（{width} × {height} 画素）。短い辺が {LEAST} 画素以上の写真を選んでください。"
                )
            opened.draft("RGB", (SIZES[0], SIZES[0]))  # a JPEG is read at a half or less where that suffices
            upright = ImageOps.exif_transpose(opened)
            picture = _plain(upright)
    except FileFormatError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileFormatError("写真の画素が多すぎます。小さくしてから選んでください。") from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, OverflowError):
        raise FileFormatError(NOT_A_PHOTO) from None
    found = []
    for size in SIZES:
        copy = picture.copy()
        copy.thumbnail((size, size), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        copy.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        found.append(({"size": size, "width": copy.width, "height": copy.height}, out.getvalue()))
    return found


def _plain(picture: Any) -> Any:
    """Pixels alone: sRGB, opaque."""
    from PIL import Image

    profile = picture.info.get("icc_profile")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layers = picture.convert("RGBA")
        ground = Image.new("RGB", layers.size, "#ffffff")
        ground.paste(layers, mask=layers.getchannel("A"))
        return ground
    picture.load()
    colours = _srgb(picture, profile) if profile else picture.convert("RGB")
    bare = Image.new("RGB", colours.size)
    bare.paste(colours)
    return bare


def _srgb(picture: Any, profile: bytes) -> Any:
    """Colours of the photo's own profile as those of screens; a broken profile is no reason to refuse a photo."""
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture.convert("RGB")


def main() -> None:
    """Bounds first, then the libraries."""
    end_with_parent()
    told = orjson.loads(sys.stdin.buffer.readline())
    bound(told["memory"], told["seconds"])
    try:
        with os.fdopen(told["fd"], "rb") as stream:
            found = made(stream)
    except FileFormatError as error:
        give_up(error)
    listed = [{**head, "bytes": len(body)} for head, body in found]
    sys.stdout.buffer.write(orjson.dumps(listed) + b"\n" + b"".join(body for _, body in found))


if __name__ == "__main__":
    main()
