"""The state machine of a job that is too large for one function: plan, answer the pieces side by side, commit."""

import json
from typing import Any

from aws_cdk import ArnFormat, Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.function import Function
from infra.job_access import MACHINE
from infra.log_group import LogGroup
from infra.private_bucket import PrivateBucket
from infra.stages import Stage

ROUNDS = 3
"""How often what is still missing is tried again before a person has to look."""
LONGEST = Duration.days(1)
LABEL = "Pieces"
"""What the executions of a job's pieces are named by."""
JOB = "$$.Execution.Input.job"
BEGUN = {"job.$": JOB, "execution.$": "$$.Execution.Input"}
"""What the functions are told of the execution: the job, and all that it was begun with, such as its trace."""
BUSY = {
    # The reserved concurrency is used up: other jobs are at work, and this one waits its turn.
    "ErrorEquals": ["Lambda.TooManyRequestsException"],
    "IntervalSeconds": 2,
    "MaxAttempts": 12,
    "BackoffRate": 2,
    "MaxDelaySeconds": 120,
    "JitterStrategy": "FULL",
}
TRANSIENT = {
    # What is wrong with a file is an answer of the function, never an error: any error may pass.
    "ErrorEquals": ["States.TaskFailed", "States.Timeout"],
    "IntervalSeconds": 2,
    "MaxAttempts": 3,
    "BackoffRate": 3,
    "MaxDelaySeconds": 60,
    "JitterStrategy": "FULL",
}
EXECUTION_ARN = "arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution"
"""As findings write it."""
FOR_ANY = "Tracing and the delivery of logs are set up by calls for which AWS takes no resource."
UNTRACED = "Traces are paid for: the stage says whether X-Ray keeps them. The log names each line's trace either way."
EXECUTIONS = "A Distributed Map runs each piece as an execution of this machine, with a name that Step Functions makes."


class JobMachine(Construct):
    """A Standard state machine: starting it twice under one job's name is starting it once."""

    def __init__(
        self, scope: Construct, name: str, *, stage: Stage, work: Function, seconds: int, results: PrivateBucket
    ) -> None:
        """Define the machine.

        Args:
            work: the function of every state.
            seconds: after which that function is stopped.
            results: the bucket where plans are.
        """
        super().__init__(scope, name)
        self._task = {
            "Type": "Task",
            "Resource": work.live.function_arn,
            "TimeoutSeconds": seconds + 30,
            "Retry": [BUSY, TRANSIENT],
        }
        self._name = f"ortless-{stage.name}-jobs"
        account = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("states.amazonaws.com", conditions=account))
        work.grant_invoke(role)
        results.grant(role, MACHINE)
        self._grant_map(role)
        definition = self._definition(results.bucket_name, stage.batch_concurrency)
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            state_machine_name=self._name,
            definition_body=sfn.DefinitionBody.from_string(json.dumps(definition)),
            role=role,
            tracing_enabled=stage.tracing,
            logs=sfn.LogOptions(destination=LogGroup(self, "Logs", stage=stage), level=sfn.LogLevel.ALL),
        )
        acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": FOR_ANY})
        if not stage.tracing:
            acknowledge(self.machine, {"AwsSolutions-SF2": UNTRACED})

    def grant_start(self, grantee: iam.Role) -> None:
        """Let a function start jobs."""
        actions, arns = ["states:StartExecution"], [self.machine.state_machine_arn]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=arns)

    def grant_manage(self, grantee: iam.Role) -> None:
        """Let a function begin jobs again, and stop those that are cancelled."""
        self.grant_start(grantee)
        actions, machine = ["states:ListExecutions"], [self.machine.state_machine_arn]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=machine)
        executions = [self._arn("execution", f"{self._name}:*")]
        iam.Grant.add_to_principal(grantee=grantee, actions=["states:StopExecution"], resource_arns=executions)
        rule = f"AwsSolutions-IAM5[Resource::{EXECUTION_ARN}:{self._name}:*]"
        acknowledge(grantee, {rule: "A cancelled job is an execution with a name that nobody knows before."})

    def _definition(self, bucket: str, concurrency: int) -> dict[str, Any]:
        return {
            "StartAt": "Plan",
            "TimeoutSeconds": LONGEST.to_seconds(),
            "States": {
                "Plan": {**self._task, "Parameters": {"do": "plan", **BEGUN}, "Next": "Planned?"},
                "Planned?": {"Type": "Choice", "Choices": [_if_done("Over")], "Default": "Answer"},
                "Answer": self._map(bucket, concurrency),
                "Commit": {
                    **self._task,
                    "Parameters": {"do": "commit", **BEGUN, "round.$": "$.round"},
                    "Next": "Committed?",
                },
                "Committed?": {
                    "Type": "Choice",
                    "Choices": [
                        _if_done("Over"),
                        {"Variable": "$.round", "NumericLessThan": ROUNDS, "Next": "Answer"},
                    ],
                    "Default": "Incomplete",
                },
                "Over": {"Type": "Succeed"},
                "Incomplete": {
                    "Type": "Fail",
                    "Error": "Incomplete",
                    "Cause": f"Some pieces failed {ROUNDS} times; a redrive tries these again",
                },
            },
        }

    def _map(self, bucket: str, concurrency: int) -> dict[str, Any]:
        # How many pieces failed is not looked at here: the commit knows which of them are missing.
        answer = {**self._task, "Parameters": {"do": "piece", "piece.$": "$"}, "ResultSelector": {}, "End": True}
        return {
            "Type": "Map",
            "Label": LABEL,
            "ItemReader": {
                "Resource": f"arn:{Aws.PARTITION}:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Parameters": {"Bucket": bucket, "Key.$": "$.todo"},
            },
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Piece",
                "States": {"Piece": answer},
            },
            "MaxConcurrency": concurrency,
            "ToleratedFailurePercentage": 100,
            "ResultPath": None,  # what the pieces answer is dropped: their tallies are in S3
            "Next": "Commit",
        }

    def _grant_map(self, role: iam.Role) -> None:
        machine = [self._arn("stateMachine", self._name)]
        iam.Grant.add_to_principal(grantee=role, actions=["states:StartExecution"], resource_arns=machine)
        executions = (f"{self._name}:*", f"{self._name}/{LABEL}:*")
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["states:DescribeExecution", "states:StopExecution"],
            resource_arns=[self._arn("execution", each) for each in executions],
        )
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{EXECUTION_ARN}:{each}]": EXECUTIONS for each in executions})

    def _arn(self, kind: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="states", resource=kind, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )


def _if_done(then: str) -> dict[str, Any]:
    done = [{"Variable": "$.done", "IsPresent": True}, {"Variable": "$.done", "BooleanEquals": True}]
    return {"And": done, "Next": then}
