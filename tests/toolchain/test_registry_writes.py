"""Publishing and promoting, against moto."""

import threading
from pathlib import Path

import pytest

from functions.core import alias as aliases
from functions.core.errors import ObjectMissing, StoreUnavailable, WriteConflict
from functions.core.package import Package, download, key
from functions.core.store import ObjectStore
from functions.packaging.build import build
from tests.conftest import BUCKET
from tests.core import graphs
from toolchain.promotion import promote, read
from toolchain.publication import publish


@pytest.fixture
def versions(tmp_path: Path) -> list[Package]:
    made = []
    for amount in range(3):
        source = graphs.source(tmp_path / str(amount), "plus", graphs.plus(amount))
        made.append(build(source, tmp_path / str(amount) / "out"))
    return made


def test_versions_count_from_one_and_the_same_digest_is_the_same_version(
    store: ObjectStore, versions: list[Package]
) -> None:
    assert [publish(package, store) for package in (*versions, *versions)] == [1, 2, 3, 1, 2, 3]


def test_what_is_published_can_be_fetched_and_is_the_same(
    store: ObjectStore, versions: list[Package], tmp_path: Path
) -> None:
    version = publish(versions[0], store)
    fetched = download(store, "plus", version, versions[0].manifest.digest, str(tmp_path / "cache"))
    assert fetched.manifest == versions[0].manifest
    assert Path(fetched.path("model.onnx")).read_bytes() == Path(versions[0].path("model.onnx")).read_bytes()


def test_progress_is_told_every_file(store: ObjectStore, versions: list[Package]) -> None:
    told: dict[str, int] = {}
    publish(versions[0], store, told.__setitem__)
    assert told.keys() == {*versions[0].manifest.files, "manifest.json"}


def test_the_leftover_of_a_publisher_that_crashed_is_stepped_over(store: ObjectStore, versions: list[Package]) -> None:
    store.put_if_absent(key("plus", 1, "model.onnx"), b"half of another model")
    assert publish(versions[0], store) == 2
    assert store.get(key("plus", 1, "model.onnx")).body == b"half of another model"


def test_a_publisher_that_crashed_can_go_on(store: ObjectStore, versions: list[Package]) -> None:
    content = Path(versions[0].path("model.onnx")).read_bytes()
    store.put_if_absent(key("plus", 1, "model.onnx"), content)
    assert publish(versions[0], store) == 1


def test_publishers_at_the_same_time_get_a_version_each(
    store: ObjectStore, versions: list[Package], tmp_path: Path
) -> None:
    won: dict[str, int] = {}

    def run(package: Package) -> None:
        won[package.manifest.digest] = publish(package, store)

    threads = [threading.Thread(target=run, args=(package,)) for package in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(won.values())) == 3
    for package in versions:
        version = won[package.manifest.digest]
        download(store, "plus", version, package.manifest.digest, str(tmp_path / "cache"))


def test_a_promotion_keeps_what_was_live_as_previous(store: ObjectStore, versions: list[Package]) -> None:
    first, second = (publish(package, store) for package in versions[:2])
    created = promote("plus", first, store)
    assert (created.generation, created.live, created.previous) == (1, 1, None)
    changed = promote("plus", second, store)
    assert (changed.generation, changed.live, changed.previous) == (2, 2, 1)
    digests = {"1": versions[0].manifest.digest, "2": versions[1].manifest.digest}
    assert changed.digests == digests
    assert changed.nonce != created.nonce
    current = read("plus", store)
    assert current is not None
    assert current.alias == changed


def test_promoting_what_is_live_writes_nothing(store: ObjectStore, versions: list[Package]) -> None:
    publish(versions[0], store)
    assert promote("plus", 1, store) == promote("plus", 1, store)


def test_a_version_that_does_not_exist_cannot_be_promoted(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing, match="packages/plus/7"):
        promote("plus", 7, store)
    assert read("plus", store) is None


class Interrupted(ObjectStore):
    """A store whose writes arrive, but whose answers do not: the network between two real parties."""

    rival: bytes | None = None

    def put_if_match(self, key: str, body: bytes, etag: str) -> None:
        super().put_if_match(key, self.rival or body, etag)
        raise StoreUnavailable(key, "timed out")


def test_a_write_whose_answer_is_lost_is_known_by_its_nonce(store: ObjectStore, versions: list[Package]) -> None:
    for package in versions:
        publish(package, store)
    promote("plus", 1, store)
    interrupted = Interrupted(BUCKET, store.config)
    assert promote("plus", 2, interrupted).live == 2
    current = read("plus", store)
    assert current is not None
    interrupted.rival = aliases.render(current.alias._replace(nonce="another", live=1))
    with pytest.raises(StoreUnavailable):
        promote("plus", 3, interrupted)


def test_of_two_promoters_at_the_same_time_one_is_told_of_the_conflict(
    store: ObjectStore, versions: list[Package], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in versions:
        publish(package, store)
    promote("plus", 1, store)
    slow = ObjectStore(BUCKET, store.config)
    write = slow.put_if_match

    def overtaken(key: str, body: bytes, etag: str) -> None:
        promote("plus", 2, store)
        write(key, body, etag)

    monkeypatch.setattr(slow, "put_if_match", overtaken)
    with pytest.raises(WriteConflict):
        promote("plus", 3, slow)
    current = read("plus", store)
    assert current is not None
    assert current.alias.live == 2
