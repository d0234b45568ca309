"""Batch: what tells whom, how often a file is tried, and the states of a large job."""

from typing import Any

import pytest

from tests.infra.assembly import SIGNED, Assembly, shown
from tests.infra.conftest import Synthesized

QUEUE, DEAD = "BatchFilesQueue56C363FF", "BatchFilesDeadLetters7C578253"
DAY = 86_400
OWN = "https://<ApiGatewayED308F4C>.execute-api.<AWS::Region>.<AWS::URLSuffix>"


@pytest.fixture(params=["local", "dev", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Synthesized) -> Assembly:
    return synthesized(request.param)


def queue(assembly: Assembly, name: str = QUEUE) -> dict[str, Any]:
    """The properties of a queue."""
    found: dict[str, Any] = assembly.resources("AWS::SQS::Queue")[name]["Properties"]
    return found


def test_every_file_is_told_to_the_queue_and_the_queue_only_listens_to_this_accounts_buckets(
    assembly: Assembly,
) -> None:
    arn = {"Fn::GetAtt": [QUEUE, "Arn"]}
    bucket = assembly.named("AWS::S3::Bucket", "BatchBucketsInput")
    assert bucket["NotificationConfiguration"] == {
        "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": arn}]
    }
    policies = assembly.properties("AWS::SQS::QueuePolicy")
    (policy,) = (it for it in policies if it["Queues"] == [{"Ref": QUEUE}])
    (allowed,) = (it for it in policy["PolicyDocument"]["Statement"] if it["Effect"] == "Allow")
    assert allowed == {
        "Sid": "Files",
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
    }


def test_a_bucket_is_made_once_the_queue_and_the_topic_let_it_speak(assembly: Assembly) -> None:
    waits = {name: it.get("DependsOn", []) for name, it in assembly.resources("AWS::S3::Bucket").items()}
    assert {name: [one.rstrip("0123456789ABCDEF") for one in these] for name, these in waits.items()} == {
        "ModelsBucket970C6ADA": [],
        "BatchBucketsInput2E36A8A3": ["BatchFilesQueuePolicy"],
        "BatchBucketsOutput2310AE23": ["BatchEndingsTopicPolicy"],
    }


def test_a_message_is_hidden_for_six_times_the_functions_time_tried_five_times_and_kept_longer_when_dead(
    assembly: Assembly,
) -> None:
    alive, dead = queue(assembly), queue(assembly, DEAD)
    assert alive["VisibilityTimeout"] == 6 * assembly.function("BatchDrop")["Timeout"]
    assert alive["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": [DEAD, "Arn"]}, "maxReceiveCount": 5}
    assert (alive["MessageRetentionPeriod"], dead["MessageRetentionPeriod"]) == (4 * DAY, 14 * DAY)


def test_messages_come_ten_at_a_time_and_those_that_fail_are_named(synthesized: Synthesized) -> None:
    mapping = synthesized("local", **SIGNED).only("AWS::Lambda::EventSourceMapping")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [QUEUE, "Arn"]}
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (10, ["ReportBatchItemFailures"])
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 7}
    assert mapping["FunctionName"]["Fn::Join"][1][-1] == ":live"


@pytest.mark.parametrize(("stage", "reserved"), [("local", 2), ("dev", None), ("prod", 10)])
def test_batch_never_has_more_environments_than_the_stage_says(
    stage: str, reserved: int | None, synthesized: Synthesized
) -> None:
    assembly = synthesized(stage)
    most = 2 if stage == "local" else 10
    assert assembly.only("AWS::Lambda::EventSourceMapping")["ScalingConfig"] == {"MaximumConcurrency": most}
    assert assembly.machine()["States"]["Answer"]["MaxConcurrency"] == most
    for name in ("BatchDrop", "BatchWork"):
        assert assembly.function(name).get("ReservedConcurrentExecutions") == reserved


def test_a_stage_says_how_large_batch_is(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **SIGNED)
    for name in ("BatchDrop", "BatchWork"):
        function = assembly.function(name)
        assert (function["MemorySize"], function["ReservedConcurrentExecutions"]) == (3008, 7)
        assert function["Environment"]["Variables"]["ORTLESS_MAX_JOB_BYTES"] == str(100 * 2**20)


def test_one_dead_message_is_an_alarm(assembly: Assembly) -> None:
    alarm = assembly.named("AWS::CloudWatch::Alarm", "MonitoringAlarmsDeadLettersBatchFiles")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [DEAD, "QueueName"]}}]
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanOrEqualToThreshold", 1)


def test_files_and_results_are_forgotten_when_the_stage_says_so(synthesized: Synthesized) -> None:
    assembly = synthesized("local", **SIGNED)
    rules = {
        name: assembly.named("AWS::S3::Bucket", f"BatchBuckets{name}")["LifecycleConfiguration"]["Rules"]
        for name in ("Input", "Output")
    }
    both = {"Status": "Enabled", "ExpirationInDays": 3, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 2}}
    assert rules == {
        "Input": [{"Id": "forget-files", **both, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}}],
        "Output": [{"Id": "forget-results", **both}],
    }


def test_the_services_own_page_and_pages_of_the_stages_origins_may_upload_files_and_fetch_results(
    synthesized: Synthesized,
) -> None:
    assembly = synthesized("local", **SIGNED)
    for name, method in (("Input", "POST"), ("Output", "GET")):
        (rule,) = assembly.named("AWS::S3::Bucket", f"BatchBuckets{name}")["CorsConfiguration"]["CorsRules"]
        own, *others = rule["AllowedOrigins"]
        assert (rule["AllowedMethods"], others) == ([method], SIGNED["cors_origins"])
        assert shown(own) == OWN
        (only,) = synthesized("dev").named("AWS::S3::Bucket", f"BatchBuckets{name}")["CorsConfiguration"]["CorsRules"]
        assert (only["AllowedMethods"], [shown(origin) for origin in only["AllowedOrigins"]]) == ([method], [OWN])


def test_both_ends_of_a_job_are_told_to_the_topic_by_this_accounts_buckets_alone(assembly: Assembly) -> None:
    (name,) = (name for name in assembly.resources("AWS::SNS::Topic") if name.startswith("BatchEndings"))
    bucket = assembly.named("AWS::S3::Bucket", "BatchBucketsOutput")
    assert bucket["NotificationConfiguration"]["TopicConfigurations"] == [
        {
            "Event": "s3:ObjectCreated:*",
            "Topic": {"Ref": name},
            "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ending}]}},
        }
        for ending in ("/manifest.json", "/failed.json")
    ]
    policy = assembly.named("AWS::SNS::TopicPolicy", "BatchEndings")["PolicyDocument"]["Statement"]
    plain, allowed = policy
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert (allowed["Effect"], allowed["Principal"]) == ("Allow", {"Service": "s3.amazonaws.com"})
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_webhooks_are_told_over_https(synthesized: Synthesized) -> None:
    told = synthesized("local", **SIGNED).properties("AWS::SNS::Subscription")
    assert {it["Endpoint"] for it in told if it["Protocol"] == "https"} == {
        "https://a.example/done",
        "https://b.example",
    }
    assert {it["Protocol"] for it in synthesized("dev").properties("AWS::SNS::Subscription")} == {"lambda"}


def test_the_machine_logs_everything(assembly: Assembly) -> None:
    machine = assembly.only("AWS::StepFunctions::StateMachine")
    assert machine["LoggingConfiguration"]["Level"] == "ALL"
    assert machine.get("StateMachineType", "STANDARD") == "STANDARD"


def test_a_large_job_is_planned_answered_in_pieces_and_committed_in_at_most_three_rounds(assembly: Assembly) -> None:
    states = assembly.machine()["States"]
    done = [{"Variable": "$.done", "IsPresent": True}, {"Variable": "$.done", "BooleanEquals": True}]
    over = {"And": done, "Next": "Over"}
    again = {"Variable": "$.round", "NumericLessThan": 3, "Next": "Answer"}
    assert states["Plan"]["Next"] == "Planned?"
    assert states["Planned?"] == {"Type": "Choice", "Choices": [over], "Default": "Answer"}
    assert states["Answer"]["Next"] == "Commit"
    assert states["Commit"]["Next"] == "Committed?"
    assert states["Committed?"] == {"Type": "Choice", "Choices": [over, again], "Default": "Incomplete"}
    assert (states["Over"], states["Incomplete"]["Type"]) == ({"Type": "Succeed"}, "Fail")
    assert len(states) == 7


def test_each_state_of_the_machine_tells_work_what_to_do(assembly: Assembly) -> None:
    states = assembly.machine()["States"]
    piece = states["Answer"]["ItemProcessor"]["States"]["Piece"]
    job = {"job.$": "$$.Execution.Input.job", "execution.$": "$$.Execution.Input"}
    assert states["Plan"]["Parameters"] == {"do": "plan", **job}
    assert states["Commit"]["Parameters"] == {"do": "commit", **job, "round.$": "$.round"}
    assert piece["Parameters"] == {"do": "piece", "piece.$": "$"}
    for task in (states["Plan"], states["Commit"], piece):
        assert task["Resource"].startswith("<BatchWorkLive")
        assert task["TimeoutSeconds"] > assembly.function("BatchWork")["Timeout"]


def test_pieces_are_read_from_the_plan_and_leave_nothing_in_the_state_of_the_job(assembly: Assembly) -> None:
    answer = assembly.machine()["States"]["Answer"]
    assert answer["ItemReader"] == {
        "Resource": "arn:<AWS::Partition>:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "<BatchBucketsOutput2310AE23>", "Key.$": "$.todo"},
    }
    assert answer["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    # The state of an execution holds 256 KiB: ten thousand answers of `{}` fit, and none is kept.
    assert answer["ItemProcessor"]["States"]["Piece"]["ResultSelector"] == {}
    assert (answer["ResultPath"], answer["ToleratedFailurePercentage"]) == (None, 100)


def test_what_may_pass_is_tried_again_after_waits_that_differ(assembly: Assembly) -> None:
    states = assembly.machine()["States"]
    for task in (states["Plan"], states["Commit"], states["Answer"]["ItemProcessor"]["States"]["Piece"]):
        errors = [retry["ErrorEquals"] for retry in task["Retry"]]
        assert errors == [["Lambda.TooManyRequestsException"], ["States.TaskFailed", "States.Timeout"]]
        assert {retry["JitterStrategy"] for retry in task["Retry"]} == {"FULL"}
