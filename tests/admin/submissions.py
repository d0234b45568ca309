"""Uploads as a client makes them: the files of a model's folder, put where the API says."""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

import onnx
import orjson
from obstore.store import MemoryStore

from functions.admin import uploads
from functions.admin.uploads import Upload
from functions.core.manifest import FileRecord
from functions.core.store import ObjectStore
from tests.core import graphs

if TYPE_CHECKING:
    from obstore.store import S3Store

NAME = "plus"
Files = dict[str, bytes]


def toml(text: str = "", name: str = NAME) -> bytes:
    """A model.toml that says the least, and `text`."""
    return f'name = "{name}"\ntitle = "Plus"\n{text}'.encode()


def golden(*cases: tuple[Any, Any], tolerance: object = 1e-6) -> bytes:
    """A golden.json with cases of (instances, predictions)."""
    listed = [
        {"name": str(index), "request": {"instances": case[0]}, "response": {"predictions": case[1]}}
        for index, case in enumerate(cases)
    ]
    return orjson.dumps({"tolerance": tolerance, "cases": listed})


def accepted(amount: float = 1, name: str = NAME) -> Files:
    """The folder of a model that has nothing wrong."""
    return {
        "model.toml": toml(name=name),
        "model.onnx": graphs.plus(amount).SerializeToString(),
        "golden.json": golden(([[1, 2]], [[1 + amount, 2 + amount]])),
        "CARD.md": b"# Plus\n",
    }


def graph(model: onnx.ModelProto) -> Files:
    """That folder with another graph, and no golden answers as it gives others."""
    files = accepted() | {"model.onnx": model.SerializeToString()}
    del files["golden.json"]
    return files


def begin(files: Mapping[str, bytes], store: ObjectStore, name: str = NAME) -> Upload:
    """An upload of these files, which are not put yet."""
    declared = {file: FileRecord(sha256(content).hexdigest(), len(content)) for file, content in files.items()}
    return uploads.begin(name, declared, "tester", store)


def submit(files: Mapping[str, bytes], store: ObjectStore, name: str = NAME) -> Upload:
    """An upload of these files."""
    upload = begin(files, store, name)
    for file, content in files.items():
        store.put_if_absent(upload.key(f"files/{file}"), content)
    return upload


def in_memory() -> ObjectStore:
    """A registry in this process: the object store's own client, without a network."""
    store = ObjectStore("memory")
    store._opened = cast("S3Store", MemoryStore())
    return store
