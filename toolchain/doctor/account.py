"""The account: who asks, where, and whether the CDK may deploy there."""

from collections.abc import Iterator

from toolchain.deployment import CloudRefused, Deployment, translated
from toolchain.doctor.template import Template
from toolchain.findings import Finding, fail, ok, skipped, warn

BOOTSTRAP = "npx aws-cdk bootstrap, once in each account and region"


def credentials(deployment: Deployment) -> Iterator[Finding]:
    """Whether the credentials hold, and whose they are. Raises NoCredentials or CloudRefused where they do not."""
    with translated():
        arn = str(deployment.service("sts").get_caller_identity()["Arn"])
    if arn.endswith(":root"):
        yield warn("credentials", f"{arn}, who may do everything", "use a role or a user of your own")
    else:
        yield ok("credentials", arn)
    yield ok("region", deployment.region)


def bootstrap(deployment: Deployment, template: Template) -> Finding:
    """Whether the CDK's own stack is there, and new enough for this template."""
    if not template.parameter:
        return skipped("CDK bootstrap", "the template asks for none")
    service = deployment.service("ssm")
    try:
        with translated():
            try:
                version = int(service.get_parameter(Name=template.parameter)["Parameter"]["Value"])
            except service.exceptions.ParameterNotFound:
                where = f"{deployment.region} of this account never saw the CDK"
                return fail("CDK bootstrap", where, BOOTSTRAP)
    except CloudRefused as fault:
        return skipped("CDK bootstrap", str(fault).partition("\n")[0], "allow ssm:GetParameter, or ask who may")
    if version < template.bootstrap:
        return fail("CDK bootstrap", f"version {version}, the template needs {template.bootstrap}", BOOTSTRAP)
    return ok("CDK bootstrap", f"version {version}")
