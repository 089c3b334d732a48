"""Our own JPEGs of an uploaded photo: upright, in three sizes, with nothing of what the file said beside its pixels."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from api.sharing import photo_child, photos
from kyodo_geo.errors import FileFormatError

SECRET = b"SECRETCAMERA"


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    made = Image.new(mode, (width, height), "#0000ff")
    made.paste(Image.new(mode, (width // 2, height), "#ff0000"), (0, 0))
    return made


def stored(image: Image.Image, form: str = "JPEG", **more: object) -> io.BytesIO:
    out = io.BytesIO()
    image.save(out, form, **more)
    out.seek(0)
    return out


def opened(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


def test_three_sizes_that_keep_the_shape_and_never_grow() -> None:
    made = photo_child.made(stored(picture(2000, 1000)))
    assert [(head["size"], head["width"], head["height"]) for head, _ in made] == [
        (1600, 1600, 800), (960, 960, 480), (480, 480, 240),
    ]  # fmt: skip
    small = photo_child.made(stored(picture(600, 300)))
    assert [head["width"] for head, _ in small] == [600, 600, 480]
    assert all(opened(body).format == "JPEG" for _, body in made)


def test_nothing_of_the_camera_or_the_place_is_left_and_the_photo_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 42.0, 13.0)})
    sent = stored(picture(800, 400), exif=exif, comment=SECRET)
    assert SECRET in sent.getvalue()
    for head, body in photo_child.made(sent):
        assert SECRET not in body and b"Exif" not in body
        assert opened(body).getexif() == {}
        assert head["height"] > head["width"]
        red, blue = opened(body).getpixel((5, 5)), opened(body).getpixel((5, head["height"] - 5))
        assert red[0] > 200 > blue[0], "the left half is on top now"  # type: ignore[index]


def test_text_chunks_and_profiles_do_not_go_through_and_what_is_transparent_becomes_white() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", SECRET.decode())
    clear = Image.new("RGBA", (300, 300), (255, 0, 0, 0))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for sent in (stored(clear, "PNG", pnginfo=notes), stored(picture(300, 300), icc_profile=profile)):
        for _, body in photo_child.made(sent):
            assert SECRET not in body and b"ICC_PROFILE" not in body
    (_, body) = photo_child.made(stored(clear, "PNG"))[0]
    assert min(opened(body).getpixel((9, 9))) > 250  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("mode", "form"), [("L", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("RGB", "WEBP"), ("1", "PNG")]
)
def test_other_kinds_of_pixels_are_read_too(mode: str, form: str) -> None:
    sent = stored(picture(300, 250).convert(mode), form)
    assert opened(photo_child.made(sent)[0][1]).mode == "RGB"


def bomb(width: int, height: int) -> bytes:
    """A PNG that says how large it is, with hardly any bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(3_000_000)))
        + chunk(b"IEND", b"")
    )


HOSTILE = {
    "empty": b"",
    "text": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "gif": stored(picture(300, 300), "GIF").getvalue(),
    "tiff": stored(picture(300, 300), "TIFF").getvalue(),
    "heic": b"\0\0\0\x18ftypheic" + bytes(64),
    "cut": stored(picture(900, 900)).getvalue()[:900],
    "cut-png": stored(picture(900, 900), "PNG").getvalue()[:200],
    "bomb": bomb(50_000, 50_000),
    "long": bomb(21_000, 300),
    "tiny": stored(picture(64, 64)).getvalue(),
    "polyglot": b"%PDF-1.7\n" + stored(picture(300, 300)).getvalue(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_in_words(name: str) -> None:
    with pytest.raises(FileFormatError) as refused:
        photo_child.made(io.BytesIO(HOSTILE[name]))
    assert refused.value.message.endswith("ください。")
    assert ("HEIC" in refused.value.message) is (name == "heic")


def test_the_child_gives_what_the_parent_keeps_and_its_words_where_it_refuses() -> None:
    made = photos.make(stored(picture(700, 500)))
    assert [item["size"] for item in made.sizes] == [1600, 960, 480]
    assert opened(made.sizes[2]["content"]).size == (480, 343)
    with pytest.raises(FileFormatError, match="HEIC"):
        photos.make(io.BytesIO(HOSTILE["heic"]))


def test_a_child_that_needs_more_than_its_memory_is_ended() -> None:
    with pytest.raises(FileFormatError, match="メモリか時間"):
        photos.make(stored(Image.effect_noise((4000, 4000), 50), "PNG"), memory=160 << 20)
