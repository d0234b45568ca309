"""Where an application thinks that it was asked: below stages, domain names and base paths."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

import orjson
import pytest
from fastapi import FastAPI, Request

from functions.rest.gateway import behind_gateway
from tests.predict.calls import event

PLACES = {
    "the gateway's own address": ("", "/prod"),
    "a domain name": ("", ""),
    "a domain name's base path": ("/ml", "/ml"),
    "a base path that begins like a route": ("/admin", "/admin"),
}
"""What stands before a path in an event, and before what the browser asked for."""


@pytest.fixture
def app() -> FastAPI:
    """Says which route was asked for, and with what."""
    made = FastAPI(redirect_slashes=False)

    @made.get("/admin/models/{name}/versions")
    @made.get("/v1/models/{name}/jobs")
    @made.get("/")
    def show(request: Request) -> dict[str, Any]:
        return {"path": request.url.path, **request.path_params}

    return made


@pytest.fixture(autouse=True)
def loop() -> Iterator[None]:
    with closing(asyncio.new_event_loop()) as made:
        asyncio.set_event_loop(made)
        yield
        asyncio.set_event_loop(None)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("resource", "parameters", "path"),
    [
        ("/admin/{proxy+}", {"proxy": "models/iris-svm/versions"}, "/admin/models/iris-svm/versions"),
        ("/v1/models/{name}/jobs", {"name": "iris-svm"}, "/v1/models/iris-svm/jobs"),
        ("/v1/{proxy+}", {"proxy": "models/iris%2Dsvm/jobs"}, "/v1/models/iris-svm/jobs"),
        ("/", None, "/"),
    ],
)
def test_an_application_sees_its_own_paths_wherever_the_api_is(
    app: FastAPI, place: str, resource: str, parameters: Mapping[str, str] | None, path: str
) -> None:
    known, asked = PLACES[place]
    call = event("GET", path) | {"resource": resource, "pathParameters": parameters, "path": f"{known}{path}"}
    call["requestContext"]["path"] = f"{asked}{path}"
    answer = behind_gateway(app)(call, None)  # type: ignore[arg-type]  # Mangum reads nothing of the context
    name = {"name": "iris-svm"} if path != "/" else {}
    assert (answer["statusCode"], orjson.loads(answer["body"])) == (200, {"path": path, **name})
