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
COMPARES = ("cloudformation:DescribeStacks", "cloudformation:GetTemplate")
"""What comparing takes. The bootstrap's own role for looking may read nearly everything in the account, keys too."""
READS_IMAGES = ("BatchCheckLayerAvailability", "BatchGetImage", "DescribeImages", "GetDownloadUrlForLayer")
WRITES_IMAGES = ("CompleteLayerUpload", "InitiateLayerUpload", "PutImage", "UploadLayerPart")
ANY_REGISTRY = "AWS takes no resource for this: it is the log-in to the account's own registry."
HOUR = Duration.hours(1)
UNNAMED = "AWS makes what follows the stack's name; or it takes no resource for this, which only reads numbers."
KEYS_UNKNOWN = "API Gateway makes the ids of keys and plans; where a key is shown or changed, its tag says the stage."


class DeliveryStack(Stack):
    """Whom a workflow may be: who deploys, who compares for pull requests, who ends keys that are due."""

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
        self._grant_looks(deploy, stage)
        diff = self._role("Diff", provider, f"repo:{repository}:pull_request")
        self._grant_comparing(diff, stage)
        CfnOutput(self, "DeployRoleArn", value=deploy.role_arn)
        CfnOutput(self, "DiffRoleArn", value=diff.role_arn)
        if stage.needs_key:
            keys = self._role("Keys", provider, f"repo:{repository}:ref:refs/heads/{stage.delivery.branch or 'main'}")
            self._grant_revoking(keys, stage)
            CfnOutput(self, "KeysRoleArn", value=keys.role_arn)

    def _provider(self) -> str:
        # Without thumbprints: AWS trusts the certificate authorities of GitHub by itself.
        made = iam.CfnOIDCProvider(self, "GitHub", url=f"https://{ISSUER}", client_id_list=[AUDIENCE])
        return made.attr_arn

    def _role(self, name: str, provider: str, subject: str, bootstrapped: tuple[str, ...] = ()) -> iam.Role:
        claims: Mapping[str, object] = {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subject}}
        principal = iam.WebIdentityPrincipal(provider, dict(claims))
        role = iam.Role(self, name, assumed_by=principal, max_session_duration=HOUR)
        account, region = Aws.ACCOUNT_ID, Aws.REGION
        roles = [
            f"arn:{Aws.PARTITION}:iam::{account}:role/cdk-{QUALIFIER}-{kind}-role-{account}-{region}"
            for kind in bootstrapped
        ]
        if roles:
            role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=roles))
        return role

    def _grant_looks(self, role: iam.Role, stage: Stage) -> None:
        """Let `ortless doctor` look at the bootstrap, at quotas, and at what the stage has reserved of them."""
        here, stack = f"{Aws.REGION}:{Aws.ACCOUNT_ID}", f"ortless-{stage.name}"
        found = {
            "ssm:GetParameter": f"ssm:{here}:parameter/cdk-bootstrap/{QUALIFIER}/version",
            "cloudformation:ListStackResources": f"cloudformation:{here}:stack/{stack}/*",
            "lambda:GetFunctionConcurrency": f"lambda:{here}:function:{stack}-*",
        }
        for action, arn in found.items():
            role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[f"arn:{Aws.PARTITION}:{arn}"]))
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:GetAccountSettings"], resources=["*"]))
        unnamed = [f"arn:<AWS::Partition>:{_shown(arn)}" for arn in found.values() if arn.endswith("*")]
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{arn}]": UNNAMED for arn in (*unnamed, "*")})

    def _grant_comparing(self, role: iam.Role, stage: Stage) -> None:
        """Let `cdk diff --method template` read what is deployed of the stage, and nothing of what that holds."""
        arn = f"arn:{Aws.PARTITION}:cloudformation:{Aws.REGION}:{Aws.ACCOUNT_ID}:stack/ortless-{stage.name}/*"
        role.add_to_policy(iam.PolicyStatement(actions=list(COMPARES), resources=[arn]))
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{_shown(arn)}]": UNNAMED})

    def _grant_revoking(self, role: iam.Role, stage: Stage) -> None:
        """Let `ortless keys revoke --due` list the keys, disable those of this stage, and take them out of plans."""
        ours = {"StringEquals": {"aws:ResourceTag/ortless:stage": stage.name}}
        gateway = f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}::"
        reads = [f"{gateway}/apikeys", f"{gateway}/usageplans", f"{gateway}/usageplans/*/keys"]
        role.add_to_policy(iam.PolicyStatement(actions=["apigateway:GET"], resources=reads))
        keys, places = [f"{gateway}/apikeys/*"], [f"{gateway}/usageplans/*/keys/*"]
        role.add_to_policy(iam.PolicyStatement(actions=["apigateway:PATCH"], resources=keys, conditions=ours))
        role.add_to_policy(iam.PolicyStatement(actions=["apigateway:DELETE"], resources=places))
        unnamed = [_shown(arn) for arn in (*reads, *keys, *places) if "*" in arn]
        acknowledge(role, {f"AwsSolutions-IAM5[Resource::{arn}]": KEYS_UNKNOWN for arn in unnamed})

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


def _shown(arn: str) -> str:
    """As findings write it."""
    for token, name in ((Aws.PARTITION, "Partition"), (Aws.REGION, "Region"), (Aws.ACCOUNT_ID, "AccountId")):
        arn = arn.replace(token, f"<AWS::{name}>")
    return arn
