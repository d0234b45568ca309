"""What only FastAPI answers: the documents, and paths that are none."""

import re

import pytest

from functions.core.settings import Settings
from functions.predict.entry import Entry
from functions.predict.routes import ROUTES
from tests.predict.calls import call, event


def test_the_document_lists_every_route(entry: Entry) -> None:
    document = call(entry, "GET", "/openapi.json").body
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert listed == {(route.method, route.template) for route in ROUTES}
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)


def test_documents_work_behind_any_stage_since_nothing_in_them_is_absolute(entry: Entry) -> None:
    assert call(entry, "GET", "/openapi.json").body["servers"] == [{"url": "."}]
    page = call(entry, "GET", "/docs").body
    assert re.findall(r"""url:\s*['"]([^'"]+)""", page) == ["openapi.json"]


def test_a_base_path_of_a_custom_domain_does_not_matter(entry: Entry) -> None:
    for path in ("/v1/models", "/openapi.json"):
        sent = event("GET", path)
        sent["path"] = sent["requestContext"]["path"] = f"/base{path}"
        assert entry(sent, None)["statusCode"] == 200


def test_a_base_path_that_begins_like_a_route_is_cut_nowhere(entry: Entry) -> None:
    sent = event("GET", "/v1/models")
    sent["path"] = sent["requestContext"]["path"] = "/v1/v1/models"
    assert entry(sent, None)["statusCode"] == 200


@pytest.mark.parametrize("path", ["/nope", "/v1", "/v1/models/iris-svm:nope", "/v2/models/iris-svm/infer/x"])
def test_a_path_that_is_none_gets_a_404_in_the_shape_of_every_error(entry: Entry, path: str) -> None:
    answered = call(entry, "GET", path)
    assert answered.status == 404
    assert answered.body == {"error": f"There is no GET {path}", "code": "not_found"}


def test_a_method_that_is_none_gets_a_405(entry: Entry) -> None:
    answered = call(entry, "GET", "/v1/models/iris-svm:predict")
    assert (answered.status, answered.body["code"]) == (405, "method_not_allowed")


def test_a_preloading_function_has_its_models_before_the_first_request(settings: Settings) -> None:
    entry = Entry(settings._replace(preload=True, models=("iris-svm",)))
    assert list(entry.service.catalog._entries) == ["iris-svm"]
