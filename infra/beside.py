"""The small stacks beside a stage's own, each deployed by itself: `python -m infra.beside replica` or `delivery`."""

import sys
from typing import Any

from infra.app import default_context, use_bundled_node
from infra.setting import InvalidStage
from infra.stages import Stage

NAMES = ("replica", "delivery")


def synthesize(name: str, context: dict[str, Any], *, outdir: str | None = None, lint: bool = False) -> None:
    """Write the template of one of them for the stage that the context names; lint as the app of the stages does.

    Raises:
        InvalidStage: the stage is unknown, one of its settings cannot be used, or it does not want that stack.
    """
    use_bundled_node()
    from aws_cdk import App, Validations
    from cdk_nag import AwsSolutionsChecks

    from infra.delivery import DeliveryStack
    from infra.replica import ReplicaStack

    app = App(context=context, outdir=outdir, analytics_reporting=False, builtin_cloud_formation_validation=lint)
    stage = Stage.read(app.node.try_get_context("stage"), app.node.try_get_context("stages"))
    kind: type[ReplicaStack] | type[DeliveryStack] = ReplicaStack if name == "replica" else DeliveryStack
    kind(app, stage=stage)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    if sys.argv[1:2] not in [[name] for name in NAMES]:
        sys.exit(f"error: Expected one of {', '.join(NAMES)} - got {' '.join(sys.argv[1:]) or 'nothing'}")
    try:
        synthesize(sys.argv[1], default_context())
    except InvalidStage as error:
        sys.exit(f"error: {error}")
