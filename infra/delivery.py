"""The stack that lets workflows on GitHub deploy a stage: no key that could leak, and no right but the deployment's."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnOutput, DefaultStackSynthesizer, Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.setting import InvalidStage
from infra.stages import Stage

ISSUER, AUDIENCE = "token.actions.githubusercontent.com", "sts.amazonaws.com"
QUALIFIER = DefaultStackSynthesizer.DEFAULT_QUALIFIER
DEPLOYS = ("deploy", "file-publishing", "image-publishing", "lookup")
"""Roles of `cdk bootstrap` that a deployment takes on."""
LOOKS = ("lookup",)
"""What comparing takes: reading."""
READS_IMAGES = ("BatchCheckLayerAvailability", "BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer")
WRITES_IMAGES = ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
ANY_REGISTRY = "AWS takes no resource for this: it is the log-in to the account's own registry."
HOUR = Duration.hours(1)
KEYS_UNKNOWN = "API Gateway makes the id of the key; its tag holds the right to the key that came with this stage."


class DeliveryStack(Stack):
    """Whom a workflow may be: who deploys, from the stage's environment; and who compares, from pull requests."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        """Define the roles. Raises InvalidStage where the stage names no repository."""
        name, repository = f"ortless-{stage.name}-delivery", stage.delivery.repository
        if repository is None:
            place = f"stages.{stage.name}.delivery.repository"
            raise InvalidStage(place, "the repository on GitHub that deploys", repository)
        super().__init__(scope, name, description="ortless: what workflows on GitHub may do")
        provider = stage.delivery.provider or self._provider()
        environment = stage.delivery.environment or stage.name
        deploy = self._role("Deploy", provider, f"repo:{repository}:environment:{environment}", DEPLOYS)
        self._grant_key(deploy, stage)
        if stage.packaging == "image":
            self._grant_signing(deploy)
        diff = self._role("Diff", provider, f"repo:{repository}:pull_request", LOOKS)
        CfnOutput(self, "DeployRoleArn", value=deploy.role_arn)
        CfnOutput(self, "DiffRoleArn", value=diff.role_arn)

    def _provider(self) -> str:
        # Without thumbprints: AWS trusts the certificate authorities of GitHub by itself.
        made = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        return made.attr_arn

    def _role(self, name: str, provider: str, subject: str, bootstrapped: tuple[str, ...]) -> iam.Role:
        claims: Mapping[str, object] = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}}
        principal = iam.WebIdentityPrincipal(provider, dict(claims))
        role = iam.Role(self, name, assumed_by=principal, max_session_duration=HOUR)
        account, region = Aws.ACCOUNT_ID, Aws.REGION
        roles = [
            f"arn:{Aws.PARTITION}:iam::{account}:role/cdk-{QUALIFIER}-{kind}-role-{account}-{region}"
            for kind in bootstrapped
        ]
        role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=roles))
        return role

    def _grant_signing(self, role: iam.Role) -> None:
        """Let signatures and bills of materials be put beside the images, in the repository that the bootstrap made."""
        here = f"{Aws.ACCOUNT_ID}-{Aws.REGION}"
        arn = (
            f"arn:{Aws.PARTITION}:ecr:{Aws.REGION}:{Aws.ACCOUNT_ID}:repository/cdk-{QUALIFIER}-container-assets-{here}"
        )
        actions = [f"ecr:{action}" for action in (*READS_IMAGES, *WRITES_IMAGES)]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=[arn]))
        role.add_to_policy(iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]))
        acknowledge(role, {"AwsSolutions-IAM5[Resource::*]": ANY_REGISTRY})

    def _grant_key(self, role: iam.Role, stage: Stage) -> None:
        """Let the smoke test after a deployment show the key that comes with the stage."""
        if not stage.needs_key:
            return
        tags = {"aws:ResourceTag/ortless:stage": stage.name, "aws:ResourceTag/ortless:name": "stack"}
        arn = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::/apikeys/*"
        role.add_to_policy(
            iam.PolicyStatement(actions=["apigateway:GET"], resources=[arn], conditions={"StringEquals": tags})
        )
        rule = "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:apigateway:<AWS::Region>::/apikeys/*]"
        acknowledge(role, {rule: KEYS_UNKNOWN})
