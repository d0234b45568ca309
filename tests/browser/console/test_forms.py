"""The forms that are more than fields: a pad to draw on, a conversation, items, steps; and the request as code."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.console.desk import Desk
from tests.conftest import ROOT

Point = tuple[float, float]
STROKES: dict[str, list[list[Point]]] = {
    "0": [[(0.5 - 0.2 * math.sin(turn * 0.2618), 0.5 - 0.3 * math.cos(turn * 0.2618)) for turn in range(25)]],
    "1": [[(0.5, 0.15), (0.5, 0.85)]],
    "7": [[(0.28, 0.2), (0.72, 0.2), (0.45, 0.85)]],
}
"""Pen strokes by the digit that they are, in parts of the pad's width and height."""


def draw(desk: Desk, strokes: Iterable[list[Point]]) -> None:
    pad = desk.page.get_by_role("img", name="Drawing pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    for stroke in strokes:
        first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        desk.page.mouse.move(*first)
        desk.page.mouse.down()
        for point in others:
            desk.page.mouse.move(*point, steps=4)
        desk.page.mouse.up()


@pytest.mark.parametrize("digit", STROKES)
def test_a_digit_that_is_drawn_is_read(tour: Desk, digit: str) -> None:
    tour.try_out("digits-cnn")
    if (clear := tour.page.get_by_role("button", name="Clear")).is_visible():
        clear.click()
    draw(tour, STROKES[digit])
    expect(tour.page.get_by_text("Sent as it is:")).to_be_visible()
    expect(tour.predict().locator("strong")).to_have_text(digit)
    tour.shot(f"drawn-{digit}")


def test_what_was_drawn_is_explained_over_the_drawing(tour: Desk) -> None:
    tour.press("Explain")
    heat = tour.page.get_by_role("img", name="The picture as the model sees it")
    expect(heat).to_be_visible()
    colours = heat.evaluate(
        "(canvas) => new Set(new Uint32Array(canvas.getContext('2d')"
        ".getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"
    )
    assert colours > 10


def copied(desk: Desk, language: str) -> str:
    """The request as code, by way of the clipboard."""
    desk.page.get_by_role("tab", name=language).click()
    region = desk.page.get_by_role("region", name="This request")
    region.get_by_role("button", name="Copy").click()
    expect(region.get_by_role("button", name="Copied")).to_be_visible()
    text: str = desk.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.mark.parametrize("name", ["iris-svm", "support-answers", "trip-mode"])
def test_the_request_that_is_copied_runs_and_answers_the_same(tour: Desk, name: str) -> None:
    tour.try_out(name)
    if name == "support-answers":
        tour.page.get_by_label("Your question").fill("What's it cost to ship? 'Cause I'd know \\n \"now\" 运费多少?")
        tour.page.keyboard.press("Enter")
        expect(tour.page.get_by_role("log")).to_contain_text("similarity")
    else:
        expect(tour.predict()).to_be_visible()
    commands = {"curl": ["sh", "-c"], "Python": [sys.executable, "-c"]}
    environment = os.environ | {"ORTLESS_KEY": tour.api.key or ""}
    ran = {
        language: subprocess.run(
            [*command, copied(tour, language)], env=environment, capture_output=True, text=True, check=True, timeout=30
        ).stdout
        for language, command in commands.items()
    }
    curled: Any = json.loads(ran["curl"])
    assert ran["Python"].strip() == str(curled)
    (prediction,) = curled["predictions"]
    shown = tour.page.get_by_role("log") if name == "support-answers" else tour.page.locator(".answer .headline")
    expect(shown).to_contain_text(prediction.get("label") or prediction["answer"])


def test_a_conversation_keeps_its_turns_and_says_why(tour: Desk) -> None:
    tour.go("#/")
    tour.try_out("support-answers")
    log, question = tour.page.get_by_role("log"), tour.page.get_by_label("Your question")
    for text in ("How long does delivery take?", "可以退货吗?", "Who wrote the Odyssey?"):
        question.fill(text)
        tour.page.keyboard.press("Enter")
        expect(question).to_have_value("")
    turns = log.get_by_role("listitem").filter(has=tour.page.locator(".said-by-me"))
    expect(turns).to_have_count(3)
    asked = ["How long does delivery take?", "可以退货吗?", "Who wrote the Odyssey?"]
    answers = [answer["answer"] for answer in tour.api.predict("support-answers", *asked).json()["predictions"]]
    assert answers[0]
    assert answers[2] is None
    for turn, answer in enumerate(answers):
        expect(turns.nth(turn)).to_contain_text(answer or "Nothing I know is near enough to that.")
    turns.first.get_by_role("button", name="Why").click()
    expect(turns.first.locator("mark").first).to_be_visible()
    tour.shot("conversation")


def test_items_are_picked_and_a_recommendation_goes_on_the_list(tour: Desk) -> None:
    tour.go("#/")
    tour.try_out("next-books")
    chosen = tour.page.get_by_role("list", name="Chosen, in order")
    while chosen.get_by_role("button").count():
        chosen.get_by_role("button").first.click()
    expect(chosen).to_contain_text("Nothing chosen yet")
    known = (ROOT / "model_artifacts/next-books/items.txt").read_text().splitlines()
    entry = tour.page.get_by_role("combobox", name="Add an item")
    for item in (known[3], known[30]):
        entry.fill(item)
        tour.page.keyboard.press("Enter")
    expect(chosen.get_by_role("listitem")).to_have_text([f"1{known[3]}", f"2{known[30]}"])
    tour.press("Predict")
    (expected,) = tour.api.predict("next-books", {"history": [known[3], known[30]]}).json()["predictions"]
    best = expected["items"][0]["item"]
    ranking = tour.page.locator("ol.ranking").get_by_role("listitem")
    expect(ranking).to_have_count(10)
    expect(ranking.first).to_contain_text(best)
    ranking.first.get_by_role("button", name=f"Add {best}").click()
    expect(chosen.get_by_role("listitem").nth(2)).to_contain_text(best)
    tour.shot("recommended")


def test_steps_of_any_number_are_a_table_that_takes_what_a_spreadsheet_copies(tour: Desk) -> None:
    tour.go("#/")
    tour.try_out("trip-mode")
    table = tour.page.get_by_role("region", name="Steps").get_by_role("table")
    rows = table.locator("tbody tr")
    while rows.count() > 1:
        rows.last.get_by_role("button", name="Remove").click()
    cells = [[1.4, 0.1, 5, 0, 10], [1.5, 0, 3, 0, 10], [1.3, -0.1, 8, 0.1, 10]]
    tour.page.evaluate(
        "(text) => navigator.clipboard.writeText(text)", "\n".join("\t".join(map(str, row)) for row in cells)
    )
    table.get_by_role("spinbutton", name="Speed, step 1").focus()
    tour.page.keyboard.press("Control+V")
    expect(rows).to_have_count(3)
    tour.press("Add a step")
    expect(rows).to_have_count(4)
    table.get_by_role("spinbutton", name="Heading change, step 4").fill("20")
    names = ["speed", "acceleration", "heading_change", "stopped", "interval"]
    steps = [dict(zip(names, row, strict=True)) for row in [*cells, cells[-1]]]
    steps[3]["heading_change"] = 20
    (expected,) = tour.api.predict("trip-mode", {"steps": steps}).json()["predictions"]
    expect(tour.predict()).to_have_text(f"{expected['label']} {expected['probabilities'][expected['label']]:.1%}")
    tour.shot("steps")


def test_what_the_api_refuses_is_said_at_the_field_that_caused_it(tour: Desk) -> None:
    tour.try_out("iris-svm")
    field = tour.page.get_by_role("spinbutton", name="Petal width")
    field.fill("400")
    with tour.refused("400"):
        tour.press("Predict")
        words = "Expected a number from 0 to 30 - got 400 - at `instances[0].petal_width`"
        expect(tour.page.get_by_role("alert")).to_have_text(words)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(re.compile(re.escape(words)))
    tour.shot("field-refused")
    field.fill("1.3")
    expect(tour.predict()).to_be_visible()
    expect(tour.page.get_by_role("alert")).to_have_count(0)
