"""An operator promotes a version, tries one as a canary and rolls back, and is told when somebody else was faster."""

import pytest
from playwright.sync_api import Locator, expect

from tests.admin.submissions import golden
from tests.browser.console.desk import Desk
from tests.core import graphs
from tests.e2e.test_lifecycle import Operator

NAME = "tide"


@pytest.fixture(scope="module", autouse=True)
def _published(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two versions of a model, the first of them live."""
    for amount, wish in ((100, "--why=the first"), (200, "--no-promote")):
        root = tmp_path_factory.mktemp(f"version-{amount}")
        source = graphs.source(root, NAME, graphs.plus(amount))
        (source / "golden.json").write_bytes(golden(([[0, 0]], [[amount, amount]])))
        operator.tell("publish", NAME, "--models", str(root), wish)


@pytest.fixture(scope="module")
def page(tour: Desk) -> Desk:
    """The model's page, with the operator's credentials pasted."""
    tour.go(f"#/models/{NAME}")
    tour.press("Enter AWS credentials")
    assert tour.service.operator
    tour.enter_credentials(tour.service.operator)
    expect(tour.page.get_by_text("Signing as")).to_be_visible()
    return tour


def asked(desk: Desk, button: str, title: str, *changes: tuple[str, str, str]) -> Locator:
    """The question before a change: it names what changes from what to what."""
    desk.press(button)
    dialog = desk.page.get_by_role("dialog", name=title)
    for field, before, after in changes:
        row = dialog.get_by_role("row").filter(has=desk.page.get_by_role("rowheader", name=field, exact=True))
        expect(row.get_by_role("cell")).to_have_text([before, after])
    return dialog


def confirm(dialog: Locator, button: str, why: str) -> None:
    dialog.get_by_label("Reason").fill(why)
    dialog.get_by_role("button", name=button, exact=True).click()


def serves(desk: Desk, **fields: str) -> None:
    """What the page says that serves."""
    card = desk.page.get_by_role("region", name="What serves")
    for field, value in fields.items():
        tile = card.get_by_role("term").filter(has_text=field.capitalize()).locator("..")
        expect(tile.get_by_role("definition")).to_have_text(value)


def alias(operator: Operator) -> tuple[object, object, object]:
    """What the registry says that serves."""
    found = operator.call("GET", f"/admin/models/{NAME}").json()["alias"]
    return found["live"], found["previous"], found["canary"]


def test_without_credentials_there_is_nothing_to_change(desk: Desk) -> None:
    desk.open(f"#/models/{NAME}")
    expect(desk.page.get_by_text("Changing what serves takes AWS credentials")).to_be_visible()
    expect(desk.page.get_by_role("button", name="Promote")).to_have_count(0)


def test_a_canary_gets_its_share(page: Desk, operator: Operator) -> None:
    dialog = asked(page, "Canary with version 2", f"Canary with version 2 of {NAME}?", ("Live", "version 1", "stays"))
    dialog.get_by_role("spinbutton", name="Share of the callers").fill("25")
    dialog.get_by_label("Reason").click()
    row = dialog.get_by_role("row").filter(has_text="Canary")
    expect(row.get_by_role("cell")).to_have_text(["none", "version 2, 25%"])
    page.shot("canary-asked")
    confirm(dialog, "Give version 2 25%", "a try")
    expect(dialog).to_be_hidden()
    serves(page, live="version 1", canary="version 2, 25%")
    assert alias(operator) == (1, None, {"version": 2, "weight": 0.25})


def test_a_version_is_promoted(page: Desk, operator: Operator) -> None:
    changes = [
        ("Live", "version 1", "version 2"),
        ("Previous", "none", "version 1"),
        ("Canary", "version 2, 25%", "none"),
    ]
    dialog = asked(page, "Promote the canary", f"Promote version 2 of {NAME}?", *changes)
    page.shot("promotion-asked")
    confirm(dialog, "Promote version 2", "better <b>by far</b>")
    expect(dialog).to_be_hidden()
    serves(page, live="version 2", previous="version 1", canary="none")
    assert alias(operator) == (2, 1, None)


def test_it_is_rolled_back(page: Desk, operator: Operator) -> None:
    dialog = asked(page, "Roll back to version 1", f"Roll back {NAME}?", ("Live", "version 2", "version 1"))
    confirm(dialog, "Roll back to version 1", "worse after all")
    expect(dialog).to_be_hidden()
    serves(page, live="version 1", previous="none")
    assert alias(operator) == (1, None, None)


def test_the_history_says_what_who_and_why(page: Desk) -> None:
    entries = page.page.get_by_role("region", name="History").locator("ol > li")
    expect(entries.locator("strong")).to_have_text(["Rolled back", "Promoted", "Canary", "Promoted"])
    expect(entries.locator("blockquote")).to_have_text(
        ["worse after all", "better <b>by far</b>", "a try", "the first"]
    )
    expect(entries.first).to_contain_text("user/operator")
    page.shot("history")


def test_whoever_was_slower_is_told_how_things_are_now_and_may_go_on(page: Desk, operator: Operator) -> None:
    dialog = asked(page, "Promote version 2", f"Promote version 2 of {NAME}?", ("Canary", "none", "stays"))
    operator.tell("canary", NAME, "2", "10%")
    with page.refused("409"):
        confirm(dialog, "Promote version 2", "mine")
        expect(dialog.get_by_role("alert")).to_contain_text("Somebody else has changed this meanwhile")
    row = dialog.get_by_role("row").filter(has_text="Canary")
    expect(row.get_by_role("cell")).to_have_text(["version 2, 10%", "none"])
    page.shot("conflict")
    assert alias(operator)[0] == 1
    dialog.get_by_role("button", name="Promote version 2", exact=True).click()
    expect(dialog).to_be_hidden()
    serves(page, live="version 2", canary="none")


def test_credentials_that_may_not_are_refused_in_the_question(page: Desk) -> None:
    account = page.api.account
    iam = account.session.client("iam", **account.options)
    iam.create_user(UserName="onlooker")
    made = iam.create_access_key(UserName="onlooker")["AccessKey"]
    page.page.get_by_role("button", name="Signing as").click()
    page.page.get_by_role("dialog").get_by_label("Access key ID").fill(made["AccessKeyId"])
    page.page.get_by_role("dialog").get_by_label("Secret access key").fill(made["SecretAccessKey"])
    page.page.get_by_role("dialog").get_by_role("button", name="Use these credentials").click()
    dialog = asked(page, "Roll back to version 1", f"Roll back {NAME}?")
    with page.refused("403"):
        confirm(dialog, "Roll back to version 1", "may I?")
        expect(dialog.get_by_role("alert")).to_contain_text("Access refused")
    dialog.get_by_role("button", name="Leave it as it is").click()
    serves(page, live="version 2")


def test_credentials_are_gone_with_the_page(page: Desk) -> None:
    assert page.service.operator
    kept = page.page.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert page.service.operator.secret_access_key not in kept
    page.page.reload()
    expect(page.page.get_by_role("main").get_by_role("button", name="Enter AWS credentials")).to_be_visible()


def test_the_report_of_a_compression_has_its_plots_and_tables(tour: Desk) -> None:
    tour.go("#/models/chinese-classics")
    report = tour.page.get_by_role("region", name="Compression of version 1")
    plots = report.get_by_role("img")
    expect(plots.first).to_be_visible()
    assert plots.locator("circle").count() >= 4
    for part in ("Quality before and after", "Sensitivity of the layers", "What was tried, and why it lost"):
        expect(report.get_by_role("heading", name=part)).to_be_visible()
    row = tour.page.get_by_role("region", name="Versions").get_by_role("row").nth(1)
    expect(row).to_contain_text("live")
    expect(row).to_contain_text("smaller")
    tour.shot("report")


def test_every_model_is_in_the_list_with_what_serves(tour: Desk) -> None:
    tour.go("#/models")
    rows = tour.page.get_by_role("table").locator("tbody tr")
    names = tour.api.call("GET", "/v1/models").json()["models"]
    expect(rows).to_have_count(len(names))
    expect(rows.filter(has_text="iris-svm")).to_contain_text("live 1")
    tour.page.get_by_role("searchbox", name="Search models").fill("digits")
    expect(rows).to_have_count(1)
    rows.get_by_role("link").click()
    expect(tour.page.get_by_role("heading", level=1)).to_have_text("Handwritten digits")
