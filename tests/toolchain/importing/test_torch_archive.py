"""What in a .pt2 archive could run code, found without opening it."""

import json
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from toolchain.importing.errors import NotOpened, Untrusted
from toolchain.importing.frameworks import torch_archive

NO_TORCH = SimpleNamespace()
"""In the place of PyTorch, which is asked about pickles alone; these archives have none."""


def program(tmp_path: Path, expression: str) -> Path:
    """An archive with that expression in a shape."""
    path = tmp_path / "m.pt2"
    shape = {"graph": {"sizes": [{"as_expr": {"expr_str": expression, "hint": None}}]}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/models/model.json", json.dumps(shape))
    return path


@pytest.mark.parametrize(
    "expression",
    [
        "s31",
        "Symbol('s31', positive=True, integer=True)",
        "Mul(Integer(6), Symbol('s0', positive=True, integer=True))",
        "s0*s1 + 4",
        "((s0 - 1)//2) + 1",
        "Max(1, u0)",
        "Eq(Mod(s77, 8), 0)",
        "2.5*s0 <= 100",
    ],
)
def test_expressions_of_shapes_pass(tmp_path: Path, expression: str) -> None:
    torch_archive.check(program(tmp_path, expression), NO_TORCH)


@pytest.mark.parametrize(
    "expression",
    [
        "exec(chr(112))",
        "__import__('os').system('true')",
        "Symbol.__class__",
        "Symbol('s0')(1)",
        "().__class__",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "open('s0')",
        "s0 if s1 else s2",
        "Symbol('__import__')",
        "eval(Symbol('s0'))",
        "print",
        "f'{s0}'",
        "s0[0]",
        "(s0 := 1)",
        "s0 +",
    ],
)
def test_anything_else_is_refused_before_it_is_evaluated(tmp_path: Path, expression: str) -> None:
    with pytest.raises(Untrusted, match="runs any code that is in it"):
        torch_archive.check(program(tmp_path, expression), NO_TORCH)


CONFIG = {"config": {"w": {"path_name": "weight_0", "use_pickle": True, "tensor_meta": None}}}
PLAIN = {"config": {"w": {"path_name": "weight_0", "use_pickle": False, "tensor_meta": {"sizes": []}}}}
MEMBERS: dict[str, list[tuple[str, str]]] = {
    "weights called pickled": [
        ("m/data/weights/model_weights_config.json", json.dumps(CONFIG)), ("m/data/weights/weight_0", "cos\nsystem"),
    ],
    "in another folder": [
        ("m/data/weights/model_weights_config.json", json.dumps(CONFIG).replace("weight_0", "../other/Weight_0")),
        ("m/data/other/weight_0", "cos\nsystem"),
    ],
    "an object": [("m/data/constants/custom_obj_0", "cos\nsystem")],
    "an opaque object": [("m/data/constants/opaque_obj_0", "cos\nsystem")],
    "capital letters": [("m/data/constants/model.PT", "cos\nsystem")],
    "compiled code": [("m/data/aotinductor/model/model.so", "\x7fELF")],
    "two of one name": [("m/data/weights/weight_0", "harmless"), ("m/data/weights/Weight_0", "cos\nsystem")],
}  # fmt: skip


def packed(tmp_path: Path, members: list[tuple[str, str]]) -> Path:
    """An archive of an exported program with these members."""
    path = tmp_path / "m.pt2"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in [("m/archive_format", "pt2"), *members]:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("what", MEMBERS)
def test_whatever_pytorch_would_run_is_refused_under_any_name(tmp_path: Path, what: str) -> None:
    with pytest.raises(Untrusted, match="which runs any code that is in it"):
        torch_archive.check(packed(tmp_path, MEMBERS[what]), NO_TORCH)


def test_plain_weights_are_no_pickles(tmp_path: Path) -> None:
    config = ("m/data/weights/model_weights_config.json", json.dumps(PLAIN))
    torch_archive.check(packed(tmp_path, [config, ("m/data/weights/weight_0", "any bytes")]), NO_TORCH)


def test_a_damaged_archive_is_none(tmp_path: Path) -> None:
    path = program(tmp_path, "s0")
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(NotOpened, match="PyTorch cannot open"):
        torch_archive.check(path, NO_TORCH)
