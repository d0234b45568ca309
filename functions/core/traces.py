"""Which trace a call belongs to: the id that a caller gave it by W3C Trace Context, else the one of AWS X-Ray."""

from collections.abc import Mapping

HEX = "0123456789abcdef"
PARENT, AMAZON = "traceparent", "x-amzn-trace-id"
"""Headers that carry a trace, in lower case."""
VARIABLE = "_X_AMZN_TRACE_ID"
"""Variable in which Lambda tells a function of each invocation's trace."""
LENGTH = 55
"""Characters of a traceparent of version 00; later versions may only append to that (W3C Trace Context, 3.2.4)."""
NO_TRACE, NO_SPAN = "0" * 32, "0" * 16


def of(headers: Mapping[str, str], variables: Mapping[str, str]) -> str | None:
    """The trace of a call, 32 hexadecimal digits; None where nobody gave it one. What is malformed counts as absent.

    Args:
        headers: of the request, names in lower case.
        variables: of the environment, as they are during this invocation.
    """
    parent = headers.get(PARENT)
    return (
        (parent and of_parent(parent)) or of_amazon(headers.get(AMAZON, "")) or of_amazon(variables.get(VARIABLE, ""))
    )


def of_parent(header: str) -> str | None:
    """The trace of a W3C traceparent, as in `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01`."""
    if len(header) < LENGTH or not header[2] == header[35] == header[52] == "-":
        return None
    version, trace, span, flags = header[:2], header[3:35], header[36:52], header[53:LENGTH]
    if len(header) > LENGTH and (version == "00" or header[LENGTH] != "-"):
        return None
    if version == "ff" or trace == NO_TRACE or span == NO_SPAN or not _is_hex(version + trace + span + flags):
        return None
    return trace


def of_amazon(header: str) -> str | None:
    """The trace of X-Ray's header, as in `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`.

    Its root is version, time and number, the latter two of which are what W3C Trace Context calls the trace.
    """
    for field in header.split(";"):
        name, _, root = field.strip().partition("=")
        if name == "Root" and len(root) == 35 and root[:2] == "1-" and root[10] == "-":
            return known(root[2:10] + root[11:])
    return None


def known(text: object) -> str | None:
    """A trace that a document carries, if it is one."""
    valid = isinstance(text, str) and len(text) == 32 and _is_hex(text) and text != NO_TRACE
    return text if valid and isinstance(text, str) else None


def header(trace: str, variables: Mapping[str, str]) -> str:
    """X-Ray's header for what goes on with a trace; the invocation's own where it is of that, so that spans join."""
    own = variables.get(VARIABLE, "")
    return own if of_amazon(own) == trace else f"Root=1-{trace[:8]}-{trace[8:]}"


def _is_hex(text: str) -> bool:
    return not text.strip(HEX)  # what is left begins with another character
