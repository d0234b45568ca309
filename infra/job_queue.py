"""The queue between the files that are dropped and the function that answers them; and what nobody could answer."""

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.dead_letters import DeadLetters
from infra.function import Function
from infra.queue import Queue
from infra.workload import Workload

ATTEMPTS = 5
KEPT = Duration.days(4)
MESSAGES = 10
FROM_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
"""The bucket itself cannot be named here: it can only be made once the queue lets it speak."""


class JobQueue(Construct):
    """One message for each file; one that fails again and again is kept where a person can see and redrive it."""

    def __init__(self, scope: Construct, name: str, *, work: Workload) -> None:
        super().__init__(scope, name)
        self.dead = DeadLetters(self, "DeadLetters")
        self.queue = Queue(
            self,
            "Queue",
            retention_period=KEPT,
            # As AWS advises: time for the function to be throttled a few times and still finish.
            visibility_timeout=Duration.seconds(6 * work.timeout_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=ATTEMPTS),
        )
        self.permission = self.queue.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Files",
                principals=[iam.ServicePrincipal("s3.amazonaws.com")],
                actions=["sqs:SendMessage"],
                resources=[self.queue.queue_arn],
                conditions=FROM_THIS_ACCOUNT,
            )
        ).policy_dependable

    def feed(self, function: Function, *, concurrency: int) -> None:
        """Have a function called with the messages; it says which of them failed, and only these come again."""
        function.live.add_event_source_mapping(
            "Files",
            event_source_arn=self.queue.queue_arn,
            batch_size=MESSAGES,
            report_batch_item_failures=True,
            max_concurrency=concurrency,
        )
        self.queue.grant_consume_messages(function.role)
        self.queue.let_receive(function.role)

    def grant_redrive(self, grantee: iam.Role) -> None:
        """Let a function move what is dead back into the queue."""
        actions = ["sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[self.dead.queue_arn])
        self.dead.let_receive(grantee)
        actions = ["sqs:GetQueueAttributes", "sqs:SendMessage"]
        iam.Grant.add_to_principal(grantee=grantee, actions=actions, resource_arns=[self.queue.queue_arn])
        self.queue.let_send(grantee)
