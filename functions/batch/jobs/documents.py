"""What the API of jobs takes and gives, as strict models: the OpenAPI document is made of them."""

from typing import Annotated, Any

from pydantic import Field

from functions.rest.documents import MODEL_NAME, Strict

NAME = MODEL_NAME
ID = r"^[0-9a-f]{32}$"


class JobRequest(Strict):
    """A file that will be uploaded, and what is wanted of it."""

    file: Annotated[str, Field(description="The file's name; its ending says the format, as in flowers.csv.gz.")]
    version: Annotated[
        str | None, Field(pattern=r"^[0-9]{1,9}$", description="A version of the model; null: the live one.")
    ] = None
    bytes: Annotated[int | None, Field(description="Size of the file, where it is known: no other is taken then.")] = (
        None
    )
    options: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            description="format, carry, ignore, id, parameters, explain, compression: as in a note beside a file.",
        ),
    ]


class Upload(Strict):
    """A form that takes the file: POST multipart/form-data, the fields first, then `file`."""

    url: str
    fields: dict[str, str]
    expires_at: str


class Limits(Strict):
    """What a file may be."""

    bytes: int
    formats: list[str]


class JobBrief(Strict):
    """A job in a list."""

    id: Annotated[str, Field(pattern=ID)]
    model: str
    version: str | None
    file: str
    key: Annotated[str | None, Field(description="Of the file in the input bucket; operators see it.")] = None
    state: Annotated[str, Field(description="waiting (for the file), running, done, failed or cancelled.")]
    created_at: str
    trace: Annotated[str | None, Field(description="What the log knows the request that ordered it by.")] = None


class Ticket(JobBrief):
    """A job that was made."""

    upload: Upload
    limits: Limits


class Progress(Strict):
    """How far a job is; null is not known yet."""

    rows_done: int
    rows: int | None
    pieces_done: int
    pieces: int | None
    fraction: float | None


class Counts(Strict):
    """rows = answered + errors."""

    rows: int
    answered: int
    errors: int


class Refusals(Strict):
    """Rows that have no answer, as JSON Lines: row, line, id, code, error."""

    name: str
    url: str
    rows: int
    bytes: int
    sha256: str


class Part(Refusals):
    """Some of the results."""

    row: Annotated[int, Field(description="Number of the first row of the file that it is about, from 0.")]


class Failure(Strict):
    """Why there are no results."""

    code: str
    error: str


class Cost(Strict):
    """US dollars by list prices, without storage, transfer and free tier; estimated."""

    usd: float
    function_seconds: float
    memory_mb: int
    architecture: str
    measured_pieces: Annotated[int, Field(description="Pieces whose time was measured; 0: from the model's pace.")]
    priced_on: str
    region: str
    is_final: bool


class Job(JobBrief):
    """How a job fares."""

    started_at: str | None
    ended_at: str | None
    progress: Progress
    counts: Counts | None
    results: Annotated[list[Part], Field(description="In the file's order; addresses hold until expires_at.")]
    refusals: list[Refusals]
    next_part: Annotated[int | None, Field(description="first_part of the request for the rest of a long list.")]
    expires_at: str | None
    error: Failure | None
    cost: Cost | None


class Jobs(Strict):
    """Jobs, the newest first."""

    jobs: list[JobBrief]
    next: Annotated[str | None, Field(description="`after` of the request for the next ones.")]


class RedriveRequest(Strict):
    """Bring back what failed."""

    dry_run: bool = False


class Redriven(Strict):
    """What was brought back, or would be."""

    messages: Annotated[int, Field(description="Announcements of files.")]
    restarted: Annotated[list[str], Field(description="Large jobs that were begun again.")]
    dry_run: bool
