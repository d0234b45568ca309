"""Where the embedded cloud still differs from AWS: a test that fails here is a line fewer in local/differences.py."""

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.aws import Account, translated
from local.cloud import Cloud
from local.deployment import api_key, api_url, deploy
from local.endpoint import Credentials
from local.errors import CloudFailed
from local.state import State
from tests.local.conftest import ASSEMBLY


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with Cloud.start(State(tmp_path_factory.mktemp("cloud") / "state")) as cloud:
        yield Account(cloud.url)


def test_metrics_in_the_log_set_off_no_alarm(account: Account) -> None:
    watch = account.session.client("cloudwatch", **account.options)
    watch.put_metric_alarm(
        AlarmName="any", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Threshold=0,
        MetricName="Requests", Namespace="lines", Period=60, Statistic="Sum",
    )  # fmt: skip
    logs = account.session.client("logs", **account.options)
    logs.create_log_group(logGroupName="lines")
    logs.create_log_stream(logGroupName="lines", logStreamName="one")
    now = int(time.time() * 1000)
    metric = {"Namespace": "lines", "Dimensions": [[]], "Metrics": [{"Name": "Requests", "Unit": "Count"}]}
    line = json.dumps({"_aws": {"Timestamp": now, "CloudWatchMetrics": [metric]}, "Requests": 1})
    logs.put_log_events(logGroupName="lines", logStreamName="one", logEvents=[{"timestamp": now, "message": line}])
    assert [metric["MetricName"] for metric in watch.list_metrics(Namespace="lines")["Metrics"]] == ["Requests"]
    assert watch.describe_alarms(AlarmNames=["any"])["MetricAlarms"][0]["StateValue"] == "INSUFFICIENT_DATA"


def test_a_permission_to_change_keys_by_their_tags_does_not_hold(account: Account) -> None:
    iam = account.session.client("iam", **account.options)
    iam.create_user(UserName="keeper")
    condition = {"StringEquals": {"aws:ResourceTag/stage": "mine"}}
    statement = {"Effect": "Allow", "Action": "apigateway:*", "Resource": "*", "Condition": condition}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="keeper", PolicyName="keys", PolicyDocument=policy)
    key = iam.create_access_key(UserName="keeper")["AccessKey"]
    mine = Account(account.url, account.region, Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    tagged = account.session.client("apigateway", **account.options).create_api_key(name="k", tags={"stage": "mine"})
    off = [{"op": "replace", "path": "/enabled", "value": "false"}]
    with pytest.raises(CloudFailed, match="not authorized"), translated():
        mine.session.client("apigateway", **mine.options).update_api_key(apiKey=tagged["id"], patchOperations=off)  # type: ignore[arg-type]


def test_a_permission_to_set_and_delete_alarms_by_name_only_sets_them(account: Account) -> None:
    iam = account.session.client("iam", **account.options)
    iam.create_user(UserName="watcher")
    statement = {
        "Effect": "Allow",
        "Action": ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"],
        "Resource": f"arn:aws:cloudwatch:{account.region}:000000000000:alarm:mine-*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="watcher", PolicyName="alarms", PolicyDocument=policy)
    key = iam.create_access_key(UserName="watcher")["AccessKey"]
    watcher = Account(account.url, credentials=Credentials(key["AccessKeyId"], key["SecretAccessKey"]))
    client = watcher.session.client("cloudwatch", **watcher.options)
    client.put_metric_alarm(
        AlarmName="mine-1", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Threshold=0,
        MetricName="Requests", Namespace="mine", Period=60, Statistic="Sum",
    )  # fmt: skip
    with pytest.raises(CloudFailed, match="AccessDenied"), translated():
        client.delete_alarms(AlarmNames=["mine-1"])


def test_a_dead_letter_queue_of_a_template_is_not_kept(account: Account, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(ASSEMBLY, changed)
    template = json.loads((changed / "Small.template.json").read_text())
    template["Resources"]["Letters"] = {"Type": "AWS::SQS::Queue"}
    target = {"TargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}}
    template["Resources"]["Function"]["Properties"]["DeadLetterConfig"] = target
    (changed / "Small.template.json").write_text(json.dumps(template))
    deploy(changed, account)
    functions = account.session.client("lambda", **account.options).list_functions()["Functions"]
    assert [function.get("DeadLetterConfig") for function in functions] == [None]


def test_a_budget_of_a_template_is_refused(account: Account) -> None:
    limit = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": 5, "Unit": "USD"}}
    resources = {"Budget": {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": limit}}}
    stacks = account.session.client("cloudformation", **account.options)
    with pytest.raises(CloudFailed, match="AWS::Budgets::Budget"), translated():
        stacks.create_stack(StackName="thrifty", TemplateBody=json.dumps({"Resources": resources}))


def test_an_alarm_on_metric_math_of_a_template_is_refused(account: Account) -> None:
    asked = {"Metric": {"Namespace": "lines", "MetricName": "Requests"}, "Period": 60, "Stat": "Sum"}
    metrics = [{"Id": "m", "MetricStat": asked, "ReturnData": False}, {"Id": "e", "Expression": "m * 2"}]
    told = {"Metrics": metrics, "Threshold": 1, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
    resources = {"Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": told}}
    stacks = account.session.client("cloudformation", **account.options)
    stacks.create_stack(StackName="math", TemplateBody=json.dumps({"Resources": resources}))
    deadline = time.monotonic() + 20
    while (status := stacks.describe_stacks(StackName="math")["Stacks"][0]["StackStatus"]).endswith("IN_PROGRESS"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status in ("ROLLBACK_COMPLETE", "CREATE_FAILED")


def test_an_alarm_is_judged_by_all_metrics_of_its_name(account: Account) -> None:
    watch = account.session.client("cloudwatch", **account.options)
    one, other = ([{"Name": "Of", "Value": value}] for value in ("one", "other"))
    watch.put_metric_alarm(
        AlarmName="of-one", ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=1, Threshold=0,
        MetricName="Named", Namespace="shared", Dimensions=one, Period=60, Statistic="Sum",
    )  # fmt: skip
    data: Any = [{"MetricName": "Named", "Dimensions": other, "Value": 1}]
    watch.put_metric_data(Namespace="shared", MetricData=data)
    assert watch.describe_alarms(AlarmNames=["of-one"])["MetricAlarms"][0]["StateValue"] == "ALARM"


def test_queues_and_machines_have_no_metrics(account: Account) -> None:
    sqs = account.session.client("sqs", **account.options)
    queue = sqs.create_queue(QueueName="counted")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="one")
    watch = account.session.client("cloudwatch", **account.options)
    assert {it["Namespace"] for it in watch.list_metrics()["Metrics"]} & {"AWS/SQS", "AWS/States", "AWS/SNS"} == set()


def test_traffic_that_codedeploy_shifts_is_refused(account: Account) -> None:
    application = {"Type": "AWS::CodeDeploy::Application", "Properties": {"ComputePlatform": "Lambda"}}
    stacks = account.session.client("cloudformation", **account.options)
    with pytest.raises(CloudFailed, match="AWS::CodeDeploy::Application"), translated():
        stacks.create_stack(StackName="steps", TemplateBody=json.dumps({"Resources": {"Steps": application}}))


def test_a_template_does_not_replicate_a_bucket(account: Account) -> None:
    s3 = account.session.client("s3", **account.options)
    rule = {"Status": "Enabled", "Prefix": "", "Destination": {"Bucket": "arn:aws:s3:::copies"}}
    copied = {"Role": "arn:aws:iam::000000000000:role/copies", "Rules": [rule]}
    properties = {"VersioningConfiguration": {"Status": "Enabled"}, "ReplicationConfiguration": copied}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "copied", **properties}}
    stacks = account.session.client("cloudformation", **account.options)
    stacks.create_stack(StackName="copies", TemplateBody=json.dumps({"Resources": {"Copied": bucket}}))
    deadline = time.monotonic() + 20
    while stacks.describe_stacks(StackName="copies")["Stacks"][0]["StackStatus"] != "CREATE_COMPLETE":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with pytest.raises(s3.exceptions.ClientError, match="ReplicationConfigurationNotFound"):
        s3.get_bucket_replication(Bucket="copied")


def test_a_path_answers_before_it_is_deployed(account: Account) -> None:
    gateway = account.session.client("apigateway", **account.options)
    api = gateway.create_rest_api(name="paths")["id"]
    gateway.create_deployment(restApiId=api, stageName="now")
    (root,) = (each["id"] for each in gateway.get_resources(restApiId=api)["items"])
    address = f"{account.url}/_aws/execute-api/{api}/now/late"
    assert httpx.get(address).status_code == 403
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="late")["id"]
    late: Any = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    gateway.put_method(**late, authorizationType="NONE")
    gateway.put_integration(**late, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    gateway.put_integration_response(**late, statusCode="200")
    assert httpx.get(address).status_code == 200


def test_the_role_of_a_state_machine_is_not_asked(account: Account) -> None:
    queue = account.session.client("sqs", **account.options).create_queue(QueueName="told")["QueueUrl"]
    iam = account.session.client("iam", **account.options)
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="may-nothing", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody": "hello"},
        "End": True,
    }
    machines = account.session.client("stepfunctions", **account.options)
    definition = json.dumps({"StartAt": "Tell", "States": {"Tell": task}})
    machine = machines.create_state_machine(name="teller", definition=definition, roleArn=role)["stateMachineArn"]
    execution = machines.start_execution(stateMachineArn=machine)["executionArn"]
    deadline = time.monotonic() + 10
    while (status := machines.describe_execution(executionArn=execution)["status"]) == "RUNNING":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert status == "SUCCEEDED"


def test_a_key_of_a_template_is_made_and_not_given_to_buckets(account: Account) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    given = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["Key", "Arn"]}}
    rules = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": given}]}
    made(
        account,
        "keys",
        Key={"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}},
        Kept={"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept", "BucketEncryption": rules}},
    )
    s3 = account.session.client("s3", **account.options)
    (rule,) = s3.get_bucket_encryption(Bucket="kept")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_whoever_may_read_a_bucket_is_not_asked_for_rights_to_its_key(account: Account) -> None:
    s3 = account.session.client("s3", **account.options)
    iam = account.session.client("iam", **account.options)
    key = account.session.client("kms", **account.options).create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket="locked")
    s3.put_object(Bucket="locked", Key="secret", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    iam.create_user(UserName="reader")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="reader", PolicyName="reads", PolicyDocument=policy)
    mine = iam.create_access_key(UserName="reader")["AccessKey"]
    reader = Account(account.url, account.region, Credentials(mine["AccessKeyId"], mine["SecretAccessKey"]))
    with pytest.raises(CloudFailed, match="AccessDenied"), translated():
        reader.session.client("kms", **reader.options).describe_key(KeyId=key)
    found = reader.session.client("s3", **reader.options).get_object(Bucket="locked", Key="secret")
    assert (found["Body"].read(), found["SSEKMSKeyId"]) == (b"x", key)


@pytest.mark.parametrize("kind", ["WebACLAssociation", "LoggingConfiguration"])
def test_a_firewall_before_an_api_is_refused(account: Account, kind: str) -> None:
    stacks = account.session.client("cloudformation", **account.options)
    resources = {"Firewall": {"Type": f"AWS::WAFv2::{kind}", "Properties": {"ResourceArn": "a", "WebACLArn": "b"}}}
    with pytest.raises(CloudFailed, match=f"AWS::WAFv2::{kind}"), translated():
        stacks.create_stack(StackName="walled", TemplateBody=json.dumps({"Resources": resources}))


def test_a_rule_of_a_security_group_that_is_a_resource_of_its_own_is_refused(account: Account) -> None:
    kind = "AWS::EC2::SecurityGroupIngress"
    rule = {"GroupId": "sg-0123456789abcdef0", "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    stacks = account.session.client("cloudformation", **account.options)
    with pytest.raises(CloudFailed, match=kind), translated():
        stacks.create_stack(
            StackName="ruled", TemplateBody=json.dumps({"Resources": {"Rule": {"Type": kind, "Properties": rule}}})
        )


def test_a_private_api_answers_whoever_has_its_address(account: Account, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(ASSEMBLY, changed)
    template = json.loads((changed / "Small.template.json").read_text())
    hidden = {"Types": ["PRIVATE"], "VpcEndpointIds": ["vpce-0123456789abcdef0"]}
    template["Resources"]["Api"]["Properties"]["EndpointConfiguration"] = hidden
    (changed / "Small.template.json").write_text(json.dumps(template))
    _, outputs = deploy(changed, account)
    url, key = api_url(outputs, account.url), api_key(outputs, account)
    assert httpx.get(f"{url}/hello", headers={"x-api-key": key or ""}, timeout=30).status_code == 200


def made(account: Account, name: str, **resources: object) -> None:
    """Make a stack of these resources."""
    stacks = account.session.client("cloudformation", **account.options)
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    deadline = time.monotonic() + 20
    while stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] != "CREATE_COMPLETE":
        assert time.monotonic() < deadline
        time.sleep(0.1)
