"""What an execution of the state machine is begun with: the job, and the trace that it goes on with."""

import os

import orjson

from functions.core import traces


def execution(job: str, trace: str | None) -> dict[str, str]:
    """Fields of Step Functions' StartExecution for a job."""
    if trace is None:
        return {"input": orjson.dumps({"job": job}).decode()}
    order = orjson.dumps({"job": job, "trace": trace}).decode()
    return {"input": order, "traceHeader": traces.header(trace, os.environ)}
