"""The functions' logs, followed as CloudWatch has them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from local.aws import translated
from local.errors import CloudFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_logs import CloudWatchLogsClient
    from types_boto3_logs.type_defs import FilteredLogEventTypeDef

    from local.aws import Account

# What Lambda itself says about every invocation; the functions say it better in lines of their own.
_PLATFORM = ("START RequestId:", "END RequestId:", "REPORT RequestId:")
# What CloudFormation and the CDK append to a name that they choose.
_GENERATED = re.compile(r"(-[0-9A-Z]{12,13}|[0-9A-F]{8})+$")


class Line(NamedTuple):
    """One line of a log and the group it is from."""

    group: str
    message: str


class Follower:
    """Remembers how far each log group has been read."""

    def __init__(self, account: Account) -> None:
        self._client: CloudWatchLogsClient = account.session.client("logs", **account.options)
        self._last: dict[str, int] = {}
        self._seen: dict[str, set[str]] = {}

    def new(self) -> list[Line]:
        """The lines that were written since the last call; none when the cloud does not answer."""
        with suppress(CloudFailed), translated():
            return list(self._lines())
        return []

    def _lines(self) -> Iterator[Line]:
        pages = self._client.get_paginator("describe_log_groups").paginate()
        for name in (group["logGroupName"] for page in pages for group in page["logGroups"]):
            for event in self._events(name):
                message = event["message"].rstrip()
                if message and not message.startswith(_PLATFORM):
                    yield Line(_GENERATED.sub("", name.rpartition("/")[2]), message)

    def _events(self, group: str) -> list[FilteredLogEventTypeDef]:
        """Events from the latest known moment on, without those of that moment that were read before."""
        last, seen = self._last.get(group, 0), self._seen.get(group, set())
        found = self._client.filter_log_events(logGroupName=group, startTime=last)["events"]
        fresh = [event for event in found if event["timestamp"] > last or event["logStreamName"] not in seen]
        if fresh:
            newest = max(event["timestamp"] for event in fresh)
            streams = {event["logStreamName"] for event in fresh if event["timestamp"] == newest}
            # The emulator has no event ids, but writes every invocation into a stream of its own, at once.
            self._seen[group] = streams | (seen if newest == last else set())
            self._last[group] = newest
        return fresh
