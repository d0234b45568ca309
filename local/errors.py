"""What can go wrong on this machine, in words for the person at the keyboard."""


class LocalError(Exception):
    """The root of this package's errors: a message and, when one helps, a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class PortTaken(LocalError):
    """The port that was asked for is not free."""

    def __init__(self, port: int, holder: str) -> None:
        by = f" by {holder}" if holder else ""
        super().__init__(f"Port {port} is taken{by}", "leave --port out and a free one is chosen")


class PortClosed(LocalError):
    """The port that was asked for is not for this user."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"Port {port} cannot be opened: {reason}")


class CloudFailed(LocalError):
    """The embedded cloud did not start, or is gone."""


class CommandFailed(LocalError):
    """A subprocess failed; the end of what it printed is in the message."""

    def __init__(self, title: str, returncode: int, output: str) -> None:
        super().__init__(f"{title} failed with exit code {returncode}:\n{output}".rstrip())


class InvalidAssembly(LocalError):
    """The cloud assembly is not one that can be deployed here."""


class DeploymentFailed(LocalError):
    """CloudFormation refused the stack; the first failed resource is the cause."""

    def __init__(self, stack: str, resource: str, reason: str) -> None:
        super().__init__(f"Stack {stack} failed at {resource}: {reason}")


class Mismatch(LocalError):
    """A cloud is running, and it is not the one that was asked for."""

    def __init__(self, what: str, running: object, asked: object) -> None:
        super().__init__(
            f"A local cloud is already running with {what} = {running}, not {asked}",
            "`python -m local down` stops it; another --state runs a second one beside it",
        )


class CallFailed(LocalError):
    """The deployed API refused a request, or did not answer it."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path} {what}")


class NotUp(LocalError):
    """There is no local cloud with a stack in it."""

    def __init__(self) -> None:
        super().__init__("No local cloud is up", "`make run` starts one; --state names another than the default")


class NoDashboard(LocalError):
    """The stage that is deployed has no dashboard."""

    def __init__(self, stack: str) -> None:
        super().__init__(
            f"Stack {stack} has no dashboard", "set `monitoring.dashboard` of its stage in cdk.json to true"
        )
