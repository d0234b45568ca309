"""One embedded cloud for all tests of the console, and pages of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from functions.core.store import ObjectStore
from local.endpoint import Endpoint
from tests.browser.console.desk import Desk, opened
from tests.cloud import Api, api_of, embedded, registry_of
from tests.e2e.test_lifecycle import Operator


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The whole service, with the sample models published."""
    with embedded(tmp_path_factory.mktemp("cloud")) as endpoint:
        yield endpoint


@pytest.fixture(scope="package")
def api(service: Endpoint) -> Api:
    """Its API."""
    return api_of(service)


@pytest.fixture(scope="package")
def registry(service: Endpoint) -> ObjectStore:
    """Its bucket of models."""
    return registry_of(service)


@pytest.fixture(scope="package")
def operator(service: Endpoint, api: Api) -> Operator:
    """Somebody who may change what serves."""
    assert service.operator
    return Operator(service, api, service.operator)


@pytest.fixture
def desk(browser: Browser, service: Endpoint) -> Iterator[Desk]:
    """A page of one test."""
    with opened(browser, service) as found:
        yield found


@pytest.fixture(scope="module")
def tour(browser: Browser, service: Endpoint) -> Iterator[Desk]:
    """A page on which the tests of a file follow one another, open with the key."""
    permissions = ["clipboard-read", "clipboard-write"]
    with opened(browser, service, permissions=permissions) as found:
        found.open()
        yield found
