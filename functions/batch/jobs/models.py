"""Which models there are, for who only takes orders: no package is opened."""

from functions.core.errors import UnknownModel, UnknownVersion
from functions.core.holdings import key
from functions.core.manifest import FILE
from functions.core.registry import BAKED, Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore


class Models:
    """The models that files can be answered by."""

    def __init__(self, settings: Settings) -> None:
        # What was published a second ago is asked for.
        self._registry = Registry.of(settings._replace(refresh_seconds=0))
        self._store = ObjectStore(settings.model_bucket) if settings.model_bucket else None

    def check(self, name: str, version: str | None) -> None:
        """Refuse what there is not.

        Raises:
            UnknownModel, UnknownVersion: there is none such.
            StoreUnavailable: the registry did not answer.
        """
        if not self._registry.has(name):
            raise UnknownModel(name, self._registry.names())
        if version is None or (int(version) == BAKED and self._registry.baked(name)):
            return
        if self._store is None or self._store.find(key(name, int(version), FILE)) is None:
            raise UnknownVersion(name, version, self._live(name))

    def _live(self, name: str) -> int:
        look = self._registry.look(name, "")
        return look.alias.live if look and look.alias else BAKED
