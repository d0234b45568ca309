"""The verb that reads requests which a stage kept."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from toolchain import console
from toolchain.verbs.options import AsJson, Name, Stage
from toolchain.verbs.quantities import duration

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 20
"""Records that a table has; a file has all of them."""


def captured(
    model: Name,
    *,
    since: Annotated[str, typer.Option(metavar="TIME", help="How far back, as 30m, 1h or 7d.")] = "1h",
    out: Annotated[Path | None, typer.Option(metavar="FILE.jsonl", help="Write them here, one in each line.")] = None,
    instances: Annotated[
        bool, typer.Option("--instances", help="Only what was asked, one instance in a line.")
    ] = False,
    stage: Stage = "",
    json: AsJson = False,
) -> None:
    """Download requests that a stage kept, with their answers, and join them by time."""
    from toolchain.capturing import reading
    from toolchain.deployment import find

    reader = reading.Reader(find(stage))
    with console.progress() as bars:
        task = bars.add_task("downloading", total=None)
        records = reader.records(model, duration(since, "--since") / 1000, lambda size: bars.advance(task, size))
    found = list(reading.instances(records)) if instances else records
    if out is not None:
        _write(out, found)
        console.note(f"{len(found)} {'instances' if instances else 'requests'} in {out}")
    if json:
        console.data(found)
    elif out is None:
        console.table([_row(record) for record in records[-SHOWN:]])
        console.note(f"{len(records)} requests of {model}; --out FILE.jsonl has all of each")


def _write(path: Path, found: "Iterable[Any]") -> None:
    with path.open("wb") as file:
        file.writelines(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in found)


def _row(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("time", "id", "version", "kind", "status", "code", "ms")}
