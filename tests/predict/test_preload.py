"""What a function loads while it initializes, as for a snapshot or for provisioned concurrency."""

from pathlib import Path
from typing import Any

import pytest

from functions.core.catalog import Catalog
from functions.core.registry import Registry
from functions.core.residents import BASE, CANARY, LIVE, MIB, OWN, SHADOW, SHARE
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.predict.entry import Entry
from tests.conftest import BUCKET
from tests.core.releases import NAME, Outage, Releases
from tests.predict.calls import answer, event
from tests.predict.trials import PREDICT, ZEROS, lines

OTHER = "another"
ROOM_FOR_TWO = int((BASE + 2 * OWN * 1.001) / SHARE / MIB) + 1
"""MiB of memory in which two of the smallest models fit."""


class Start:
    """A registry with three versions of a model, and functions that start over it."""

    def __init__(self, store: ObjectStore, folder: Path) -> None:
        self.store = Outage(BUCKET, store.config)
        self.folder = folder
        self.releases = Releases(store, folder)
        for version in (1, 2, 3):
            self.releases.publish(version)

    def __call__(self, **settings: Any) -> Entry:
        """The function, initialized."""
        folders: dict[str, Any] = {"packages": str(self.folder / "shipped"), "cache": str(self.folder / "cache")}
        chosen = Settings(preload=True, **folders, **settings)
        return Entry(chosen, Registry(chosen, self.store))

    def add_another(self) -> None:
        """A second model, whose only version is live."""
        other = Releases(self.releases.store, self.folder, OTHER)
        other.publish(1)
        other.point(1)


@pytest.fixture
def start(store: ObjectStore, tmp_path: Path) -> Start:
    return Start(store, tmp_path)


def loaded(catalog: Catalog) -> dict[str, str]:
    """The role of each version that is in memory."""
    return {resident.package.label: resident.role for resident in catalog.loaded()}


def asked(entry: Entry, caller: str = "") -> str:
    """Which version answers."""
    sent = event("POST", PREDICT, ZEROS, {"X-Ortless-Session": caller} if caller else None)
    answered = answer(entry(sent, None))
    assert answered.status == 200
    return answered.headers["x-ortless-model"]


def test_live_versions_canaries_and_shadows_are_there_before_the_first_request(
    start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    start.add_another()
    start.releases.point(1, canary=(2, 1.0), shadow=3)
    entry = start()
    assert loaded(entry.service.catalog) == {f"{OTHER}@1": LIVE, "plus@1": LIVE, "plus@2": CANARY, "plus@3": SHADOW}
    start.store.out = True
    before = start.store.asked
    assert asked(entry, "a") == "plus@2"
    start.releases.point(1, shadow=3)
    shadow = entry.service.catalog.shadow(NAME)
    assert shadow is not None
    assert (shadow.version, start.store.asked) == ("3", before)
    assert lines(capfd, "model_load_failed") == []


@pytest.mark.parametrize("damaged", [2, 3])
def test_a_version_on_trial_that_does_not_load_keeps_nothing_else_from_starting(
    start: Start, capfd: pytest.CaptureFixture[str], damaged: int
) -> None:
    start.releases.damage(damaged)
    start.releases.point(1, canary=(2, 1.0), shadow=3)
    entry = start()
    expected = {"plus@1": LIVE, "plus@2": CANARY, "plus@3": SHADOW}
    del expected[f"plus@{damaged}"]
    assert loaded(entry.service.catalog) == expected
    (line,) = lines(capfd, "model_load_failed")
    assert (line["version"], line["code"]) == (damaged, "invalid_package")
    assert asked(entry, "a") == ("plus@1" if damaged == 2 else "plus@2")


def test_a_live_version_that_does_not_load_keeps_no_other_model_from_starting(start: Start) -> None:
    start.add_another()
    start.releases.damage(1)
    start.releases.point(1)
    assert loaded(start().service.catalog) == {f"{OTHER}@1": LIVE}


def test_without_its_registry_a_function_starts_with_nothing_and_finds_its_models_later(start: Start) -> None:
    start.releases.point(1)
    start.store.out = True
    entry = start(refresh_seconds=0.0)
    assert loaded(entry.service.catalog) == {}
    start.store.out = False
    assert asked(entry) == "plus@1"


def test_no_live_version_makes_room_for_one_on_trial(start: Start, capfd: pytest.CaptureFixture[str]) -> None:
    start.add_another()
    start.releases.point(1, canary=(2, 1.0), shadow=3)
    entry = start(memory_mb=ROOM_FOR_TWO)
    assert loaded(entry.service.catalog) == {f"{OTHER}@1": LIVE, "plus@1": LIVE}
    evicted = [(line["model"], line["version"]) for line in lines(capfd, "model_evicted")]
    assert evicted == [(NAME, 2), (NAME, 3)]
    assert asked(entry, "a") == "plus@2"  # its callers have it all the same: it loads when it is asked for


def test_a_model_with_a_larger_function_of_its_own_loads_here_only_when_it_is_asked_for(start: Start) -> None:
    start.add_another()
    start.releases.point(1)
    entry = start(elsewhere=(NAME,))
    assert loaded(entry.service.catalog) == {f"{OTHER}@1": LIVE}
    assert entry.service.catalog.names() == [OTHER, NAME]
    assert asked(entry) == "plus@1"


def test_a_function_with_one_model_finds_it_without_a_look_at_what_others_there_are(start: Start) -> None:
    start.add_another()
    start.releases.point(1)
    entry = start(models=(NAME,))
    assert start.store.listed == 0
    assert (entry.service.catalog.names(), loaded(entry.service.catalog)) == ([NAME], {"plus@1": LIVE})
    assert asked(entry) == "plus@1"


def test_a_function_whose_one_model_nobody_has_promoted_yet_starts_and_finds_it_later(start: Start) -> None:
    entry = start(models=(NAME,), refresh_seconds=0.0)
    assert (entry.service.catalog.names(), loaded(entry.service.catalog)) == ([], {})
    start.releases.point(1)
    assert asked(entry) == "plus@1"
