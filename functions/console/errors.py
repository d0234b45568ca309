"""What the console has no answer to, beside what the core has not."""

from functions.core.errors import OrtlessError


class NoAsset(OrtlessError):
    """No file of that name belongs to the page."""

    code = "not_found"

    def __init__(self, path: str) -> None:
        super().__init__(f"The page has no file {path!r}; load it again if it was renewed meanwhile")


class NoReport(OrtlessError):
    """The version was published without a report of its compression."""

    code = "unknown_report"

    def __init__(self, name: str, version: int) -> None:
        super().__init__(f"Version {version} of {name!r} has no report of a compression")


class ServiceUnavailable(OrtlessError):
    """A service of AWS beside S3 did not answer; to be tried again."""

    code = "service_unavailable"

    def __init__(self, service: str, reason: str) -> None:
        super().__init__(f"{service} did not answer: {reason}")
