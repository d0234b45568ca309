"""Random requests over two models and two versions: with a cache the answers are those without, byte for byte."""

import base64
from collections import OrderedDict
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.packaging.build import build
from functions.predict.cache import OVERHEAD
from functions.predict.entry import Entry
from tests.core import graphs
from tests.core.releases import promote, publish
from tests.predict.calls import call, event, untimed
from tests.predict.test_cache import BOUND, DECLARED, LENGTH, tensor


class Ask(NamedTuple):
    """A request; `version` "" is the live one."""

    model: str
    version: str
    lane: str
    body: bytes
    length: str | None = None

    def path(self) -> str:
        version = f"/versions/{self.version}" if self.version else ""
        return f"/v2/models/{self.model}{version}/infer" if self.lane == "infer" else (
            f"/v1/models/{self.model}{version}:{self.lane}"
        )  # fmt: skip


ROWS = st.integers(1, 3).flatmap(
    lambda value: st.sampled_from([1, 2, 4, 60]).map(lambda count: [[value, value]] * count)
)
RAW = bytes(16)
BODIES = st.one_of(
    ROWS.map(lambda rows: ("predict", orjson.dumps({"instances": rows}), None)),
    ROWS.map(lambda rows: ("predict", orjson.dumps({"inputs": rows}), None)),
    ROWS.map(lambda rows: ("explain", orjson.dumps({"instances": rows}), None)),
    ROWS.map(lambda rows: ("infer", orjson.dumps(tensor(*chain(*rows))), None)),
    st.sampled_from(["a", "b"]).map(lambda found: ("infer", orjson.dumps(tensor(1, 2) | {"id": found}), None)),
    st.sampled_from([("infer", RAW, "0"), ("infer", RAW, "16"), ("infer", RAW, None), ("predict", RAW, "0")]),
    st.sampled_from(
        [("infer", orjson.dumps(tensor(1, 2)), str(len(orjson.dumps(tensor(1, 2))))), ("predict", b"", "")]
    ),
)
ASKS = st.builds(
    lambda model, version, body: Ask(model, version if model == "plus" else "", *body),
    st.sampled_from([*["plus"] * 5, "other"]), st.sampled_from([*[""] * 8, "1", "2", "3"]), BODIES,
)  # fmt: skip
PROMOTIONS = st.sampled_from([1, 2, *[0] * 40])
STEPS = st.lists(st.tuples(PROMOTIONS, ASKS).map(lambda step: step[0] or step[1]), min_size=40, max_size=80)
"""Requests, and versions that are promoted in between."""


class World:
    """A function with two models; of one, the registry has two versions."""

    def __init__(self, folder: Path, moto: str, toml: str) -> None:
        self.store = ObjectStore(
            folder.name,
            {"region": "us-east-1", "endpoint": moto, "access_key_id": "test", "secret_access_key": "test"},
        )
        boto3.Session("test", "test", region_name="us-east-1").client("s3", endpoint_url=moto).create_bucket(
            Bucket=folder.name
        )
        self.settings = Settings(packages=str(folder / "packages"), cache=str(folder / "cache"), refresh_seconds=3600)
        for version in (1, 2):
            source = graphs.source(folder / str(version), "plus", graphs.plus(version), toml)
            publish(build(source, folder / str(version) / "built"), self.store)
        build(graphs.source(folder, "other", graphs.plus(9), toml), folder / "packages")
        self.fresh()

    def fresh(self) -> None:
        """A new environment, with version 1 live."""
        promote("plus", 1, self.store)
        self.entry = Entry(self.settings, Registry(self.settings, self.store))

    def promote(self, version: int) -> None:
        promote("plus", version, self.store)
        assert call(self.entry, "POST", "/v2/repository/models/plus/load").status == 200

    def send(self, ask: Ask) -> dict[str, Any]:
        return self.entry(
            event("POST", ask.path(), ask.body, {LENGTH: ask.length} if ask.length is not None else {}), None
        )

    def predictor(self, ask: Ask) -> Any:
        return self.entry.service.catalog.model(ask.model, ask.version or None)


class Expected:
    """What each predictor must have kept: the rule of the cache, written down once more."""

    def __init__(self) -> None:
        self.kept: dict[Any, OrderedDict[Any, int]] = {}
        self.evicted = 0
        self.refused = 0

    def header(self, predictor: Any, ask: Ask, body: bytes, headers: dict[str, str]) -> str:
        kept = self.kept.setdefault(predictor, OrderedDict())
        key = (ask.lane, ask.length, ask.body)
        if key in kept:
            kept.move_to_end(key)
            return "hit"
        known = {name: value for name, value in headers.items() if name != "x-cache"}
        size = OVERHEAD + 32 + len(body) + sum(map(len, [*known, *known.values()]))
        if size * 8 <= BOUND:
            kept[key] = size
        else:
            self.refused += 1
        while sum(kept.values()) > BOUND:
            kept.popitem(last=False)
            self.evicted += 1
        return "miss"


def test_with_a_cache_every_answer_is_the_same(tmp_path: Path, moto: str) -> None:
    cached, plain = World(tmp_path / "cached", moto, DECLARED), World(tmp_path / "plain", moto, "")
    seen = {"hit": 0, "miss": 0, "evicted": 0, "too large": 0}

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(STEPS)
    def check(steps: list[Ask | int]) -> None:
        cached.fresh()
        plain.fresh()
        expected = Expected()
        for step in steps:
            if isinstance(step, int):
                cached.promote(step)
                plain.promote(step)
                continue
            got, wanted = cached.send(step), plain.send(step)
            for result in (got, wanted):
                result["headers"] = untimed(result["headers"])
            header = got["headers"].pop("x-cache", None)
            if "x-ortless-digest" in got["headers"]:  # the packages differ in what they declare
                wanted["headers"]["x-ortless-digest"] = got["headers"]["x-ortless-digest"]
            assert got == wanted
            if got["statusCode"] != 200:
                assert header is None
                continue
            body = base64.b64decode(got["body"]) if got["isBase64Encoded"] else got["body"].encode()
            predictor = cached.predictor(step)
            assert header == expected.header(predictor, step, body, got["headers"])
            assert predictor.cache.held == sum(expected.kept[predictor].values()) <= BOUND
            assert len(predictor.cache._entries) == len(expected.kept[predictor])
            seen[header] += 1
        seen["evicted"] += expected.evicted
        seen["too large"] += expected.refused

    check()
    assert min(seen.values()) > 10, seen
