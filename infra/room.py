"""How much a stack may be, as far as a person can do something about it in cdk.json."""

from aws_cdk import CfnResource, Stack

from infra.setting import InvalidStage
from infra.stages import Stage

RESOURCES = 500
"""Of one stack, as CloudFormation takes it."""


def check(stack: Stack, stage: Stage) -> None:
    """Refuse more functions of models than there is room for beside the rest.

    Raises:
        InvalidStage: says how many resources they come to.
    """
    if not stage.functions:
        return  # the rest by itself is far from it
    count = sum(isinstance(each, CfnResource) for each in stack.node.find_all())
    if count > RESOURCES:
        expected = f"fewer models, as they make {count} resources of the {RESOURCES} that CloudFormation takes"
        raise InvalidStage(f"stages.{stage.name}.functions", expected, len(stage.functions))
