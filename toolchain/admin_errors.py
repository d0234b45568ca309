"""What can go wrong between an operator's machine and the admin API, each in a line and a hint."""

from typing import Any

from functions.core.errors import OrtlessError


class NoCredentials(OrtlessError):
    """There is nothing to sign with, or it cannot be had."""

    code = "no_credentials"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"Expected AWS credentials to sign with - got none: {reason}\n"
            "hint: set AWS_PROFILE, or run `aws configure` or `aws sso login`"
        )


class NoRegion(OrtlessError):
    """The address does not tell the API's region, and nothing else does."""

    code = "no_region"

    def __init__(self, url: str) -> None:
        super().__init__(
            f"Expected the region of {url} - got none: neither that name, nor AWS_REGION, nor the profile tells it\n"
            "hint: requests are signed for a region, and only an address of API Gateway's own has it in its name; "
            "set AWS_REGION to the region of the stack"
        )


class AdminUnreachable(OrtlessError):
    """Nothing answers; whether a change took place is then unknown."""

    code = "api_unreachable"

    def __init__(self, method: str, url: str, reason: str) -> None:
        doubt = "" if method == "GET" else "\nhint: it may have taken place all the same: see `ortless history`"
        super().__init__(f"There is no answer from {url}: {reason}{doubt}")


class AdminRefused(OrtlessError):
    """The API answered with an error; its own words."""

    code = "api_refused"

    def __init__(self, status: int, code: str, words: str) -> None:
        self.status = status
        super().__init__(f"{words} [{status}{f' {code}' if code else ''}]")


class Conflict(AdminRefused):
    """The state of a model does not allow the change; carries the alias as it is, if there is one."""

    code = "conflict"

    def __init__(self, words: str, state: dict[str, Any] | None) -> None:
        self.state = state
        super().__init__(409, "", words)


class AccessDenied(OrtlessError):
    """Whoever signed may not do this, or the signature does not hold."""

    code = "access_denied"

    def __init__(self, identity: str, method: str, path: str, words: str) -> None:
        super().__init__(
            f"{identity} may not do execute-api:Invoke on {method} {path}: {words} [403]\n"
            "hint: attach the stack's operator policy to that identity; `aws sts get-caller-identity` says who it is"
        )


class NotUploaded(OrtlessError):
    """A file did not get where the API said it should."""

    code = "not_uploaded"

    def __init__(self, model: str, name: str, reason: str) -> None:
        super().__init__(f"{name} of {model!r} could not be uploaded: {reason}")


class StillValidating(OrtlessError):
    """The validation takes longer than somebody wanted to wait."""

    code = "still_validating"

    def __init__(self, model: str, upload: str, seconds: float) -> None:
        super().__init__(
            f"The upload {upload} of {model!r} is not validated after {seconds:g} s\n"
            "hint: publish it again, which is the same version, or see `ortless models` later"
        )


class PackageRefused(OrtlessError):
    """The validation refused what was uploaded; says which check, and why."""

    code = "refused"

    def __init__(self, model: str, verdict: dict[str, Any]) -> None:
        self.verdict = verdict
        failed = next((check for check in verdict.get("checks", ()) if not check["ok"]), None)
        where = f" by the check `{failed['check']}`" if failed else ""
        reason = verdict.get("reason") or (failed or {}).get("detail") or "no reason was given"
        super().__init__(f"{model!r} was refused{where}: {reason}")
