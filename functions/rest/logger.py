"""Lines of the log by Powertools for AWS Lambda, in functions whose start no prediction waits for."""

import sys
from typing import IO, Any, cast

import orjson
from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from functions.core.telemetry import through

UNSAID = ("service", "xray_trace_id")
"""Keys that Powertools adds to every line: of the former there is one, and `trace` has the latter in one form."""


class Line(LambdaPowertoolsFormatter):
    """A line as all functions write it: `event` first, then its fields, then the keys that were given to the logger."""

    def __init__(self) -> None:
        # Nothing of where in our code, and nothing of when, which CloudWatch knows.
        super().__init__(level=None, location=None, timestamp=None)

    def serialize(self, log: Any) -> str:
        """The line, without its end."""
        keys = {name: value for name, value in log.items() if name not in ("message", *UNSAID)}
        return orjson.dumps(log["message"] | keys, option=orjson.OPT_SERIALIZE_NUMPY).decode()


class _Errors:
    """Standard error, whatever that is when a line is written."""

    def write(self, text: str) -> None:
        """Write a line."""
        sys.stderr.buffer.write(text.encode())

    def flush(self) -> None:
        """Let what is written out."""
        sys.stderr.flush()


def install() -> Logger:
    """Have every line of this process, core's included, written by Powertools' logger; returns that."""
    logger = Logger(level="INFO", stream=cast("IO[str]", _Errors()), logger_formatter=Line())
    through(logger.info)
    return logger
