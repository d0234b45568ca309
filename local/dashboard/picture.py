"""The picture of a stage's dashboard, read and written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.aws import Account, translated
from local.dashboard.board import widgets
from local.dashboard.page import render
from local.dashboard.readings import Reader, Reading
from local.errors import NoDashboard, NotUp

if TYPE_CHECKING:
    from local.endpoint import Endpoint

LEAST_SECONDS = 600
"""Of time that is shown, however young the cloud is."""


def read(endpoint: Endpoint | None, minutes: int) -> list[Reading]:
    """What every widget of the deployed dashboard shows.

    Raises:
        NotUp: there is no stack to look at.
        NoDashboard: its stage has none.
        CloudFailed: the cloud did not answer.
    """
    if endpoint is None or endpoint.stack is None:
        raise NotUp
    if "DashboardUrl" not in endpoint.outputs:
        raise NoDashboard(endpoint.stack)
    account = Account(endpoint.endpoint_url, endpoint.region)
    with translated():
        client = account.session.client("cloudwatch", **account.options)
        body = json.loads(client.get_dashboard(DashboardName=endpoint.stack)["DashboardBody"])
        reader = Reader(account, endpoint.stack, minutes)
        return list(_from_the_first([reader.read(widget) for widget in widgets(body)]))


def _from_the_first(readings: Sequence[Reading]) -> Iterator[Reading]:
    """The same, without the time before there was anything: a cloud on a laptop is young."""
    known = [at for it in readings if not it.widget.days for series in it.series for at, _ in series.points]
    for reading in readings:
        if known and not reading.widget.days:
            first = min(min(known), reading.end - LEAST_SECONDS)
            period = reading.widget.period
            yield replace(reading, start=max(reading.start, first // period * period))
        else:
            yield reading


def write(stack: str, readings: Sequence[Reading], path: Path) -> None:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(stack, readings), "utf-8")


def document(readings: Sequence[Reading]) -> dict[str, Any]:
    """The same as numbers."""
    section, found = "", []
    for reading in readings:
        widget = reading.widget
        if widget.kind == "text":
            section = widget.markdown.partition("\n")[0].lstrip("# ")
            continue
        found.append(
            {
                "section": section,
                "title": widget.title,
                "unit": widget.unit,
                "period_seconds": widget.period,
                "from": reading.start,
                "to": reading.end,
                "limits": dict(widget.limits),
                "series": [
                    {"label": it.label, "statistic": it.statistic, "points": it.points} for it in reading.series
                ],
                **({"alarms": dict(reading.states)} if reading.states else {}),
                **({"note": reading.note} if reading.note else {}),
            }
        )
    return {"widgets": found}
