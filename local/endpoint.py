"""The record of a deployed local cloud: where it is and how to sign."""

from dataclasses import asdict, dataclass, field
from typing import Any

from local.state import State, read_json, write_json

REGION = "us-east-1"


@dataclass(frozen=True)
class Credentials:
    """An access key of an IAM user of the local cloud."""

    access_key_id: str
    secret_access_key: str


# The emulator does not verify these: they are its account root, for deploying and inspecting.
ROOT_CREDENTIALS = Credentials("test", "test")


@dataclass(frozen=True)
class Endpoint:
    """What scripts read from .local/endpoint.json; a bare cloud has no API and no operator."""

    endpoint_url: str
    port: int
    pid: int
    region: str = REGION
    stack: str | None = None
    api_url: str | None = None
    api_key: str | None = None
    models_bucket: str | None = None
    operator: Credentials | None = None
    assembly: str | None = None
    context: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def write(self, state: State) -> None:
        """Publish the record: from here on the cloud counts as up."""
        write_json(state.endpoint, asdict(self))

    @classmethod
    def read(cls, state: State) -> "Endpoint | None":
        """The record, if there is one; whether its process still runs is the cloud's to say."""
        content = read_json(state.endpoint)
        if content is None:
            return None
        operator = content.pop("operator")
        return cls(**content, operator=Credentials(**operator) if operator else None)
