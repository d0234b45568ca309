"""Triton's own client, unmodified, through the gateway: its sync and its aio form."""

import asyncio
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import tritonclient.http as triton
import tritonclient.http.aio as triton_aio
from tritonclient.utils import InferenceServerException

from functions.core.tensors import DATATYPES
from tests.e2e.conftest import Api
from tests.predict.test_binary import ELEMENTS

TYPED = [name for name in ELEMENTS if name != "BF16"]


@pytest.fixture(scope="module")
def client(api: Api, echoes: None) -> Iterator[Any]:  # noqa: ARG001 - the models must be there
    with triton.InferenceServerClient(api.url.removeprefix("http://"), network_timeout=30) as opened:
        yield opened


@pytest.fixture
def headers(api: Api) -> dict[str, str]:
    """New for each call: the client writes into what it is given."""
    assert api.key
    return {"x-api-key": api.key}


def values(datatype: str) -> Any:
    if datatype == "BYTES":
        return np.array([[b"", b"a", "虹".encode()], [b"\x00", b"x" * 300, b"\n"]], dtype=object)
    if datatype == "BOOL":
        return np.array([[True, False, True], [False, False, True]])
    dtype = DATATYPES[datatype].dtype
    if dtype.kind == "f":
        return np.array([[0, -1.5, 3.25], [1e-3, 65504, -0.0]], dtype)
    bounds = np.iinfo(dtype)
    return np.array([[bounds.min, bounds.max, 0], [1, 2, 3]], dtype)


@pytest.mark.parametrize("binary_in", [True, False], ids=["binary in", "JSON in"])
@pytest.mark.parametrize("binary_out", [True, False], ids=["binary out", "JSON out"])
@pytest.mark.parametrize("datatype", TYPED)
def test_every_datatype_comes_back_as_it_went(
    client: Any, headers: dict[str, str], datatype: str, binary_in: bool, binary_out: bool
) -> None:
    sent = values(datatype)
    tensor = triton.InferInput("x", list(sent.shape), datatype)
    tensor.set_data_from_numpy(sent, binary_data=binary_in)
    output = triton.InferRequestedOutput("y", binary_data=binary_out)
    result = client.infer(f"echo-{datatype.lower()}", [tensor], outputs=[output], request_id="7", headers=headers)
    received = result.as_numpy("y")
    if datatype == "BYTES":
        got = [item if isinstance(item, bytes) else item.encode() for item in received.reshape(-1)]
        assert got == list(sent.reshape(-1))
    else:
        assert received.dtype == sent.dtype
        assert received.tobytes() == sent.tobytes()
    assert result.get_response()["id"] == "7"


def test_bf16_comes_back_in_binary(client: Any, headers: dict[str, str]) -> None:
    sent = np.array([[0, -1.5, 3.25], [1, 2, 256]], ml_dtypes.bfloat16)
    tensor = triton.InferInput("x", [2, 3], "BF16")
    tensor.set_data_from_numpy(sent, binary_data=True)
    result = client.infer("echo-bf16", [tensor], headers=headers)
    assert result.as_numpy("y").astype(np.float32).tolist() == sent.astype(np.float32).tolist()


@pytest.mark.parametrize("algorithm", ["gzip", "deflate"])
def test_compression_both_ways(client: Any, headers: dict[str, str], algorithm: str) -> None:
    sent = np.arange(30_000, dtype=np.float32).reshape(3, 10_000)
    tensor = triton.InferInput("x", [3, 10_000], "FP32")
    tensor.set_data_from_numpy(sent)
    result = client.infer(
        "echo-fp32",
        [tensor],
        headers=headers,
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )
    assert result.as_numpy("y").tobytes() == sent.tobytes()


def test_what_the_server_and_its_models_are(client: Any, headers: dict[str, str]) -> None:
    assert client.is_server_live(headers)
    assert client.is_server_ready(headers)
    assert client.is_model_ready("iris-svm", headers=headers)
    assert not client.is_model_ready("nope", headers=headers)
    assert client.get_server_metadata(headers)["name"] == "ortless"
    assert client.get_model_metadata("iris-svm", headers=headers)["platform"] == "onnx_onnxv1"
    assert client.get_model_config("iris-svm", headers=headers)["input"][0]["name"] == "features"
    assert "iris-svm" in {row["name"] for row in client.get_model_repository_index(headers)}
    client.load_model("iris-svm", headers=headers)
    client.unload_model("iris-svm", headers=headers)
    assert client.get_inference_statistics("iris-svm", headers=headers)["model_stats"][0]["name"] == "iris-svm"


def test_classes_and_versions(client: Any, headers: dict[str, str]) -> None:
    tensor = triton.InferInput("features", [1, 4], "FP32")
    tensor.set_data_from_numpy(np.array([[5.1, 3.5, 1.4, 0.2]], np.float32))
    output = triton.InferRequestedOutput("probabilities", class_count=1)
    result = client.infer("iris-svm", [tensor], model_version="1", outputs=[output], headers=headers)
    assert result.as_numpy("probabilities")[0][0].decode().endswith(":0:setosa")


def test_an_error_is_what_the_client_makes_of_it(client: Any, headers: dict[str, str]) -> None:
    tensor = triton.InferInput("features", [1, 3], "FP32")
    tensor.set_data_from_numpy(np.zeros((1, 3), np.float32))
    with pytest.raises(InferenceServerException, match=r"Expected FP32 of shape \[-1, 4\] - got \[1, 3\]"):
        client.infer("iris-svm", [tensor], headers=headers)


@pytest.mark.usefixtures("client")
def test_the_aio_client(api: Api, headers: dict[str, str]) -> None:
    async def run() -> Any:
        async with triton_aio.InferenceServerClient(api.url.removeprefix("http://")) as opened:
            assert await opened.is_model_ready("echo-fp64", headers=headers)
            tensor = triton.InferInput("x", [2, 3], "FP64")
            tensor.set_data_from_numpy(values("FP64"))
            return await opened.infer("echo-fp64", [tensor], headers=headers)

    assert asyncio.run(run()).as_numpy("y").tobytes() == values("FP64").tobytes()
