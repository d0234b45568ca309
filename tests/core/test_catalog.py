"""Following the alias: what serves, what is swapped, and what happens when the registry misbehaves."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import orjson
import pytest

from functions.core import alias as aliases
from functions.core import manifest
from functions.core.catalog import Catalog
from functions.core.errors import InvalidPackage, UnknownModel, UnknownVersion
from functions.core.holdings import key
from functions.core.package import Package, digest_of, open_package, write_manifest
from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.packaging.build import build
from tests.conftest import BUCKET
from tests.core import graphs
from tests.core.releases import Clock, Outage, promote, publish

NAME = "plus"
Make = Callable[[int], Package]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Compiles a package of the model that adds an amount."""

    counter = count()

    def compiled(amount: int) -> Package:
        folder = tmp_path / str(next(counter))
        return build(graphs.source(folder, NAME, graphs.plus(amount)), folder / "packages")

    return compiled


@pytest.fixture
def reachable(store: ObjectStore) -> Outage:
    return Outage(BUCKET, store.config)


class World:
    """A function with `plus 0` baked in, its registry and its clock."""

    def __init__(self, make: Make, store: Outage, tmp_path: Path) -> None:
        baked = make(0)
        self.settings = Settings(packages=str(Path(baked.directory).parent), cache=str(tmp_path / "cache"))
        self.store = store
        self.clock = Clock()
        self.catalog = Catalog(Registry(self.settings, store, self.clock), self.settings, self.clock)

    def release(self, package: Package) -> int:
        version = publish(package, self.store)
        promote(package.manifest.name, version, self.store)
        return version

    def answer(self, version: str | None = None) -> tuple[str, float]:
        predictor = self.catalog.model(NAME, version)
        return predictor.version, float(predictor.predict([[0, 0]])[0][0])

    def later(self) -> None:
        self.clock.now += self.settings.refresh_seconds


@pytest.fixture
def world(make: Make, reachable: Outage, tmp_path: Path) -> World:
    return World(make, reachable, tmp_path)


def test_without_an_alias_the_baked_package_serves_as_version_0(world: World) -> None:
    assert world.answer() == ("0", 0.0)


def test_a_promotion_is_followed_after_the_refresh_time_and_not_before(world: World, make: Make) -> None:
    assert world.answer() == ("0", 0.0)
    world.release(make(1))
    assert world.answer() == ("0", 0.0)
    world.later()
    assert world.answer() == ("1", 1.0)
    world.release(make(2))
    world.later()
    assert world.answer() == ("2", 2.0)


def test_a_published_package_that_is_the_baked_one_is_not_downloaded(world: World, make: Make) -> None:
    world.release(make(0))
    assert world.answer() == ("1", 0.0)
    assert not Path(world.settings.cache).exists()


def test_the_store_is_asked_once_per_refresh_time(world: World) -> None:
    world.answer()
    asked = world.store.asked
    for _ in range(50):
        world.answer()
    assert world.store.asked == asked


def test_a_store_out_of_reach_changes_nothing_and_is_followed_again_when_it_is_back(world: World, make: Make) -> None:
    world.release(make(1))
    assert world.answer() == ("1", 1.0)
    world.release(make(2))
    world.store.out = True
    for _ in range(3):
        world.later()
        assert world.answer() == ("1", 1.0)
    world.store.out = False
    world.later()
    assert world.answer() == ("2", 2.0)


def test_with_the_store_out_of_reach_from_the_start_the_baked_package_answers(world: World, make: Make) -> None:
    world.release(make(1))
    world.store.out = True
    assert world.answer() == ("0", 0.0)
    world.store.out = False
    world.later()
    assert world.answer() == ("1", 1.0)


def test_a_damaged_package_never_serves(world: World, make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    world.release(make(1))
    assert world.answer() == ("1", 1.0)
    version = publish(make(2), world.store)
    damaged = key(NAME, version, "model.onnx")
    world.store.put_if_match(damaged, b"\x00", world.store.get(damaged).etag)
    promote(NAME, version, world.store)
    world.later()
    assert world.answer() == ("1", 1.0)
    assert '"event":"model_load_failed"' in capfd.readouterr().err


def test_a_package_that_is_not_what_the_alias_names_never_serves(world: World, make: Make) -> None:
    version = publish(make(1), world.store)
    alias = aliases.Alias(1, "n", version, None, None, None, {str(version): "0" * 64})
    world.store.put_if_absent(aliases.key(NAME), aliases.render(alias))
    assert world.answer() == ("0", 0.0)


def golden(expected: int) -> bytes:
    case = {"name": "zeros", "request": {"instances": [[0, 0]]}, "response": {"predictions": [[expected, expected]]}}
    return orjson.dumps({"tolerance": 1e-6, "cases": [case]})


def test_a_package_that_fails_its_golden_requests_never_serves(world: World, tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "wrong", NAME, graphs.plus(1))
    (source / "golden.json").write_bytes(golden(1))
    package = build(source, tmp_path / "wrong" / "packages")
    (Path(package.directory) / "golden.json").write_bytes(golden(9))
    files = {**package.manifest.files, "golden.json": digest_of(package.path("golden.json"))}
    document = manifest.render(package.manifest._replace(files=files))
    write_manifest(package.directory, document)
    world.release(open_package(package.directory, 0))
    assert world.answer() == ("0", 0.0)


def test_a_damaged_alias_leaves_what_serves(world: World, make: Make) -> None:
    world.release(make(1))
    assert world.answer() == ("1", 1.0)
    world.store.put_if_match(aliases.key(NAME), b"{", world.store.get(aliases.key(NAME)).etag)
    world.later()
    assert world.answer() == ("1", 1.0)


def test_a_request_may_name_a_version(world: World, make: Make) -> None:
    world.release(make(1))
    world.release(make(2))
    assert world.answer() == ("2", 2.0)
    assert world.answer("1") == ("1", 1.0)
    assert world.answer("0") == ("0", 0.0)
    assert world.answer("2") == ("2", 2.0)


@pytest.mark.parametrize("version", ["3", "-1", "1.0", "x", "9" * 30, "¹", "../1"])
def test_a_version_that_does_not_exist_is_unknown(world: World, make: Make, version: str) -> None:
    world.release(make(1))
    with pytest.raises(UnknownVersion, match="version 1 is live"):
        world.answer(version)


def test_a_model_that_is_only_in_the_registry_is_served(world: World, tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "other", "other", graphs.plus(5))
    world.release(build(source, tmp_path / "other" / "packages"))
    assert world.catalog.names() == ["other", "plus"]
    assert world.catalog.model("other").version == "1"


def test_an_unknown_model_is_answered_with_the_models_there_are(world: World) -> None:
    with pytest.raises(UnknownModel, match="There is no model 'nope' - the models are: plus"):
        world.catalog.model("nope")


def test_unknown_names_do_not_make_the_store_be_asked_each_time(world: World) -> None:
    for index in range(50):
        with pytest.raises(UnknownModel):
            world.catalog.model(f"nope-{index}")
    assert world.store.asked == 1


def test_a_model_that_is_only_in_the_registry_and_broken_says_so(world: World, tmp_path: Path) -> None:
    source = graphs.source(tmp_path / "other", "other", graphs.plus(5))
    package = build(source, tmp_path / "other" / "packages")
    version = world.release(package)
    damaged = key("other", version, "model.onnx")
    world.store.put_if_match(damaged, b"\x00", world.store.get(damaged).etag)
    with pytest.raises(InvalidPackage, match=r"other@1 .* model\.onnx is missing or not what its manifest says"):
        world.catalog.model("other")


def test_a_function_serves_only_the_models_that_it_is_told_to(world: World) -> None:
    settings = Settings(packages=world.settings.packages, models=("other",))
    catalog = Catalog(Registry(settings, None), settings)
    assert catalog.names() == []
    with pytest.raises(UnknownModel):
        catalog.model(NAME)
