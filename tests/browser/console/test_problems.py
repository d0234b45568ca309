"""Whatever goes wrong is said, with the way on: never a blank page, never a spinner without end."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.browser.console.desk import Desk

MODEL = "iris-svm"
PREDICT = f"**/v1/models/{MODEL}:predict"
BUDGET = 4
"""Requests that the plan of the poor key allows."""


@pytest.fixture
def poor_key(tour: Desk) -> Iterator[str]:
    """A key of a plan that allows a few requests a day."""
    account = tour.api.account
    gateway = account.session.client("apigateway", **account.options)
    (plan, *_) = gateway.get_usage_plans()["items"]
    poor = gateway.create_usage_plan(
        name="poor", apiStages=plan["apiStages"], quota={"limit": BUDGET, "period": "DAY"}
    )["id"]
    key = gateway.create_api_key(name="poor", enabled=True)["id"]
    gateway.create_usage_plan_key(usagePlanId=poor, keyId=key, keyType="API_KEY")
    yield gateway.get_api_key(apiKey=key, includeValue=True)["value"]
    gateway.delete_api_key(apiKey=key)
    gateway.delete_usage_plan(usagePlanId=poor)


@pytest.fixture(autouse=True)
def _model(tour: Desk) -> None:
    tour.go("#/models")
    tour.try_out(MODEL)


def test_a_network_that_fails_is_said_and_a_new_try_helps(tour: Desk) -> None:
    tour.page.route(PREDICT, lambda route: route.abort())
    with tour.refused("ERR_FAILED"):
        tour.press("Predict")
        expect(tour.failure).to_have_attribute("data-kind", "network")
        expect(tour.failure).to_contain_text("The service could not be reached.")
    tour.shot("failure-network")
    tour.page.unroute(PREDICT)
    tour.failure.get_by_role("button", name="Try again").click()
    expect(tour.page.locator(".answer .headline")).to_contain_text("setosa")
    expect(tour.failure).to_have_count(0)


def test_a_service_that_fails_is_said_in_its_words_with_the_request_to_look_for(tour: Desk) -> None:
    def fail(route: Route) -> None:
        words = '{"error": "The registry does not answer", "code": "store_unavailable"}'
        route.fulfill(status=503, content_type="application/json", headers={"x-amzn-requestid": "r-1"}, body=words)

    tour.page.route(PREDICT, fail)
    with tour.refused("503"):
        tour.press("Predict")
        expect(tour.failure).to_have_attribute("data-kind", "unavailable")
        for words in ("The registry does not answer", "store_unavailable", "Request r-1"):
            expect(tour.failure).to_contain_text(words)
    tour.shot("failure-5xx")
    tour.page.unroute(PREDICT)
    tour.failure.get_by_role("button", name="Try again").click()
    expect(tour.failure).to_have_count(0)


def test_an_answer_that_is_no_json_is_a_failure_like_others(tour: Desk) -> None:
    tour.page.route(PREDICT, lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"))
    with tour.refused("502"):
        tour.press("Predict")
        expect(tour.failure).to_have_attribute("data-kind", "unavailable")
        expect(tour.failure).to_contain_text("HTTP 502")
    tour.page.unroute(PREDICT)


def test_what_is_too_large_is_offered_the_way_of_jobs(tour: Desk) -> None:
    tour.try_out("flower-photo")
    picture: FilePayload = {
        "name": "large.png",
        "mimeType": "image/png",
        "buffer": b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000_000,
    }
    tour.page.locator("input[type=file]").set_input_files(picture)
    expect(tour.page.get_by_text("Sent as it is:")).to_be_visible()
    with tour.refused("413"):
        tour.press("Predict")
        expect(tour.failure).to_have_attribute("data-kind", "too_large")
    expect(tour.failure).to_contain_text("Expected a body of at most")
    tour.shot("failure-413")
    tour.failure.get_by_role("link", name="Send it as a job").click()
    expect(tour.page.get_by_role("combobox", name="Model")).to_have_value("flower-photo")


def test_a_plan_that_is_used_up_says_when_to_try_again(tour: Desk, poor_key: str) -> None:
    while tour.api.call("GET", "/v1/models", headers={"x-api-key": poor_key}).status_code == 200:
        pass
    tour.page.get_by_role("banner").get_by_role("button", name="API key").click()
    tour.enter_key(poor_key)
    tour.page.clock.install()
    with tour.refused("429"):
        tour.press("Predict")
        expect(tour.failure).to_have_attribute("data-kind", "throttled")
    expect(tour.failure).to_contain_text("Try again in 5 seconds.")
    retry = tour.failure.get_by_role("button", name="Try again")
    expect(retry).to_be_disabled()
    tour.shot("failure-429")
    tour.page.clock.run_for(2_000)
    expect(tour.failure).to_contain_text("Try again in 3 seconds.")
    tour.page.clock.run_for(4_000)
    expect(tour.failure).to_contain_text("You can try again now.")
    tour.page.get_by_role("banner").get_by_role("button", name="API key").click()
    tour.enter_key(tour.api.key or "")
    retry.click()
    expect(tour.failure).to_have_count(0)
    expect(tour.page.locator(".answer .headline")).to_contain_text("setosa")


@pytest.mark.parametrize(
    ("route", "words", "times"),
    [
        ("#/models/nobody/try", "There is no model 'nobody'", 2),
        ("#/models/iris-svm/try?version=99", "99", 2),
        (f"#/jobs/{'0' * 32}", "0" * 32, 1),
    ],
)
def test_an_address_of_something_that_there_is_not_says_so(tour: Desk, route: str, words: str, times: int) -> None:
    with tour.refused("404", times):
        tour.go(route)
        expect(tour.failure).to_have_attribute("data-kind", "missing")
        expect(tour.failure).to_contain_text(words)


def test_an_address_of_no_page_leads_back(tour: Desk) -> None:
    tour.go("#/nowhere/at/all")
    expect(tour.failure).to_contain_text("There is no page /nowhere/at/all")
    tour.shot("failure-nowhere")
    tour.failure.get_by_role("link", name="Playground").click()
    expect(tour.page.get_by_role("heading", level=1)).to_have_text("Playground")
