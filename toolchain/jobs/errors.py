"""What can go wrong between a file on this machine and its results beside it, each in a line and a hint."""

from pathlib import Path

from functions.core.errors import OrtlessError


class UnusableFile(OrtlessError):
    """The file cannot be answered, as far as that shows before it is sent."""

    code = "unusable_file"

    def __init__(self, expected: str, got: str, hint: str = "") -> None:
        super().__init__(f"Expected {expected} - got {got}" + (f"\nhint: {hint}" if hint else ""))


class JobsUnavailable(OrtlessError):
    """Nothing answers, or only that it cannot now: what only reads may be tried again."""

    code = "api_unreachable"


class FileNotUploaded(OrtlessError):
    """The file did not get where the API said it should; there is no job then."""

    code = "not_uploaded"

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name} could not be uploaded: {reason}" + (f"\nhint: {hint}" if hint else ""))


class NotDownloaded(OrtlessError):
    """Results did not get here; they are where they were."""

    code = "not_downloaded"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} could not be downloaded: {reason}")


class FileInTheWay(OrtlessError):
    """Results would replace a file that is there."""

    code = "file_exists"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is there already\nhint: give --force to replace it, or --to another folder")


class JobFailed(OrtlessError):
    """The file as a whole has no answer; the job's own words."""

    code = "job_failed"

    def __init__(self, job: str, code: str, words: str) -> None:
        super().__init__(f"The job {job} failed: {words} [{code}]")


class JobCancelled(OrtlessError):
    """Somebody cancelled the job."""

    code = "job_cancelled"

    def __init__(self, job: str) -> None:
        super().__init__(f"The job {job} was cancelled: it has no results")
