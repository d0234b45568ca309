"""Where the value of a new key goes: to stdout once, or unseen to a file, a parameter or a secret."""

import os
from pathlib import Path
from typing import Protocol

from toolchain.deployment import Deployment
from toolchain.keys.errors import UnusablePlace

PARAMETER, SECRET = "ssm:", "secret:"


class Place(Protocol):
    """Takes one value."""

    def check(self) -> None:
        """Raises UnusablePlace where it would not take one, as far as that shows beforehand."""

    def put(self, value: str) -> None:
        """Take it. Raises UnusablePlace or what AWS does."""


class Memory:
    """Keeps the value until it is shown."""

    def __init__(self) -> None:
        self.value = ""

    def check(self) -> None:
        """Takes any."""

    def put(self, value: str) -> None:
        """Keep it."""
        self.value = value


class File:
    """A new file that its owner alone can read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def check(self) -> None:
        """Refuse a file that is there, and a folder that is not."""
        if self._path.exists() or self._path.is_symlink():
            raise UnusablePlace(str(self._path), "it is there already")
        if not os.access(self._path.parent, os.W_OK):
            raise UnusablePlace(str(self._path), "its folder is not there, or cannot be written to")

    def put(self, value: str) -> None:
        """Write it."""
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(value + "\n")
        except OSError as fault:
            raise UnusablePlace(str(self._path), str(fault)) from None


class Parameter:
    """An encrypted parameter of Systems Manager."""

    def __init__(self, name: str, deployment: Deployment) -> None:
        self._name, self._service = name, deployment.service("ssm")

    def check(self) -> None:
        """AWS says when it is put."""

    def put(self, value: str) -> None:
        """Write it, in place of what was there."""
        self._service.put_parameter(Name=self._name, Value=value, Type="SecureString", Overwrite=True)


class Secret:
    """A secret of Secrets Manager."""

    def __init__(self, name: str, deployment: Deployment) -> None:
        self._name, self._service = name, deployment.service("secretsmanager")

    def check(self) -> None:
        """AWS says when it is put."""

    def put(self, value: str) -> None:
        """Make the secret, or a new version of it."""
        try:
            self._service.create_secret(Name=self._name, SecretString=value)
        except self._service.exceptions.ResourceExistsException:
            self._service.put_secret_value(SecretId=self._name, SecretString=value)


def place(where: str, deployment: Deployment) -> Place:
    """The place that is meant by `ssm:NAME`, `secret:NAME`, the path of a file, or nothing, which is stdout."""
    if not where:
        return Memory()
    if where.startswith(PARAMETER):
        return Parameter(where.removeprefix(PARAMETER), deployment)
    if where.startswith(SECRET):
        return Secret(where.removeprefix(SECRET), deployment)
    return File(Path(where))
