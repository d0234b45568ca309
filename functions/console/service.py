"""The composition root of the console."""

from typing import Any

from functions.console.activity import Activity
from functions.console.assets import Assets
from functions.console.aws import Client, client
from functions.console.kept import Kept
from functions.console.models import Models
from functions.console.page import rendered, settings_of
from functions.console.usage import Usage
from functions.core.settings import Settings
from functions.core.store import ObjectStore


class Service:
    """The page of one stage, and what it asks for."""

    def __init__(self, settings: Settings, region: str, assets: Assets, client: Client = client) -> None:
        self.assets = assets
        self.models = Models(ObjectStore(settings.model_bucket), settings.architecture)
        self._settings, self._region = settings, region
        self._activity, self._usage = Activity(settings.metrics_namespace, client), Usage(client)
        # CloudWatch is paid by series, and API Gateway answers an account ten such questions a second.
        self._kept: Kept[dict[str, Any]] = Kept(settings.refresh_seconds)

    def page(self, path: str) -> bytes:
        """The page as it is at a path. Raises NoAsset where there is none."""
        return rendered(self.assets, settings_of(self._settings, self._region, self.assets.languages), path)

    def activity(self, window: str, model: str | None, version: str | None) -> dict[str, Any]:
        """What models did. Raises ServiceUnavailable."""
        asked = ("activity", window, model, version)
        return self._kept.get(asked, lambda: self._activity.show(window, model, version))

    def usage(self, context: dict[str, Any]) -> dict[str, Any]:
        """What the key of a request has left. Raises ServiceUnavailable."""
        asked = ("usage", (context.get("identity") or {}).get("apiKeyId"), context.get("apiId"), context.get("stage"))
        return self._kept.get(asked, lambda: self._usage.show(context))
