"""The admin API as its callers meet it: whole answers, and refusals that say how things are."""

import hashlib
from typing import Any

import boto3
import httpx
import pytest

from functions.admin.errors import StateConflict
from functions.admin.lifecycle import Lifecycle
from functions.admin.service import Service
from functions.admin.trial import Trials
from functions.core.package import Package
from functions.core.telemetry import dimensions
from tests.admin.conftest import SETTINGS, TOPIC, WHO, Api, put_version


def declared(*names: str) -> Any:
    """The request to upload a model and more files."""
    record = {"sha256": "0" * 64, "size": 1}
    return {"files": dict.fromkeys(("model.toml", "model.onnx", *names), record)}


def shown(alias: Any) -> Any:
    """What of an alias a test can know."""
    return {key: alias[key] for key in ("model", "generation", "live", "previous", "canary", "shadow")}


def test_a_model_goes_live_is_tried_shadowed_and_taken_back(api: Api, compiled: list[Package]) -> None:
    steps: list[tuple[str, Any, Any]] = [
        (":promote", {"version": 1, "why": "first"}, {"generation": 1, "live": 1}),
        (":canary", {"version": 2, "weight": 0.1}, {"generation": 2, "canary": {"version": 2, "weight": 0.1}}),
        (":shadow", {"version": 3}, {"generation": 3, "shadow": 3}),
        (":promote", {"version": 2}, {"generation": 4, "live": 2, "previous": 1, "canary": None}),
        (":rollback", {"why": "worse"}, {"generation": 5, "live": 1, "previous": None}),
        (":shadow", {"version": None}, {"generation": 6, "shadow": None}),
    ]
    state: Any = {"model": "plus", "generation": 0, "live": 0, "previous": None, "canary": None, "shadow": None}
    for verb, body, changed in steps:
        state |= changed
        answered = api("POST", f"/admin/models/plus{verb}", body)
        assert (answered.status, shown(answered.body)) == (200, state)
    changes = api("GET", "/admin/models/plus/history").body["changes"]
    assert [(change["action"], change["who"], change["why"]) for change in changes][-1] == ("promote", WHO, "first")
    assert [change["generation"] for change in changes] == [6, 5, 4, 3, 2, 1]
    assert (changes[1]["before"]["live"], changes[1]["after"]["live"]) == (2, 1)
    assert api.alias()["digests"] == {"1": compiled[0].manifest.digest}


def test_models_and_versions_are_listed_with_what_is_known_of_them(api: Api, compiled: list[Package]) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 2})
    assert api("GET", "/admin/models").body == {
        "models": [
            {
                "model": "plus",
                "versions": 4,
                "generation": 1,
                "live": 2,
                "previous": None,
                "canary": None,
                "shadow": None,
            }
        ]
    }
    versions = api("GET", "/admin/models/plus").body["versions"]
    assert [version["version"] for version in versions] == [4, 3, 2, 1]
    assert versions[3] == {
        "version": 1,
        "digest": compiled[0].manifest.digest,
        "bytes": sum(record.size for record in compiled[0].manifest.files.values()),
        "task": "",
        "published_at": "2026-01-01T00:00:00+00:00",
        "published_by": WHO,
        "accepted": True,
        "retired": False,
        "ungated": "",
    }


def test_a_version_says_what_it_is_and_its_files_can_be_had(api: Api) -> None:
    found = api("GET", "/admin/models/plus/versions/3").body
    assert [(spec["name"], spec["datatype"]) for spec in found["inputs"]] == [("x", "FP32")]
    assert found["verdict"]["accepted"] is True
    for file in found["files"]:
        content = httpx.get(file["url"]).content
        assert hashlib.sha256(content).hexdigest() == file["sha256"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"),
    [
        ("GET", "/admin/models/minus", None, 404, "The registry has no model 'minus'"),
        ("GET", "/admin/models/minus/history", None, 404, "The registry has no model 'minus'"),
        ("GET", "/admin/models/plus/versions/9", None, 404, "The model 'plus' has no version 9"),
        ("GET", "/admin/models/plus/versions/1/card", None, 404, "There is no object 'packages/plus/1/CARD.md'"),
        ("GET", "/admin/models/plus/uploads/" + "0" * 32, None, 404, "There is no upload"),
        ("POST", "/admin/models/plus/uploads/" + "0" * 32 + ":finalize", {}, 404, "There is no upload"),
        ("POST", "/admin/models/plus:promote", {"version": 9}, 404, "The model 'plus' has no version 9"),
        ("POST", "/admin/models/plus:promote", {"version": "1"}, 400, "valid integer - got '1' - at `version`"),
        ("POST", "/admin/models/plus:promote", {}, 400, "field required - got {} - at `version`"),
        ("POST", "/admin/models/plus:promote", {"version": 1, "x": 1}, 400, "at `x`"),
        ("POST", "/admin/models/plus:canary", {"version": 2, "weight": 1.5}, 400, "got 1.5 - at `weight`"),
        ("POST", "/admin/models/plus:canary", {"version": 2, "weight": -0.1}, 400, "got -0.1 - at `weight`"),
        ("POST", "/admin/models/PLUS:promote", {"version": 1}, 400, "at `name`"),
        ("POST", "/admin/models/plus:rollback", {}, 409, "No version is live"),
        ("POST", "/admin/models/plus:canary", {"version": 2, "weight": 0.5}, 409, "No version is live"),
        ("GET", "/admin/nothing", None, 404, "Not Found"),
        ("DELETE", "/admin/models", None, 405, "Method Not Allowed"),
        ("POST", "/admin/models/plus/uploads", {"files": {}}, 400, "at least model.toml and model.onnx"),
        ("POST", "/admin/models/plus/uploads/" + "0" * 32 + ":finalize", {"why": 1}, 400, "at `why`"),
        *(
            ("POST", "/admin/models/plus/uploads", declared(name), 400, f"got {name!r} - at `files.{name}`")
            for name in ("manifest.json", "manifest.sha256", "verdict.json", "weights.bin")
        ),
    ],
)
def test_a_refusal_says_what_and_where(api: Api, method: str, path: str, body: Any, status: int, error: str) -> None:
    answered = api(method, path, body)
    assert answered.status == status, answered.body
    assert error in answered.body["error"]
    assert isinstance(answered.body["code"], str)


def test_a_conflict_comes_with_the_state_as_it_is(api: Api) -> None:
    api("POST", "/admin/models/plus:promote", {"version": 1})
    refused = api("POST", "/admin/models/plus:promote", {"version": 2, "generation": 7})
    assert (refused.status, refused.body["code"]) == (409, "conflict")
    assert refused.body["error"] == "Expected generation 7 of 'plus' - got 1"
    assert refused.body["state"] == api.alias()


def test_a_version_without_a_report_says_why_in_the_list_of_versions(api: Api, compiled: list[Package]) -> None:
    put_version(api.service.store, compiled[0], 5, ungated="no machine of that kind")
    versions = api("GET", "/admin/models/plus").body["versions"]
    assert [version["ungated"] for version in versions] == ["no machine of that kind", "", "", "", ""]


def test_only_what_passed_its_validation_and_is_not_retired_can_serve(api: Api, compiled: list[Package]) -> None:
    put_version(api.service.store, compiled[0], 5, accepted=False)
    for verb, more in ((":promote", {}), (":canary", {"weight": 0.1}), (":shadow", {})):
        if verb != ":promote":
            api("POST", "/admin/models/plus:promote", {"version": 1})
        refused = api("POST", f"/admin/models/plus{verb}", {"version": 5, **more})
        assert (refused.status, refused.body["error"]) == (409, "Version 5 of 'plus' did not pass a validation")
    assert api("POST", "/admin/models/plus/versions/1:retire", {}).status == 409
    assert api("POST", "/admin/models/plus/versions/4:retire", {"why": "old"}).status == 200
    assert api("POST", "/admin/models/plus/versions/4:retire", {}).status == 200
    refused = api("POST", "/admin/models/plus:promote", {"version": 4})
    assert refused.body["error"] == "Version 4 of 'plus' is retired"


def test_an_upload_is_put_where_it_is_told_and_waits_for_its_validator(api: Api) -> None:
    content = {"model.toml": b'name = "plus"', "model.onnx": b"graph"}
    files = {name: {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)} for name, body in content.items()}
    grant = api("POST", "/admin/models/plus/uploads", {"files": files})
    assert grant.status == 201
    for name, body in content.items():
        address = grant.body["urls"][name]
        assert httpx.put(address["url"], content=body, headers=address["headers"]).status_code == 200
    path = f"/admin/models/plus/uploads/{grant.body['upload']}"
    assert api("GET", path).body == {
        "upload": grant.body["upload"], "model": "plus", "state": "uploading",
        "version": None, "digest": None, "verdict": None,
    }  # fmt: skip
    assert api("GET", path.replace("plus", "minus")).status == 404
    for why in ("new data", "another reason"):
        refused = api("POST", f"{path}:finalize", {"why": why})
        assert refused.body["code"] == "store_unavailable"  # there is no validator here
    assert api("GET", path).body["state"] == "validating"
    assert api.service.store.get(f"uploads/{grant.body['upload']}/started.json").body == b'{"why":"new data"}'
    for name, body in content.items():
        assert api.service.store.get(f"uploads/{grant.body['upload']}/files/{name}").body == body


def test_a_canary_is_watched_by_alarms_named_after_its_state(api: Api, moto: str) -> None:
    cloudwatch = boto3.client("cloudwatch", endpoint_url=moto)

    def alarms() -> list[Any]:
        return list(cloudwatch.describe_alarms(AlarmNamePrefix="test-canary-plus-")["MetricAlarms"])

    api("POST", "/admin/models/plus:promote", {"version": 1})
    api("POST", "/admin/models/plus:canary", {"version": 2, "weight": 0.1})
    assert [alarm["AlarmName"] for alarm in alarms()] == ["test-canary-plus-g2-errors", "test-canary-plus-g2-latency"]
    assert alarms()[0]["AlarmActions"] == [TOPIC]
    api("POST", "/admin/models/plus:canary", {"version": 3, "weight": 0.5})
    assert [alarm["AlarmName"] for alarm in alarms()] == ["test-canary-plus-g3-errors", "test-canary-plus-g3-latency"]
    versions = {
        dimension["Value"]
        for metric in alarms()[0]["Metrics"] if "MetricStat" in metric
        for dimension in metric["MetricStat"]["Metric"]["Dimensions"] if dimension["Name"] == "Version"
    }  # fmt: skip
    assert versions == {"1", "3"}
    api("POST", "/admin/models/plus:rollback", {})
    assert alarms() == []


def test_a_canary_is_watched_by_the_metrics_of_its_stage_and_refused_where_there_are_none(
    service: Service, moto: str
) -> None:
    told = SETTINGS._replace(metrics_namespace="ortless/test", metrics="totals")
    lifecycle = Lifecycle(service.store, Trials(told))
    lifecycle.promote("plus", 1, "ada")
    lifecycle.canary("plus", 2, 0.1, "ada")
    found = boto3.client("cloudwatch", endpoint_url=moto).describe_alarms(AlarmNamePrefix="test-canary-plus-g2-")
    watched = [it["MetricStat"]["Metric"] for it in found["MetricAlarms"][0]["Metrics"] if "MetricStat" in it]
    assert {(metric["Namespace"], metric["MetricName"]) for metric in watched} == {
        ("ortless/test", "Requests"), ("ortless/test", "Errors"),
    }  # fmt: skip
    assert all(["Model", "Version"] in dimensions(metric["MetricName"], detail="totals") for metric in watched)
    blind = Lifecycle(service.store, Trials(told._replace(metrics="none")))
    with pytest.raises(StateConflict, match=r'keeps none: set `monitoring.metrics` to "totals"'):
        blind.canary("plus", 3, 0.1, "ada")
    assert blind.rollback("plus", "ada").canary is None


def test_garbage_is_what_no_retained_state_of_an_alias_names(api: Api, moto: str) -> None:
    s3 = boto3.client("s3", endpoint_url=moto)
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    for version in (1, 3):
        api("POST", "/admin/models/plus:promote", {"version": version})
    api("POST", "/admin/models/plus:promote", {"version": 4})
    would = api("POST", "/admin/gc", {"keep": 0}).body
    assert would["dry_run"] is True
    assert [(gone["model"], gone["version"]) for gone in would["removed"]] == [("plus", 2)]
    assert api("GET", "/admin/models/plus/versions/2").status == 200
    assert api("POST", "/admin/gc", {"keep": 3, "dry_run": False}).body["removed"] == []
    assert api("POST", "/admin/gc", {"keep": 0, "dry_run": False}).body == would | {"dry_run": False}
    assert api("GET", "/admin/models/plus/versions/2").status == 404
    assert [found["version"] for found in api("GET", "/admin/models/plus").body["versions"]] == [4, 3, 1]


def test_the_document_names_every_path(api: Api) -> None:
    document = api("GET", "/admin/openapi.json").body
    assert document["openapi"].startswith("3.")
    assert len(document["paths"]) == 14
    for path in document["paths"].values():
        for operation in path.values():
            assert operation["description"]
            assert {"400", "404", "409", "503"} <= operation["responses"].keys()
