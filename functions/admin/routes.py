"""The paths of the admin API, each a few lines over the service; FastAPI checks and documents what comes and goes."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response

from functions.admin import documents
from functions.admin.service import Service
from functions.admin.versions import check_known, every
from functions.core import holdings
from functions.core.alias import Alias
from functions.core.manifest import FileRecord
from functions.rest.documents import responses

Name = Annotated[str, Path(pattern=documents.NAME, description="A model's name.")]
Number = Annotated[int, Path(ge=1, le=999_999_999, description="A version of the model.")]
UploadId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="What beginning the upload answered.")]
PAPERS = {"card": ("CARD.md", "text/markdown; charset=utf-8"), "report": ("report.json", "application/json")}
PROBLEMS = responses(
    documents.Problem,
    (400, "Something does not fit."),
    (404, "There is no such thing."),
    (409, "The state does not allow it; `state` says how things are."),
    (503, "The registry does not answer."),
)
NO_REASON = documents.Finalization()
router = APIRouter(prefix="/admin", responses=PROBLEMS)


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found


def caller(request: Request) -> str:
    """Who signed the call: the ARN that the gateway found out, or what is known beside."""
    identity = request.scope.get("aws.event", {}).get("requestContext", {}).get("identity", {})
    return str(identity.get("userArn") or identity.get("caller") or identity.get("accessKey") or "unknown")


Admin = Annotated[Service, Depends(service)]
Who = Annotated[str, Depends(caller)]


@router.get("/models", response_model=documents.Models)
def list_models(admin: Admin) -> Any:
    """Every model of the registry."""
    return {"models": admin.models()}


@router.get("/models/{name}", response_model=documents.ModelState)
def describe_model(name: Name, admin: Admin) -> Any:
    """A model, what serves of it, and its versions."""
    return admin.model(name)


@router.get("/models/{name}/history", response_model=documents.History)
def show_history(name: Name, admin: Admin) -> Any:
    """Who changed what serves, from what to what, when and why."""
    changes = holdings.history(name, admin.store)
    if not changes:
        check_known(name, list(every(name, admin.store)), holdings.serving(name, admin.store))
    return {"model": name, "changes": changes}


@router.get("/models/{name}/versions/{version}", response_model=documents.VersionDetail)
def describe_version(name: Name, version: Number, admin: Admin) -> Any:
    """A version, the verdict of its validation, and addresses of its files."""
    return admin.version(name, version)


@router.get("/models/{name}/versions/{version}/{paper}", response_class=Response)
def read_paper(
    name: Name, version: Number, paper: Annotated[str, Path(pattern="^(card|report)$")], admin: Admin
) -> Response:
    """The model card, or the report of its compression."""
    file, media_type = PAPERS[paper]
    return Response(admin.file(name, version, file), media_type=media_type)


@router.post("/models/{name}/uploads", status_code=201, response_model=documents.UploadGrant)
def begin_upload(name: Name, body: documents.UploadRequest, admin: Admin, who: Who) -> Any:
    """Say what will be uploaded; the answer says where to."""
    files = {file: FileRecord(record.sha256, record.size) for file, record in body.files.items()}
    return admin.begin_upload(name, files, who)


@router.get("/models/{name}/uploads/{upload}", response_model=documents.UploadState)
def describe_upload(name: Name, upload: UploadId, admin: Admin) -> Any:
    """How far an upload is."""
    return admin.upload(name, upload)


@router.post("/models/{name}/uploads/{upload}:finalize", status_code=202, response_model=documents.UploadState)
def finalize_upload(name: Name, upload: UploadId, admin: Admin, body: documents.Finalization = NO_REASON) -> Any:
    """Everything is uploaded: have it validated, and published if it passes."""
    return admin.finalize(name, upload, body.why, body.ungated)


@router.post("/models/{name}/versions/{version}:retire", response_model=documents.ModelState)
def retire(name: Name, version: Number, body: documents.Reason, admin: Admin, who: Who) -> Any:
    """Let nobody promote a version any more."""
    admin.lifecycle.retire(name, version, who, body.why)
    return admin.model(name)


@router.post("/models/{name}:promote", response_model=documents.AliasState)
def promote(name: Name, body: documents.Promotion, admin: Admin, who: Who) -> Any:
    """Make a version live."""
    return _state(name, admin.lifecycle.promote(name, body.version, who, body.why, body.generation))


@router.post("/models/{name}:canary", response_model=documents.AliasState)
def canary(name: Name, body: documents.Trial, admin: Admin, who: Who) -> Any:
    """Give a version a share of the callers."""
    return _state(name, admin.lifecycle.canary(name, body.version, body.weight, who, body.why, body.generation))


@router.post("/models/{name}:shadow", response_model=documents.AliasState)
def shadow(name: Name, body: documents.Shadowing, admin: Admin, who: Who) -> Any:
    """Ask a version unheard what the live one is asked."""
    return _state(name, admin.lifecycle.shadow(name, body.version, who, body.why, body.generation))


@router.post("/models/{name}:rollback", response_model=documents.AliasState)
def rollback(name: Name, body: documents.Undoing, admin: Admin, who: Who) -> Any:
    """End the canary where one runs, or go back to the previous version."""
    return _state(name, admin.lifecycle.rollback(name, who, body.why, body.generation))


@router.post("/gc", response_model=documents.Collection)
def collect(body: documents.CollectionRequest, admin: Admin) -> Any:
    """Remove versions that nothing leads back to; a dry run says which."""
    names = body.models or holdings.models(admin.store)
    removed = admin.collector.collect(names, body.keep, dry_run=body.dry_run)
    return {"dry_run": body.dry_run, "removed": [removal._asdict() for removal in removed]}


def _state(name: str, alias: Alias) -> Any:
    return holdings.state(name, alias)
