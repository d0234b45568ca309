"""An upload becomes one version with a verdict, however often and with whatever mishaps its validation is asked for."""

import random
import threading
from itertools import count
from pathlib import Path
from typing import Any

import obstore
import pytest

from functions.admin import uploads, versions
from functions.admin.documents import Verdict
from functions.admin.errors import UnknownUpload
from functions.admin.inspection import CHECKS
from functions.admin.limits import Limits
from functions.admin.uploads import Upload
from functions.admin.validation import Validation
from functions.core import golden
from functions.core.errors import StoreUnavailable
from functions.core.package import download
from functions.core.predictor import Predictor
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from tests.admin.submissions import NAME, Files, accepted, begin, in_memory, submit
from tests.conftest import BUCKET, ROOT, SAMPLES

LIMITS = Limits.of(1769)._replace(seconds=60)
WRITES = 6
"""Of an accepted upload: three files, the manifest, and two verdicts."""


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where uploads are looked at."""
    return tmp_path / "cache"


def validate(upload: Upload, store: ObjectStore, cache: Path) -> dict[str, Any]:
    return Validation(store, cache, LIMITS).run(upload.id, upload.model)


def published(store: ObjectStore) -> list[str]:
    return store.names(f"packages/{NAME}/")


def test_an_upload_that_passes_is_the_next_version_with_its_verdict(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    verdict = validate(upload, store, cache)
    said = Verdict.model_validate(verdict)
    assert [(check.check, check.ok) for check in said.checks] == [
        (check, True) for check in ("digests", "sizes", *CHECKS)
    ]
    version = versions.read(NAME, 1, store)
    assert (version.accepted, version.verdict, version.retired) == (True, verdict, False)
    expected = {"accepted": True, "model": NAME, "upload": upload.id, "who": "tester", "version": 1}
    expected |= {"why": "", "ungated": "", "reason": ""}
    assert verdict == expected | {
        "at": said.at,
        "digest": version.manifest.digest,
        "checks": [check.model_dump() for check in said.checks],
    }
    state = uploads.state(upload, store)
    assert state == {
        "upload": upload.id, "model": NAME, "state": "accepted", "version": 1,
        "digest": version.manifest.digest, "verdict": verdict,
    }  # fmt: skip
    assert list(cache.iterdir()) == []


def test_the_verdict_says_why_who_said_it_first_wanted_the_version(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    for why in ("new data", "another reason"):
        uploads.start(upload, why, store)
    assert validate(upload, store, cache)["why"] == "new data"
    assert (versions.read(NAME, 1, store).verdict or {})["why"] == "new data"


def test_the_verdict_says_why_a_version_has_no_passing_report(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    uploads.start(upload, "new data", store, "measured on another machine")
    verdict = validate(upload, store, cache)
    assert (verdict["why"], verdict["ungated"]) == ("new data", "measured on another machine")
    assert (versions.read(NAME, 1, store).verdict or {})["ungated"] == "measured on another machine"


def test_a_model_that_nobody_could_tell_from_a_damaged_one_is_refused(store: ObjectStore, cache: Path) -> None:
    files = accepted()
    del files["golden.json"]
    verdict = validate(submit(files, store), store, cache)
    assert (verdict["accepted"], verdict["reason"]) == (
        False,
        "golden: expected a file golden.json of requests and their answers, by which functions tell a sound package - "
        "got none; `ortless new NAME --from model.onnx` drafts a folder that has one",
    )
    assert published(store) == []


def test_the_version_is_one_that_functions_can_serve(store: ObjectStore, cache: Path, tmp_path: Path) -> None:
    verdict = validate(submit(accepted(), store), store, cache)
    package = download(store, NAME, 1, verdict["digest"], str(tmp_path / "served"))
    predictor = Predictor(package, Settings())
    assert (predictor.predict([[1, 2]])[0].tolist(), golden.fault(predictor)) == ([2.0, 3.0], None)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_passes(name: str, cache: Path) -> None:
    store = in_memory()
    folder = ROOT / "model_artifacts" / name
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    verdict = validate(submit(files, store, name), store, cache)
    assert (verdict["accepted"], verdict["reason"], verdict["version"]) == (True, "", 1)


def test_the_same_model_again_is_the_same_version_and_another_is_the_next(store: ObjectStore, cache: Path) -> None:
    amounts = (1, 1, 2, 1)
    verdicts = [validate(submit(accepted(amount), store), store, cache) for amount in amounts]
    assert [verdict["version"] for verdict in verdicts] == [1, 1, 2, 1]
    assert published(store) == ["1", "2"]
    assert versions.read(NAME, 1, store).verdict == verdicts[0]


def test_an_order_that_is_delivered_again_changes_nothing(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    first = validate(upload, store, cache)
    assert validate(upload, store, cache) == first
    assert published(store) == ["1"]


def test_an_order_that_comes_late_brings_no_collected_version_back(cache: Path) -> None:
    store = in_memory()
    upload = submit(accepted(), store)
    first = validate(upload, store, cache)
    obstore.delete(store._client, [f"packages/{NAME}/1/{file}" for file in store.names(f"packages/{NAME}/1/")])
    assert (validate(upload, store, cache), published(store)) == (first, [])


def test_an_order_that_is_delivered_twice_at_once_makes_one_version(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    verdicts: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: verdicts.append(validate(upload, store, cache))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verdicts == [verdicts[0]] * 3
    assert (published(store), versions.read(NAME, 1, store).accepted) == (["1"], True)


def test_a_refusal_is_final_for_its_upload(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted() | {"golden.json": b"{}"}, store)
    first = validate(upload, store, cache)
    assert (first["accepted"], validate(upload, store, cache)) == (False, first)
    assert (store.names("packages/"), uploads.state(upload, store)["state"]) == ([], "refused")


class Mortal(ObjectStore):
    """The registry as one sees it who dies before or after a certain write."""

    def __init__(self, store: ObjectStore, last: int, *, arrives: bool) -> None:
        super().__init__(BUCKET, store.config)
        self._writes = count(1)
        self._last = last
        self._arrives = arrives

    def put_if_absent(self, key: str, body: bytes) -> None:
        dies = next(self._writes) == self._last
        if not dies or self._arrives:
            super().put_if_absent(key, body)
        if dies:
            raise StoreUnavailable(key, "the process was killed")


@pytest.mark.parametrize("arrives", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("last", range(1, WRITES + 1))
def test_killed_at_any_write_and_delivered_again_there_is_one_version(
    store: ObjectStore, cache: Path, last: int, arrives: bool
) -> None:
    upload = submit(accepted(), store)
    with pytest.raises(StoreUnavailable):
        validate(upload, Mortal(store, last, arrives=arrives), cache)
    verdict = validate(upload, store, cache)
    assert (verdict["accepted"], verdict["version"], published(store)) == (True, 1, ["1"])
    assert versions.read(NAME, 1, store).accepted
    assert uploads.state(upload, store)["state"] == "accepted"


def test_an_upload_that_was_never_begun_is_unknown(store: ObjectStore, cache: Path) -> None:
    with pytest.raises(UnknownUpload):
        Validation(store, cache, LIMITS).run("0" * 32, NAME)


def test_an_upload_is_of_its_own_model_only(store: ObjectStore, cache: Path) -> None:
    upload = submit(accepted(), store)
    with pytest.raises(UnknownUpload):
        Validation(store, cache, LIMITS).run(upload.id, "another")


def refusal(upload: Upload, store: ObjectStore, cache: Path) -> str:
    verdict = validate(upload, store, cache)
    assert [check["check"] for check in verdict["checks"]] == ["digests"]
    assert not verdict["accepted"]
    return str(verdict["reason"])


def test_a_file_that_was_not_uploaded_is_named(store: ObjectStore, cache: Path) -> None:
    assert refusal(begin(accepted(), store), store, cache) == "digests: model.toml was not uploaded"


@pytest.mark.parametrize(("change", "reason"), [(b"more", "got more"), (b"", "bytes - got")])
def test_a_file_of_another_size_than_declared_is_refused(cache: Path, change: bytes, reason: str) -> None:
    store = in_memory()
    files = accepted()
    upload = begin(files, store)
    for file, content in files.items():
        other = content + change if change else content[:-1]
        store.put_if_absent(upload.key(f"files/{file}"), other)
    assert reason in refusal(upload, store, cache)


def flipped(files: Files, dice: random.Random) -> Files:
    """The files with one random byte changed."""
    name = dice.choices(list(files), [len(content) for content in files.values()])[0]
    content = bytearray(files[name])
    content[dice.randrange(len(content))] ^= dice.randrange(1, 256)
    return files | {name: bytes(content)}


def test_a_byte_that_changed_on_the_way_is_found_wherever_it_is(cache: Path) -> None:
    dice, files = random.Random(7), accepted()  # noqa: S311 - which byte is no secret
    for _ in range(1000):
        store = in_memory()
        upload = begin(files, store)
        for file, content in flipped(files, dice).items():
            store.put_if_absent(upload.key(f"files/{file}"), content)
        assert "expected SHA-256" in refusal(upload, store, cache)
        assert store.names("packages/") == []


def test_a_graph_with_a_byte_changed_by_its_author_is_refused_or_answers(cache: Path) -> None:
    dice, files = random.Random(11), accepted()  # noqa: S311
    outcomes = set()
    for _ in range(40):
        store = in_memory()
        graph = flipped({"model.onnx": files["model.onnx"]}, dice)
        verdict = validate(submit(files | graph, store), store, cache)
        last = verdict["checks"][-1]
        assert (last["check"], last["detail"]) == ("golden", "1 cases") if verdict["accepted"] else not last["ok"]
        assert store.names("packages/") == ([NAME] if verdict["accepted"] else [])
        outcomes.add(verdict["accepted"])
    assert outcomes == {True, False}
