"""The `ortless` command line. Data goes to stdout, progress and errors to stderr."""

import sys

import typer

from functions.core.errors import OrtlessError
from toolchain import console
from toolchain.verbs import folders, serving, versions

app = typer.Typer(
    help="Machine-learning models in production without servers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command(epilog="Example: ortless new churn --from exports/churn.onnx")(folders.new)
app.command(epilog="Example: ortless check iris-svm")(folders.check)
app.command(epilog="Example: ortless build")(folders.build)
app.command(epilog="Example: ortless publish iris-svm --bucket my-models")(versions.publish)
app.command(epilog="Example: ortless promote iris-svm 2 --bucket my-models")(versions.promote)
app.command(epilog="Example: ortless predict linear-regression '[1, 2, 3]'")(serving.predict)
app.command(epilog="Example: ortless image --architecture arm64")(serving.image)


def main() -> None:
    """Run the command line; an error of ours is one line, without a traceback."""
    try:
        app()
    except OrtlessError as fault:
        console.error(fault)
        sys.exit(1)
