"""What in a .pt2 archive could run code when PyTorch opens it: pickles of more than tensors, expressions, libraries.

PyTorch unpickles in its unsafe way whatever the archive's own lists call pickled, has sympy evaluate the expressions of
dynamic shapes as Python, and loads compiled kernels. All of it is looked at here first.
"""

import ast
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from toolchain.importing.errors import NotOpened, Untrusted

INSTEAD = "or export it anew from its source"
PICKLED = (".pt", ".pkl", ".pickle")
"""Endings of members that PyTorch unpickles, weights and constants that are none of tensors included."""
OBJECTS = ("custom_obj", "opaque_obj")
"""How the names of constants begin that it unpickles as objects."""
LIBRARIES = "/aotinductor/"
"""The folder whose members it loads as compiled code."""
SYMBOL = re.compile(r"(?:zuf|zf|[a-z]{1,2})\d+(?:_\d+)*")
FUNCTIONS = frozenset(
    (
        *(
            "Add",
            "Mul",
            "Pow",
            "Rational",
            "Integer",
            "Float",
            "Symbol",
            "Abs",
            "Mod",
            "Max",
            "Min",
            "floor",
            "ceiling",
        ),
        *("Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And", "Or", "Not", "Where", "Identity", "PythonMod", "FloorDiv"),
        *("CleanDiv", "CeilDiv", "CeilToInt", "FloorToInt", "TruncToInt", "RoundToInt", "ToFloat", "IntTrueDiv"),
        *("FloatTrueDiv", "ModularIndexing", "PowByNatural", "FloatPow", "LShift", "RShift", "int_oo", "oo"),
    )
)
"""Names that expressions of shapes have; any other one would be looked up among Python's."""
ARITHMETIC = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Tuple, ast.keyword),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)


def check(path: Path, torch: Any) -> None:
    """Refuse an archive that could run code.

    Raises:
        Untrusted: a member is a pickle of more than tensors, or compiled; two have the same name, so that PyTorch may
            see another one; or an expression names what no shape needs.
        NotOpened: the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_names(path, archive.namelist())
            lists = [json.loads(archive.read(name) or b"null") for name in archive.namelist() if _ends(name, ".json")]
            for content in lists:
                _check_expressions(path, content)
            pickled = {path_name for content in lists for path_name in _pickled(content)}
            for name in archive.namelist():
                last = name.rpartition("/")[2]
                if _ends(name, PICKLED) or last.lower().startswith(OBJECTS) or last.lower() in pickled:
                    _check_pickle(path, name, archive.read(name), torch)
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError) as fault:
        raise NotOpened(path, "PyTorch", fault) from None


def _ends(name: str, endings: str | tuple[str, ...]) -> bool:
    """PyTorch's reader of archives knows no capital letters."""
    return name.lower().endswith(endings)


def _check_names(path: Path, names: list[str]) -> None:
    if len({name.lower() for name in names}) < len(names):
        raise Untrusted(path, "has two members of the same name", INSTEAD)
    if compiled := next((name for name in names if LIBRARIES in f"/{name.lower()}"), ""):
        raise Untrusted(path, f"holds compiled code ({compiled})", INSTEAD)


def _pickled(content: Any) -> Iterator[str]:
    """Last parts of the names of members, in small letters, that a list of weights or constants calls pickled."""
    parts: list[Any] = []
    if isinstance(content, dict):
        if content.get("use_pickle"):
            yield str(content.get("path_name")).rpartition("/")[2].lower()
        parts = [*content.values()]
    elif isinstance(content, list):
        parts = content
    for part in parts:
        yield from _pickled(part)


def _check_pickle(path: Path, name: str, content: bytes, torch: Any) -> None:
    if not content:
        return
    try:
        torch.load(io.BytesIO(content), weights_only=True)
    except Exception:  # UnpicklingError, or whatever a damaged one brings about
        raise Untrusted(path, f"holds a pickle of more than tensors ({name})", INSTEAD) from None


def _check_expressions(path: Path, content: Any) -> None:
    for text in _expressions(content):
        try:
            tree = ast.parse(text, mode="eval")
        except (SyntaxError, ValueError):
            raise Untrusted(path, f"has a shape that is no expression ({text[:60]!r})", INSTEAD) from None
        if strange := next((node for node in ast.walk(tree.body) if not _is_arithmetic(node)), None):
            raise Untrusted(path, f"has an expression in a shape that none needs ({_shown(strange)})", INSTEAD)


def _is_arithmetic(node: ast.AST) -> bool:
    """Whether a part of an expression can only count: numbers, symbols, operators, and calls of known functions."""
    if isinstance(node, ast.Name):
        return node.id in FUNCTIONS or SYMBOL.fullmatch(node.id) is not None
    if isinstance(node, ast.Constant):
        return not isinstance(node.value, (str, bytes)) or SYMBOL.fullmatch(str(node.value)) is not None
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name)
    return isinstance(node, ARITHMETIC)


def _shown(node: ast.AST) -> str:
    return ast.unparse(node)[:60] if isinstance(node, ast.expr) else type(node).__name__


def _expressions(content: Any) -> Iterator[str]:
    """Every text that PyTorch has evaluated, at any depth."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key == "expr_str" and isinstance(value, str):
                yield value
            yield from _expressions(value)
    elif isinstance(content, list):
        for value in content:
            yield from _expressions(value)
