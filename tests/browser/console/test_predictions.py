"""Every sample model answers through the form that its metadata makes, as it answers the API."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.console.desk import Desk
from tests.conftest import SAMPLES


def texts(model: dict[str, Any], prediction: Any) -> list[str]:
    """What has to be read of a prediction."""
    kind = model["postprocess"]["kind"]
    if kind == "classification":
        return [prediction["label"], *prediction["probabilities"]][:4]
    if kind == "ranking":
        return [each["item"] for each in prediction["items"]]
    if kind == "nearest":
        return [prediction["answer"]]
    unit = model["postprocess"].get("unit", "")
    return [f"{prediction:.3f}"[:4].lstrip("-").rstrip("0").rstrip("."), unit]


def answer(desk: Desk, kind: str, instance: Any) -> Locator:
    """Have the form's first example answered; of a conversation, the question of the example asked."""
    if kind == "nearest":
        asked = instance["text"] if isinstance(instance, dict) else instance
        desk.page.get_by_label("Your question").fill(asked)
        desk.page.keyboard.press("Enter")
        return desk.page.get_by_role("log")
    desk.predict()
    return desk.page.locator(".answer")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_model_answers_in_its_page(tour: Desk, name: str) -> None:
    model = tour.api.call("GET", f"/v1/models/{name}").json()
    kind = model["postprocess"]["kind"]
    instance = tour.api.call("GET", f"/v1/models/{name}/examples").json()["examples"][0]["request"]["instances"][0]
    (expected,) = tour.api.predict(name, instance).json()["predictions"]
    tour.try_out(name)
    shown = answer(tour, kind, instance)
    for text in texts(model, expected):
        expect(shown).to_contain_text(text)
    facts = tour.page.get_by_role("region", name="This request")
    expect(facts).to_contain_text(name)
    for fact in ("Version", "In the function", "In all", "Cost"):
        expect(facts.get_by_text(fact, exact=True)).to_be_visible()
    tour.shot(f"predicted-{name}")


@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "support-answers"])
def test_a_sample_model_says_why(tour: Desk, name: str) -> None:
    tour.try_out(name)
    tour.press("Explain")
    why = tour.page.locator(".why")
    expect(why).to_be_visible()
    kind = tour.api.call("GET", f"/v1/models/{name}").json()["preprocess"]["kind"]
    marks = {"image": "canvas", "text": "mark"}.get(kind, "li")
    expect(why.locator(marks).first).to_be_visible()
    tour.shot(f"explained-{name}")
