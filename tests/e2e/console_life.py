"""Everything that the role of the console is for, once around."""

import time
from pathlib import Path
from typing import Any

from local.aws import Account
from local.endpoint import Endpoint
from tests.e2e.conftest import Api
from tests.e2e.fresh_model import published
from tests.e2e.test_lifecycle import Operator


class ConsoleLife:
    """Of a page that is opened on a model that is new."""

    def __init__(self, service: Endpoint, api: Api, operator: Operator, folder: Path) -> None:
        self._api, self._operator, self._folder = api, operator, folder
        root = Account(service.endpoint_url, service.region)
        self._cloudwatch = root.session.client("cloudwatch", **root.options)

    def lead(self) -> None:
        """Raises AssertionError at the first thing that fails."""
        assert self._api.call("GET", "/console").status_code == 200
        model = published(self._operator, self._folder)
        assert model in [listed["name"] for listed in self._asked("models")["models"]]
        shown = self._asked(f"models/{model}")
        (version,) = shown["versions"]
        assert (version["version"], version["metric"]["name"], version["retired"]) == (1, "rmse", False)
        assert version["original_size"] > version["size"]
        assert [change["action"] for change in shown["history"]] == ["promote"]
        assert self._asked(f"models/{model}/versions/1/report")["evaluations"]
        self.measure(model, "1", Requests=[1.0])
        (active,) = self._asked(f"activity?model={model}")["models"]
        assert active["totals"]["requests"] >= 1
        assert self._asked("usage")["limit"] == 10_000_000

    def measure(self, model: str, version: str, **values: list[float]) -> None:
        """Metrics of a version, now."""
        named = [{"Name": "Model", "Value": model}, {"Name": "Version", "Value": version}]
        data = [
            {"MetricName": metric, "Dimensions": named, "Timestamp": time.time(), "Value": value}
            for metric, given in values.items()
            for value in given
        ]
        self._cloudwatch.put_metric_data(Namespace="ortless/local", MetricData=data)

    def _asked(self, path: str) -> Any:
        answered = self._api.call("GET", f"/console/api/{path}")
        assert answered.status_code == 200, answered.text
        return answered.json()
