"""A stage's settings: what is read, what is refused, and how the refusal reads."""

import json
from typing import Any

import pytest

from infra.app import default_context
from infra.setting import InvalidStage
from infra.stages import Stage, Throttle
from infra.tier import Tier


def read(**settings: Any) -> Stage:
    return Stage.read("dev", {"dev": settings})


def test_a_stage_without_settings_has_every_default() -> None:
    assert read() == Stage("dev")


def test_settings_replace_their_defaults_and_leave_the_others() -> None:
    stage = read(memory_mb=512, cors_origins=["https://a.example"], tiers={"default": {"quota": 5, "period": "day"}})
    assert stage == Stage(
        "dev", memory_mb=512, cors_origins=("https://a.example",), tiers={"default": Tier(quota=5, period="day")}
    )
    assert (stage.tiers["default"].rate, stage.throttle) == (Tier().rate, Throttle())


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_every_stage_of_cdk_json_can_be_read(name: str) -> None:
    assert Stage.read(name, default_context()["stages"]).name == name


def test_production_starts_from_snapshots_and_keeps_its_data() -> None:
    prod = Stage.read("prod", default_context()["stages"])
    assert (prod.snap_start, prod.preload, prod.removal, prod.packaging) == (True, True, "retain", "image")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"memory": 512},
            "Expected only the settings packaging, architecture, memory_mb, timeout_seconds, reserved_concurrency, "
            "threads, snap_start, provisioned_concurrency, auth, open_docs, open_console, throttle, tiers, "
            "cors_origins, models, functions, refresh_seconds, validation_concurrency, batch_memory_mb, "
            "batch_concurrency, batch_reserved, job_max_mb, job_retry_seconds, job_retention_days, webhooks, "
            "traffic_shifting, delivery, backup, capture, budget, "
            "drift, monitoring, tracing, domain, web_acl, private, vpc, allowed, console_cdn, customer_key, "
            'log_retention_days, removal - got "memory" - at `stages.dev` in cdk.json',
        ),
        (
            {"packaging": "zip"},
            'Expected one of "image", "working-tree" - got "zip" - at `stages.dev.packaging` in cdk.json',
        ),
        (
            {"memory_mb": "512"},
            'Expected a whole number from 128 to 10240 - got "512" - at `stages.dev.memory_mb` in cdk.json',
        ),
        (
            {"memory_mb": True},
            "Expected a whole number from 128 to 10240 - got true - at `stages.dev.memory_mb` in cdk.json",
        ),
        (
            {"timeout_seconds": 30},
            "Expected a whole number from 5 to 29 - got 30 - at `stages.dev.timeout_seconds` in cdk.json",
        ),
        (
            {"reserved_concurrency": 0},
            "Expected a whole number from 1 to 100000 or null - "
            "got 0 - at `stages.dev.reserved_concurrency` in cdk.json",
        ),
        ({"snap_start": 1}, "Expected true or false - got 1 - at `stages.dev.snap_start` in cdk.json"),
        ({"throttle": 5}, "Expected an object of settings - got 5 - at `stages.dev.throttle` in cdk.json"),
        (
            {"tiers": {"default": {"limit": 5}}},
            "Expected only the settings rate, burst, quota, period - "
            'got "limit" - at `stages.dev.tiers.default` in cdk.json',
        ),
        (
            {"tiers": {"default": {"rate": 0}}},
            "Expected a number from 0.1 to 10000 - got 0 - at `stages.dev.tiers.default.rate` in cdk.json",
        ),
        (
            {"tiers": {"pro": {}}},
            'Expected an object with "default", under names of lower-case letters, digits and hyphens - '
            'got ["pro"] - at `stages.dev.tiers` in cdk.json',
        ),
        (
            {"tiers": {"default": {}, "Pro plus": {}}},
            'Expected an object with "default", under names of lower-case letters, digits and hyphens - '
            'got ["default", "Pro plus"] - at `stages.dev.tiers` in cdk.json',
        ),
        (
            {"monitoring": {"pagers": ["arn:aws:sns:r-1:1:a"] * 5}},
            "Expected at most four topics: an alarm tells five, and one is the stage's own - "
            f"got {json.dumps(['arn:aws:sns:r-1:1:a'] * 5)} - at `stages.dev.monitoring.pagers` in cdk.json",
        ),
        (
            {"monitoring": {"pagers": ["arn:aws:sns:r-1:1:a"], "page": False}},
            "Expected true beside pagers - got false - at `stages.dev.monitoring.page` in cdk.json",
        ),
        (
            {"monitoring": {"metrics": "some"}},
            'Expected one of "full", "totals", "none" - got "some" - at `stages.dev.monitoring.metrics` in cdk.json',
        ),
        (
            {"budget": {"monthly_usd": 5}},
            "Expected emails or topics to tell beside monthly_usd - got [] - at `stages.dev.budget` in cdk.json",
        ),
        (
            {"budget": {"monthly_usd": 5, "topics": ["arn:aws:sns:a", "arn:aws:sns:b"]}},
            "Expected at most ten emails and one topic - "
            'got ["arn:aws:sns:a", "arn:aws:sns:b"] - at `stages.dev.budget` in cdk.json',
        ),
        (
            {"models": ["Iris"]},
            "Expected a list of names of models: lower-case letters, digits, hyphens - "
            'got ["Iris"] - at `stages.dev.models` in cdk.json',
        ),
        (
            {"functions": ["iris-svm"]},
            "Expected an object under names of models: lower-case letters, digits, hyphens - "
            'got ["iris-svm"] - at `stages.dev.functions` in cdk.json',
        ),
        (
            {"functions": {"Iris": {}}},
            "Expected an object under names of models: lower-case letters, digits, hyphens - "
            'got ["Iris"] - at `stages.dev.functions` in cdk.json',
        ),
        (
            {"functions": {"iris-svm": {"memory": 1}}},
            "Expected only the settings memory_mb, timeout_seconds, threads, snap_start, provisioned_concurrency, "
            'reserved_concurrency, routed - got "memory" - at `stages.dev.functions.iris-svm` in cdk.json',
        ),
        (
            {"functions": {"iris-svm": {"snap_start": "yes"}}},
            'Expected true or false, or null - got "yes" - at `stages.dev.functions.iris-svm.snap_start` in cdk.json',
        ),
        (
            {"models": ["digits"], "functions": {"iris-svm": {}}},
            'Expected models that the stage serves (digits) - got "iris-svm" - at `stages.dev.functions` in cdk.json',
        ),
        (
            {"functions": {"stats": {}}},
            "Expected models whose paths are theirs alone, which /v2/models/stats is not - "
            'got "stats" - at `stages.dev.functions` in cdk.json',
        ),
        (
            {"functions": {f"m{number}": {} for number in range(28)}},
            "Expected at most 27 models, as an API of AWS has 300 paths - "
            "got 28 - at `stages.dev.functions` in cdk.json",
        ),
        (
            {"snap_start": True, "functions": {"iris-svm": {"provisioned_concurrency": 2}}},
            "Expected 0 beside snap_start - "
            "got 2 - at `stages.dev.functions.iris-svm.provisioned_concurrency` in cdk.json",
        ),
        (
            {"reserved_concurrency": 2, "functions": {"iris-svm": {"provisioned_concurrency": 3}}},
            "Expected at most the reserved_concurrency of 2 - "
            "got 3 - at `stages.dev.functions.iris-svm.provisioned_concurrency` in cdk.json",
        ),
        (
            {"cors_origins": "https://a.example"},
            'Expected a list of origins such as "https://example.com", or "*" - '
            'got "https://a.example" - at `stages.dev.cors_origins` in cdk.json',
        ),
        (
            {"cors_origins": ["https://a.example/"]},
            'Expected a list of origins such as "https://example.com", or "*" - '
            'got ["https://a.example/"] - at `stages.dev.cors_origins` in cdk.json',
        ),
        (
            {"cors_origins": ["*", "https://a.example"]},
            'Expected "*" alone, or origins - '
            'got ["*", "https://a.example"] - at `stages.dev.cors_origins` in cdk.json',
        ),
        (
            {"webhooks": ["http://a.example"]},
            'Expected a list of addresses such as "https://example.com/done" - '
            'got ["http://a.example"] - at `stages.dev.webhooks` in cdk.json',
        ),
        (
            {"batch_concurrency": 1},
            "Expected a whole number from 2 to 1000 - got 1 - at `stages.dev.batch_concurrency` in cdk.json",
        ),
        (
            {"snap_start": True, "provisioned_concurrency": 2},
            "Expected 0 beside snap_start - got 2 - at `stages.dev.provisioned_concurrency` in cdk.json",
        ),
        (
            {"snap_start": True, "packaging": "working-tree"},
            'Expected "image" beside snap_start - got "working-tree" - at `stages.dev.packaging` in cdk.json',
        ),
        (
            {"reserved_concurrency": 2, "provisioned_concurrency": 3},
            "Expected at most the reserved_concurrency of 2 - "
            "got 3 - at `stages.dev.provisioned_concurrency` in cdk.json",
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_with_what_is_allowed(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidStage) as refusal:
        read(**settings)
    assert str(refusal.value) == message


def test_the_days_that_logs_may_be_kept_are_those_that_cloudwatch_knows() -> None:
    with pytest.raises(InvalidStage, match=r"Expected one of 1, 3, 5, 7, 14, 30, .* - got 10 - at `stages.dev.log"):
        read(log_retention_days=10)


@pytest.mark.parametrize("name", ["production", None, ["dev"]])
def test_an_unknown_stage_is_refused_with_the_stages_there_are(name: object) -> None:
    with pytest.raises(InvalidStage, match=r"^Expected the name of a stage \(dev, prod\) - got .* - at `stage` in cdk"):
        Stage.read(name, {"dev": {}, "prod": {}})


def test_a_stage_has_a_name_that_aws_takes() -> None:
    with pytest.raises(InvalidStage, match=r"^Expected names of lower-case letters, digits and hyphens, at most 31"):
        Stage.read("Dev_1", {"Dev_1": {}})


@pytest.mark.parametrize(("settings", "preload"), [({}, False), ({"provisioned_concurrency": 1}, True)])
def test_models_are_loaded_ahead_where_environments_are_made_ahead(settings: dict[str, Any], preload: bool) -> None:
    assert read(**settings).preload is preload


def test_a_run_ends_before_the_function_does() -> None:
    assert (read().deadline_seconds, read(timeout_seconds=5).deadline_seconds) == (25, 1)
