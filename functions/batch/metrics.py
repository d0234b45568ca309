"""Metrics of jobs, rendered by Powertools for AWS Lambda from core's one table.

It keeps all metrics of a line under the same sets of dimensions. Those of a job have one, model and version; those of a
request have up to three in one line, so core renders these itself.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from functions.core.telemetry import METRICS, NAMESPACE


def measured(model: str, version: str, values: Mapping[str, float]) -> dict[str, Any]:
    """Fields that make a line metrics of a version of a model, in CloudWatch's embedded metric format.

    Args:
        values: of METRICS, by name; none of them is one of TOTALLED or CODED.

    Raises:
        KeyError: there is no metric of such a name.
    """
    metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    for name, value in {"Model": model, "Version": version}.items():
        metrics.add_dimension(name, value)
    for name, number in values.items():
        metrics.add_metric(name, METRICS[name][0], number)
    return dict(metrics.serialize_metric_set()) | dict(values)  # one number each, not a list of one
