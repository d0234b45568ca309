"""The verb that looks for what would keep a stage from being deployed."""

from typing import Annotated

import typer

from toolchain.verbs.findings import show_findings
from toolchain.verbs.options import AsJson


def doctor(
    stage: Annotated[
        str, typer.Option(envvar="ORTLESS_STAGE", help="A stage of cdk.json; the one that it names by default.")
    ] = "",
    offline: Annotated[bool, typer.Option("--offline", help="Only what needs no account.")] = False,
    json: AsJson = False,
) -> None:
    """Look for what would keep a stage from being deployed or working; 1 when there is something."""
    from toolchain.doctor.doctor import doctor as each
    from toolchain.doctor.template import default_stage

    show_findings(list(each(stage or default_stage(), offline=offline)), as_json=json)
