"""Models that are made to do harm: each is refused by the check that is there for it, and nothing else happens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from functions.admin import uploads
from functions.admin.documents import Verdict
from functions.admin.inspection import CHECKS
from functions.admin.limits import MIB, Limits
from functions.admin.validation import Validation
from tests.admin.hostile_files import FILES, FORMAT
from tests.admin.hostile_folders import FOLDERS
from tests.admin.hostile_graphs import RULES
from tests.admin.submissions import NAME, Files, accepted, graph, in_memory, submit

LIMITS = Limits.of(1769)._replace(answer_seconds=0.3, seconds=30)
ORDER = ("digests", "sizes", *CHECKS)


def refused(files: Files, check: str, reason: str, cache: Path, limits: Limits = LIMITS) -> None:
    """Submit a folder and see to it that it leaves nothing but its verdict, which says which check it failed."""
    store = in_memory()
    upload = submit(files, store)
    verdict = Validation(store, cache, limits).run(upload.id, NAME)
    assert Verdict.model_validate(verdict).accepted is False
    checks = verdict["checks"]
    assert (check, [made["check"] for made in checks]) == (checks[-1]["check"], list(ORDER[: len(checks)]))
    assert [made["ok"] for made in checks] == [True] * (len(checks) - 1) + [False]
    assert reason in checks[-1]["detail"]
    assert (verdict["reason"], len(checks[-1]["detail"]) <= 300) == (f"{check}: {checks[-1]['detail']}", True)
    assert str(cache) not in verdict["reason"]
    assert uploads.state(upload, store)["state"] == "refused"
    assert (store.names("packages/"), list(cache.iterdir())) == ([], [])


@pytest.mark.parametrize("name", [*RULES, *FILES])
def test_a_hostile_graph_is_refused(name: str, tmp_path: Path) -> None:
    hostile = (RULES | FILES)[name]
    refused(graph(hostile.make()), hostile.check, hostile.reason, tmp_path / "cache")


@pytest.mark.parametrize("name", FORMAT)
def test_what_is_no_onnx_is_refused(name: str, tmp_path: Path) -> None:
    make: Callable[[], bytes] = FORMAT[name]
    refused(accepted() | {"model.onnx": make()}, "format", "is no ONNX file that can be used", tmp_path / "cache")


@pytest.mark.parametrize("name", FOLDERS)
def test_a_hostile_folder_is_refused(name: str, tmp_path: Path) -> None:
    hostile = FOLDERS[name]
    made = hostile.make()
    files = made if {"model.onnx", "model.toml"} <= made.keys() else accepted() | made
    refused(files, hostile.check, hostile.reason, tmp_path / "cache")


def test_a_graph_that_is_larger_than_it_may_be_is_refused(tmp_path: Path) -> None:
    limits = LIMITS._replace(graph_bytes=100)
    refused(accepted(), "sizes", "expected model.onnx to have 1 to 100 bytes - got", tmp_path / "cache", limits)


def test_a_package_that_is_larger_than_what_may_be_written_is_refused(tmp_path: Path) -> None:
    refused(accepted(), "package", "", tmp_path / "cache", LIMITS._replace(file_bytes=50))


def test_the_limits_follow_the_memory_of_the_function() -> None:
    limits = Limits.of(3008)
    assert (limits.memory, limits.graph_bytes) == (2752 * MIB, 2752 * MIB // 6)
    assert limits == Limits()._replace(graph_bytes=limits.graph_bytes)
