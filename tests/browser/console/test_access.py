"""The page opens where the service says, asks for the key, and takes no other."""

import httpx
from playwright.sync_api import expect

from tests.browser.console.desk import Desk


def test_the_service_says_where_and_its_root_leads_there(desk: Desk) -> None:
    assert desk.address == f"{desk.api.url}/console"
    root = httpx.get(f"{desk.api.url}/", follow_redirects=False)
    assert root.status_code == 307
    assert httpx.URL(f"{desk.api.url}/").join(root.headers["location"]) == desk.address


def test_a_wrong_key_is_refused_and_the_right_one_opens_the_list(desk: Desk) -> None:
    desk.open(key=False)
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Your models, behind your own API")
    with desk.refused("403"):
        desk.enter_key("wrong")
        expect(desk.failure).to_have_attribute("data-kind", "forbidden")
        expect(desk.failure).to_contain_text("Access refused")
        desk.shot("wrong-key")
    desk.failure.get_by_role("button", name="Enter the API key").click()
    desk.enter_key(desk.api.key or "")
    models = desk.page.get_by_role("main").get_by_role("listitem")
    expect(models).to_have_count(len(desk.api.call("GET", "/v1/models").json()["models"]))
    expect(desk.page.get_by_role("dialog")).to_be_hidden()
    desk.shot("models-to-try")


def test_the_key_is_forgotten_with_the_page_unless_it_is_to_be_remembered(desk: Desk) -> None:
    desk.open(key=False)
    desk.enter_key(desk.api.key or "")
    expect(desk.page.get_by_role("link", name="iris-svm")).to_be_visible()
    assert desk.page.evaluate("Object.values(localStorage).concat(Object.values(sessionStorage), document.cookie)") == [
        ""
    ]
    desk.page.reload()
    desk.page.get_by_label("Remember it in this browser").check()
    desk.enter_key(desk.api.key or "")
    expect(desk.page.get_by_role("link", name="iris-svm")).to_be_visible()
    desk.page.reload()
    expect(desk.page.get_by_role("link", name="iris-svm")).to_be_visible()
    desk.page.get_by_role("banner").get_by_role("button", name="API key").click()
    desk.page.get_by_role("button", name="Forget it").click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("Your models, behind your own API")
    desk.page.reload()
    expect(desk.page.locator("input[name=api-key]")).to_have_value("")
