"""`ortless publish` against the admin API in memory: what is sent, what is waited for, what goes live."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from functions.packaging.compressed import stand_ins
from tests.conftest import ROOT
from tests.core import graphs
from tests.toolchain.operator import Operator

SAMPLES = ROOT / "model_artifacts"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Folders of two models."""
    for amount, name in enumerate(("minus", "plus")):
        graphs.source(tmp_path / "models", name, graphs.plus(amount))
    return tmp_path / "models"


def test_every_model_is_sent_validated_and_made_live(operator: Operator, models: Path) -> None:
    rows = operator.json("publish", "--models", str(models), "--why", "first")
    assert [(row["model"], row["version"], row["new"], row["alias"]["live"]) for row in rows] == [
        ("minus", 1, True, 1),
        ("plus", 1, True, 1),
    ]
    assert all(row["verdict"]["accepted"] for row in rows)
    for upload in operator.server.registry.uploads.values():
        folder = models / upload.model
        assert upload.came == {name: (folder / name).read_bytes() for name in ("model.toml", "model.onnx")}
    assert operator.server.registry.models["plus"].changes[-1].why == "first"


def test_the_same_content_again_is_the_same_version_and_says_so(operator: Operator, models: Path) -> None:
    arguments = ("publish", "plus", "--models", str(models))
    first = operator(*arguments)
    assert first.returncode == 0, first.stderr
    assert [word for word in first.stdout.split() if word in ("plus", "1")] == ["plus", "1", "1"]
    again = operator(*arguments)
    assert again.returncode == 0, again.stderr
    assert "plus: version 1 is the same, nothing was added" in again.stderr
    assert operator.server.done().count("/models/plus:promote") == 1
    (row,) = operator.json(*arguments)
    assert (row["version"], row["new"]) == (1, False)


def test_what_is_live_already_is_left_alone_with_the_trial_beside_it(operator: Operator, models: Path) -> None:
    operator.json("publish", "plus", "--models", str(models))
    graphs.source(models / "next", "plus", graphs.plus(7))
    (tried,) = operator.json("publish", "plus", "--models", str(models / "next"), "--canary", "10%", "--why", "new")
    canary = {"version": 2, "weight": 0.1}
    assert (tried["version"], tried["alias"]["live"], tried["alias"]["canary"]) == (2, 1, canary)
    (same,) = operator.json("publish", "plus", "--models", str(models))
    assert (same["version"], same["alias"]["canary"]) == (1, canary)


def test_of_many_models_a_few_are_validated_at_a_time(operator: Operator, tmp_path: Path) -> None:
    names = [f"plus-{amount}" for amount in range(6)]
    for amount, name in enumerate(names):
        graphs.source(tmp_path, name, graphs.plus(amount))
    rows = operator.json("publish", "--models", str(tmp_path))
    assert [(row["model"], row["alias"]["live"]) for row in rows] == [(name, 1) for name in names]
    begun = [path.split("/")[2] for path in operator.server.done() if path.endswith("/uploads")]
    promoted = operator.server.done().index("/models/plus-0:promote")
    assert begun == names
    assert sum(path.endswith(":finalize") for path in operator.server.done()[:promoted]) == 4


def test_publishing_alone_changes_nothing_that_serves(operator: Operator, models: Path) -> None:
    (row,) = operator.json("publish", "plus", "--models", str(models), "--no-promote")
    assert (row["version"], row["alias"]) == (1, None)
    assert operator.server.registry.models["plus"].alias is None


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("next-books", {"items.txt"}),
        ("support-answers", {"tokenizer.json", "answers.json", "answers.npy"}),
        ("digits-cnn", set()),
    ],
)
def test_all_that_the_package_is_made_of_is_sent_and_nothing_else(
    operator: Operator, name: str, files: set[str]
) -> None:
    operator.json("publish", name, "--no-promote")
    (upload,) = operator.server.registry.uploads.values()
    instead = stand_ins(SAMPLES / name)
    assert upload.came == {
        file: (SAMPLES / name / instead.get(file, file)).read_bytes()
        for file in {"model.toml", "model.onnx", "golden.json", "CARD.md", "report.json", "reference.json"} | files
    }
    assert upload.files.keys() == upload.came.keys()


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """What stderr says last; before that, that nothing will tell of drift."""
    *notes, last = done.stderr.splitlines()
    assert all("nothing will tell of drift" in note for note in notes)
    return last


def test_a_refused_model_names_the_check_and_keeps_no_other_from_going_live(operator: Operator, models: Path) -> None:
    operator.server.registry.refusals["minus"] = ("golden", "case one two: expected 3 - got 4")
    done = operator("publish", "--models", str(models))
    assert done.returncode == 1
    words = "'minus' was refused by the check `golden`: case one two: expected 3 - got 4"
    assert said(done) == f"error (refused): {words}"
    assert "plus" in done.stdout
    minus, plus = json.loads(operator("publish", "--models", str(models), "--json").stdout)
    assert (minus["code"], minus["verdict"]["accepted"], plus["version"]) == ("refused", False, 1)
    assert "minus" not in operator.server.registry.models
    alias = operator.server.registry.models["plus"].alias
    assert alias is not None
    assert alias.live == 1


def test_a_verdict_that_takes_too_long_is_not_waited_for(operator: Operator, models: Path) -> None:
    operator.server.registry.polls = 1000
    done = operator("publish", "plus", "--models", str(models), "--wait", "0.3")
    assert done.returncode == 1
    (upload,) = operator.server.registry.uploads
    assert f"error (still_validating): The upload {upload} of 'plus' is not validated after 0.3 s" in done.stderr


def test_a_file_that_is_damaged_on_its_way_is_not_validated(operator: Operator, models: Path) -> None:
    operator.server.damages = True
    done = operator("publish", "plus", "--models", str(models))
    assert done.returncode == 1
    words = "model.toml of 'plus' could not be uploaded: BadDigest: The SHA256 you specified did not match [400]"
    assert said(done) == f"error (not_uploaded): {words}"
    assert operator.server.done() == ["/models/plus/uploads"]


def test_a_bucket_out_of_reach_is_told(operator: Operator, models: Path) -> None:
    operator.server.bucket = "http://127.0.0.1:1"
    done = operator("publish", "plus", "--models", str(models))
    assert done.returncode == 1
    assert "model.toml of 'plus' could not be uploaded: [Errno 111] Connection refused" in done.stderr


def test_an_upload_that_is_too_large_is_told(operator: Operator, models: Path) -> None:
    operator.server.scripted["POST /admin/models/plus/uploads"] = [(413, {"message": "Request Too Long"})]
    done = operator("publish", "plus", "--models", str(models))
    assert (done.returncode, said(done)) == (1, "error (api_refused): Request Too Long [413]")


def test_a_canary_beside_nothing_is_a_conflict_but_the_version_is_there(operator: Operator, models: Path) -> None:
    done = operator("publish", "plus", "--models", str(models), "--canary", "0.5")
    assert done.returncode == 1
    assert "error (conflict): No version is live" in done.stderr
    assert operator.server.registry.models["plus"].versions.keys() == {1}


def test_what_the_package_would_be_refused_for_here_is_not_sent(operator: Operator, models: Path) -> None:
    (models / "plus" / "model.toml").write_text('name = "plus"\ntitel = "Plus"')
    wrong = operator("publish", "--models", str(models))
    assert wrong.returncode == 1
    assert "got 'titel' - at `titel` of model.toml" in wrong.stderr
    missing = operator("publish", "nothing", "--models", str(models))
    assert missing.returncode == 1
    assert operator.server.calls == []


def test_a_symbolic_link_is_not_sent_in_place_of_a_file(operator: Operator, models: Path) -> None:
    shutil.move(models / "plus" / "model.onnx", models / "elsewhere.onnx")
    (models / "plus" / "model.onnx").symlink_to(models / "elsewhere.onnx")
    done = operator("publish", "plus", "--models", str(models))
    assert done.returncode == 1
    assert "model.onnx is a symbolic link: put the file itself there" in done.stderr
    assert operator.server.calls == []
