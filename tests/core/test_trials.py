"""Versions that do not serve everyone: canaries, shadows, versions that do not load, and those that make room."""

import gc
import weakref
from pathlib import Path
from typing import Any

import orjson
import pytest

from functions.core import manifest
from functions.core.catalog import Catalog, Resident
from functions.core.errors import InvalidPackage, StoreUnavailable
from functions.core.package import digest_of, open_package, write_manifest
from functions.core.registry import Registry
from functions.core.residents import BASE, CANARY, FACTOR, LIVE, MIB, NAMED, OWN, SHARE
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.packaging.build import build
from tests.conftest import BUCKET
from tests.core import graphs
from tests.core.releases import NAME, Clock, Outage, Releases, publish

KEYS = [f"caller-{number}" for number in range(400)]


class World:
    """A function, the registry that it follows and its clock; nothing ships with it."""

    def __init__(self, store: ObjectStore, folder: Path, **settings: Any) -> None:
        self.store = Outage(BUCKET, store.config)
        self.releases = Releases(store, folder)
        self.settings = Settings(packages=str(folder / "shipped"), cache=str(folder / "cache"), **settings)
        self.clock = Clock()
        self.catalog = Catalog(Registry(self.settings, self.store, self.clock), self.settings, self.clock)

    def later(self) -> None:
        self.clock.now += self.settings.refresh_seconds

    def version(self, key: str = "") -> str:
        return self.catalog.model(NAME, key=key).version


@pytest.fixture
def world(store: ObjectStore, tmp_path: Path) -> World:
    world = World(store, tmp_path)
    for version in (1, 2, 3):
        world.releases.publish(version)
    return world


def lines(capfd: pytest.CaptureFixture[str], event: str) -> list[dict[str, Any]]:
    written = map(orjson.loads, capfd.readouterr().err.splitlines())
    return [line for line in written if line["event"] == event]


def residents() -> int:
    """How many predictors of catalogs there are in this process."""
    return sum(isinstance(found, Resident) for found in gc.get_objects())


def test_a_canary_serves_its_share_of_the_callers_and_each_always_the_same(world: World) -> None:
    world.releases.point(1, canary=(2, 0.25))
    first = {key: world.version(key) for key in KEYS}
    assert 0.18 < list(first.values()).count("2") / len(KEYS) < 0.32
    assert {key: world.version(key) for key in KEYS} == first
    world.releases.point(1, canary=(2, 0.5))
    world.later()
    second = {key: world.version(key) for key in KEYS}
    assert all(second[key] == "2" for key in KEYS if first[key] == "2")
    assert 0.42 < list(second.values()).count("2") / len(KEYS) < 0.58


def test_who_has_no_key_or_names_a_version_takes_no_part_in_a_trial(world: World) -> None:
    world.releases.point(1, canary=(2, 1.0))
    assert (world.version(), world.version("a")) == ("1", "2")
    assert world.catalog.model(NAME, "1", "a").version == "1"


def test_a_canary_that_is_promoted_is_not_loaded_again(world: World) -> None:
    world.releases.point(1, canary=(2, 1.0))
    canary = world.catalog.model(NAME, key="a")
    assert (canary.role, world.catalog.model(NAME).role) == (CANARY, LIVE)
    world.releases.point(2)
    world.later()
    assert world.catalog.model(NAME) is canary
    assert canary.role == LIVE
    assert world.catalog.loaded() == [canary]


def test_a_version_that_a_request_names_is_there_for_it_alone(world: World) -> None:
    world.releases.point(1)
    named = world.catalog.model(NAME, "2")
    assert named.role == NAMED
    world.releases.point(1, canary=(2, 1.0))
    world.later()
    assert world.catalog.model(NAME, key="a") is named
    assert named.role == CANARY


def test_what_a_request_started_with_answers_after_a_swap(world: World) -> None:
    world.releases.point(1)
    started = world.catalog.model(NAME)
    world.releases.point(2)
    world.later()
    assert world.version() == "2"
    assert (started.version, float(started.predict([[0, 0]])[0][0])) == ("1", 1.0)


@pytest.mark.parametrize("role", ["live", "canary", "shadow"])
def test_a_version_that_does_not_load_is_told_of_once_and_tried_only_after_a_while(
    world: World, capfd: pytest.CaptureFixture[str], role: str
) -> None:
    world.releases.point(1)
    assert world.version("a") == "1"
    world.releases.damage(2)
    states: dict[str, dict[str, Any]] = {
        "live": {"live": 2}, "canary": {"live": 1, "canary": (2, 1.0)}, "shadow": {"live": 1, "shadow": 2},
    }  # fmt: skip
    world.releases.point(**states[role])
    for _ in range(3):
        world.later()
        for key in KEYS[:20]:
            assert world.version(key) == "1"
            assert world.catalog.shadow(NAME) is None
    (line,) = lines(capfd, "model_load_failed")
    assert (line["model"], line["version"], line["code"]) == (NAME, 2, "invalid_package")
    world.releases.point(**states[role])
    world.later()
    world.version("a")
    world.catalog.shadow(NAME)
    assert len(lines(capfd, "model_load_failed")) == 1


def test_a_version_that_does_not_load_is_not_fetched_by_every_request(world: World) -> None:
    world.releases.damage(1)
    world.releases.point(1)
    with pytest.raises(InvalidPackage, match="plus@1"):
        world.catalog.model(NAME)
    asked = world.store.asked
    for _ in range(20):
        with pytest.raises(InvalidPackage, match="plus@1"):
            world.catalog.model(NAME)
    assert world.store.asked == asked
    assert world.catalog.version(NAME) == "1"


def test_a_store_that_fails_while_a_version_loads_is_asked_again_after_a_while(world: World) -> None:
    world.releases.point(1, canary=(2, 1.0))
    assert world.version() == "1"
    world.store.out = True
    assert world.version("a") == "1"
    asked = world.store.asked
    assert [world.version(key) for key in KEYS[:20]] == ["1"] * 20
    assert world.store.asked == asked
    world.store.out = False
    world.later()
    assert world.version("a") == "2"


def test_a_disk_that_takes_no_more_keeps_what_serves(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    world.releases.point(1)
    assert world.version() == "1"
    cache = Path(world.settings.cache)
    cache.rename(cache.with_name("moved"))
    cache.write_bytes(b"no folder")
    world.releases.point(2)
    world.later()
    assert world.version() == "1"
    (line,) = lines(capfd, "model_load_failed")
    assert (line["version"], line["code"]) == (2, "store_unavailable")
    assert "Not a directory where packages are kept" in line["error"]


def test_a_package_that_fails_in_a_way_nobody_thought_of_keeps_what_serves(
    world: World, capfd: pytest.CaptureFixture[str]
) -> None:
    world.releases.point(1)
    assert world.version() == "1"
    source = graphs.source(world.releases.folder / "odd", NAME, graphs.plus(4))
    case = {"name": "zeros", "request": {"instances": [[0, 0]]}, "response": {"predictions": [[4, 4]]}}
    (source / "golden.json").write_bytes(orjson.dumps({"tolerance": 0.0, "cases": [case]}))
    package = build(source, source.parent / "packages")
    assert publish(package, world.releases.store) == 4
    kept = Registry(world.settings, world.releases.store).fetch(NAME, 4, package.manifest.digest)
    Path(kept.path("golden.json")).unlink()  # as when something else tidies the disk
    world.releases.point(4)
    world.later()
    assert world.version() == "1"
    (line,) = lines(capfd, "model_load_failed")
    assert (line["version"], line["code"]) == (4, "invalid_package")
    assert "FileNotFoundError" in line["error"]


def test_what_was_half_loaded_is_not_kept(world: World) -> None:
    folder = world.releases.folder / "wrong"
    package = build(graphs.source(folder, NAME, graphs.plus(4)), folder / "packages")
    golden = Path(package.directory) / "golden.json"
    case = {"name": "zeros", "request": {"instances": [[0, 0]]}, "response": {"predictions": [[9, 9]]}}
    golden.write_bytes(orjson.dumps({"tolerance": 0.0, "cases": [case]}))
    files = {**package.manifest.files, "golden.json": digest_of(str(golden))}
    write_manifest(package.directory, manifest.render(package.manifest._replace(files=files)))
    publish(open_package(package.directory, 4), world.releases.store)
    world.releases.point(4)
    gc.collect()
    before = residents()
    with pytest.raises(InvalidPackage, match="golden case 'zeros'"):
        world.catalog.model(NAME)
    assert residents() <= before


def test_a_named_version_that_the_store_withholds_is_remembered_too(world: World) -> None:
    world.releases.point(1)
    assert world.version() == "1"
    world.store.out = True
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            world.catalog.model(NAME, "2")
    world.store.out = False
    with pytest.raises(StoreUnavailable):
        world.catalog.model(NAME, "2")
    world.catalog.refresh(NAME)
    assert world.catalog.model(NAME, "2").version == "2"


def test_a_shadow_is_there_for_the_live_version_only_while_the_alias_names_it(world: World) -> None:
    world.releases.point(1, shadow=3)
    live = world.catalog.model(NAME)
    shadow = world.catalog.shadow(NAME)
    assert shadow is not None
    assert (live.shadowed, shadow.version, shadow.role) == (True, "3", "shadow")
    world.releases.point(1)
    world.later()
    assert world.catalog.model(NAME) is live
    assert (live.shadowed, world.catalog.shadow(NAME), world.catalog.loaded()) == (False, None, [live])


def with_room_for(count: float) -> dict[str, Any]:
    """Settings of a function that has room for so many of the smallest models."""
    return {"memory_mb": int((BASE + count * OWN * 1.001) / SHARE / MIB) + 1}


def test_the_models_that_were_not_used_for_longest_make_room(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World(store, tmp_path, **with_room_for(2))
    for version in (1, 2, 3):
        world.releases.publish(version)
    world.releases.point(1)
    for named in ("1", "2", "1", "3"):
        world.catalog.model(NAME, named)
    assert [resident.version for resident in world.catalog.loaded()] == ["1", "3"]
    assert [(line["model"], line["version"]) for line in lines(capfd, "model_evicted")] == [(NAME, 2)]


def test_what_made_room_loads_again_without_the_store(store: ObjectStore, tmp_path: Path) -> None:
    world = World(store, tmp_path, **with_room_for(1))
    for version in (1, 2):
        world.releases.publish(version)
    world.releases.point(1)
    live = weakref.ref(world.catalog.model(NAME))
    gc.collect()
    gc.disable()
    try:
        assert world.catalog.model(NAME, "2").version == "2"
        assert live() is None  # freed at once, without a search for cycles
    finally:
        gc.enable()
    world.store.out = True
    assert world.version() == "1"
    assert len(world.catalog.loaded()) == 1


def test_neither_the_live_version_nor_its_shadow_makes_room_for_the_other(store: ObjectStore, tmp_path: Path) -> None:
    world = World(store, tmp_path, **with_room_for(1))
    for version in (1, 2):
        world.releases.publish(version)
    world.releases.point(1, shadow=2)
    for _ in range(2):
        live, shadow = world.catalog.model(NAME), world.catalog.shadow(NAME)
        assert world.catalog.loaded() == [live, shadow]


def test_a_model_that_has_no_room_loads_and_the_log_says_so_once(
    store: ObjectStore, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    world = World(store, tmp_path, memory_mb=128)
    for version in (1, 2):
        world.releases.publish(version)
    world.releases.point(1)
    for named in ("1", "2", "1", "2"):
        assert world.catalog.model(NAME, named).version == named
    found = lines(capfd, "model_exceeds_memory")
    assert [(line["version"], line["budget"] < line["bytes"]) for line in found] == [(1, True), (2, True)]


def test_a_model_weighs_its_files_and_something_of_its_own(tmp_path: Path) -> None:
    package = build(graphs.source(tmp_path, NAME, graphs.plus(1)), tmp_path / "packages")
    files = sum(record.size for record in package.manifest.files.values())
    assert Resident(package, Settings(), LIVE).weight == OWN + int(FACTOR * files)
