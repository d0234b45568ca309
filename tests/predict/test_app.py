"""What only FastAPI answers: the documents, and paths that are none."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from functions.core.settings import Settings
from functions.predict import pages
from functions.predict.entry import Entry
from functions.predict.routes import ROUTES
from tests.predict.calls import call, event

ASSETS = Path(pages.__file__).parent / "assets"


def test_the_document_lists_every_route(entry: Entry) -> None:
    document = call(entry, "GET", "/openapi.json").body
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    models = {("POST", f"/v1/models/{name}:predict") for name in entry.service.catalog.names()}
    assert listed == {(route.method, route.template) for route in ROUTES} | models
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"] for operation in operations)


def test_documents_work_behind_any_stage_since_nothing_in_them_is_absolute(entry: Entry) -> None:
    assert call(entry, "GET", "/openapi.json").body["servers"] == [{"url": "."}]
    page = call(entry, "GET", "/docs").body.decode()
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page)) == {
        "data:,",
        "docs/swagger-ui.css",
        "docs/swagger-ui-bundle.js",
        "docs/docs.js",
    }
    script = call(entry, "GET", "/docs/docs.js").body.decode()
    assert 'url: "openapi.json"' in script
    assert "validatorUrl: null" in script


@pytest.mark.parametrize("encoding", ["gzip", ""])
def test_the_page_gets_its_files_as_they_were_fetched(entry: Entry, encoding: str) -> None:
    (record,) = json.loads((ASSETS / "vendor.json").read_text())["packages"]
    for name, file in record["files"].items():
        answered = call(entry, "GET", f"/docs/{name}", headers={"Accept-Encoding": encoding})
        assert answered.headers.get("content-encoding", "") == encoding
        content = gzip.decompress(answered.body) if encoding else answered.body
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert "default-src 'self'" in answered.headers["content-security-policy"]
    assert (ASSETS / f"LICENSE.{record['package']}").stat().st_size > 1000


@pytest.mark.parametrize("name", ["nope", "vendor.json", "../app.py", "%2e%2e%2fapp.py", "docs.html.gz"])
def test_nothing_else_lies_beside_the_page(entry: Entry, name: str) -> None:
    answered = call(entry, "GET", f"/docs/{name}")
    assert (answered.status, answered.body["code"]) == (404, "not_found")


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


def test_the_document_leaves_a_model_that_may_not_fit_to_the_general_paths(settings: Settings) -> None:
    served = settings._replace(models=("iris-svm", "linear-regression"), elsewhere=("iris-svm",))
    entry = Entry(served)
    paths = call(entry, "GET", "/openapi.json").body["paths"]
    assert "/v1/models/linear-regression:predict" in paths
    assert "/v1/models/iris-svm:predict" not in paths
    assert list(entry.service.catalog._entries) == ["linear-regression"]
    assert call(entry, "GET", "/v1/models").body["models"] == ["iris-svm", "linear-regression"]


def test_a_preloading_function_has_its_models_before_the_first_request(settings: Settings) -> None:
    entry = Entry(settings._replace(preload=True, models=("iris-svm",)))
    assert list(entry.service.catalog._entries) == ["iris-svm"]
