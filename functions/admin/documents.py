"""What the admin API takes and gives, as strict models: the OpenAPI document is made of them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.rest import documents
from functions.rest.documents import MODEL_NAME, Strict

Version = Annotated[int, Field(ge=1, le=999_999_999, description="A version of the model.")]
NAME = MODEL_NAME
Name = Annotated[str, Field(pattern=NAME, description="A model's name.")]
Why = Annotated[str, Field(max_length=500, description="For the history.")]
Generation = Annotated[
    int | None, Field(ge=0, description="The state that the change is meant for; another one answers 409.")
]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256 of the file, in hex.")]


class Promotion(Strict):
    """Make a version live."""

    version: Version
    why: Why = ""
    generation: Generation = None


class Trial(Strict):
    """Give a version a share of the callers."""

    version: Version
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, description="Share of the callers; 0 ends it.")]
    why: Why = ""
    generation: Generation = None


class Shadowing(Strict):
    """Ask a version unheard what the live one is asked."""

    version: Annotated[Version | None, Field(description="null ends it.")]
    why: Why = ""
    generation: Generation = None


class Undoing(Strict):
    """End the canary, or go back to the previous version."""

    why: Why = ""
    generation: Generation = None


class Reason(Strict):
    """Why something is done."""

    why: Why = ""


class Finalization(Reason):
    """Why something is published; and why without a report that passes its gate, if so."""

    ungated: Why = ""


class File(Strict):
    """A file that will be uploaded."""

    sha256: Sha256
    size: Annotated[int, Field(ge=0, description="Bytes.")]


class UploadRequest(Strict):
    """The files of a model's folder."""

    files: Annotated[dict[str, File], Field(description="By name.")]


class Address(Strict):
    """Where a file is put, by HTTP PUT."""

    url: str
    headers: Annotated[dict[str, str], Field(description="That must come with the file.")]


class UploadGrant(Strict):
    """An upload that was begun."""

    upload: str
    urls: dict[str, Address]
    expires_at: str


class Check(Strict):
    """One thing that the validation looked at."""

    check: str
    ok: bool
    detail: str
    seconds: float


class Verdict(Strict):
    """What the validation said, in words."""

    accepted: bool
    model: str
    upload: str
    who: str
    why: Annotated[str, Field(description="What was said when the upload was complete.")] = ""
    ungated: Annotated[str, Field(description="Why there is no report that passes the model's gate, if so.")] = ""
    at: str
    reason: str
    checks: list[Check]
    version: int | None = None
    digest: str | None = None


class UploadState(Strict):
    """How far an upload is."""

    upload: str
    model: str
    state: Literal["uploading", "validating", "accepted", "refused"]
    version: int | None = None
    digest: str | None = None
    verdict: Verdict | None = None


class CanaryState(Strict):
    """A version on trial."""

    version: int
    weight: float


class ChangeState(Strict):
    """What made an alias what it is."""

    action: str
    who: str
    why: str
    at: str
    before: dict[str, Any] | None


class AliasState(Strict):
    """Which versions of a model serve."""

    model: str
    generation: int
    nonce: str
    live: int
    previous: int | None
    canary: CanaryState | None
    shadow: int | None
    digests: dict[str, str]
    change: ChangeState | None


class VersionState(Strict):
    """A version in the registry."""

    version: int
    digest: str
    bytes: int
    task: str
    published_at: str | None
    published_by: str | None
    accepted: bool
    retired: bool
    ungated: Annotated[str, Field(description="Why it has no report that passes a gate, if so.")] = ""


class ModelSummary(Strict):
    """A model in the list."""

    model: str
    versions: int
    generation: int | None
    live: int | None
    previous: int | None
    canary: CanaryState | None
    shadow: int | None


class Models(Strict):
    """Every model of the registry."""

    models: list[ModelSummary]


class ModelState(Strict):
    """A model, what serves of it, and its versions, the newest first."""

    model: str
    alias: AliasState | None
    versions: list[VersionState]


class FileState(Strict):
    """A file of a version, and where it can be had for a while."""

    name: str
    sha256: str
    bytes: int
    url: str


class VersionDetail(VersionState):
    """Everything there is to know of a version."""

    title: str
    description: str
    licence: str
    provenance: str
    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    files: list[FileState]
    verdict: Verdict | None


class HistoryEntry(Strict):
    """A change of an alias."""

    model: str
    generation: int
    action: str
    who: str
    why: str
    at: str
    before: dict[str, Any] | None
    after: dict[str, Any]


class History(Strict):
    """The changes of a model's alias, the latest first."""

    model: str
    changes: list[HistoryEntry]


class CollectionRequest(Strict):
    """Remove versions that nothing refers to."""

    dry_run: bool = True
    models: Annotated[list[Name], Field(description="Only of these; empty: of all.", default_factory=list)]
    keep: Annotated[int, Field(ge=0, le=1000, description="The newest so many stay, whether referred to or not.")] = 3


class Removal(Strict):
    """A version that was removed, or would be."""

    model: str
    version: int
    bytes: int


class Collection(Strict):
    """What a collection removed, or would."""

    dry_run: bool
    removed: list[Removal]


class Problem(documents.Problem):
    """What is wrong; a conflict says how things are."""

    state: AliasState | None = None
