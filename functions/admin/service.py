"""The composition root of the admin API, and what its callers read."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.admin import uploads, versions
from functions.admin.aws import Bucket, Validator
from functions.admin.collection import Collector
from functions.admin.lifecycle import Lifecycle
from functions.admin.trial import Trials
from functions.admin.versions import Version
from functions.core import holdings
from functions.core.holdings import key, state
from functions.core.manifest import FileRecord
from functions.core.settings import Settings
from functions.core.store import ObjectStore

DOWNLOAD_SECONDS = 900
"""How long the address of a file holds."""


class Service:
    """The registry of one stage, as operators see it."""

    def __init__(self, settings: Settings) -> None:
        self.store = ObjectStore(settings.model_bucket)
        self.lifecycle = Lifecycle(self.store, Trials(settings))
        self.collector = Collector(settings.model_bucket, self.store)
        self._bucket = Bucket(settings.model_bucket)
        self._validator = Validator(settings.validator)

    def models(self) -> list[dict[str, Any]]:
        """Every model of the registry, and what serves of it."""
        return [self._summary(name) for name in holdings.models(self.store)]

    def model(self, name: str) -> dict[str, Any]:
        """A model, what serves of it, and its versions, the newest first. Raises NoModel."""
        found = list(versions.every(name, self.store))
        alias = holdings.serving(name, self.store)
        versions.check_known(name, found, alias)
        return {"model": name, "alias": state(name, alias), "versions": [_version(version) for version in found]}

    def version(self, name: str, number: int) -> dict[str, Any]:
        """Everything there is to know of a version, and addresses to get its files from. Raises NoVersion."""
        version = versions.read(name, number, self.store)
        manifest = version.manifest
        files = [
            {"name": file, "sha256": record.sha256, "bytes": record.size, "url": self._file_url(name, number, file)}
            for file, record in sorted(manifest.files.items())
        ]
        return {
            **_version(version),
            **{field: getattr(manifest, field) for field in ("title", "description", "licence", "provenance")},
            "inputs": [dict(spec.document()) for spec in manifest.inputs],
            "outputs": [dict(spec.document()) for spec in manifest.outputs],
            "files": files,
            "verdict": version.verdict,
        }

    def file(self, name: str, number: int, file: str) -> bytes:
        """The content of a file of a version. Raises NoVersion, or ObjectMissing where the version has none such."""
        versions.read(name, number, self.store)
        return self.store.get(key(name, number, file)).body

    def begin_upload(self, model: str, files: Mapping[str, FileRecord], who: str) -> dict[str, Any]:
        """Take note of an upload and say where its files go. Raises InvalidInput."""
        upload = uploads.begin(model, files, who, self.store)
        expires = datetime.now(UTC) + timedelta(minutes=uploads.MINUTES)
        urls = {}
        for name, record in files.items():
            url, headers = self._bucket.put_url(upload.key(f"files/{name}"), record, uploads.MINUTES * 60)
            urls[name] = {"url": url, "headers": headers}
        return {"upload": upload.id, "urls": urls, "expires_at": expires.isoformat(timespec="seconds")}

    def finalize(self, model: str, upload_id: str, why: str = "", ungated: str = "") -> dict[str, Any]:
        """Have an upload validated, once however often this is asked for. Raises UnknownUpload, StoreUnavailable."""
        upload = uploads.read(upload_id, model, self.store)
        if uploads.verdict(upload, self.store) is None:
            # Ordered again if somebody asks again: the validator does what is done already only once.
            uploads.start(upload, why, self.store, ungated)
            self._validator.start(upload.id, model)
        return uploads.state(upload, self.store)

    def upload(self, model: str, upload_id: str) -> dict[str, Any]:
        """How far an upload is. Raises UnknownUpload."""
        return uploads.state(uploads.read(upload_id, model, self.store), self.store)

    def _file_url(self, name: str, number: int, file: str) -> str:
        return self._bucket.get_url(key(name, number, file), DOWNLOAD_SECONDS)

    def _summary(self, name: str) -> dict[str, Any]:
        alias = holdings.serving(name, self.store)
        serving = state(name, alias) or dict.fromkeys(("generation", "live", "previous", "canary", "shadow"))
        shown = {field: serving[field] for field in ("generation", "live", "previous", "canary", "shadow")}
        return {"model": name, "versions": len(holdings.numbers(name, self.store)), **shown}


def _version(version: Version) -> dict[str, Any]:
    verdict = version.verdict or {}
    return {
        "version": version.number,
        "digest": version.manifest.digest,
        "bytes": version.size,
        "task": version.manifest.task,
        "published_at": verdict.get("at"),
        "published_by": verdict.get("who"),
        "accepted": version.accepted,
        "retired": version.retired,
        "ungated": verdict.get("ungated", ""),
    }
