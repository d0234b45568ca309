"""A registry in memory that keeps to the admin API's own documents and transitions: what its client is tested against.

What it does not do is what makes the real one: S3, validation, and rights. The end-to-end tests have those.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from functions.admin import documents, transitions
from functions.admin.errors import StateConflict
from functions.core import alias as aliases
from functions.core.alias import Alias

AT = "2026-05-04T03:02:01.500+00:00"
WHO = "arn:aws:iam::123456789012:user/alice"


class Answered(Exception):
    """An error as the API answers it."""

    def __init__(self, status: int, code: str, error: str, alias: Alias | None = None, name: str = "") -> None:
        self.status = status
        self.problem = documents.Problem(error=error, code=code, state=alias and alias_state(name, alias))
        super().__init__(error)


@dataclass
class Model:
    """A model, what serves of it, its versions by number, and its changes, the oldest first."""

    alias: Alias | None = None
    versions: dict[int, documents.VersionState] = field(default_factory=dict)
    changes: list[documents.HistoryEntry] = field(default_factory=list)


@dataclass
class Upload:
    """Files that were announced, and those that came."""

    model: str
    files: dict[str, documents.File]
    came: dict[str, bytes] = field(default_factory=dict)
    finalized: bool = False
    ungated: str = ""
    verdict: documents.Verdict | None = None


@dataclass
class Registry:
    """Every model and upload; `refusals` are models that no validation accepts, with the check and the reason."""

    models: dict[str, Model] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict)
    polls: int = 2
    """Looks at an upload before there is a verdict."""
    collections: list[documents.CollectionRequest] = field(default_factory=list)

    def listed(self) -> documents.Models:
        """Every model."""
        return documents.Models(models=[self._summary(name) for name in sorted(self.models)])

    def model(self, name: str) -> documents.ModelState:
        """One model, its versions the newest first."""
        found = self._known(name)
        alias = found.alias and alias_state(name, found.alias)
        versions = [found.versions[number] for number in sorted(found.versions, reverse=True)]
        return documents.ModelState(model=name, alias=alias, versions=versions)

    def history(self, name: str) -> documents.History:
        """The changes of one model, the latest first."""
        return documents.History(model=name, changes=self._known(name).changes[::-1])

    def change(self, name: str, verb: str, body: bytes) -> documents.AliasState:
        """Apply one of the state machine's transitions."""
        model = self._known(name)
        request: Any
        transition: Callable[[Alias | None], Alias]
        match verb:
            case "promote":
                request = documents.Promotion.model_validate_json(body)
                digest = self._digest(name, request.version)
                transition = lambda before: transitions.promote(before, request.version, digest)  # noqa: E731
            case "canary":
                request = documents.Trial.model_validate_json(body)
                digest = self._digest(name, request.version) if request.weight else ""
                transition = lambda before: transitions.canary(before, request.version, digest, request.weight)  # noqa: E731
            case "shadow":
                request = documents.Shadowing.model_validate_json(body)
                digest = self._digest(name, request.version) if request.version else ""
                transition = lambda before: transitions.shadow(before, request.version, digest)  # noqa: E731
            case _:
                request = documents.Undoing.model_validate_json(body)
                transition = transitions.rollback
        return self._changed(name, model, verb, transition, request)

    def begin(self, name: str, body: bytes, base: str) -> documents.UploadGrant:
        """Take note of an upload; its files go to `base`."""
        files = documents.UploadRequest.model_validate_json(body).files
        upload = uuid4().hex
        self.uploads[upload] = Upload(name, files)
        addresses = {
            file: documents.Address(
                url=f"{base}/{upload}/{file}?X-Amz-Signature=abc",
                headers={"x-amz-checksum-sha256": b64encode(bytes.fromhex(record.sha256)).decode()},
            )
            for file, record in files.items()
        }
        return documents.UploadGrant(upload=upload, urls=addresses, expires_at=AT)

    def finalize(self, name: str, upload: str, body: bytes) -> documents.UploadState:
        """Everything has come."""
        said = documents.Finalization.model_validate_json(body)
        found = self.uploads[upload]
        found.ungated = said.ungated
        assert found.model == name
        assert found.came.keys() == found.files.keys()
        found.finalized = True
        return documents.UploadState(upload=upload, model=name, state="validating")

    def look(self, name: str, upload: str) -> documents.UploadState:
        """How far an upload is; the last of some looks finds it validated."""
        found = self.uploads[upload]
        assert found.finalized
        self.polls -= 1
        if self.polls > 0:
            return documents.UploadState(upload=upload, model=name, state="validating")
        verdict = found.verdict = found.verdict or self._verdict(name, upload, found)
        return documents.UploadState(
            upload=upload, model=name, state="accepted" if verdict.accepted else "refused",
            version=verdict.version, digest=verdict.digest, verdict=verdict,
        )  # fmt: skip

    def retire(self, name: str, number: int, body: bytes) -> documents.ModelState:
        """Let nobody promote a version any more."""
        documents.Undoing.model_validate_json(body)
        model = self._known(name)
        if model.alias and number in model.alias.versions():
            raise Answered(
                409, "conflict", f"Version {number} of {name!r} serves: it cannot be retired", model.alias, name
            )
        model.versions[number].retired = True
        return self.model(name)

    def collect(self, body: bytes) -> documents.Collection:
        """What no alias names."""
        request = documents.CollectionRequest.model_validate_json(body)
        self.collections.append(request)
        removed = [
            documents.Removal(model=name, version=number, bytes=self.models[name].versions[number].bytes)
            for name in request.models or sorted(self.models)
            for number in sorted(self.models[name].versions)[: -request.keep or None]
            if not (alias := self.models[name].alias) or number not in alias.versions()
        ]
        return documents.Collection(dry_run=request.dry_run, removed=removed)

    def _summary(self, name: str) -> documents.ModelSummary:
        state = self.model(name).alias
        fields = state.model_dump(include={"generation", "live", "previous", "shadow"}) if state else {}
        shown = dict.fromkeys(("generation", "live", "previous", "shadow")) | fields
        canary = state.canary if state else None
        return documents.ModelSummary(model=name, versions=len(self.models[name].versions), canary=canary, **shown)

    def _known(self, name: str) -> Model:
        if name not in self.models:
            raise Answered(404, "unknown_model", f"The registry has no model {name!r}")
        return self.models[name]

    def _digest(self, name: str, number: int) -> str:
        if number not in self.models[name].versions:
            raise Answered(404, "unknown_version", f"The model {name!r} has no version {number}")
        return self.models[name].versions[number].digest

    def _changed(
        self, name: str, model: Model, verb: str, transition: Callable[[Alias | None], Alias], request: Any
    ) -> documents.AliasState:
        before = model.alias
        found = before.generation if before else 0
        if request.generation not in (None, found):
            error = f"Expected generation {request.generation} of {name!r} - got {found}"
            raise Answered(409, "conflict", error, before, name)
        try:
            after = transition(before)
        except StateConflict as conflict:
            raise Answered(409, "conflict", str(conflict), before, name) from None
        if before is None or after != before:
            after = after._replace(generation=after.generation + 1)
            model.changes.append(_entry(name, verb, request.why, before, after))
        model.alias = after
        return alias_state(name, after)

    def _verdict(self, name: str, upload: str, found: Upload) -> documents.Verdict:
        base: dict[str, Any] = {"model": name, "upload": upload, "who": WHO, "at": AT}
        if refusal := self.refusals.get(name):
            check = documents.Check(check=refusal[0], ok=False, detail=refusal[1], seconds=0.1)
            passed = documents.Check(check="digests", ok=True, detail="", seconds=0.1)
            return documents.Verdict(accepted=False, reason=refusal[1], checks=[passed, check], **base)
        digest = hashlib.sha256(repr(sorted(found.files.items())).encode()).hexdigest()
        versions = self.models.setdefault(name, Model()).versions
        same = [number for number, version in versions.items() if version.digest == digest]
        number = same[0] if same else len(versions) + 1
        made = version(number, digest, sum(len(body) for body in found.came.values()))
        made.ungated = found.ungated
        versions.setdefault(number, made)
        return documents.Verdict(accepted=True, reason="", checks=[], version=number, digest=digest, **base)


def version(number: int, digest: str, size: int) -> documents.VersionState:
    """A version that passed its validation."""
    return documents.VersionState(
        version=number, digest=digest, bytes=size, task="", published_at=AT, published_by=WHO,
        accepted=True, retired=False,
    )  # fmt: skip


def alias_state(name: str, alias: Alias) -> documents.AliasState:
    """An alias as answers show it."""
    return documents.AliasState(model=name, **aliases.document(alias))


def _entry(name: str, verb: str, why: str, before: Alias | None, after: Alias) -> documents.HistoryEntry:
    return documents.HistoryEntry(
        model=name, generation=after.generation, action=verb, who=WHO, why=why, at=AT,
        before=before and aliases.document(before), after=aliases.document(after),
    )  # fmt: skip
