"""What ends a job, and what is only tried again."""

from functions.core.errors import OrtlessError


class FileRefused(OrtlessError):
    """The file as a whole cannot be answered, however often it is tried; the message says why."""

    code = "file_refused"


class JobCancelled(OrtlessError):
    """Somebody cancelled the job."""

    code = "cancelled"

    def __init__(self, job: str) -> None:
        super().__init__(f"The job {job} was cancelled")


class JobDiverged(OrtlessError):
    """The model that the job began with is not to be had any more: other answers must not be mixed with its own."""

    code = "diverged"

    def __init__(self, job: str, reason: str) -> None:
        super().__init__(f"The job {job} cannot go on as it began: {reason}; drop the file again")
