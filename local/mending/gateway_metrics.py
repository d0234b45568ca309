"""How an API and the functions behind it answer, and how long that takes: the embedded gateway tells CloudWatch of none
of its calls, and of a function's only those that come by Lambda's own API.
"""

import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from local.mending.embedded_metrics import Datum
from local.mending.log_metrics import count

Values = Mapping[str, tuple[str, float]]
"""Unit and value of a metric."""


def mend() -> None:
    """Have each call of a deployed stage be metrics of API and stage, and of the function, as on AWS."""
    gateway: Any = import_module("ministack.services.apigateway_v1")
    functions: Any = import_module("ministack.services.lambda_svc")
    execute, call = gateway._handle_execute_in_scope, gateway._call_lambda_raw

    async def executed(api: str, stage: str, *asked: Any) -> Any:
        began = time.perf_counter()
        answer = await execute(api, stage, *asked)
        name = (gateway._rest_apis.get(api) or {}).get("name")
        if name:
            values = _answered(answer[0], time.perf_counter() - began)
            _keep("AWS/ApiGateway", {"ApiName": name, "Stage": stage}, values)
        return answer

    async def called(function: str, event: Any, **whose: Any) -> Any:
        began = time.perf_counter()
        result, fault = await call(function, event, **whose)
        name = functions._get_func_record_for_ref_in_scope(function, **whose)[2]
        if result is not None and name:
            _keep("AWS/Lambda", {"FunctionName": name}, _called(result, time.perf_counter() - began))
        return result, fault

    gateway._handle_execute_in_scope, gateway._call_lambda_raw = executed, called


def _answered(status: int, seconds: float) -> Values:
    return {
        "Count": ("Count", 1.0),
        "4XXError": ("Count", float(400 <= status < 500)),
        "5XXError": ("Count", float(status >= 500)),
        "Latency": ("Milliseconds", float(round(seconds * 1e3))),
    }


def _called(result: Mapping[str, Any], seconds: float) -> Values:
    if result.get("throttle"):
        return {"Throttles": ("Count", 1.0)}
    return {
        "Invocations": ("Count", 1.0),
        "Errors": ("Count", float(bool(result.get("error")))),
        "Throttles": ("Count", 0.0),
        "Duration": ("Milliseconds", round(seconds * 1e3, 1)),
    }


def _keep(namespace: str, dimensions: dict[str, str], values: Values) -> None:
    watch: Any = import_module("ministack.services.cloudwatch")
    for metric, (unit, value) in values.items():
        points = watch._metric_bucket((namespace, metric, watch._dims_key(dimensions)))
        count(points, Datum(namespace, metric, dimensions, time.time(), unit, [value]), value)
