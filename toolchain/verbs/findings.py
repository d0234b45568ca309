"""How findings are shown, and what a verb's exit code says of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from toolchain import console

if TYPE_CHECKING:
    from toolchain.findings import Finding

STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


def show_findings(found: "Sequence[Finding]", *, as_json: bool) -> None:
    """Findings as a table or as JSON. Raises Exit with 1 where one fails."""
    from toolchain.findings import failed

    rows = [finding._asdict() for finding in found]
    if as_json:
        console.data(rows)
    else:
        hinted = any(finding.hint for finding in found)
        console.table([{key: row[key] for key in row if hinted or key != "hint"} for row in rows], styles=STYLES)
    if failed(found):
        raise typer.Exit(1)
