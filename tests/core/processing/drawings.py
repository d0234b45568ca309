"""Pictures for tests, made by Pillow or, where it would not write them, byte by byte."""

import base64
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from PIL import Image, ImageDraw, ImageFont

from functions.core.processing.declaration import Declaration
from functions.core.processing.inputs import image
from functions.core.tensors import Array
from functions.packaging.build import build
from tests.core import graphs

GREY, RGB = 0, 2
"""PNG's colour types."""


def instance(content: bytes) -> dict[str, Any]:
    """What a request has for the file of a picture."""
    return {"image": {"b64": base64.b64encode(content).decode()}}


def file(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The file of a picture."""
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def encoded(picture: Image.Image, kind: str = "PNG", **options: Any) -> dict[str, Any]:
    """The instance of a picture."""
    return instance(file(picture, kind, **options))


def drawn(text: str, size: int = 280, *, at: tuple[float, float] = (0.5, 0.5), height: float = 0.8) -> Image.Image:
    """Black ink on a white square; place and height are shares of its side."""
    picture = Image.new("L", (size, size), 255)
    font = ImageFont.load_default(size * height)
    ImageDraw.Draw(picture).text((size * at[0], size * at[1]), text, fill=0, font=font, anchor="mm")
    return picture


def gradient(width: int, height: int) -> Image.Image:
    """An RGB picture no corner of which is like another."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.dstack([red, green, (red + 255 - green) / 2]).astype(np.uint8))


def png(width: int, height: int, rows: bytes, *, depth: int = 8, colour: int = GREY, extra: bytes = b"") -> bytes:
    """A PNG of these bytes, each row led by its filter; `extra` chunks stand before them."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def preprocessing(folder: Path, fields: str, shape: tuple[int, ...], element: int = TensorProto.FLOAT) -> image.Image:
    """The image preprocessing of a package with a tensor of rows of that shape."""
    tensor = (element, ["n", *shape])
    graph = graphs.model([helper.make_node("Identity", ["x"], ["y"])], {"x": tensor}, {"y": tensor})
    source = graphs.source(folder, "pictures", graph, f'[preprocess]\nkind = "image"\ntensor = "x"\n{fields}\n')
    return image.Image(Declaration(build(source, folder / "out"), "preprocess"))


def tensor(preprocess: image.Image, *instances: object) -> Array:
    """The only feed."""
    (feed,) = preprocess.encode(instances, "instances").values()
    return feed
