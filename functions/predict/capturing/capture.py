"""Which requests are kept: a share of them, by their ids alone, so that anybody can tell which those are."""

from weakref import WeakKeyDictionary

from functions.core.catalog import Resident
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import emit
from functions.core.variant import share
from functions.predict.capturing.record import Recorder
from functions.predict.capturing.spool import Spool
from functions.predict.exchange import Request, Response, Trail

TRIAL = "/capture"
"""What the drawing is called: no model can be, so who is on trial and who is kept are drawn apart."""


class Capture:
    """Keeps a share of the requests to some models of a function, or to all."""

    def __init__(self, settings: Settings, spool: Spool | None = None) -> None:
        """Stand ready; the bucket is asked nothing before the first batch is full."""
        self.spool = spool or Spool(ObjectStore(settings.capture_bucket))
        self._share = settings.capture_share
        self._models = frozenset(settings.capture_models)
        self._redact = settings.capture_redact
        self._most = settings.capture_bytes
        self._recorders: WeakKeyDictionary[Resident, Recorder] = WeakKeyDictionary()
        self._failed = False

    def takes(self, request_id: str) -> bool:
        """Whether a request is among those that are kept, as its id alone decides."""
        return bool(request_id) and share(TRIAL, 0, request_id) < self._share

    def note(self, kind: str, trail: Trail, request: Request, response: Response, ms: float, trace: str = "") -> None:
        """Keep a request if it is one to keep, and write what is due. Never fails: an answer must not."""
        try:
            predictor = trail.predictor
            if predictor is not None and self.takes(request.id) and self._wants(predictor.manifest.name):
                recorder = self._recorders.get(predictor) or self._known(predictor)
                line = recorder.line(kind, request, response, ms, trace)
                self.spool.add((predictor.manifest.name, predictor.version), line)
            self.spool.turn()
        except Exception as fault:
            if not self._failed:
                emit("capture_failed", code=type(fault).__name__, records=1)
            self._failed = True

    def _wants(self, model: str) -> bool:
        return not self._models or model in self._models

    def _known(self, predictor: Resident) -> Recorder:
        recorder = self._recorders[predictor] = Recorder(predictor, self._redact, self._most)
        return recorder
