"""Requests drawn from the API's own document, fitting and not: every answer is one that the document announces."""

import os
from base64 import b64encode
from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Request
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from functions.core import golden
from functions.core.settings import Settings
from functions.predict.entry import Entry
from tests.conftest import ROOT
from tests.predict.calls import Answer, answer, call, event

HOST = "http://gateway"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
TOO_LARGE = 413
SLOW_TO_DRAW = "flower-photo"
"""Its pictures are 150,528 numbers each: a tenth of the examples."""

PICTURE = b64encode((ROOT / "model_artifacts/digits-cnn/sample.png").read_bytes()).decode()


Case = schemathesis.Case[Any]


class Gateway:
    """The function's handler over every sample model, called as API Gateway calls it."""

    def __init__(self, packages: Path) -> None:
        self.entry = Entry(Settings(packages=str(packages)))
        self.models = self.entry.service.catalog.names()
        self.answers: Counter[int] = Counter()
        document = call(self.entry, "GET", "/openapi.json").body  # which loads every model
        found: list[Any] = list(openapi.from_dict(document).get_all_operations())
        self.operations = [operation.ok() for operation in found]

    def send(self, case: Case) -> schemathesis.Response:
        """The answer to a case, with the request that was sent in it."""
        asked = case.as_transport_kwargs(base_url=HOST)
        known = {name: asked[name] for name in ("method", "url", "headers", "params", "data", "json") if name in asked}
        request = Request(**known).prepare()
        got = self._ask(request)
        self.answers[got.status] += 1
        content = got.body if isinstance(got.body, bytes) else orjson.dumps(got.body)
        headers = {name: [value] for name, value in got.headers.items()}
        return schemathesis.Response(got.status, headers, content, request, elapsed=0.0, verify=False)

    def _ask(self, request: PreparedRequest) -> Answer:
        body: Any = request.body or b""
        content: bytes = body if isinstance(body, bytes) else body.encode()
        path = str(request.url).removeprefix(HOST).partition("?")[0]
        headers = {name: str(value) for name, value in request.headers.items() if name != "Accept-Encoding"}
        return answer(self.entry(event(str(request.method), path, content, headers), None))


def cases(operation: Any, mode: GenerationMode, models: list[str]) -> st.SearchStrategy[Case]:
    """Requests of an operation: of anything, and where it is of a model, of each that there is."""
    anything: st.SearchStrategy[Case] = operation.as_strategy(generation_mode=mode)
    if "{name}" not in operation.path:
        return anything
    known = {"version": "0"} if "{version}" in operation.path else {}
    of_models = [operation.as_strategy(mode, path_parameters={"name": name, **known}) for name in models]
    return st.one_of(anything, *of_models)


def drawn(case: Case) -> Case:
    """The case with pictures in it: base64 of one is all that a schema can say, and any text passes for that."""
    body: Any = case.body
    instances = body.get("instances") if isinstance(body, dict) else None
    for instance in instances if isinstance(instances, list) else []:
        if isinstance(instance, dict) and isinstance(instance.get("image"), dict):
            instance["image"]["b64"] = PICTURE
    return case


def checks_of(operation: Any, mode: GenerationMode, status: int) -> list[Any]:
    """What must hold of an answer. Only a path of one model says all of what fits it, but for how much it may be."""
    if "{name}" in operation.path or not operation.body or status == TOO_LARGE:
        return CHECKS
    return [*CHECKS, positive_data_acceptance if mode.is_positive else negative_data_rejection]


def fuzz(gateway: Gateway, operation: Any, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(cases(operation, mode, gateway.models))
    def ask(case: Case) -> None:
        got = gateway.send(drawn(case) if mode.is_positive else case)
        case.validate_response(got, checks=checks_of(operation, mode, got.status_code))

    ask()


def fuzz_all(packages: Path, examples: int) -> Counter[int]:
    """Send so many requests per operation and kind of data; the number of answers by their status."""
    gateway = Gateway(packages)
    process, service = os.getpid(), gateway.entry.service
    for operation in gateway.operations:
        count = max(2, examples // 10) if SLOW_TO_DRAW in operation.path else examples
        fuzz(gateway, operation, GenerationMode.POSITIVE, count)
        if operation.body:  # any text is a name: only a body can be one that does not fit
            fuzz(gateway, operation, GenerationMode.NEGATIVE, count)
    assert (os.getpid(), gateway.entry.service) == (process, service)
    for name in gateway.models:
        assert golden.fault(service.catalog.model(name)) is None
    return gateway.answers


def test_every_answer_is_one_that_the_document_announces(packages: Path) -> None:
    answers = fuzz_all(packages, 8)
    assert answers.total() >= 250
    assert answers[200] >= 50
    assert answers[400] >= 50
    assert answers[404] >= 10


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_five_thousand_answers_are_ones_that_the_document_announces(packages: Path) -> None:
    assert fuzz_all(packages, 180).total() >= 5_000
