"""The paths of the console: the page and its files for anyone, what it reads for callers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from functions.console import documents, page
from functions.console.assets import TYPES
from functions.console.errors import NoAsset
from functions.console.service import Service
from functions.rest.documents import MODEL_NAME, Problem, responses

NAME = MODEL_NAME
Name = Annotated[str, Path(pattern=NAME, description="A model's name.")]
Number = Annotated[int, Path(ge=1, le=999_999_999, description="A version of the model.")]
OneModel = Annotated[str | None, Query(pattern=NAME, description="Only of this model.")]
OneVersion = Annotated[str | None, Query(pattern=r"^[0-9a-z.-]{1,64}$", description="Only of this version.")]
PROBLEMS = responses(
    Problem,
    (400, "Something does not fit."),
    (404, "There is no such thing."),
    (503, "The registry, or a service of AWS, does not answer."),
)
FOREVER = "public, max-age=31536000, immutable"
"""A file's address has the digest of its content."""
ONCE = "no-store"
"""Of a file that is asked for by another digest: while a new version is deployed, pages of one version get files of the
other, which nobody may keep; without them they would stay blank."""
GUARDED = "/console/api/{proxy+}"
"""The resource of the gateway that takes what callers show; the page's own, beside it, is open."""


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found


def event(request: Request) -> dict[str, Any]:
    """What API Gateway handed over."""
    return request.scope.get("aws.event") or {}


def admitted(call: Annotated[dict[str, Any], Depends(event)]) -> None:
    """Let only what came by the guarded resource on: a path may read otherwise here than to the gateway, as %61pi."""
    if call.get("resource") != GUARDED:
        raise NoAsset(str(call.get("path")))


Console = Annotated[Service, Depends(service)]
Event = Annotated[dict[str, Any], Depends(event)]
router = APIRouter()
api = APIRouter(prefix="/console/api", dependencies=[Depends(admitted)], responses=PROBLEMS)


@router.get("/", include_in_schema=False)
def root(call: Event) -> Response:
    """On to the page."""
    location = f"{page.path_of(call)}/{page.HOME}"
    return Response(location, 307, {"location": location}, TYPES["txt"])


@router.get("/console", include_in_schema=False)
@router.get("/console/", include_in_schema=False)
def show_page(console: Console, call: Event) -> Response:
    """The page."""
    content = console.page(page.path_of(call))
    return Response(content, media_type=TYPES["html"], headers={"cache-control": "no-cache"})


@router.get("/console/assets/{digest}/{path:path}", include_in_schema=False)
def show_asset(digest: str, path: str, request: Request, console: Console) -> Response:
    """A file of the page."""
    asset = console.assets.asset(path)
    headers = {"cache-control": FOREVER if digest == console.assets.digest else ONCE}
    if asset.gzipped is None:
        return Response(asset.content, media_type=asset.kind, headers=headers)
    headers["vary"] = "accept-encoding"
    if not takes_gzip(request.headers.get("accept-encoding", "")):
        return Response(asset.content, media_type=asset.kind, headers=headers)
    return Response(asset.gzipped, media_type=asset.kind, headers=headers | {"content-encoding": "gzip"})


@api.get("/models", response_model=documents.Models)
def list_models(console: Console) -> Any:
    """Every model of the registry."""
    return {"models": console.models.list()}


@api.get("/models/{name}", response_model=documents.Model)
def describe_model(name: Name, console: Console) -> Any:
    """A model, its versions and its history."""
    return console.models.show(name)


@api.get("/models/{name}/versions/{version}/report", response_class=Response)
def show_report(name: Name, version: Number, console: Console) -> Response:
    """The report of a version's compression, as it was published."""
    return Response(console.models.report(name, version), media_type=TYPES["json"])


@api.get("/activity", response_model=documents.Activity)
def show_activity(
    console: Console, window: Literal["hour", "day"] = "hour", model: OneModel = None, version: OneVersion = None
) -> Any:
    """What models did in the last hour or day."""
    return console.activity(window, model, version)


@api.get("/usage", response_model=documents.Usage)
def show_usage(console: Console, call: Event) -> Any:
    """What the usage plan has left for the key of the request."""
    return console.usage(call.get("requestContext") or {})


def takes_gzip(accepted: str) -> bool:
    """Whether a caller takes what is compressed with gzip, by its header Accept-Encoding."""
    for part in accepted.lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding in ("gzip", "*"):
            return not weight or weight.strip("0.") != ""
    return False
