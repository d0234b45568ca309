"""The command line: data on stdout, progress and logs on stderr."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from local import service
from local.endpoint import REGION, Endpoint
from local.errors import LocalError
from local.options import (
    AssemblyOption,
    ContextOption,
    JsonOption,
    PortOption,
    RegionOption,
    StateOption,
    context_of,
    state_of,
)
from local.plan import AlreadyRunning, Plan, running
from local.signals import Interrupted, raised
from local.state import ROOT
from local.steps import Steps
from local.watch import show, stay, until_interrupted

NOT_RUNNING = 3
PAGE = "build/dashboard.html"

app = typer.Typer(
    help="The whole service on this machine: an embedded cloud, the synthesized stack, the sample models.",
    epilog="Examples: python -m local run | python -m local up --detach | python -m local status --json",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.command(epilog="Example: python -m local run --port 4600")
def run(
    state: StateOption = None,
    port: PortOption = None,
    region: RegionOption = REGION,
    context: ContextOption = None,
    assembly: AssemblyOption = None,
) -> None:
    """Bring everything up, predict once with every sample model, then follow the logs until Ctrl-C."""
    plan = Plan(state_of(state), port, region, context_of(context), assembly)
    steps = _steps()
    with _or_running(steps), service.serving(plan, steps) as (cloud, endpoint), until_interrupted(steps):
        from local.aws import Account
        from local.logs import Follower
        from local.presentation import introduced

        print(introduced(plan, endpoint, steps), flush=True)  # noqa: T201
        steps.note("Following the functions' logs. Ctrl-C stops everything.")
        follower = Follower(Account(endpoint.endpoint_url, region))
        stay(cloud, lambda: show(follower, steps))


@app.command(
    epilog="Example: python -m local up --detach --port 4600 --state /tmp/two\n\n"
    'Example: python -m local up --detach --context \'stages={"local": {"auth": "iam"}}\''
)
def up(
    state: StateOption = None,
    port: PortOption = None,
    region: RegionOption = REGION,
    context: ContextOption = None,
    assembly: AssemblyOption = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when it is up; `down` ends it.")] = False,
    bare: Annotated[bool, typer.Option("--bare", help="Only the cloud, for `cdk deploy` or a test to fill.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring everything up for scripts; without --detach it stays in the foreground, silent, until Ctrl-C."""
    plan = Plan(state_of(state), port, region, context_of(context), assembly, bare)
    steps = _steps()
    with _or_running(steps, as_json=as_json):
        if detach:
            _print(service.bring_up(plan, steps, owned=False)[1], as_json=as_json)
            return
        with service.serving(plan, steps) as (cloud, endpoint), until_interrupted(steps):
            _print(endpoint, as_json=as_json)
            stay(cloud)


@app.command(epilog="Example: python -m local status --json | jq -r .api_url")
def status(state: StateOption = None, as_json: JsonOption = False) -> None:
    """Say whether the cloud is up and where; the exit code is 3 when it is not."""
    endpoint = running(state_of(state))
    if endpoint:
        _print(endpoint, as_json=as_json)
        return
    print("null" if as_json else "Not running.")  # noqa: T201
    raise typer.Exit(NOT_RUNNING)


@app.command(epilog="Example: python -m local down --state /tmp/two")
def down(state: StateOption = None) -> None:
    """Stop the cloud and remove what it left; safe to repeat, and after a crash."""
    here = state_of(state)
    with here.locked():
        ended = service.tear_down(here)
    _steps().note("Stopped." if ended else "Nothing was running.")


@app.command(
    epilog="Example: python -m local dashboard --open\n\nExample: python -m local dashboard --json | jq .widgets[0]"
)
def dashboard(
    state: StateOption = None,
    minutes: Annotated[int, typer.Option("--minutes", min=5, max=20_160, help="How far back.")] = 60,
    to: Annotated[Path | None, typer.Option("--to", dir_okay=False, help="File to write.", show_default=PAGE)] = None,
    show: Annotated[bool, typer.Option("--open", help="In a browser.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Draw the stack's dashboard from what the local cloud keeps of the same metrics; prints where the page is."""
    from local.dashboard import picture

    endpoint = running(state_of(state))
    readings = picture.read(endpoint, minutes)
    if as_json:
        print(json.dumps(picture.document(readings), indent=2))  # noqa: T201
        return
    path = (to or ROOT / PAGE).absolute()
    picture.write(endpoint.stack or "" if endpoint else "", readings, path)
    print(path)  # noqa: T201
    if show:
        import webbrowser

        webbrowser.open(path.as_uri())


def main() -> None:
    """Run the command line; an error of ours is a line and a hint, without a traceback."""
    try:
        with raised():
            app()
    except LocalError as error:
        _fail(error)
    except Interrupted as interrupt:
        sys.exit(128 + interrupt.number)


@contextmanager
def _or_running(steps: Steps, *, as_json: bool = False) -> Iterator[None]:
    try:
        yield
    except AlreadyRunning as found:
        steps.note("Already running; `python -m local down` stops it.")
        _print(found.endpoint, as_json=as_json)


def _print(endpoint: Endpoint, *, as_json: bool) -> None:
    from local.presentation import address

    print(json.dumps(asdict(endpoint), indent=2) if as_json else address(endpoint), flush=True)  # noqa: T201


def _steps() -> Steps:
    from rich.console import Console

    return Steps(Console(stderr=True))


def _fail(error: LocalError) -> NoReturn:
    print(f"error: {error}", file=sys.stderr)  # noqa: T201
    if error.hint:
        print(f"hint: {error.hint}", file=sys.stderr)  # noqa: T201
    sys.exit(1)
