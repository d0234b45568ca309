"""The paths of the API of jobs, each a few lines over the service; FastAPI checks and documents what comes and goes."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request

from functions.batch.jobs import documents
from functions.batch.jobs.service import Service
from functions.batch.jobs.tenants import tenant
from functions.batch.options import Options
from functions.rest.documents import Problem, responses

Name = Annotated[str, Path(pattern=documents.NAME, description="A model's name.")]
JobId = Annotated[str, Path(pattern=documents.ID, description="What making the job answered.")]
After = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$", description="`next` of the answer before.")]
Entry = Annotated[
    str, Query(pattern=r"^([0-9a-f]{12}-[0-9a-f]{32}\.json)?$", description="`next` of the answer before.")
]
Limit = Annotated[int, Query(ge=1, le=100, description="Most jobs of an answer.")]
FirstPart = Annotated[int, Query(ge=0, description="`next_part` of the answer before.")]
PROBLEMS = responses(
    Problem,
    (400, "Something does not fit."),
    (404, "There is no such model, version or job."),
    (409, "The job is over."),
    (503, "The store, or another service, does not answer."),
)
ALL = documents.RedriveRequest()
router = APIRouter(responses=PROBLEMS)


def service(request: Request) -> Service:
    """The service that the application was made with."""
    found: Service = request.app.state.service
    return found


def caller(request: Request) -> str:
    """Whose jobs the request is about."""
    return tenant(request.scope.get("aws.event") or {})


Jobs = Annotated[Service, Depends(service)]
Tenant = Annotated[str, Depends(caller)]


@router.post("/v1/models/{name}/jobs", status_code=201, response_model=documents.Ticket)
def make_job(name: Name, body: documents.JobRequest, jobs: Jobs, who: Tenant) -> Any:
    """Make a job; the answer says where its file is uploaded to, and then it begins."""
    options = Options.read(orjson.dumps(body.options), "options")
    return jobs.place(who, name, body.version, body.file, body.bytes, options)


@router.get("/v1/models/{name}/jobs", response_model=documents.Jobs)
def list_jobs_of_model(name: Name, jobs: Jobs, who: Tenant, after: After = "", limit: Limit = 50) -> Any:
    """The caller's jobs of a model, the newest first."""
    return jobs.list(who, after, limit, name)


@router.get("/v1/jobs", response_model=documents.Jobs)
def list_jobs(jobs: Jobs, who: Tenant, after: After = "", limit: Limit = 50) -> Any:
    """The caller's jobs, the newest first."""
    return jobs.list(who, after, limit)


@router.get("/v1/jobs/{job}", response_model=documents.Job)
def describe_job(job: JobId, jobs: Jobs, who: Tenant, first_part: FirstPart = 0) -> Any:
    """How a job fares, and addresses of its results."""
    return jobs.show(who, job, first_part)


@router.delete("/v1/jobs/{job}", response_model=documents.Job)
def cancel_job(job: JobId, jobs: Jobs, who: Tenant) -> Any:
    """End a job that waits or runs; there will be no results."""
    return jobs.cancel(who, job)


@router.get("/admin/jobs", response_model=documents.Jobs, tags=["operators"])
def list_every_job(jobs: Jobs, after: Entry = "", limit: Limit = 50) -> Any:
    """Every job, also those of dropped files, the newest first."""
    return jobs.list_any(after, limit)


@router.get("/admin/jobs/{job}", response_model=documents.Job, tags=["operators"])
def describe_any_job(job: JobId, jobs: Jobs, first_part: FirstPart = 0) -> Any:
    """How any job fares."""
    return jobs.show_any(job, first_part)


@router.delete("/admin/jobs/{job}", response_model=documents.Job, tags=["operators"])
def cancel_any_job(job: JobId, jobs: Jobs) -> Any:
    """End any job."""
    return jobs.cancel_any(job)


@router.post("/admin/jobs:redrive", response_model=documents.Redriven, tags=["operators"])
def redrive(jobs: Jobs, body: documents.RedriveRequest = ALL) -> Any:
    """Bring dead letters back, and begin large jobs again that were given up; what is answered of them stays."""
    return jobs.redrive(dry_run=body.dry_run)
