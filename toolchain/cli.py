"""The `ortless` command line. Data goes to stdout, progress and errors to stderr."""

import errno
import sys
from tempfile import gettempdir

import typer

from functions.core.errors import OrtlessError
from toolchain import console
from toolchain.verbs import (
    batch,
    capturing,
    compression,
    doctor,
    drift,
    folders,
    importing,
    inventory,
    keys,
    lifecycle,
    planning,
    publishing,
    registry,
    restoring,
    serving,
    smoke,
    switch,
)

app = typer.Typer(
    help="Machine-learning models in production without servers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command(epilog="Example: ortless new churn --from exports/churn.onnx")(folders.new)
app.command(
    "import", epilog="Example: ortless import pipeline.joblib --name churn --samples held-out.csv --label churned"
)(importing.import_model)
app.command(epilog="Example: ortless check iris-svm")(folders.check)
app.command(epilog="Example: ortless build")(folders.build)
app.command(epilog="Example: ortless compress digits-cnn --max-drop 0.5% --time 10m")(compression.compress)
app.command(epilog="Example: ortless evaluate digits-cnn --json")(compression.evaluate)
app.command(epilog="Example: ortless compare digits-cnn exports/digits-cnn")(compression.compare)
app.command(epilog="Example: ortless report digits-cnn --open")(compression.report)
app.command(epilog="Example: ortless publish iris-svm --canary 10% --why 'trained on May'")(publishing.publish)
app.command(epilog="Example: ortless promote iris-svm 2 --why 'the canary held'")(lifecycle.promote)
app.command(epilog="Example: ortless canary iris-svm 3 10%")(lifecycle.canary)
app.command(epilog="Example: ortless shadow iris-svm 3")(lifecycle.shadow)
app.command(epilog="Example: ortless rollback iris-svm --why 'too many refusals'")(lifecycle.rollback)
app.command(epilog="Example: ortless history iris-svm")(registry.history)
app.command(epilog="Example: ortless models iris-svm")(registry.models)
app.command(epilog="Example: ortless rm iris-svm 1")(lifecycle.rm)
app.command(epilog="Example: ortless gc iris-svm --keep 5 --apply")(registry.gc)
app.command(epilog="Example: ortless predict linear-regression '[1, 2, 3]'")(serving.predict)
app.command(epilog="Example: ortless batch flowers.csv --model iris-svm --carry customer")(batch.batch)
app.command(epilog="Example: ortless jobs 0123456789abcdef0123456789abcdef --watch")(batch.jobs)
app.command(epilog="Example: ortless redrive --dry-run")(batch.redrive)
app.command(epilog="Example: ortless plan --rps 50 --latency 60ms --package iris-svm --html plan.html")(planning.plan)
app.command(epilog="Example: ortless image --architecture arm64")(serving.image)
app.command(epilog="Example: ortless sbom --to build/sbom")(inventory.sbom)
app.command(epilog="Example: ortless images cdk.out --stage prod --json")(inventory.images)
app.command(epilog="Example: ortless reference iris-svm")(drift.reference)
app.command(epilog="Example: ortless drift iris-svm --since 24h --html drift.html")(drift.drift)
app.add_typer(keys.app, name="keys")
app.command(epilog="Example: ortless doctor --stage prod")(doctor.doctor)
app.command(epilog="Example: ortless smoke https://abc123.execute-api.eu-west-1.amazonaws.com/prod")(smoke.smoke)
app.command(epilog="Example: ortless restore --to 2026-11-21T13:00:00Z --stage prod --dry-run")(restoring.restore)
app.command(epilog="Example: ortless captured iris-svm --since 24h --instances --out recent.jsonl")(capturing.captured)
app.command(epilog="Example: ortless stop --stage prod")(switch.stop)
app.command(epilog="Example: ortless resume --stage prod")(switch.resume)


FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
"""What a disk says that takes no more."""


class NoRoom(OrtlessError):
    """A file could not be written, wherever that was: most are temporary."""

    code = "no_room"

    def __init__(self, fault: OSError) -> None:
        place = f" to {fault.filename}" if fault.filename else f"; temporary files are in {gettempdir()}"
        hint = "make room, or set TMPDIR to a folder that has some; what was written before is whole"
        super().__init__(f"Nothing can be written{place}: {fault.strerror}\nhint: {hint}")


def main() -> None:
    """Run the command line; an error of ours is one line, without a traceback."""
    try:
        app()
    except OrtlessError as fault:
        console.error(fault)
        sys.exit(1)
    except OSError as fault:
        if fault.errno not in FULL:
            raise
        console.error(NoRoom(fault))
        sys.exit(1)
