"""Why a request about jobs is not done."""

from functions.core.errors import OrtlessError, brief


class UnknownJob(OrtlessError):
    """There is no job of that id, or it is not the caller's."""

    code = "unknown_job"

    def __init__(self, job: str) -> None:
        super().__init__(f"There is no job {brief(job)}")


class JobIsOver(OrtlessError):
    """What has ended cannot be cancelled."""

    code = "conflict"

    def __init__(self, job: str, state: str) -> None:
        super().__init__(f"The job {job} is {state}: only a job that waits or runs can be cancelled")


class ServiceUnavailable(OrtlessError):
    """A service of AWS beside S3 did not answer; to be tried again."""

    code = "service_unavailable"

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} did not answer: {reason}")
