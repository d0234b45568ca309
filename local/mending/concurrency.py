"""The reserved concurrency of a function: the embedded Lambda forgets it for versions, and a call beyond it gets
Lambda's own 429 from the embedded gateway, where API Gateway says that its integration failed.
"""

from importlib import import_module
from typing import Any


class _Throttled(Exception):
    """A function had no environment for a call."""


def mend() -> None:
    """Have it bind versions, too, and a call beyond it be an integration that failed."""
    functions: Any = import_module("ministack.services.lambda_svc")
    gateway: Any = import_module("ministack.services.apigateway_v1")
    reserved, invoke = functions._reserved_concurrency, gateway._invoke_lambda_proxy_v1
    call = gateway._call_lambda_raw

    def shared(function: dict[str, Any], config: dict[str, Any]) -> Any:
        return reserved(functions._functions.get(config.get("FunctionName")) or function, config)

    async def called(*where: Any, **whose: Any) -> Any:
        result, fault = await call(*where, **whose)
        if result and result.get("throttle"):
            raise _Throttled
        return result, fault

    async def invoked(*asked: Any, **more: Any) -> Any:
        try:
            return await invoke(*asked, **more)
        except _Throttled:
            return gateway._gw_error("INTEGRATION_FAILURE", "Internal server error")

    functions._reserved_concurrency = shared
    gateway._call_lambda_raw, gateway._invoke_lambda_proxy_v1 = called, invoked
