"""A model gets a function of its own and gives it back, and not one of the requests that come meanwhile is lost."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from botocore.exceptions import ClientError

from functions.core.store import ObjectStore
from functions.packaging.build import build
from local.aws import Account
from local.endpoint import ROOT_CREDENTIALS
from tests.core import graphs
from tests.e2e.conftest import Api, Variant, release
from tests.e2e.test_access import user

STAGE = "isolated"
FRESH, SAMPLE, OTHER = "alone", "iris-svm", "linear-regression"
"""A model that only the registry has, one that ships with the functions, and one that stays where it is."""
OWN = {FRESH: {"memory_mb": 3538, "threads": 1}, SAMPLE: {}}
SETTINGS = {
    "refresh_seconds": 1,
    "tiers": {"default": {"rate": 10_000, "burst": 5000}},
    "throttle": {"rate": 10_000, "burst": 5000},
}
FLOWER = [5.1, 3.5, 1.4, 0.2]
STREAMS = 3
PATIENCE = 30

Call = Callable[[], object]


@pytest.fixture(scope="module")
def shared(variant: Variant, tmp_path_factory: pytest.TempPathFactory) -> Api:
    """The stage before anything moves: one function has every model."""
    api = variant(STAGE, **SETTINGS)
    folder = tmp_path_factory.mktemp(FRESH)
    for name in (FRESH, "beside"):
        package = build(graphs.source(folder, name, graphs.plus(1)), folder / "packages")
        release(package, store(api, ROOT_CREDENTIALS.access_key_id, ROOT_CREDENTIALS.secret_access_key))
    eventually(lambda: api.call("GET", f"/v2/models/{FRESH}/ready").status_code == 200)
    return api


@pytest.fixture(scope="module")
def apart(shared: Api, variant: Variant) -> Iterator[Api]:
    """The stage with two models in functions of their own."""
    assert shared.url
    yield variant(STAGE, functions=OWN, **SETTINGS)
    variant(STAGE, **SETTINGS)


def store(api: Api, key_id: str, secret: str) -> ObjectStore:
    """The stage's registry, as whoever has these credentials finds it."""
    config: Any = {"endpoint": api.account.url, "access_key_id": key_id, "secret_access_key": secret}
    return ObjectStore(api.outputs["ModelBucket"], config | {"region": api.account.region})


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def calls(api: Api) -> dict[str, Call]:
    """What is asked of the models, each until it fails with what came instead."""

    def predicted() -> None:
        answered = api.predict(SAMPLE, FLOWER)
        assert (answered.status_code, answered.headers["x-ortless-model"]) == (200, f"{SAMPLE}@0"), answered.text
        assert answered.json()["predictions"][0]["label"] == "setosa"

    def stays() -> None:
        answered = api.predict(OTHER, [1, 2, 3])
        assert (answered.status_code, answered.headers["x-ortless-model"]) == (200, f"{OTHER}@0"), answered.text

    def inferred() -> None:
        given = triton.InferInput("x", [1, 2], "FP32")
        given.set_data_from_numpy(np.array([[1, 2]], np.float32), binary_data=True)
        wanted = triton.InferRequestedOutput("y", binary_data=True)
        opened: Any = triton.InferenceServerClient(api.url.removeprefix("http://"), network_timeout=30)
        with opened as client:
            found = client.infer(FRESH, [given], outputs=[wanted], headers={"x-api-key": api.key or ""})
        assert found.as_numpy("y").tolist() == [[2, 3]]

    def got(method: str, path: str, status: int = 200, **request: Any) -> Call:
        def ask() -> None:
            answered = api.call(method, path, **request)
            assert answered.status_code == status, f"{method} {path}: {answered.status_code} {answered.text}"

        return ask

    flowers = {"instances": [FLOWER]}
    return {
        "predict": predicted,
        "infer": inferred,
        "stays": stays,
        "describe": got("GET", f"/v1/models/{SAMPLE}"),
        "explain": got("POST", f"/v1/models/{SAMPLE}:explain", json=flowers),
        "examples": got("GET", f"/v1/models/{SAMPLE}/examples"),
        "version": got("POST", f"/v1/models/{SAMPLE}/versions/0:predict", json=flowers),
        "metadata": got("GET", f"/v2/models/{FRESH}"),
        "ready": got("GET", f"/v2/models/{FRESH}/versions/1/ready"),
        "load": got("POST", f"/v2/repository/models/{FRESH}/load"),
        "order": got("POST", f"/v1/models/{SAMPLE}/jobs", 201, json={"file": "flowers.csv"}),
        "jobs": got("GET", f"/v1/models/{SAMPLE}/jobs"),
        "list": got("GET", "/v1/models"),
        "index": got("POST", "/v2/repository/index"),
        "server": got("GET", "/v2"),
        "statistics": got("GET", "/v2/models/stats"),
        "none": got("GET", f"/v1/models/{SAMPLE}/nothing", 404),
        "unknown": got("GET", "/v1/models/nobody", 404),
    }


@contextmanager
def streams(api: Api) -> Iterator[tuple[Counter[str], list[str]]]:
    """Requests of every kind, one after the other and several at a time, while the block runs: how many of each were
    answered as they should be, and what became of the others."""
    answered: Counter[str] = Counter()
    lost: list[str] = []
    over = threading.Event()

    def run(first: int) -> None:
        named = list(calls(api).items())
        while not over.is_set():
            for name, call in (*named[first:], *named[:first]):
                try:
                    call()
                    answered[name] += 1
                except Exception as fault:  # whatever a client meets is a request that was lost
                    lost.append(f"{name}: {fault}")

    threads = [threading.Thread(target=run, args=(place * 6,)) for place in range(STREAMS)]
    for thread in threads:
        thread.start()
    try:
        yield answered, lost
    finally:
        over.set()
        for thread in threads:
            thread.join()


def own(api: Api) -> dict[str, str]:
    """The functions of models that have one, by model."""
    return dict(each.split("=") for each in api.outputs["OwnFunctionNames"].split(","))


def served(api: Api, function: str) -> Counter[str]:
    """The requests in the log of a function, by route."""
    session, options = api.account.session, api.account.options
    functions: Any = session.client("lambda", **options)
    group = functions.get_function_configuration(FunctionName=function)["LoggingConfig"]["LogGroup"]
    logs: Any = session.client("logs", **options)
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    messages = [event["message"] for page in pages for event in page["events"]]
    lines = [json.loads(message) for message in messages if '"event":"request"' in message]
    return Counter(line["route"] for line in lines)


@pytest.mark.timeout(300)
def test_moving_models_out_and_back_loses_no_request(shared: Api, variant: Variant) -> None:
    with streams(shared) as (answered, lost):
        eventually(lambda: answered["unknown"] >= STREAMS)
        moved = variant(STAGE, functions=OWN, **SETTINGS)
        routes = {
            FRESH: "POST /v2/models/{name}/infer",
            SAMPLE: "POST /v1/models/{name}:predict",
        }
        for model, route in routes.items():
            function = own(moved)[model]
            eventually(lambda function=function, route=route: served(moved, function)[route] >= STREAMS)  # type: ignore[misc]
        before = answered.copy()
        back = variant(STAGE, **SETTINGS)
        eventually(lambda: all(answered[name] >= before[name] + STREAMS for name in calls(shared)))
    assert lost == []
    assert "OwnFunctionNames" not in back.outputs
    assert (moved.url, back.url) == (shared.url, shared.url)


def test_what_is_asked_of_a_model_is_answered_by_its_function_and_lists_by_the_shared_one(apart: Api) -> None:
    functions = own(apart) | {"": apart.outputs["PredictFunctionName"]}
    before = {model: served(apart, function) for model, function in functions.items()}
    for call in calls(apart).values():
        call()
    expected = {
        FRESH: {
            "POST /v2/models/{name}/infer",
            "GET /v2/models/{name}",
            "GET /v2/models/{name}/versions/{version}/ready",
            "POST /v2/repository/models/{name}/load",
        },
        SAMPLE: {
            "POST /v1/models/{name}:predict",
            "POST /v1/models/{name}:explain",
            "POST /v1/models/{name}/versions/{version}:predict",
            "GET /v1/models/{name}",
            "GET /v1/models/{name}/examples",
        },
        "": {
            "POST /v1/models/{name}:predict",
            "GET /v1/models/{name}",
            "GET /v1/models",
            "POST /v2/repository/index",
            "GET /v2",
            "GET /v2/models/stats",
        },
    }

    def added() -> dict[str, set[str]]:
        return {model: set(served(apart, function) - before[model]) for model, function in functions.items()}

    eventually(lambda: added() == expected)


def test_lists_and_the_document_know_every_model(apart: Api) -> None:
    names = apart.call("GET", "/v1/models").json()["models"]
    assert {FRESH, SAMPLE, OTHER} <= set(names)
    paths = apart.call("GET", "/openapi.json").json()["paths"]
    assert {f"/v1/models/{SAMPLE}:predict", f"/v1/models/{OTHER}:predict", "/v2/models/{name}/infer"} <= paths.keys()


def test_a_function_of_its_own_has_its_sizes_and_its_price(apart: Api) -> None:
    functions: Any = apart.account.session.client("lambda", **apart.account.options)
    found = functions.get_function_configuration(FunctionName=own(apart)[FRESH])
    told = found["Environment"]["Variables"]
    assert found["MemorySize"] == 3538
    assert (told["ORTLESS_MODELS"], told["ORTLESS_THREADS"]) == (FRESH, "1")


def test_its_role_reads_its_own_model_and_no_other(apart: Api) -> None:
    account: Account = apart.account
    iam: Any = account.session.client("iam", **account.options)
    functions: Any = account.session.client("lambda", **account.options)
    role = functions.get_function_configuration(FunctionName=own(apart)[FRESH])["Role"].rpartition("/")[2]
    deputy = user(account, "deputy")
    for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        iam.put_user_policy(UserName="deputy", PolicyName=policy, PolicyDocument=json.dumps(document))
    s3: Any = Account(account.url, account.region, deputy).session.client("s3", **account.options)
    bucket = apart.outputs["ModelBucket"]
    for key in (f"aliases/{FRESH}.json", f"packages/{FRESH}/1/manifest.json"):
        assert s3.get_object(Bucket=bucket, Key=key)["ContentLength"]
    for key in ("aliases/beside.json", "packages/beside/1/manifest.json", f"audit/{FRESH}/"):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_object(Bucket=bucket, Key=key)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=bucket, Prefix="aliases/")


def test_stopping_the_stage_stops_models_with_a_function_of_their_own(apart: Api) -> None:
    named = {arn.rpartition(":")[2] for arn in apart.outputs["ServingFunctions"].split(",")}
    assert named >= {*own(apart).values(), apart.outputs["PredictFunctionName"]}


def test_a_function_that_stands_by_is_there_and_asked_for_nothing(apart: Api, variant: Variant) -> None:
    standing = variant(STAGE, functions=OWN | {SAMPLE: {"routed": False}}, **SETTINGS)
    function = own(standing)[SAMPLE]
    before = served(standing, function)
    for call in calls(standing).values():
        call()
    assert served(standing, function) == before
    variant(STAGE, functions=OWN, **SETTINGS)
    assert own(apart)[SAMPLE] == function
