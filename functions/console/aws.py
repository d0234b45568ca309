"""What the console asks of AWS beside objects; the client of AWS is imported by the first who asks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from functions.console.errors import ServiceUnavailable

CONNECT_SECONDS, READ_SECONDS = 2, 8
"""A page that waits longer shows nothing: its function has half a minute for several questions."""
Client = Callable[[str], Any]


@cache
def client(service: str) -> Any:
    """The client of a service, as in "cloudwatch"."""
    import boto3  # a third of a second that who loads the page does not wait
    from botocore.config import Config

    retries = {"total_max_attempts": 2, "mode": "standard"}
    limits = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=retries)  # type: ignore[arg-type]
    return boto3.client(service, config=limits)  # type: ignore[call-overload]


@contextmanager
def answering(service: str) -> Iterator[None]:
    """Raise ServiceUnavailable where a service of AWS does not answer or refuses."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as fault:
        raise ServiceUnavailable(service, str(fault)) from None
