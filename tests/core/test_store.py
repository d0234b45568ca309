"""The object store, against moto."""

from pathlib import Path

import pytest

from functions.core.errors import ObjectMissing, StoreUnavailable, WriteConflict
from functions.core.store import ObjectStore


def test_what_is_put_is_what_is_got(store: ObjectStore) -> None:
    store.put_if_absent("a/b.json", b"content")
    assert store.get("a/b.json").body == b"content"


def test_a_missing_object_is_said_to_be_missing(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing, match=r"a/b\.json"):
        store.get("a/b.json")
    assert store.find("a/b.json") is None


def test_an_object_is_created_once(store: ObjectStore) -> None:
    store.put_if_absent("k", b"first")
    with pytest.raises(WriteConflict):
        store.put_if_absent("k", b"second")
    assert store.get("k").body == b"first"


def test_a_replacement_names_the_object_it_replaces(store: ObjectStore) -> None:
    store.put_if_absent("k", b"1")
    first = store.get("k").etag
    store.put_if_match("k", b"2", first)
    with pytest.raises(WriteConflict):
        store.put_if_match("k", b"3", first)
    assert store.get("k").body == b"2"


def test_an_unchanged_object_is_not_sent_again(store: ObjectStore) -> None:
    store.put_if_absent("k", b"1")
    found = store.get("k")
    assert store.get_if_changed("k", found.etag) is None
    store.put_if_match("k", b"2", found.etag)
    changed = store.get_if_changed("k", found.etag)
    assert changed is not None
    assert changed.body == b"2"


def test_names_are_those_directly_under_the_prefix(store: ObjectStore) -> None:
    for key in ("p/a/1/x", "p/b/1/x", "p/c.json", "q/d"):
        store.put_if_absent(key, b"")
    assert store.names("p/") == ["a", "b", "c.json"]


def test_a_tree_is_every_object_below_the_prefix_with_what_is_known_of_it(store: ObjectStore) -> None:
    for key, body in (("p/a/1/x", b"12"), ("p/a/2/y/z", b""), ("p/ab/1/x", b""), ("q/a/1/x", b"")):
        store.put_if_absent(key, body)
    assert sorted(store.tree("p/a/")) == ["1/x", "2/y/z"]
    assert store.tree("p/a/")["1/x"] == store.head("p/a/1/x")
    assert store.tree("nothing/") == {}


def test_a_download_stops_when_it_is_longer_than_it_may_be(store: ObjectStore, tmp_path: Path) -> None:
    store.put_if_absent("k", b"x" * 100)
    assert store.download("k", str(tmp_path / "f"), 100)[1] == 100
    assert store.download("k", str(tmp_path / "f"), 10)[1] > 10


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    nowhere = ObjectStore(
        "b",
        {"region": "us-east-1", "endpoint": "http://127.0.0.1:9", "access_key_id": "t", "secret_access_key": "t"},
    )
    with pytest.raises(StoreUnavailable, match="did not serve 'k'"):
        nowhere.get("k")


def test_a_client_that_cannot_be_opened_is_an_unavailable_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "none.pem").touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(StoreUnavailable):
        ObjectStore("b", {"region": "us-east-1"}).get("k")
