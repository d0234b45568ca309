"""What the page is told of the registry."""

from typing import Any

import orjson
import pytest

from functions.core.holdings import key
from functions.core.store import ObjectStore, StoredObject
from tests.conftest import ROOT
from tests.console.conftest import REPORTED, Console, put_alias, put_version

REPORT = ROOT / "model_artifacts" / REPORTED / "report.json"
JUDGED: dict[str, Any] = next(iter(orjson.loads(REPORT.read_bytes())["evaluations"].values()))
SAVED = JUDGED["compiled_bytes"]["original"] - JUDGED["compiled_bytes"]["compressed"]
SIZE = 2000 + 2 + len(REPORT.read_bytes())
SERVING = {"generation": 4, "live": 2, "previous": 1, "canary": {"version": 3, "weight": 0.1}, "shadow": None}


def test_every_model_is_listed_with_what_serves_and_what_it_weighs(console: Console, registry: ObjectStore) -> None:
    assert registry
    listed = console("/console/api/models")
    assert listed.status == 200
    assert listed.body == {
        "models": [
            {
                "name": "draft",
                "title": "Model draft",
                "task": "classification",
                "description": "What draft does.",
                "takes": "tabular",
                "gives": None,
                **dict.fromkeys(SERVING),
                "versions": 1,
                "size": 1002,
                "original_size": None,
            },
            {
                "name": "flowers",
                "title": "Model flowers",
                "task": "classification",
                "description": "What flowers does.",
                "takes": "tabular",
                "gives": None,
                **SERVING,
                "versions": 3,
                "size": SIZE,
                "original_size": SIZE + SAVED,
            },
        ]
    }


def test_a_model_is_shown_with_its_versions_and_its_history(console: Console, registry: ObjectStore) -> None:
    assert registry
    shown = console("/console/api/models/flowers")
    assert shown.status == 200
    versions = shown.body.pop("versions")
    (change,) = shown.body.pop("history")
    assert shown.body == {"name": "flowers", "title": "Model flowers", "task": "classification", **SERVING}
    assert (change["action"], change["who"], change["generation"]) == ("promote", "ada", 4)
    figure = next(figure for figure in JUDGED["figures"] if figure["metric"] == JUDGED["gate"]["metric"])
    assert all(len(version.pop("digest")) == 64 for version in versions)
    nothing = {"original_size": None, "metric": None, "ungated": None, "retired": False}
    assert versions == [
        {"version": 3, "published": "2026-01-03T00:00:00+00:00", "size": 3002, **nothing, "ungated": "a trial"},
        {
            "version": 2,
            "published": "2026-01-02T00:00:00+00:00",
            "size": SIZE,
            **nothing,
            "original_size": SIZE + SAVED,
            "metric": {"name": figure["metric"], "before": figure["original"], "after": figure["value"]},
        },
        {"version": 1, "published": "2026-01-01T00:00:00+00:00", "size": 1002, **nothing, "retired": True},
    ]


def test_the_report_of_a_version_is_what_was_published(console: Console, registry: ObjectStore) -> None:
    assert registry
    found = console("/console/api/models/flowers/versions/2/report")
    assert (found.status, found.headers["content-type"]) == (200, "application/json")
    assert found.body == orjson.loads(REPORT.read_bytes())


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/models/nothing", "unknown_model"),
        ("/models/flowers/versions/3/report", "unknown_report"),
        ("/models/flowers/versions/9/report", "unknown_version"),
        ("/models/nothing/versions/1/report", "unknown_version"),
        ("/nothing", "not_found"),
    ],
)
def test_what_there_is_not_is_a_404_with_its_code(
    console: Console, registry: ObjectStore, path: str, code: str
) -> None:
    assert registry
    missing = console(f"/console/api{path}")
    assert (missing.status, missing.body.keys(), missing.body["code"]) == (404, {"error", "code"}, code)


@pytest.mark.parametrize("path", ["/models/No", "/models/a..b", "/models/flowers/versions/0/report"])
def test_what_can_be_no_name_is_refused_with_the_place(console: Console, path: str) -> None:
    refused = console(f"/console/api{path}")
    assert (refused.status, refused.body["code"]) == (400, "invalid_input")
    assert "at `" in refused.body["error"]


def test_a_damaged_model_does_not_hide_the_others(console: Console, registry: ObjectStore) -> None:
    registry.put_if_absent(key("broken", 1, "manifest.json"), b"{")
    listed = {model["name"]: model for model in console("/console/api/models").body["models"]}
    assert list(listed) == ["broken", "draft", "flowers"]
    assert (listed["broken"]["title"], listed["broken"]["size"]) == ("broken", None)
    shown = console("/console/api/models/broken")
    assert (shown.status, shown.body["code"]) == (503, "invalid_package")


def test_a_report_of_an_unknown_form_is_still_shown(console: Console, registry: ObjectStore) -> None:
    put_version(registry, "other", 1)
    registry.put_if_absent(key("other", 1, "report.json"), b'{"format": 99, "chosen": []}')
    (version,) = console("/console/api/models/other").body["versions"]
    assert (version["original_size"], version["metric"]) == (None, None)
    assert console("/console/api/models/other/versions/1/report").body == {"format": 99, "chosen": []}


def test_a_version_without_a_verdict_was_published_when_it_was_written(console: Console, store: ObjectStore) -> None:
    manifest = orjson.dumps({"title": "T", "task": "t", "files": {}})
    store.put_if_absent(key("plain", 1, "manifest.json"), manifest)
    (version,) = console("/console/api/models/plain").body["versions"]
    assert version["published"] == store.head(key("plain", 1, "manifest.json")).modified.isoformat(timespec="seconds")


def test_versions_are_read_once_and_a_number_that_is_taken_again_anew(
    console: Console, registry: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    console("/console/api/models/flowers")
    asked, read = list[str](), ObjectStore.get

    def noted(store: ObjectStore, name: str) -> StoredObject:
        asked.append(name)
        return read(store, name)

    monkeypatch.setattr(ObjectStore, "get", noted)
    console("/console/api/models/flowers")
    assert sorted(asked) == ["aliases/flowers.json", "audit/flowers/00000004-n.json"]
    facts = registry.head(key("flowers", 3, "manifest.json"))
    again = orjson.dumps({"title": "Another", "task": "t", "files": {}})
    registry.put_if_match(key("flowers", 3, "manifest.json"), again, facts.etag)
    assert console("/console/api/models/flowers").body["versions"][0]["size"] == 0


def test_of_many_versions_the_newest_are_shown_and_those_that_serve(console: Console, store: ObjectStore) -> None:
    manifest = orjson.dumps({"title": "T", "task": "t", "files": {}})
    for number in range(1, 61):
        store.put_if_absent(key("many", number, "manifest.json"), manifest)
    put_alias(store, "many", 4, previous=2)
    shown = [version["version"] for version in console("/console/api/models/many").body["versions"]]
    assert shown == [*range(60, 10, -1), 4, 2]
