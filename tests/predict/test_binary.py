"""Tensors as bytes, both ways; raw bodies; compression; classification."""

import base64
import gzip
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from onnx import TensorProto

from functions.core.settings import Settings
from functions.core.tensors import DATATYPES
from functions.packaging.build import build
from functions.predict.entry import Entry
from tests.conftest import SAMPLES
from tests.core import graphs
from tests.predict.calls import Answer, call, event

ELEMENTS = {
    "BOOL": TensorProto.BOOL,
    "UINT8": TensorProto.UINT8,
    "UINT16": TensorProto.UINT16,
    "UINT32": TensorProto.UINT32,
    "UINT64": TensorProto.UINT64,
    "INT8": TensorProto.INT8,
    "INT16": TensorProto.INT16,
    "INT32": TensorProto.INT32,
    "INT64": TensorProto.INT64,
    "FP16": TensorProto.FLOAT16,
    "FP32": TensorProto.FLOAT,
    "FP64": TensorProto.DOUBLE,
    "BYTES": TensorProto.STRING,
    "BF16": TensorProto.BFLOAT16,
}
LENGTH = "Inference-Header-Content-Length"


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Entry:
    """A function with a model for each datatype that answers what it is given."""
    folder = tmp_path_factory.mktemp("echo")
    for datatype, element in ELEMENTS.items():
        build(graphs.source(folder, f"echo-{datatype.lower()}", graphs.identity(element)), folder / "packages")
    return Entry(Settings(packages=str(folder / "packages")))


def content_of(datatype: str) -> bytes:
    """Six elements whose bits are all over the place."""
    if datatype == "BYTES":
        elements = [b"", b"a", "虹".encode(), b"\x00", b"x" * 300, b"\n"]
        return b"".join(len(element).to_bytes(4, "little") + element for element in elements)
    if datatype == "BOOL":
        return bytes([0, 1, 1, 0, 1, 0])
    return np.random.default_rng(1).bytes(6 * DATATYPES[datatype].dtype.itemsize)


def infer(
    entry: Entry, datatype: str, content: bytes, headers: dict[str, str] | None = None, **changes: Any
) -> tuple[Answer, bytes]:
    """The answer of an echo to bytes: its JSON, and the bytes behind it."""
    tensor = {"name": "x", "shape": [2, 3], "datatype": datatype, "parameters": {"binary_data_size": len(content)}}
    document = orjson.dumps({"inputs": [tensor | changes.pop("tensor", {})], **changes})
    sent = event(
        "POST", f"/v2/models/echo-{datatype.lower()}/infer", document + content,
        {LENGTH: str(len(document)), **(headers or {})},
    )  # fmt: skip
    return split(entry(sent, None))


def split(result: dict[str, Any]) -> tuple[Answer, bytes]:
    body = base64.b64decode(result["body"]) if result["isBase64Encoded"] else result["body"].encode()
    length = int(result["headers"].get(LENGTH.lower(), len(body)))
    return Answer(result["statusCode"], orjson.loads(body[:length]), result["headers"]), body[length:]


@pytest.mark.parametrize("datatype", ELEMENTS)
def test_bytes_come_back_as_they_went(echo: Entry, datatype: str) -> None:
    content = content_of(datatype)
    answered, tail = infer(echo, datatype, content, parameters={"binary_data_output": True})
    assert answered.status == 200
    assert tail == content
    assert answered.body["outputs"] == [
        {"name": "y", "shape": [2, 3], "datatype": datatype, "parameters": {"binary_data_size": len(content)}}
    ]
    assert answered.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("datatype", [name for name in ELEMENTS if name != "BF16"])
def test_bytes_in_and_json_out_and_back_in_are_the_same_tensor(echo: Entry, datatype: str) -> None:
    content = np.linspace(-3, 3, 6).astype(DATATYPES[datatype].dtype).tobytes() if datatype.startswith("FP") else (
        content_of(datatype)
    )  # fmt: skip
    as_json, _ = infer(echo, datatype, content)
    output = as_json.body["outputs"][0]
    tensor = {"name": "x", "shape": [2, 3], "datatype": datatype, "data": output["data"]}
    sent = event(
        "POST",
        f"/v2/models/echo-{datatype.lower()}/infer",
        orjson.dumps({"inputs": [tensor], "outputs": [{"name": "y", "parameters": {"binary_data": True}}]}),
    )
    _, tail = split(echo(sent, None))
    assert tail == content


def test_bf16_in_json_is_refused_both_ways(echo: Entry) -> None:
    answered, _ = infer(echo, "BF16", content_of("BF16"))
    assert answered.status == 400
    assert "BF16 has no form in JSON" in answered.body["error"]


def test_an_output_says_for_itself_whether_it_is_binary(echo: Entry) -> None:
    outputs = [{"name": "y", "parameters": {"binary_data": False}}]
    answered, tail = infer(echo, "INT8", b"\1\2\3\4\5\6", parameters={"binary_data_output": True}, outputs=outputs)
    assert (answered.body["outputs"][0]["data"], tail) == ([1, 2, 3, 4, 5, 6], b"")


@pytest.mark.parametrize(
    ("tensor", "content", "message"),
    [
        ({"parameters": {"binary_data_size": 7}}, b"123456", "at most the 6 bytes that are left - got 7"),
        ({"parameters": {"binary_data_size": -1}}, b"123456", "got -1"),
        ({"parameters": {"binary_data_size": "6"}}, b"123456", "got '6'"),
        ({"parameters": {"binary_data_size": 5}}, b"123456", "6 bytes of INT8 for the shape [2, 3] - got 5"),
        ({"shape": [2, 2], "parameters": {"binary_data_size": 4}}, b"123456", "2 bytes more - at `body`"),
        ({"data": [1]}, b"123456", "either data or binary_data_size - got both"),
        ({"parameters": 5}, b"", "Expected an object - got 5 - at `inputs[0].parameters`"),
    ],
)
def test_sizes_that_do_not_add_up_are_refused(
    echo: Entry, tensor: dict[str, Any], content: bytes, message: str
) -> None:
    answered, _ = infer(echo, "INT8", content, tensor=tensor)
    assert answered.status == 400
    assert message in answered.body["error"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\1\0\0", "a length of 4 bytes - got 3 - at `inputs[0][0]`"),
        (b"\5\0\0\0ab", "5 bytes, as its length says - got 2 - at `inputs[0][0]`"),
        (b"\xff\xff\xff\xff", "4294967295 bytes, as its length says - got 0"),
        (b"\1\0\0\0\xff" * 6, "Expected UTF-8 - got b'\\xff' - at `inputs[0][0]`"),
        (b"\0\0\0\0" * 5, "Expected 6 elements - got 5"),
    ],
)
def test_strings_that_are_cut_off_or_no_text_are_refused(echo: Entry, content: bytes, message: str) -> None:
    answered, _ = infer(echo, "BYTES", content)
    assert answered.status == 400
    assert message in answered.body["error"]


@pytest.mark.parametrize("length", ["-1", "x", "99999", "1e3", "", "9" * 30])
def test_a_wrong_header_length_is_refused(echo: Entry, length: str) -> None:
    answered, _ = infer(echo, "INT8", b"123456", {LENGTH: length})
    assert (answered.status, answered.body["code"]) == (400, "invalid_input")


def test_a_raw_body_is_the_data_of_the_only_input(entry: Entry) -> None:
    rows = np.array([[1, 2, 3], [0, 0, 0]], np.float32)
    sent = event("POST", "/v2/models/linear-regression/infer", rows.tobytes(), {LENGTH: "0"})
    answered, tail = split(entry(sent, None))
    assert answered.body["outputs"][0]["shape"] == [2, 1]
    np.testing.assert_allclose(np.frombuffer(tail, np.float32), [1.8, 0.1], atol=1e-6)
    for size in (1, 11, 13):
        cut = event("POST", "/v2/models/linear-regression/infer", bytes(size), {LENGTH: "0"})
        assert split(entry(cut, None))[0].status == 400


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_compressed_body_is_counted_before_compression(echo: Entry, encoding: str) -> None:
    compress: Callable[[bytes], bytes] = gzip.compress if encoding == "gzip" else zlib.compress
    tensor = {"name": "x", "shape": [2, 3], "datatype": "INT8", "parameters": {"binary_data_size": 6}}
    document = orjson.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}})
    headers = {LENGTH: str(len(document)), "Content-Encoding": encoding}
    sent = event("POST", "/v2/models/echo-int8/infer", compress(document + b"123456"), headers)
    assert split(echo(sent, None))[1] == b"123456"


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip", "gzip"), ("br, deflate", "deflate"), ("gzip;q=0", "")])
def test_a_large_answer_is_compressed_where_the_client_takes_it(echo: Entry, accepted: str, encoding: str) -> None:
    tensor = {"name": "x", "shape": [1, 20_000], "datatype": "INT8", "data": [7] * 20_000}
    sent = event(
        "POST", "/v2/models/echo-int8/infer", orjson.dumps({"inputs": [tensor]}), {"Accept-Encoding": accepted}
    )
    result = echo(sent, None)
    assert result["headers"].get("content-encoding", "") == encoding
    body = base64.b64decode(result["body"]) if result["isBase64Encoded"] else result["body"].encode()
    expand: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress, "": bytes}
    assert orjson.loads(expand[encoding](body))["outputs"][0]["data"] == [7] * 20_000


def test_a_cache_on_the_way_is_told_of_everything_that_the_answer_depends_on(echo: Entry) -> None:
    echo = Entry(echo.service.settings._replace(cors_origins=("https://a.example",)))
    tensor = {"name": "x", "shape": [1, 20_000], "datatype": "INT8", "data": [7] * 20_000}
    headers = {"Accept-Encoding": "gzip", "Origin": "https://a.example"}
    sent = event("POST", "/v2/models/echo-int8/infer", orjson.dumps({"inputs": [tensor]}), headers)
    assert echo(sent, None)["headers"]["vary"] == "accept-encoding, origin"


def test_classification_names_the_likeliest_classes(entry: Entry) -> None:
    tensor = {"name": "features", "shape": [2, 4], "datatype": "FP32", "data": [5.1, 3.5, 1.4, 0.2, 6.3, 3.3, 6, 2.5]}
    asked = [{"name": "probabilities", "parameters": {"classification": 2}}]
    body = {"inputs": [tensor], "outputs": asked}
    output = call(entry, "POST", "/v2/models/iris-svm/infer", body).body["outputs"][0]
    assert (output["shape"], output["datatype"]) == ([2, 2], "BYTES")
    assert [text.split(":")[1:] for text in output["data"]][::2] == [["0", "setosa"], ["2", "virginica"]]
    assert all(0 <= float(text.split(":")[0]) <= 1 for text in output["data"])


def test_configuration_statistics_and_repository(entry: Entry) -> None:
    config = call(entry, "GET", "/v2/models/iris-svm/config").body
    assert config["input"] == [{"name": "features", "data_type": "TYPE_FP32", "dims": [-1, 4]}]
    assert config["labels"] == {"probabilities": ["setosa", "versicolor", "virginica"]}
    tensor = {"name": "features", "shape": [2, 3], "datatype": "FP32", "data": [1, 2, 3, 0, 0, 0]}
    call(entry, "POST", "/v2/models/linear-regression/infer", {"inputs": [tensor]})
    call(entry, "POST", "/v2/models/linear-regression/infer", {"inputs": []})
    (counted,) = call(entry, "GET", "/v2/models/linear-regression/stats").body["model_stats"]
    assert (counted["name"], counted["version"], counted["inference_count"]) == ("linear-regression", "0", 2)
    assert counted["inference_stats"]["success"]["count"] == 1
    assert counted["inference_stats"]["fail"]["count"] == 1
    assert counted["inference_stats"]["compute_infer"]["ns"] > 0
    names = {row["name"] for row in call(entry, "GET", "/v2/models/stats").body["model_stats"]}
    assert names == {"iris-svm", "linear-regression"}
    states = {row["name"]: row["state"] for row in call(entry, "POST", "/v2/repository/index").body}
    assert {name for name, state in states.items() if state == "READY"} == {"iris-svm", "linear-regression"}
    assert sorted(states) == SAMPLES
    assert call(entry, "POST", "/v2/repository/models/iris-svm/unload").status == 200
    assert call(entry, "POST", "/v2/repository/models/digits-cnn/load").status == 200
    states = {row["name"]: row["state"] for row in call(entry, "POST", "/v2/repository/index").body}
    assert {name for name, state in states.items() if state == "READY"} == {"digits-cnn", "linear-regression"}
    assert call(entry, "POST", "/v2/repository/models/nope/load").status == 404
    assert call(entry, "POST", "/v2/repository/models/nope/unload").status == 404
