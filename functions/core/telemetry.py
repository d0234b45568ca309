"""One structured line per event, on the stream that Lambda sends to the log."""

import sys

import orjson


def emit(event: str, **fields: object) -> None:
    """Write one JSON line: {"event": ..., and the fields}. Never a request's or an answer's content."""
    line = orjson.dumps({"event": event, **fields}, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY)
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()
