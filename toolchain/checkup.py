"""Looks at a model's folder and says what is missing or wrong, in the order in which it is worth mending."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import shorten

import orjson

from functions.core import golden
from functions.core.drift import reference
from functions.core.errors import InvalidPackage, OrtlessError
from functions.core.package import Package
from functions.packaging import compressed, source
from functions.packaging.build import build
from functions.packaging.source import Source
from toolchain import clearance, contents
from toolchain.drift import making
from toolchain.findings import Finding, Status, fail, ok, warn
from toolchain.graph_checkup import check_graph
from toolchain.pages import UNFILLED

SIZE_LIMIT = 200_000_000
"""Bytes of a package beyond which starts become slow."""
LOADING = ("external data", "graph")
"""What must hold before it is worth compiling the model."""
GUIDE = "docs/guides/your-model.md"


class NoFolder(OrtlessError):
    """There is no model's folder of that name."""

    code = "no_folder"

    def __init__(self, named: str, models: Path) -> None:
        known = ", ".join(folder.name for folder in source.find(models)) or "none"
        super().__init__(f"There is no folder {named!r}, nor {str(models / named)!r}\nhint: the models are: {known}")


def folder_of(named: str, models: Path) -> Path:
    """The folder that is meant by a model's name or by a path.

    Raises:
        NoFolder: there is none.
    """
    for folder in (models / named, Path(named)):
        if folder.is_dir():
            return folder.resolve()
    raise NoFolder(named, models)


def check(folder: Path) -> list[Finding]:
    """Everything there is to say about a model's folder."""
    return list(_check(folder))


def _check(folder: Path) -> Iterator[Finding]:
    try:
        model = source.read(folder)
    except InvalidPackage as fault:
        yield fail("model.toml", _reason(fault), f"see {GUIDE}, or draft one: ortless new")
        if (folder / source.GRAPH).is_file():
            yield from check_graph(folder / source.GRAPH)
        return
    yield ok("model.toml", f"{model.name}, {model.texts['task'] or 'no task'}")
    looked_at = list(check_graph(folder / source.GRAPH))
    yield from looked_at
    if not any(finding.status is Status.FAIL and finding.check in LOADING for finding in looked_at):
        yield from _check_package(model)
    yield from _check_words(model)
    yield _gate(model)
    yield _reference(model)


def _check_package(model: Source) -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="ortless-") as scratch:
        try:
            package = build(_without_golden(model.folder, Path(scratch)), Path(scratch) / "packages")
        except InvalidPackage as fault:
            yield fail("processing", _reason(fault), f"correct model.toml; its kinds: {GUIDE}")
            return
        kinds = (model.preprocess.get("kind", "rows"), model.postprocess.get("kind", "rows"))
        yield ok("processing", " -> ".join(kinds))
        yield _golden(model, Path(scratch) / "answered")
        yield _size(package)


def _without_golden(folder: Path, scratch: Path) -> Path:
    """The same folder but for its golden requests, so that it builds whether or not it answers them."""
    bare = scratch / folder.name
    bare.mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.name not in (golden.FILE, compressed.GOLDEN):
            (bare / path.name).symlink_to(path.absolute())
    return bare


def _golden(model: Source, packages: Path) -> Finding:
    if golden.FILE not in model.files:
        return fail("golden.json", "missing: publishing refuses it", f"write requests and answers: {GUIDE}")
    try:
        build(model.folder, packages)
        cases = len(orjson.loads((model.folder / golden.FILE).read_bytes())["cases"])
    except InvalidPackage as fault:
        return fail("golden.json", _reason(fault), "correct the model, or golden.json if the answer is right")
    if not cases:
        return fail("golden.json", "it has no cases: publishing refuses it", f"write requests and answers: {GUIDE}")
    return ok("golden.json", f"{cases} cases, answered")


def _size(package: Package) -> Finding:
    size = sum(record.size for record in package.manifest.files.values())
    if size > SIZE_LIMIT:
        return warn("size", f"{size / 1e6:.0f} MB", "quantize it, or publish it to the registry and give memory_mb")
    return ok("size", f"{size / 1e6:.1f} MB")


def _gate(model: Source) -> Finding:
    """Whether it could be published to a stage of the architecture that the report is of."""
    hint = f"ortless compress {model.name}, or publish it with --allow-ungated REASON"
    missing = warn("compression", f"no {compressed.REPORT} that passes: publishing to a stage refuses it", hint)
    try:
        report = orjson.loads((model.folder / compressed.REPORT).read_bytes())
        architectures = [str(name) for name in report["evaluations"]]
        for architecture in architectures:
            clearance.check(contents.read(model.folder), architecture)
    except (OSError, ValueError, TypeError, KeyError):
        return missing
    except OrtlessError as fault:
        return warn("compression", str(fault).partition("\n")[0], f"ortless compress {model.name}")
    return ok("compression", f"passes its gate on {', '.join(architectures)}") if architectures else missing


def _reference(model: Source) -> Finding:
    """Whether drift of what it is asked would be seen."""
    hint = f"ortless reference {model.name}; docs/guides/drift.md"
    path = model.folder / reference.FILE
    if not path.is_file():
        return warn("reference", f"no {reference.FILE}: nothing will tell of drift", hint)
    try:
        found = reference.parse(path.read_bytes(), model.name)
        is_stale = making.has_data(model.folder) and dict(found.made_from) != making.origin(model.folder)
    except OrtlessError as fault:
        return warn("reference", _reason(fault), hint)
    if is_stale:
        return warn("reference", f"{reference.FILE} is of other rows, or of another model than this one now is", hint)
    more = f"; not watched: {', '.join(found.unwatched[:3])} ..." if found.unwatched else ""
    return ok("reference", f"{len(found.features)} features, {found.rows} rows{more}")


def _check_words(model: Source) -> Iterator[Finding]:
    card = model.folder / "CARD.md"
    text = card.read_text("utf-8", errors="replace") if card.is_file() else ""
    if not text.strip():
        yield warn("CARD.md", "missing", "say what the model is for, its data, its figures and its limits")
    elif count := text.count(UNFILLED):
        yield warn("CARD.md", f"{count} passages nobody has written yet", f"replace each {UNFILLED} ...)")
    else:
        yield ok("CARD.md", f"{len(text.split())} words")
    for field in ("licence", "provenance", "description"):
        if model.texts[field].strip():
            yield ok(field, shorten(model.texts[field], 80, placeholder=" ..."))
        else:
            yield warn(field, "not given", f"fill in `{field}` of {source.FILE}")


def _reason(fault: OrtlessError) -> str:
    return str(fault).partition(" cannot be used: ")[2] or str(fault)
