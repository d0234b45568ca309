"""A version of the registry: its files first, its manifest last, and never changed."""

import threading
from pathlib import Path

import pytest

from functions.admin.publication import publish
from functions.core.holdings import key
from functions.core.package import Package, download
from functions.core.store import ObjectStore


def test_versions_count_from_one_and_the_same_digest_is_the_same_version(
    store: ObjectStore, compiled: list[Package]
) -> None:
    assert [publish(package, store) for package in (*compiled[:3], *compiled[:3])] == [1, 2, 3, 1, 2, 3]


def test_a_published_version_is_what_was_compiled(store: ObjectStore, compiled: list[Package], tmp_path: Path) -> None:
    version = publish(compiled[0], store)
    fetched = download(store, "plus", version, compiled[0].manifest.digest, str(tmp_path / "cache"))
    assert fetched.manifest == compiled[0].manifest
    assert {file: fetched.read(file) for file in fetched.manifest.files} == {
        file: compiled[0].read(file) for file in compiled[0].manifest.files
    }


def test_the_manifest_is_written_last(store: ObjectStore, compiled: list[Package]) -> None:
    told: list[str] = []
    publish(compiled[0], store, lambda name, _size: told.append(name))
    assert told == [*compiled[0].manifest.files, "manifest.json"]


def test_a_leftover_of_another_model_is_stepped_over(store: ObjectStore, compiled: list[Package]) -> None:
    store.put_if_absent(key("plus", 1, "model.onnx"), b"half of another model")
    assert publish(compiled[0], store) == 2
    assert store.get(key("plus", 1, "model.onnx")).body == b"half of another model"


def test_a_leftover_of_the_same_model_is_gone_on_with(store: ObjectStore, compiled: list[Package]) -> None:
    store.put_if_absent(key("plus", 1, "model.onnx"), compiled[0].read("model.onnx"))
    assert publish(compiled[0], store) == 1


@pytest.mark.parametrize("rivals", [2, 4])
def test_rivals_at_the_same_time_get_a_version_each(
    store: ObjectStore, compiled: list[Package], tmp_path: Path, rivals: int
) -> None:
    won: dict[str, int] = {}

    def run(package: Package) -> None:
        won[package.manifest.digest] = publish(package, store)

    threads = [threading.Thread(target=run, args=(package,)) for package in compiled[:rivals]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(won.values())) == rivals
    for digest, version in won.items():
        assert download(store, "plus", version, digest, str(tmp_path / "cache")).manifest.digest == digest
