"""Someone at the command line, with credentials for an admin API in memory."""

import json
from subprocess import CompletedProcess
from typing import Any, NamedTuple

from tests.toolchain.admin_server import Server
from tests.toolchain.registry_fake import Model, version
from tests.toolchain.test_cli import ortless

NOBODY = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "ORTLESS_STATE_DIR": "/dev/null"}
"""Nothing of the machine that tests run on."""


class Operator(NamedTuple):
    """Calls the real command line in a process of its own."""

    server: Server

    def __call__(self, *arguments: str, **variables: str) -> "CompletedProcess[str]":
        """Run a verb."""
        return ortless(*arguments, **NOBODY | self.server.variables | variables)

    def json(self, *arguments: str) -> Any:
        """What a verb prints with --json, when it succeeds."""
        done = self(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def has(self, name: str, versions: int, live: int = 0) -> None:
        """Put accepted versions into the registry, and make one live."""
        registry = self.server.registry
        numbers = range(1, versions + 1)
        registry.models[name] = Model(versions={each: version(each, f"{each:064x}", 1000 * each) for each in numbers})
        if live:
            registry.change(name, "promote", b'{"version": %d}' % live)
