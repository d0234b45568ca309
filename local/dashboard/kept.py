"""Which of AWS' own metrics the embedded cloud keeps: a widget that asks for another one says so."""

KEPT = {
    "AWS/Lambda": frozenset({"Invocations", "Errors", "Throttles", "Duration"}),
    "AWS/ApiGateway": frozenset({"Count", "4XXError", "5XXError", "Latency"}),
}
"""By namespace; of functions by their names, of APIs by their names and stages (local/mending/gateway_metrics.py)."""
MISSING = "The embedded cloud keeps no such metric."
NO_QUERY = "The embedded cloud is asked for no log queries here; `python -m local run` shows the lines."


def is_kept(namespace: str, metric: str, *, of_account: bool = False) -> bool:
    """Whether the embedded cloud keeps a metric.

    Args:
        of_account: without dimensions, of all resources together.
    """
    if not namespace.startswith("AWS/"):
        return True
    return metric in KEPT.get(namespace, ()) and not of_account
