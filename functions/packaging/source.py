"""A model's folder as its owner writes it: model.toml, model.onnx and what goes with them."""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from functions.core import manifest
from functions.core.errors import InvalidPackage, brief
from functions.packaging import compressed, gate, references
from functions.packaging.gate import Gate

FILE = "model.toml"
GRAPH = compressed.GRAPH
WEIGHTS = "weights.bin"
"""Where large weights of a compiled graph are."""
RESERVED = frozenset((GRAPH, WEIGHTS, manifest.FILE, manifest.DIGEST_FILE, "verdict.json"))
"""Names that a package uses itself, or that stand beside it in the registry: nothing that ships with it has them."""
COMPANIONS = ("golden.json", "CARD.md", "report.json", "reference.json")
"""Files that ship with the model when they are there."""
NAME = re.compile(r"[a-z0-9](?:-?[a-z0-9]){0,62}")
TEXTS = ("name", "task", "title", "description", "licence", "provenance")
SECTIONS = ("preprocess", "postprocess", "cache", "compress")
DEEPEST = 16
"""Tables and lists within each other."""
LARGEST_CACHE = 10_240 * 2**20
"""Bytes of memory that a function can have at most."""


class Source(NamedTuple):
    """What model.toml says, and the files that ship."""

    folder: Path
    texts: dict[str, str]
    preprocess: dict[str, Any]
    postprocess: dict[str, Any]
    files: tuple[str, ...]
    cache: int = 0
    """Bytes of answers to keep; 0: none."""
    compress: Gate | None = None
    """What a compressed model must be like, where that was agreed."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self.texts["name"]

    def stand_ins(self) -> dict[str, str]:
        """What ships in the place of the original graph and its answers. Raises InvalidPackage where it is stale."""
        return compressed.stand_ins(self.folder)


def read(folder: Path) -> Source:
    """Read a model's folder.

    Raises:
        InvalidPackage: model.toml or model.onnx is missing, or a field of model.toml is.
    """
    try:
        table = tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidPackage(str(folder), f"it has no {FILE}") from None
    except ValueError as fault:  # of the text, of TOML, or of an integer with thousands of digits
        raise InvalidPackage(str(folder), f"{FILE} is not TOML: {fault}") from None
    except RecursionError:
        raise InvalidPackage(str(folder), f"{FILE} is nested too deeply") from None
    if not (folder / GRAPH).is_file():
        raise InvalidPackage(str(folder), f"it has no {GRAPH}")
    _check_fields(folder, table)
    files = [name for name in COMPANIONS if (folder / name).is_file()]
    for field, value in table.items():
        _check_value(folder, field, value)
    sections = {section: dict(table.get(section, {})) for section in ("preprocess", "postprocess")}
    named = [name for section, fields in sections.items() for name in references.files(folder, section, fields)]
    texts = {field: str(table.get(field, "")) for field in TEXTS}
    agreed = gate.read(folder, table["compress"]) if "compress" in table else None
    return Source(
        folder,
        texts,
        preprocess=references.with_lists(folder, "preprocess", sections["preprocess"]),
        postprocess=references.with_lists(folder, "postprocess", sections["postprocess"]),
        files=tuple(dict.fromkeys((*files, *named, *_assets(folder, table, agreed or Gate())))),
        cache=_cache(folder, table["cache"]) if "cache" in table else 0,
        compress=agreed,
    )


def find(models: Path) -> list[Path]:
    """The folders directly under `models` that hold a model, sorted by name."""
    return sorted(path.parent for path in models.glob(f"*/{FILE}"))


def _check_fields(folder: Path, table: dict[str, Any]) -> None:
    known = {*TEXTS, *SECTIONS, "assets"}
    for field in table.keys() - known:
        _refuse(folder, field, f"one of the fields {', '.join(sorted(known))}", field)
    name = table.get("name")
    if name != folder.name or not NAME.fullmatch(name):
        _refuse(folder, "name", f"the folder's name, {folder.name!r}, in lower-case letters, digits and hyphens", name)
    for field in TEXTS:
        if not isinstance(table.get(field, ""), str):
            _refuse(folder, field, "a string", table[field])
    for section in SECTIONS:
        if not isinstance(table.get(section, {}), dict):
            _refuse(folder, section, "a table", table[section])


def _check_value(folder: Path, field: str, value: object, depth: int = 0) -> None:
    """Refuse what a manifest could not hold; TOML's own integers have 64 bits as well."""
    if depth > DEEPEST:
        _refuse(folder, field, f"values nested at most {DEEPEST} deep", "more")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        _refuse(folder, field, "an integer of 64 bits", value)
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_value(folder, f"{field}.{name}", inner, depth + 1)
    if isinstance(value, list):
        for index, inner in enumerate(value):
            _check_value(folder, f"{field}[{index}]", inner, depth + 1)


def _cache(folder: Path, table: dict[str, Any]) -> int:
    for field in table.keys() - {"max_bytes"}:
        _refuse(folder, f"cache.{field}", "only max_bytes", field)
    size: object = table.get("max_bytes")
    if type(size) is not int or not 1 <= size <= LARGEST_CACHE:
        _refuse(folder, "cache.max_bytes", f"a number of bytes from 1 to {LARGEST_CACHE}", size)
    return size


def _assets(folder: Path, table: dict[str, Any], agreed: Gate) -> list[str]:
    assets = table.get("assets", [])
    private = {gate.DATA, gate.CALIBRATION, agreed.data, agreed.calibration, compressed.PAGE}
    if not isinstance(assets, list):
        _refuse(folder, "assets", "a list of file names", assets)
    for index, name in enumerate(assets):
        if not isinstance(name, str) or not references.lies_in(folder, name):
            _refuse(folder, f"assets[{index}]", "the name of a file in the folder", name)
        if name in private:
            _refuse(folder, f"assets[{index}]", "a file that may leave this machine", name)
    return list(assets)


def _refuse(folder: Path, field: str, expected: str, got: object) -> NoReturn:
    raise InvalidPackage(str(folder), f"expected {expected} - got {brief(got)} - at `{field}` of {FILE}")
