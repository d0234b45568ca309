"""A caller of the deployed API: with the key, with a signature, or with both, as its stage asks."""

import http.client
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from local.endpoint import Endpoint
from local.errors import CallFailed

_JSON = "application/json"
_SERVICE = "execute-api"


@dataclass(frozen=True)
class Caller:
    """Knows how to be let in."""

    endpoint: Endpoint
    signs: bool

    @classmethod
    def admitted(cls, endpoint: Endpoint) -> "Caller":
        """A caller with as much as this stage asks for: it is tried without a signature first."""
        unsigned = cls(endpoint, signs=False)
        refused = endpoint.operator is not None and unsigned.send("GET", "/v2")[0] == http.client.FORBIDDEN
        return cls(endpoint, signs=True) if refused else unsigned

    def json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a request.

        Raises:
            CallFailed: the API refused, or did not answer.
        """
        status, text = self.send(method, path, body)
        if status != http.client.OK:
            raise CallFailed(path, f"answered {status}: {text[:500]}")
        content: dict[str, Any] = json.loads(text)
        return content

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, str]:
        """Status and text of the answer to a request."""
        url = f"{self.endpoint.api_url}{path}"
        data = json.dumps(body).encode() if body is not None else b""
        headers = {"content-type": _JSON, "x-api-key": self.endpoint.api_key or ""}
        if self.signs:
            headers |= self._signature(method, url, data)
        address = urlsplit(url)
        connection = http.client.HTTPConnection(address.netloc, timeout=30)
        try:
            connection.request(method, address.path, data, {name: value for name, value in headers.items() if value})
            response = connection.getresponse()
            return response.status, response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise CallFailed(path, f"did not answer: {error}") from error
        finally:
            connection.close()

    def curl(self, path: str) -> str:
        """The beginning of a curl line that is let in."""
        parts = ["curl", "-sS", f"{self.endpoint.api_url}{path}", "-H", f"content-type: {_JSON}"]
        if self.endpoint.api_key:
            parts += ["-H", f"x-api-key: {self.endpoint.api_key}"]
        if self.signs and (operator := self.endpoint.operator):
            parts += ["--aws-sigv4", f"aws:amz:{self.endpoint.region}:{_SERVICE}"]
            parts += ["--user", f"{operator.access_key_id}:{operator.secret_access_key}"]
        return shlex.join(parts)

    def _signature(self, method: str, url: str, data: bytes) -> dict[str, str]:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        if (operator := self.endpoint.operator) is None:
            raise CallFailed(url, "asks for a signature, and the stack has no operator who could sign")
        request = AWSRequest(method, url, data=data, headers={"content-type": _JSON})
        signer = Credentials(operator.access_key_id, operator.secret_access_key)
        SigV4Auth(signer, _SERVICE, self.endpoint.region).add_auth(request)
        return dict(request.headers)
