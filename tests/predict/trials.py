"""A handler that follows a registry, and the lines that it writes to the log."""

from pathlib import Path
from typing import Any

import onnx
import orjson
import pytest
from onnx import TensorProto, helper

from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.predict.entry import Entry
from tests.conftest import BUCKET
from tests.core import graphs
from tests.core.releases import NAME, Outage, Releases
from tests.predict.calls import Answer, answer, event

PREDICT = f"/v1/models/{NAME}:predict"
ZEROS = b'{"instances": [[0, 0]]}'
ROWS = (TensorProto.FLOAT, ["n", 2])


class Function:
    """A predict function whose model is only in the registry; it looks at the alias with every request."""

    def __init__(self, store: ObjectStore, folder: Path, **settings: Any) -> None:
        self.releases = Releases(store, folder)
        self.store = Outage(BUCKET, store.config)
        given: dict[str, Any] = {
            "packages": str(folder / "shipped"),
            "cache": str(folder / "cache"),
            "refresh_seconds": 0.0,
        }
        self.settings = Settings(**{**given, **settings})
        self.entry = Entry(self.settings, Registry(self.settings, self.store))

    def call(self, path: str = PREDICT, body: bytes = ZEROS, caller: str = "", **headers: str) -> Answer:
        sent = event("POST", path, body, headers)
        if caller:
            sent["requestContext"]["requestId"] = caller
        return answer(self.entry(sent, None))


def lines(capfd: pytest.CaptureFixture[str], name: str) -> list[dict[str, Any]]:
    """What the log has of one event since it was last read."""
    written = map(orjson.loads, capfd.readouterr().err.splitlines())
    return [line for line in written if line["event"] == name]


def failing() -> onnx.ModelProto:
    """A model that loads and cannot run on one row: its two numbers make no five columns."""
    shape = helper.make_tensor("five", TensorProto.INT64, [2], [-1, 5])
    nodes = [
        helper.make_node("Constant", [], ["five"], value=shape),
        helper.make_node("Reshape", ["x", "five"], ["y"]),
    ]
    return graphs.model(nodes, {"x": ROWS}, {"y": (TensorProto.FLOAT, ["m", 5])})


def slow(trips: int) -> onnx.ModelProto:
    """y = x + 0, after so many turns of a loop that adds nothing."""
    number = (TensorProto.FLOAT, [1])
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["still_going"]),
            helper.make_node("Add", ["value", "value"], ["next"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("value", *number),
        ],
        [
            helper.make_tensor_value_info("still_going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", *number),
        ],
    )
    constants = {
        "trips": helper.make_tensor("trips", TensorProto.INT64, [], [trips]),
        "true": helper.make_tensor("true", TensorProto.BOOL, [], [True]),
        "zero": helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0]),
    }
    nodes = [helper.make_node("Constant", [], [name], value=value) for name, value in constants.items()]
    nodes += [
        helper.make_node("Loop", ["trips", "true", "zero"], ["sum"], body=body),
        helper.make_node("Add", ["x", "sum"], ["y"]),
    ]
    return graphs.model(nodes, {"x": ROWS}, {"y": ROWS})
