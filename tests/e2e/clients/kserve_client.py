"""Run in KServe's environment: asks a deployed API what its client can ask, and prints the answers as JSON."""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

EDGES = {
    "BOOL": [True, False, True],
    "UINT8": [0, 255, 1],
    "UINT16": [0, 65535, 1],
    "UINT32": [0, 2**32 - 1, 1],
    "UINT64": [0, 2**64 - 1, 1],
    "INT8": [-128, 127, 0],
    "INT16": [-32768, 32767, 0],
    "INT32": [-(2**31), 2**31 - 1, 0],
    "INT64": [-(2**63), 2**63 - 1, 0],
    "FP16": [-65504.0, 0.5, 1.5],
    "FP32": [-3.4e38, 0.1, 1.5],
    "FP64": [-1.7e308, 0.1, 1.5],
    "BYTES": [b"a", "虹".encode(), b""],
}
DTYPES = {"FP16": "float16", "FP32": "float32", "FP64": "float64", "BOOL": "bool", "BYTES": "object"}


async def main(url: str, key: str) -> None:
    """Ask everything."""
    headers = {"x-api-key": key}
    v2 = InferenceRESTClient(RESTConfig(protocol="v2", timeout=30))
    v1 = InferenceRESTClient(RESTConfig(protocol="v1", timeout=30))
    answers = {
        "live": await v2.is_server_live(url, headers=headers),
        "ready": await v2.is_server_ready(url, headers=headers),
        "model_ready_v2": await v2.is_model_ready(url, "iris-svm", headers=headers),
        "model_ready_v1": await v1.is_model_ready(url, "iris-svm", headers=headers),
        "predictions": await v1.infer(url, {"instances": [[1, 2, 3]]}, model_name="linear-regression", headers=headers),
        "tensors": {},
    }
    for datatype, elements in EDGES.items():
        for binary in (True, False) if datatype != "FP16" else (True,):  # the client itself refuses FP16 in JSON
            same = await echo(v2, url, headers, datatype, elements, binary)
            answers["tensors"][f"{datatype} {'binary' if binary else 'JSON'}"] = same
    try:
        await v1.infer(url, {"instances": [[1]]}, model_name="nope", headers=headers)
    except httpx.HTTPStatusError as error:
        answers["error"] = str(error)
    sys.stdout.write(json.dumps(answers, default=str))


async def echo(
    client: InferenceRESTClient, url: str, headers: dict[str, str], datatype: str, elements: list, binary: bool
) -> bool:
    """Whether a tensor comes back as it went."""
    sent = np.array([elements], dtype=DTYPES.get(datatype, datatype.lower()))
    tensor = InferInput("x", [1, len(elements)], datatype)
    tensor.set_data_from_numpy(sent, binary_data=binary)
    request = InferRequest(f"echo-{datatype.lower()}", [tensor], parameters={"binary_data_output": binary})
    response = await client.infer(url, request, model_name=f"echo-{datatype.lower()}", headers=dict(headers))
    received = response.outputs[0].as_numpy()
    if datatype == "BYTES":
        return [item if isinstance(item, bytes) else item.encode() for item in received[0]] == elements
    return received.dtype == sent.dtype and received.tobytes() == sent.tobytes()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
