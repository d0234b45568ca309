"""Whatever others wrote - titles, labels, items, rows, names of files, reasons - is text and nothing else."""

import itertools
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from onnx import ModelProto, TensorProto, helper
from playwright.sync_api import Browser, expect

from functions.admin import aliases, transitions
from functions.core.store import ObjectStore
from functions.packaging.build import build
from local.endpoint import Endpoint
from tests.browser.console.desk import Desk, opened
from tests.browser.console.payloads import PAYLOADS
from tests.cloud import Api, release
from tests.core import graphs
from tests.e2e.batch_desk import eventually
from tests.e2e.test_jobs import ended, order, upload

LABELS, ITEMS = "labelled", "itemized"
WATCH = """
window.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective}`));
"""
FILES = [name for name in PAYLOADS if not set(name) & set("/\\\t")]
"""Those that may be names of files; with the others an order is refused."""


def constant(name: str, values: list[float]) -> ModelProto:
    """A graph whose answer is always the same, whatever is asked."""
    tensor = helper.make_tensor("values", TensorProto.FLOAT, [1, len(values)], values)
    nodes = [
        helper.make_node("Constant", [], ["values"], value=tensor),
        helper.make_node("Constant", [], ["axes"], value=helper.make_tensor("axes", TensorProto.INT64, [1], [1])),
        helper.make_node("ReduceSum", ["x", "axes"], ["sum"], keepdims=1),
        helper.make_node("Cast", ["sum"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["real", "real"], ["zero"]),
        helper.make_node("Add", ["values", "zero"], ["y"]),
    ]
    element = TensorProto.INT64 if name == ITEMS else TensorProto.FLOAT
    takes = {"x": (element, ["n", "steps" if name == ITEMS else 2])}
    return graphs.model(nodes, takes, {"y": (TensorProto.FLOAT, ["n", len(values)])})


def written(value: object) -> str:
    """A value as TOML: JSON's strings and lists are TOML's."""
    return json.dumps(value, ensure_ascii=True)


def labelled(folder: Path, title: str) -> Path:
    """A classifier all of whose texts are payloads."""
    count = len(PAYLOADS)
    fields = ("description", "licence", "provenance", "task")
    texts = "".join(f"{field} = {written(' '.join(PAYLOADS))}\n" for field in fields)
    feature = "[[preprocess.features]]\nname = {}\nunit = {}\ndescription = {}\ntypical = 1.0\n"
    features = "".join(
        feature.format(written(name), written(name), written(" ".join(PAYLOADS))) for name in PAYLOADS[:2]
    )
    toml = (
        f'{texts}[preprocess]\nkind = "tabular"\ntensor = "x"\n{features}'
        f'[postprocess]\nkind = "classification"\ntensor = "y"\nlabels = {written(PAYLOADS)}\n'
    )
    share = [2 * (count - rank) / (count * (count + 1)) for rank in range(count)]
    path = graphs.source(folder, LABELS, constant(LABELS, share), toml)
    declared = path / "model.toml"
    declared.write_text(declared.read_text().replace(f'title = "{LABELS}"', f"title = {written(title)}"))
    answer = {"label": PAYLOADS[0], "probabilities": dict(zip(PAYLOADS, share, strict=True))}
    cases = [
        {"name": name, "request": {"instances": [[1, 1]]}, "response": {"predictions": [answer]}} for name in PAYLOADS
    ]
    (path / "golden.json").write_text(json.dumps({"tolerance": 1e-4, "cases": cases}))
    return path


def itemized(folder: Path) -> Path:
    """A recommender of payloads."""
    toml = (
        f'[preprocess]\nkind = "sequence"\ntensor = "x"\nfield = "history"\nvocabulary = {written(PAYLOADS)}\n'
        f'[postprocess]\nkind = "ranking"\ntensor = "y"\nitems = {written(PAYLOADS)}\ntop_k = {len(PAYLOADS)}\n'
    )
    return graphs.source(folder, ITEMS, constant(ITEMS, [float(rank) for rank in range(len(PAYLOADS))]), toml)


@pytest.fixture(scope="module")
def job(registry: ObjectStore, api: Api, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Models, their histories, jobs and a job's refused rows, all of payloads; the job that is over."""
    folder = tmp_path_factory.mktemp("hostile")
    first = build(labelled(folder / "1", PAYLOADS[0]), folder / "packages")
    release(first, registry)
    second = build(labelled(folder / "2", " ".join(PAYLOADS)), folder / "packages")
    release(second, registry)
    release(build(itemized(folder / "3"), folder / "packages"), registry)
    digests = {1: first.manifest.digest, 2: second.manifest.digest}
    for why, version in zip(PAYLOADS, itertools.cycle(digests), strict=False):
        promotion = partial(transitions.promote, version=version, digest=digests[version])
        aliases.change(LABELS, promotion, aliases.Author("promote", why, why), registry)
    eventually(lambda: api.call("GET", f"/v1/models/{LABELS}").status_code == 200 or None, 20)
    eventually(lambda: api.call("GET", f"/v1/models/{ITEMS}").status_code == 200 or None, 20)
    ticket = order(api, f"{FILES[0]}.jsonl", model=ITEMS)
    rows = [json.dumps({"id": row, "history": [f"no {row}"]}) for row in PAYLOADS]
    assert upload(ticket, "\n".join(rows).encode()).status_code == 204
    found: str = ticket["id"]
    assert ended(api, found)["counts"]["errors"] == len(PAYLOADS)
    for name in FILES:
        order(api, f"{name}.csv", model=ITEMS)
    return found


@pytest.fixture(scope="module")
def hostile(browser: Browser, service: Endpoint, job: str) -> Iterator[Desk]:
    """A page that is watched: a dialog, a report of the policy and the mark of what ran fail the test."""
    with opened(browser, service) as found:
        assert job
        found.page.on("dialog", lambda dialog: found.visit.said.append(f"dialog: {dialog.message}"))
        found.page.add_init_script(WATCH)
        found.open()
        yield found


@pytest.fixture(autouse=True)
def _nothing_ran(hostile: Desk) -> Iterator[None]:
    yield
    assert hostile.page.evaluate("window.ran") is None
    assert hostile.page.url.startswith(hostile.address)
    assert hostile.visit.said == []
    assert hostile.page.locator("script:not([type='application/json']):not([src]), iframe, object, embed").count() == 0


def shows(desk: Desk, *texts: str) -> None:
    """All of it can be read in the content, as it is written."""
    content = desk.page.get_by_role("main")
    for text in texts:
        expect(content).to_contain_text(text)


def test_the_count_of_payloads_is_at_least_fifty() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 50
    assert len(FILES) >= 20


def test_titles_and_descriptions_in_the_list(hostile: Desk) -> None:
    hostile.go("#/")
    shows(hostile, *PAYLOADS)


def test_everything_that_a_package_says_and_its_labels(hostile: Desk) -> None:
    hostile.try_out(LABELS)
    hostile.page.get_by_role("button", name="more").click()
    for name in PAYLOADS:
        expect(hostile.page.get_by_role("button", name=name, exact=True)).to_have_count(1)
    assert hostile.predict()
    hostile.page.locator(".answer").get_by_role("button", name="more").click()
    expect(hostile.page.locator(".answer li")).to_have_count(len(PAYLOADS))
    bars = hostile.page.locator(".answer .bars-label").all_text_contents()
    assert sorted(bars) == sorted(PAYLOADS)
    hostile.press("Explain")
    expect(hostile.page.locator(".why li")).to_have_count(2)
    shows(hostile, *PAYLOADS)
    hostile.shot("hostile-labels")


def test_items_that_are_picked_and_ranked_and_refused(hostile: Desk) -> None:
    hostile.try_out(ITEMS)
    entry = hostile.page.get_by_role("combobox", name="Add an item")
    for item in (*PAYLOADS, f"unknown {PAYLOADS[0]}"):
        entry.fill(item)
        hostile.page.keyboard.press("Enter")
    chosen = hostile.page.get_by_role("list", name="Chosen, in order").get_by_role("listitem")
    expect(chosen).to_have_count(len(PAYLOADS) + 1)
    with hostile.refused("400"):
        hostile.press("Predict")
        expect(hostile.page.get_by_role("alert")).to_contain_text(f"unknown {PAYLOADS[0]}")
    chosen.last.get_by_role("button").click()
    hostile.press("Predict")
    ranked = hostile.page.locator("ol.ranking .ranking-item")
    expect(ranked).to_have_count(len(PAYLOADS))
    assert sorted(ranked.all_text_contents()) == sorted(PAYLOADS)


def test_the_list_of_models_and_the_reasons_of_a_history(hostile: Desk) -> None:
    hostile.go("#/models")
    shows(hostile, PAYLOADS[0])
    hostile.go(f"#/models/{LABELS}")
    reasons = hostile.page.locator("blockquote")
    expect(reasons).to_have_count(len(PAYLOADS))
    assert sorted(reasons.all_text_contents()) == sorted(PAYLOADS)
    hostile.shot("hostile-history")


def test_names_of_files_in_the_list_of_jobs(hostile: Desk) -> None:
    hostile.go("#/jobs")
    rows = hostile.page.locator("tbody tr")
    expect(rows.first).to_be_visible()
    while (older := hostile.page.get_by_role("button", name="Show older ones")).is_visible():
        known = rows.count()
        older.click()
        expect(rows.nth(known)).to_be_visible()
    shows(hostile, *(f"{name}.csv" for name in FILES))


def test_rows_that_were_refused(hostile: Desk, job: str) -> None:
    hostile.go(f"#/jobs/{job}")
    expect(hostile.page.get_by_role("heading", level=1)).to_have_text(f"{FILES[0]}.jsonl")
    shows(hostile, *PAYLOADS[:50])
    expect(hostile.page.get_by_role("row").filter(has_text="vocabulary - got 'no <script>")).to_have_count(2)
    hostile.shot("hostile-rows")


def test_addresses_that_somebody_was_sent(hostile: Desk) -> None:
    for payload in PAYLOADS:
        hostile.go(f"#/{quote(payload, safe='')}")
        expect(hostile.failure).to_contain_text("There is no page")
        hostile.go(f"#/activity?window={quote(payload)}")


def test_the_search_for_what_there_is_not(hostile: Desk) -> None:
    hostile.go("#/")
    for payload in PAYLOADS[13:20]:
        hostile.page.get_by_role("searchbox").fill(f"{payload} and more")
        expect(hostile.page.get_by_role("heading", level=2)).to_contain_text(payload)


def test_names_of_models_are_no_texts_at_all(api: Api) -> None:
    with httpx.Client(headers={"x-api-key": api.key or ""}) as client:
        for payload in PAYLOADS[::6]:
            answered = client.get(f"{api.url}/v1/models/{quote(payload, safe='')}")
            assert answered.status_code in (400, 404)
            assert answered.headers["content-type"].startswith("application/json")
