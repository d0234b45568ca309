"""The contract of a compiled model package: manifest.json, parsed and checked."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from functions.core.errors import InvalidPackage, brief
from functions.core.tensors import DATATYPES, MAP, MAP_KEYS, SEQUENCE, TENSOR, TensorSpec

FILE = "manifest.json"
DIGEST_FILE = "manifest.sha256"
"""Beside the manifest of a package that ships: its digest, since importing a hash costs a start 4 ms."""
FORMAT = 1

Table = Mapping[str, Any]


class FileRecord(NamedTuple):
    """What a file of the package must be: its SHA-256 in hex, and its size in bytes."""

    sha256: str
    size: int


class Graph(NamedTuple):
    """The ONNX file to run, and whether its graph was optimised when the package was made."""

    file: str
    optimized: bool


class Manifest(NamedTuple):
    """A package as the runtime knows it; `digest` is the SHA-256 of manifest.json, so of the whole package."""

    name: str
    task: str
    title: str
    description: str
    licence: str
    provenance: str
    graph: Graph
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    preprocess: Table
    postprocess: Table
    files: Mapping[str, FileRecord]
    digest: str
    optional: tuple[TensorSpec, ...] = ()
    """Inputs that a request may leave out: those of an optional type, and those that have a value in the graph."""
    cache: int = 0
    """Bytes of answers that a process keeps, to give them again to the same request; 0: it keeps none."""

    def input(self, name: str) -> TensorSpec | None:
        """The input tensor of that name, if the model has it."""
        return next((spec for spec in self.inputs if spec.name == name), None)

    def labels(self, output: str) -> tuple[str, ...]:
        """The names of an output's classes by index, where the package declares them."""
        labels = tuple(self.postprocess.get("labels", ())) if self.postprocess.get("tensor") == output else ()
        spec = self.output(output)
        # One column for two labels is the probability of the second: its index 0 is not the first.
        return labels if spec and spec.shape[-1:] in ((-1,), (len(labels),)) else ()

    def output(self, name: str) -> TensorSpec | None:
        """The output tensor of that name, if the model has it."""
        return next((spec for spec in self.outputs if spec.name == name), None)


def parse(document: bytes, digest: str, package: str) -> Manifest:
    """Read manifest.json.

    Args:
        digest: SHA-256 of the document, in hex.
        package: what errors call it.

    Raises:
        InvalidPackage: a field is missing, of the wrong type or of an unknown format.
    """
    try:
        table = orjson.loads(document)
        if table["format"] != FORMAT:
            raise InvalidPackage(package, f"expected format {FORMAT} of {FILE} - got {brief(table['format'])}")
        return Manifest(
            name=_text(table["name"]),
            task=_text(table["task"]),
            title=_text(table["title"]),
            description=_text(table["description"]),
            licence=_text(table["licence"]),
            provenance=_text(table["provenance"]),
            graph=Graph(_text(table["graph"]["file"]), bool(table["graph"]["optimized"])),
            inputs=tuple(map(_tensor, table["signature"]["inputs"])),
            outputs=tuple(map(_tensor, table["signature"]["outputs"])),
            preprocess=dict(table["preprocess"]),
            postprocess=dict(table["postprocess"]),
            files={_file_name(name): _record(record) for name, record in table["files"].items()},
            digest=digest,
            optional=tuple(map(_tensor, table["signature"].get("optional", ()))),
            cache=_cache(table["cache"]) if "cache" in table else 0,
        )
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError) as fault:
        raise InvalidPackage(package, f"{FILE} is damaged ({type(fault).__name__}: {fault})") from None


def render(manifest: Manifest) -> bytes:
    """The bytes of manifest.json: the same for the same content, whoever writes them."""
    signature = {
        "inputs": [spec.document() for spec in manifest.inputs],
        "outputs": [spec.document() for spec in manifest.outputs],
    }
    if manifest.optional:
        signature["optional"] = [spec.document() for spec in manifest.optional]
    content = manifest._asdict() | {
        "format": FORMAT,
        "graph": manifest.graph._asdict(),
        "files": {name: record._asdict() for name, record in manifest.files.items()},
        "signature": signature,
    }
    for key in ("digest", "inputs", "outputs", "optional", "cache"):
        del content[key]
    if manifest.cache:
        # Where none is declared there is no such field: the digest of a package is that of its manifest.
        content["cache"] = {"max_bytes": manifest.cache}
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def _text(value: object) -> str:
    if type(value) is not str:
        raise TypeError(f"expected a string, got {brief(value)}")
    return value


def _tensor(table: Table) -> TensorSpec:
    parameters = table.get("parameters", {})
    kind, key = parameters.get("content_type", TENSOR), parameters.get("key_datatype", "")
    if table["datatype"] not in DATATYPES or kind not in (TENSOR, SEQUENCE, MAP) or key not in ("", *MAP_KEYS):
        raise ValueError(f"no datatype {brief(table['datatype'])}, {brief(kind)} of {brief(key)}")
    shape = tuple(int(extent) for extent in table["shape"])
    return TensorSpec(_text(table["name"]), table["datatype"], shape, kind, key, bool(parameters.get("optional")))


def _cache(table: Table) -> int:
    size = table["max_bytes"]
    if type(size) is not int or size < 1:
        raise ValueError(f"expected a cache of at least 1 byte, got {brief(size)}")
    return size


def _file_name(name: str) -> str:
    """A file of a package lies directly in it: a name with a path could lead out of the folder."""
    if not name or name.startswith(".") or "/" in name or "\\" in name or name in (FILE, DIGEST_FILE):
        raise ValueError(f"no file of a package can be called {brief(name)}")
    return name


def _record(table: Table) -> FileRecord:
    return FileRecord(_text(table["sha256"]), int(table["size"]))
