"""The files that can be imported, told apart by their content first and by their ending where content says nothing."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from toolchain.importing.contract import Source
from toolchain.importing.errors import UnknownFormat, Untrusted

HEAD = 65536
"""Bytes of a file that are looked at."""


class Format(NamedTuple):
    """A kind of file.

    Attributes:
        name: as messages say it.
        endings: of its files.
        group: the optional dependencies that read it.
        module: of `toolchain.importing.frameworks`.
        pickled: what about it may run code; "" where nothing does.
        instead: what to do rather than trusting it.
    """

    name: str
    endings: tuple[str, ...]
    group: str
    module: str
    pickled: str = ""
    instead: str = ""


FORMATS: dict[str, Format] = {
    "scikit-learn": Format(
        "a scikit-learn estimator", (".joblib", ".pkl", ".pickle"), "sklearn", "scikit_learn",
        "is a pickle", "or convert it where it was trained, and: ortless new NAME --from model.onnx",
    ),
    "exported program": Format("a PyTorch exported program", (".pt2",), "torch", "exported_program"),
    "module": Format(
        "a PyTorch module", (".pt", ".pth"), "torch", "torch_module",
        "is a pickled module", "or save it as a program: torch.export.save(torch.export.export(...), 'model.pt2')",
    ),
    "torchscript": Format(
        "a TorchScript module", (".pt", ".pth", ".ts"), "torch", "torch_script",
        "is TorchScript", "or save it as a program: torch.export.save(torch.export.export(...), 'model.pt2')",
    ),
    "keras": Format("a Keras model", (".keras",), "keras", "keras_model"),
    "saved model": Format("a TensorFlow SavedModel", (), "tensorflow", "saved_model"),
    "xgboost": Format("an XGBoost model", (".ubj", ".json"), "boosting", "xgboost_model"),
    "lightgbm": Format("a LightGBM model", (".txt",), "boosting", "lightgbm_model"),
}  # fmt: skip
REFUSED = {
    "onnx": ("it is ONNX already", "ortless new NAME --from {path}"),
    "weights": ("it holds weights without a network (a state_dict)", "save a program: torch.export.save(...)"),
    "h5": ("it is Keras's old HDF5 format, which can run code", "save it anew: model.save('model.keras')"),
}


def recognise(source: Source) -> Format:
    """The format of a file or folder.

    Raises:
        UnknownFormat: it is not there, or none of the table.
        Untrusted: opening it may run code, and nobody said that it may.
    """
    path = source.path
    if not path.exists():
        raise UnknownFormat(path, "there is no such file", "give the path of a model's file")
    kind = _kind(path)
    if kind in REFUSED:
        reason, hint = REFUSED[kind]
        raise UnknownFormat(path, reason, hint.format(path=path))
    if kind not in FORMATS:
        known = ", ".join(f"{one.name} ({', '.join(one.endings) or 'a folder'})" for one in FORMATS.values())
        raise UnknownFormat(path, kind, f"what there is: {known}")
    found = FORMATS[kind]
    if found.pickled and not source.trusted:
        raise Untrusted(path, found.pickled, found.instead)
    return found


def _kind(path: Path) -> str:
    """A name of the table or of what is refused; else why it is none."""
    if path.is_dir():
        return "saved model" if (path / "saved_model.pb").is_file() else "the folder has no saved_model.pb"
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    for kind, holds in SIGNS.items():
        if holds(head):
            return kind
    if not head:
        return "it is empty"
    if path.suffix in FORMATS["scikit-learn"].endings and _is_compressed(head):
        return "scikit-learn"
    return "onnx" if path.suffix == ".onnx" else "its content is none that is known"


def _archive(path: Path) -> str:
    """What a zip file is."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            weights_only = _is_state_dict(archive, names)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "the archive is damaged"
    inner = {name.partition("/")[2] for name in names}
    if "config.json" in names and "metadata.json" in names:
        return "keras"
    if "archive_format" in inner or "serialized_exported_program.json" in names:
        return "exported program"
    if any(name.startswith("code/") for name in inner):
        return "torchscript"
    if "data.pkl" in inner:
        return "weights" if weights_only else "module"
    return "the archive is none of PyTorch's or Keras's"


def _is_state_dict(archive: zipfile.ZipFile, names: list[str]) -> bool:
    """Whether a pickle of PyTorch names no class but those of tensors; it is read as bytes, not opened."""
    import pickletools

    pickled = next((name for name in names if name.endswith("/data.pkl") and name.count("/") == 1), "")
    if not pickled:
        return False
    try:
        codes = [(code.name, str(value)) for code, value, _ in pickletools.genops(archive.read(pickled))]
    except (ValueError, IndexError, UnicodeDecodeError):
        return False
    if any(name == "STACK_GLOBAL" for name, _ in codes):
        return False  # newer protocols put the names of classes together as they run
    named = [value for name, value in codes if name == "GLOBAL"]
    return all(name.startswith(("torch._utils ", "torch ", "collections OrderedDict")) for name in named)


def _is_pickle(head: bytes) -> bool:
    return (head[:1] == b"\x80" and head[1:2] <= b"\x05" and len(head) > 2) or head.startswith((b"ccopy_reg", b"c__"))


def _is_compressed(head: bytes) -> bool:
    """As joblib writes with `compress`: zlib, gzip, bz2, xz or lzma."""
    return head.startswith((b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"]\x00"))


SIGNS: dict[str, Callable[[bytes], bool]] = {
    "h5": lambda head: head.startswith(b"\x89HDF\r\n"),
    "scikit-learn": _is_pickle,
    "xgboost": lambda head: head[:1] == b"{" and b"learner" in head[:200],
    "lightgbm": lambda head: head.startswith(b"tree\n") and b"\nversion=" in head[:200],
}
