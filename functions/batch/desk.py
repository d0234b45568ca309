"""What a function has at hand for jobs: the files, the models and the ledgers."""

from functools import cached_property

from functions.batch.errors import JobDiverged
from functions.batch.ledger import Ledger, patiently
from functions.batch.pace import Pace, measure
from functions.batch.sources.decoding import opened
from functions.batch.sources.opening import Opening, StoredFile
from functions.core.catalog import Catalog
from functions.core.errors import InvalidPackage, ObjectMissing, UnknownModel, UnknownVersion
from functions.core.predictor import Predictor
from functions.core.registry import Registry
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import keep


class Desk:
    """The same for every message that a function's environment gets."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        keep(settings.metrics_namespace, settings.metrics)
        self.files = ObjectStore(settings.input_bucket)
        self.results = ObjectStore(settings.output_bucket)
        self._paces: dict[str, Pace] = {}

    @cached_property
    def catalog(self) -> Catalog:
        """The models, as real time serves them, but that the registry is asked each time.

        A file for a model that was published a second ago would else be refused for good.
        """
        settings = self.settings._replace(refresh_seconds=0)
        return Catalog(Registry.of(settings), settings)

    def ledger(self, job: str) -> Ledger:
        """What is written of a job."""
        return Ledger(self.results, job)

    def file(self, key: str, version_id: str) -> StoredFile:
        """A dropped file, as it was dropped.

        Raises:
            ObjectMissing: it is gone.
            StoreUnavailable: the store did not answer.
        """
        return patiently(lambda: StoredFile(self.files, key, version_id or None))

    def decoded(self, key: str, version_id: str, compression: str | None) -> Opening:
        """A dropped file, without its compression. Raises FileRefused for a bomb, and as `file` does."""
        return opened(self.file(key, version_id), compression)

    def staged(self, key: str) -> Opening:
        """A piece that was written for a job. Raises as `file` does."""
        return patiently(lambda: StoredFile(self.results, key))

    def predictor(self, job: str, model: str, version: int, digest: str) -> Predictor:
        """The version of a model that a job began with.

        Raises:
            JobDiverged: it is not to be had any more.
            StoreUnavailable: the store did not answer.
        """
        try:
            predictor = self.catalog.model(model, str(version))
        except (UnknownModel, UnknownVersion, ObjectMissing, InvalidPackage) as fault:
            raise JobDiverged(job, str(fault)) from None
        if predictor.manifest.digest != digest:
            raise JobDiverged(job, f"{model}@{version} is another package than it was")
        return predictor

    def pace(self, predictor: Predictor) -> Pace:
        """How many rows a model takes at once here, and how fast; found once for each package."""
        digest = predictor.manifest.digest
        if digest not in self._paces:
            self._paces[digest] = measure(predictor, self.settings.memory_mb)
        return self._paces[digest]
