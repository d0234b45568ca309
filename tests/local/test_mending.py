"""What local/mending adds to the embedded cloud: metrics in the log, whose key it was, what is used of a plan."""

import io
import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest

from local.aws import Account, translated
from local.cloud import Cloud
from local.deployment import api_key, api_url, deploy
from local.endpoint import Credentials
from local.errors import CloudFailed
from local.state import State
from tests.local.conftest import ASSEMBLY

QUOTA = 5
TELLS = """
import json, sys, time

def handler(event, context):
    number = json.loads(event["body"] or "0") if event["httpMethod"] == "POST" else 0
    metrics = [{"Name": "Took", "Unit": "Milliseconds"}, {"Name": "Calls"}]
    kinds = [{"Namespace": "told", "Dimensions": [["Path"], []], "Metrics": metrics}]
    embedded = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": kinds}
    print(json.dumps({"_aws": embedded, "Path": event["path"], "Took": number, "Calls": 1}), file=sys.stderr)
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["identity"])}
"""


class Small(NamedTuple):
    """The smallest stack, with a quota and a function that tells who calls."""

    account: Account
    url: str
    key: str
    key_id: str
    plan: str

    def call(self, path: str, body: object = None) -> Any:
        method = "GET" if body is None else "POST"
        content = None if body is None else json.dumps(body)
        return httpx.request(
            method, f"{self.url}{path}", content=content, headers={"x-api-key": self.key}, trust_env=False
        )

    def client(self, service: str) -> Any:
        make: Any = self.account.session.client  # typed for names that are literals
        return make(service, **self.account.options)

    def log(self, *lines: str) -> None:
        logs = self.client("logs")
        group = f"lines-{time.monotonic_ns()}"
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        events = [{"timestamp": int(time.time() * 1000), "message": line} for line in lines]
        logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=events)

    def statistics(self, namespace: str, metric: str, *stats: str, **dimensions: str) -> list[list[float]]:
        """The values of each statistic, of the metric under exactly these dimensions."""
        named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        asked = {"Namespace": namespace, "MetricName": metric, "Dimensions": named}
        queries = [
            {"Id": f"q{number}", "MetricStat": {"Metric": asked, "Period": 3600 * 24, "Stat": stat}}
            for number, stat in enumerate(stats)
        ]
        now = datetime.now(UTC)
        window = {"StartTime": now - timedelta(days=2), "EndTime": now + timedelta(days=1)}
        found = self.client("cloudwatch").get_metric_data(MetricDataQueries=queries, **window)["MetricDataResults"]
        return [result["Values"] for result in found]

    def limited(self, *actions: str) -> "Small":
        """The same for a user who may do only this."""
        iam, name = self.client("iam"), f"user-{time.monotonic_ns()}"
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="some", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        return self._replace(account=Account(self.account.url, credentials=credentials))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    folder = tmp_path_factory.mktemp("cloud")
    changed = folder / "assembly"
    shutil.copytree(ASSEMBLY, changed)
    template = json.loads((changed / "Small.template.json").read_text())
    template["Resources"]["Plan"]["Properties"]["Quota"] = {"Limit": QUOTA, "Period": "DAY"}
    open_method = json.loads(json.dumps(template["Resources"]["Method"]))
    open_method["Properties"] |= {"ApiKeyRequired": False, "ResourceId": {"Ref": "Open"}}
    template["Resources"] |= {
        "Open": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "PathPart": "open",
                "RestApiId": {"Ref": "Api"},
            },
        },
        "OpenMethod": open_method,
    }
    template["Resources"]["Deployment"]["DependsOn"].append("OpenMethod")
    template["Outputs"]["PlanId"] = {"Value": {"Ref": "Plan"}}
    (changed / "Small.template.json").write_text(json.dumps(template))
    with Cloud.start(State(folder / "state")) as cloud:
        account = Account(cloud.url)
        _, outputs = deploy(changed, account)
        functions = account.session.client("lambda", **account.options)
        (function,) = functions.list_functions()["Functions"]
        functions.update_function_code(FunctionName=function["FunctionName"], ZipFile=code())
        key, url = api_key(outputs, account), api_url(outputs, account.url)
        assert key is not None
        assert url is not None
        yield Small(account, url, key, outputs["ApiKeyId"], outputs["PlanId"])


def code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        bootstrap = zipfile.ZipInfo("bootstrap")
        bootstrap.external_attr = 0o755 << 16
        files.writestr(bootstrap, (ASSEMBLY / "asset_small" / "bootstrap").read_bytes())
        files.writestr("handler.py", TELLS)
    return archive.getvalue()


def embedded(*kinds: dict[str, Any], at: float | None = None, **fields: object) -> str:
    moment = int((at or time.time()) * 1000)
    return json.dumps({"_aws": {"Timestamp": moment, "CloudWatchMetrics": kinds}, **fields})


def kind(namespace: str, *sets: list[str], **units: str) -> dict[str, Any]:
    metrics = [{"Name": name, "Unit": unit} for name, unit in units.items()]
    return {"Namespace": namespace, "Dimensions": list(sets), "Metrics": metrics}


def test_what_a_function_logs_becomes_metrics(small: Small) -> None:
    for number in (10, 20, 30):
        assert small.call("/open", number).status_code == 200
    found = small.statistics("told", "Took", "Sum", "p50", "p99", "SampleCount", Path="/open")
    assert found == [[60.0], [20.0], [pytest.approx(29.8)], [3.0]]
    assert small.statistics("told", "Calls", "Sum", Path="/open") == [[3.0]]
    listed = small.client("cloudwatch").list_metrics(Namespace="told", MetricName="Took")["Metrics"]
    assert sorted(len(metric["Dimensions"]) for metric in listed) == [0, 1]


def test_a_disabled_key_is_let_in_no_more_until_it_is_enabled_again(small: Small) -> None:
    gateway, statuses = small.client("apigateway"), []
    for enabled in ("false", "true"):
        change = [{"op": "replace", "path": "/enabled", "value": enabled}]
        gateway.update_api_key(apiKey=small.key_id, patchOperations=change)
        statuses.append(small.call("/closed").status_code)
    assert statuses == [403, 200]


def test_a_list_of_values_is_each_of_them(small: Small) -> None:
    small.log(embedded(kind("lists", ["A"], Took="Milliseconds"), A="a", Took=[1, 2, 3, 4, 90]))
    assert small.statistics("lists", "Took", "SampleCount", "Sum", "p50", A="a") == [[5.0], [100.0], [3.0]]


def test_a_metric_is_kept_under_each_set_of_dimensions_and_no_other(small: Small) -> None:
    both = kind("sets", ["Model", "Version"], ["Model"], Requests="Count")
    small.log(*(embedded(both, Model="m", Version=version, Requests=1) for version in ("1", "2", "2")))
    assert small.statistics("sets", "Requests", "Sum", Model="m") == [[3.0]]
    assert small.statistics("sets", "Requests", "Sum", Model="m", Version="2") == [[2.0]]
    listed = small.client("cloudwatch").list_metrics(Namespace="sets")["Metrics"]
    assert sorted(sorted(one["Value"] for one in metric["Dimensions"]) for metric in listed) == [
        ["1", "m"], ["2", "m"], ["m"],
    ]  # fmt: skip


def test_a_metric_is_of_the_time_and_unit_that_its_line_says(small: Small) -> None:
    yesterday = time.time() - 24 * 3600
    small.log(embedded(kind("times", ["A"], Took="Seconds"), at=yesterday, A="a", Took=7))
    moment = datetime.fromtimestamp(yesterday, UTC)
    window = {"StartTime": moment - timedelta(minutes=1), "EndTime": moment + timedelta(minutes=1)}
    (point,) = small.client("cloudwatch").get_metric_statistics(
        Namespace="times", MetricName="Took", Dimensions=[{"Name": "A", "Value": "a"}], Period=60,
        Statistics=["Sum"], **window,
    )["Datapoints"]  # fmt: skip
    assert (point["Sum"], point["Unit"]) == (7.0, "Seconds")
    assert abs((point["Timestamp"] - moment).total_seconds()) <= 60


@pytest.mark.parametrize(
    "line",
    [
        "no JSON, with \"_aws\" in it",
        "[\"_aws\"]",
        '{"_aws": 1}',
        '{"_aws": {"CloudWatchMetrics": []}, "Requests": 1}',
        embedded({"Namespace": "bad", "Metrics": [{"Name": "Requests"}]}, Requests=1),
        embedded({"Dimensions": [[]], "Metrics": [{"Name": "Requests"}]}, Requests=1),
        embedded(kind("bad", ["A"], Requests="Count"), Requests=1),
        embedded(kind("bad", ["A"], Requests="Count"), A=1, Requests=1),
        embedded(kind("bad", [], Requests="Count"), Requests="1"),
        embedded(kind("bad", [], Requests="Count"), Requests=True),
        embedded(kind("bad", [], Requests="Count"), Requests=[1] * 101),
        embedded(kind("bad", [], Requests="Count")),
    ],
)  # fmt: skip
def test_a_line_that_the_format_does_not_allow_is_a_line_and_no_metric(small: Small, line: str) -> None:
    small.log(line)
    assert small.client("cloudwatch").list_metrics(Namespace="bad")["Metrics"] == []


def test_who_may_not_read_metrics_does_not(small: Small) -> None:
    small.log(embedded(kind("kept", ["A"], Requests="Count"), A="a", Requests=4))
    assert small.limited("cloudwatch:GetMetricData").statistics("kept", "Requests", "Sum", A="a") == [[4.0]]
    with pytest.raises(CloudFailed, match="AccessDenied"), translated():
        small.limited("cloudwatch:ListMetrics").statistics("kept", "Requests", "Sum", A="a")


def test_an_event_says_which_key_was_shown_where_one_is_required(small: Small) -> None:
    told = small.call("/open").json()
    assert not {"apiKey", "apiKeyId"} & told.keys()
    told = small.call("/closed").json()
    assert (told["apiKeyId"], told["apiKey"]) == (small.key_id, small.key)


def test_usage_is_what_passed_the_quota_and_what_is_left_of_it(small: Small) -> None:
    today = datetime.now(UTC).date()
    dates = {"startDate": str(today - timedelta(days=1)), "endDate": str(today)}
    gateway = small.client("apigateway")
    before = gateway.get_usage(usagePlanId=small.plan, keyId=small.key_id, **dates)["items"][small.key_id][-1][0]
    statuses = [small.call("/closed").status_code for _ in range(QUOTA - before + 1)]
    assert statuses == [200] * (QUOTA - before) + [429]
    found = gateway.get_usage(usagePlanId=small.plan, **dates)
    assert (found["usagePlanId"], found["startDate"], found["endDate"]) == (small.plan, *dates.values())
    assert found["items"] == {small.key_id: [[0, QUOTA], [QUOTA, 0]]}
    small.call("/open")
    assert gateway.get_usage(usagePlanId=small.plan, **dates)["items"] == found["items"]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"usagePlanId": "nope"}, "NotFoundException"),
        ({"keyId": "nope"}, "NotFoundException"),
        ({"startDate": "yesterday"}, "BadRequestException"),
        ({"startDate": "2026-01-02"}, "BadRequestException"),
        ({"startDate": "2025-01-01"}, "BadRequestException"),
    ],
)
def test_a_question_about_usage_that_makes_no_sense_is_refused(
    small: Small, changed: dict[str, str], refusal: str
) -> None:
    asked = {"usagePlanId": small.plan, "startDate": "2026-01-01", "endDate": "2026-01-01"} | changed
    with pytest.raises(CloudFailed, match=refusal), translated():
        small.client("apigateway").get_usage(**asked)


def test_who_may_not_read_usage_does_not(small: Small) -> None:
    asked = {"usagePlanId": small.plan, "startDate": "2026-01-01", "endDate": "2026-01-01"}
    assert small.limited("apigateway:GET").client("apigateway").get_usage(**asked)["usagePlanId"] == small.plan
    with pytest.raises(CloudFailed, match="AccessDenied"), translated():
        small.limited("cloudwatch:GetMetricData").client("apigateway").get_usage(**asked)


def test_a_copy_goes_over_what_it_was_told_to_go_over_and_nothing_else(small: Small) -> None:
    s3 = small.client("s3")
    s3.create_bucket(Bucket="copied")
    tag = s3.put_object(Bucket="copied", Key="from", Body=b"x")["ETag"]
    copy = partial(s3.copy_object, Bucket="copied", Key="to", CopySource={"Bucket": "copied", "Key": "from"})
    with pytest.raises(CloudFailed, match="NoSuchKey"), translated():
        copy(IfMatch=tag)
    copy(IfNoneMatch="*")
    for condition in ({"IfNoneMatch": "*"}, {"IfMatch": '"another"'}):
        with pytest.raises(CloudFailed, match="PreconditionFailed"), translated():
            copy(**condition)
    copy(IfMatch=tag)
