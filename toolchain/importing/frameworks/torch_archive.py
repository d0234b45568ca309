"""What in a .pt2 archive could run code when PyTorch opens it: pickles of more than tensors, and expressions.

PyTorch falls back from its safe way to read pickled constants to the unsafe one without asking, and has sympy evaluate
the expressions of dynamic shapes as Python. Both are looked at here first.
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
        Untrusted: a member is a pickle of more than tensors, or an expression names what no shape needs.
        NotOpened: the archive is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith(PICKLED) or "/custom_obj" in name:
                    _check_pickle(path, name, archive.read(name), torch)
                elif name.endswith(".json"):
                    _check_expressions(path, json.loads(archive.read(name) or b"null"))
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError) as fault:
        raise NotOpened(path, "PyTorch", fault) from None


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
