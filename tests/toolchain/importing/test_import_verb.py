"""`ortless import` where no other framework is installed: what it refuses, and how it says so."""

import pickle
from pathlib import Path

import pytest

from tests.toolchain.importing.test_formats import FILES, archive
from tests.toolchain.test_cli import ortless


def refused(tmp_path: Path, *arguments: str) -> str:
    """What the command says; nothing is left of the attempt."""
    done = ortless("import", *arguments, "--models", str(tmp_path / "models"))
    assert (done.returncode, done.stdout) == (1, "")
    assert not (tmp_path / "models" / "mine").exists()
    return done.stderr


def test_a_pickle_is_refused_and_the_flag_says_what_it_means(tmp_path: Path) -> None:
    (tmp_path / "m.joblib").write_bytes(pickle.dumps([1]))
    said = refused(tmp_path, str(tmp_path / "m.joblib"), "--name", "mine")
    assert said.startswith(
        f"error (untrusted): {tmp_path}/m.joblib is a pickle, which runs any code that is in it\nhint: "
    )
    explained = " ".join(ortless("import", "--help").stdout.replace("│", " ").split())
    assert "A pickle is a program: opening it runs whatever its author" in explained


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("scikit-learn", "sklearn"),
        ("exported program", "torch"),
        ("keras", "keras"),
        ("xgboost", "boosting"),
        ("lightgbm", "boosting"),
    ],
)
def test_what_is_not_installed_is_named_with_the_command_that_does(tmp_path: Path, kind: str, group: str) -> None:
    name, content = FILES[kind]
    (tmp_path / name).write_bytes(content)
    said = refused(tmp_path, str(tmp_path / name), "--name", "mine", "--trust-pickle")
    assert said.startswith("error (missing_package): This model needs the package ")
    assert said.endswith(f'hint: pip install "ortless[{group}]"\n')


def test_the_command_for_a_saved_model_names_tensorflow(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    assert 'pip install "ortless[tensorflow]"' in refused(tmp_path, str(tmp_path), "--name", "mine")


def test_names_and_folders_are_looked_at_before_anything_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "models" / "taken").mkdir(parents=True)
    assert "Expected a name of lower-case letters" in refused(tmp_path, "nowhere.txt", "--name", "My Model")
    assert "exists already" in refused(tmp_path, "nowhere.txt", "--name", "taken")
    assert "there is no such file" in refused(tmp_path, "nowhere.txt", "--name", "mine")


@pytest.mark.parametrize("shape", ["a", "3x", "0", "3x-1"])
def test_a_shape_that_is_none_is_refused(shape: str) -> None:
    done = ortless("import", "m.pt", "--name", "mine", "--shape", shape)
    assert done.returncode == 2
    assert "expected a shape like 3x224x224" in done.stderr


def test_an_archive_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(archive(readme=b""))
    assert "what there is: a scikit-learn estimator (.joblib, .pkl, .pickle)" in refused(
        tmp_path, str(tmp_path / "m.zip"), "--name", "mine"
    )
