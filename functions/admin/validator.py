"""The entry point that Lambda calls to validate an upload: asynchronously, so perhaps twice."""

import ctypes
import os
from pathlib import Path
from typing import Any

from functions.admin.errors import UnknownUpload
from functions.admin.limits import Limits
from functions.admin.validation import Validation
from functions.core import traces
from functions.core.settings import Settings
from functions.core.store import ObjectStore
from functions.core.telemetry import emit, follow
from functions.rest import logger

PR_SET_DUMPABLE = 4

# The process that looks into a model runs as the same user: it must not read this one's credentials from /proc.
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)

logger.install()
_settings = Settings.from_environment(os.environ)
_limits = Limits.of(_settings.memory_mb)
_store = ObjectStore(_settings.model_bucket, timeout=_limits.transfer)
_validation = Validation(_store, Path(_settings.cache), _limits)


def handler(event: dict[str, Any], _context: object) -> None:
    """Validate the upload of an order {"upload", "model", "trace"}; the last may be none.

    Raises:
        StoreUnavailable: the registry did not answer; Lambda delivers the order again.
    """
    upload, model = event["upload"], event["model"]
    follow(traces.known(event.get("trace")) or traces.of({}, os.environ))
    try:
        verdict = _validation.run(upload, model)
    except UnknownUpload as unknown:  # to deliver it again would not help
        emit("upload_unknown", upload=upload, model=model, error=str(unknown))
        return
    fields = {field: verdict.get(field) for field in ("accepted", "version", "digest", "reason")}
    emit("upload_validated", upload=upload, model=model, **fields)
