"""Files of other frameworks, told apart before anything of them is opened."""

import io
import json
import pickle
import zipfile
import zlib
from pathlib import Path

import pytest

from toolchain.importing.contract import Source
from toolchain.importing.errors import UnknownFormat, Untrusted
from toolchain.importing.formats import FORMATS, recognise


class Bomb:
    """What writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def archive(**members: bytes) -> bytes:
    """A zip file; two underscores stand for a slash, and one before the last word for its dot."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return stream.getvalue()


STATE = pickle.dumps({"weight": 1}, protocol=2)
MODULE = pickle.dumps(FORMATS["module"], protocol=2)  # of any class
FILES = {
    "scikit-learn": ("m.joblib", pickle.dumps([1])),
    "scikit-learn, compressed": ("m.pkl", zlib.compress(pickle.dumps([1]))),
    "exported program": ("m.pt2", archive(m__archive_format=b"pt2", m__models__model_dot_json=b"{}")),
    "module": ("m.pt", archive(m__data_dot_pkl=MODULE, m__version=b"3")),
    "module, a newer protocol": ("m.pt", archive(m__data_dot_pkl=pickle.dumps(FORMATS["module"], protocol=4))),
    "torchscript": ("m.pt", archive(m__data_dot_pkl=MODULE, m__code__m_dot_py=b"")),
    "keras": ("m.keras", archive(config_dot_json=b"{}", metadata_dot_json=b"{}")),
    "xgboost": ("m.json", json.dumps({"learner": {}}).encode()),
    "xgboost, binary": ("m.ubj", b"{L\0\0\0\0\0\0\0\x07learner{"),
    "lightgbm": ("m.txt", b"tree\nversion=v4\n"),
}


@pytest.mark.parametrize("kind", list(FILES))
def test_a_file_is_known_by_its_content(tmp_path: Path, kind: str) -> None:
    name, content = FILES[kind]
    (tmp_path / name).write_bytes(content)
    assert recognise(Source(tmp_path / name, trusted=True)) == FORMATS[kind.partition(",")[0]]


@pytest.mark.parametrize("kind", ["lightgbm", "keras", "xgboost"])
def test_the_name_of_a_file_does_not_matter_where_its_content_tells(tmp_path: Path, kind: str) -> None:
    (tmp_path / "model.bin").write_bytes(FILES[kind][1])
    assert recognise(Source(tmp_path / "model.bin")) == FORMATS[kind]


def test_a_saved_model_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\x08\x01")
    assert recognise(Source(tmp_path)) == FORMATS["saved model"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("scikit-learn", "is a pickle, which runs any code that is in it"),
        ("scikit-learn, compressed", "is a pickle, which runs any code that is in it"),
        ("module", "is a pickled module, which runs any code that is in it"),
        ("torchscript", "is TorchScript, which runs any code that is in it"),
    ],
)
def test_what_runs_code_is_refused_without_the_flag(tmp_path: Path, kind: str, said: str) -> None:
    name, content = FILES[kind]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Untrusted, match=said) as refused:
        recognise(Source(tmp_path / name))
    assert "--trust-pickle" in str(refused.value)


def test_a_pickle_is_not_opened_to_be_told(tmp_path: Path) -> None:
    (tmp_path / "m.pkl").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    (tmp_path / "m.pt").write_bytes(archive(m__data_dot_pkl=pickle.dumps(Bomb(tmp_path / "ran"), protocol=2)))
    for name in ("m.pkl", "m.pt"):
        with pytest.raises(Untrusted):
            recognise(Source(tmp_path / name))
        recognise(Source(tmp_path / name, trusted=True))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.onnx", b"\x08\x0a", "it is ONNX already"),
        ("m.pt", archive(m__data_dot_pkl=STATE), "it holds weights without a network"),
        ("m.h5", b"\x89HDF\r\n\x1a\n", "it is Keras's old HDF5 format"),
        ("m.keras", FILES["keras"][1][:-30], "the archive is damaged"),
        ("m.zip", archive(readme=b""), "the archive is none of PyTorch's or Keras's"),
        ("m.txt", b"hello", "its content is none that is known"),
        ("m.json", b"[]", "its content is none that is known"),
        ("m.pkl", b"", "it is empty"),
        ("folder", None, "the folder has no saved_model.pb"),
        ("nowhere", ..., "there is no such file"),
    ],
)
def test_what_is_none_of_them_is_refused_with_a_hint(tmp_path: Path, name: str, content: object, said: str) -> None:
    if content is None:
        (tmp_path / name).mkdir()
    elif isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnknownFormat, match=said) as refused:
        recognise(Source(tmp_path / name, trusted=True))
    assert "\nhint: " in str(refused.value)
