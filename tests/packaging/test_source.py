"""A model's folder as its owner writes it."""

from pathlib import Path

import pytest

from functions.core.errors import InvalidPackage
from functions.packaging.source import read

GOOD = 'name = "my-model"\ntitle = "t"\n'


def folder(tmp_path: Path, toml: str | None = GOOD, graph: bool = True, name: str = "my-model") -> Path:
    path = tmp_path / name
    path.mkdir()
    if toml is not None:
        (path / "model.toml").write_text(toml)
    if graph:
        (path / "model.onnx").write_bytes(b"x")
    return path


def test_five_lines_are_enough(tmp_path: Path) -> None:
    source = read(folder(tmp_path))
    assert (source.name, source.preprocess, source.files) == ("my-model", {}, ())


def test_companions_ship_when_they_are_there(tmp_path: Path) -> None:
    path = folder(tmp_path, GOOD + 'assets = ["labels.txt"]\n')
    for name in ("labels.txt", "CARD.md", "golden.json", "train.py"):
        (path / name).write_text("")
    assert read(path).files == ("golden.json", "CARD.md", "labels.txt")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (None, "it has no model.toml"),
        ("name = ", "model.toml is not TOML"),
        ('title = "t"', "expected the folder's name, 'my-model', in lower-case letters, digits and hyphens - got None"),
        ('name = "other"', "got 'other' - at `name` of model.toml"),
        (GOOD + "licence = 5", "expected a string - got 5 - at `licence`"),
        (GOOD + 'preprocess = "tabular"', "expected a table - got 'tabular' - at `preprocess`"),
        (GOOD + "[preproces]", "got 'preproces' - at `preproces`"),
        (GOOD + 'assets = ["../x"]', "expected the name of a file in the folder - got '../x' - at `assets[0]`"),
        (GOOD + 'assets = ["labels.txt"]', "at `assets[0]`"),
        (GOOD + "assets = 1", "expected a list of file names - got 1"),
        (GOOD + "cache = 8_000_000", "expected a table - got 8000000 - at `cache`"),
        (GOOD + "[cache]", "expected a number of bytes from 1 to 10737418240 - got None - at `cache.max_bytes`"),
        (GOOD + "[cache]\nmax_bytes = 0", "got 0 - at `cache.max_bytes`"),
        (GOOD + "[cache]\nmax_bytes = true", "got True - at `cache.max_bytes`"),
        (GOOD + '[cache]\nmax_bytes = "8 MB"', "got '8 MB' - at `cache.max_bytes`"),
        (GOOD + "[cache]\nmax_bytes = 100_000_000_000", "got 100000000000 - at `cache.max_bytes`"),
        (
            GOOD + "[preprocess]\na = [1, 0x8000000000000000]",
            "64 bits - got 9223372036854775808 - at `preprocess.a[1]`",
        ),
        (GOOD + f"[preprocess]\na = {'9' * 5000}", "model.toml is not TOML"),
        (GOOD + f"[postprocess]\na = {'[' * 200}{']' * 200}", "expected values nested at most 16 deep"),
        (GOOD + f"[postprocess]\na = {'[' * 9000}{']' * 9000}", "model.toml is nested too deeply"),
        (GOOD + f'assets = ["{"a" * 300}"]', "at `assets[0]`"),
        (GOOD + f'[postprocess]\nlabels = "{"a" * 300}"', "at `postprocess.labels`"),
        (GOOD + "[cache]\nmax_bytes = 1\nsize = 1", "expected only max_bytes - got 'size' - at `cache.size`"),
    ],
)
def test_a_fault_of_model_toml_is_named(tmp_path: Path, toml: str | None, message: str) -> None:
    with pytest.raises(InvalidPackage) as refused:
        read(folder(tmp_path, toml))
    assert message in str(refused.value)


def test_a_folder_without_a_graph_is_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidPackage, match=r"it has no model\.onnx"):
        read(folder(tmp_path, graph=False))


@pytest.mark.parametrize("name", ["My-Model", "my_model", "-my", "my--model", "m" * 64, "my model"])
def test_a_name_that_no_path_or_url_should_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidPackage, match="at `name`"):
        read(folder(tmp_path, f'name = "{name}"', name=name))
