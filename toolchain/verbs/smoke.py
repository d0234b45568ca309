"""The verb that asks a deployed API whether it works."""

from typing import Annotated

import typer

from toolchain.verbs.findings import show_findings
from toolchain.verbs.options import AsJson


def smoke(
    url: Annotated[str, typer.Argument(envvar="ORTLESS_URL", help="The API; the local cloud's by default.")] = "",
    *,
    key: Annotated[
        str,
        typer.Option(envvar="ORTLESS_API_KEY", help="Its key; shells keep what is typed."),
    ] = "",
    sign: Annotated[bool, typer.Option("--sign", help="Sign with AWS credentials, too.")] = False,
    model: Annotated[str, typer.Option(help="Ask this model only.")] = "",
    jobs: Annotated[bool, typer.Option("--jobs", help="Have a small file answered, too.")] = False,
    json: AsJson = False,
) -> None:
    """Ask a deployed API all that it must answer; 1 when something of it does not work."""
    from toolchain.client import address
    from toolchain.signing import signer
    from toolchain.smoke.smoke import smoke as each

    to = address(url, key)
    show_findings(list(each(to, signer(to.url) if sign else None, only=model, jobs=jobs)), as_json=json)
