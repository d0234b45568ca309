"""Orders: jobs that were asked for before there was a file; each is kept in its tenant's folder, the newest first."""

import secrets
from datetime import UTC, datetime
from typing import Any, NamedTuple

from functions.batch.errors import FileRefused
from functions.batch.ledger import Ledger, patiently
from functions.batch.options import Options
from functions.batch.register import enter, order, stamp
from functions.batch.sources.formats import format_of
from functions.core.errors import InvalidInput, brief
from functions.core.store import ObjectStore
from functions.core.telemetry import followed

TENANTS = "tenants"
LONGEST_NAME = 200
UNSAFE = frozenset("/\\\0\r\n")


class Order(NamedTuple):
    """What was asked for."""

    id: str
    """32 hexadecimal digits; the first 12 sort the newest first."""
    tenant: str
    model: str
    version: str | None
    file: str
    options: dict[str, Any]
    created_at: str
    trace: str | None = None
    """Of the request that ordered it."""

    @property
    def key(self) -> str:
        """Where in the input bucket the file goes."""
        return f"{self.model}{f'@{self.version}' if self.version else ''}/jobs/{self.id}/{self.file}"


def place(tenant: str, model: str, version: str | None, file: str, options: Options, results: ObjectStore) -> Order:
    """Keep an order.

    Raises:
        InvalidInput: the file's name is none that is taken.
        StoreUnavailable: the store did not answer.
    """
    _check(file)
    now = datetime.now(UTC)
    # Whoever reads a folder of these reads the newest first.
    job = order(now) + secrets.token_hex(10)
    made = Order(job, tenant, model, version, file, options.render(), stamp(now), followed())
    Ledger(results, f"{TENANTS}/{tenant}").settle_json(f"{job}.json", made._asdict())
    enter(job, now, {"key": made.key, "version_id": None, "created_at": made.created_at}, results)
    return made


def find(tenant: str, job: str, results: ObjectStore) -> Order | None:
    """An order of a tenant; None where it has no such. Raises StoreUnavailable."""
    found = Ledger(results, f"{TENANTS}/{tenant}").find_json(f"{job}.json")
    return None if found is None else Order(**{name: value for name, value in found.items() if name in Order._fields})


def ids(tenant: str, after: str, count: int, results: ObjectStore) -> list[str]:
    """The ids of a tenant's orders, the newest first, after that one. Raises StoreUnavailable."""
    prefix, beyond = f"{TENANTS}/{tenant}/", f"{after}.json" if after else ""
    return [name.removesuffix(".json") for name in patiently(lambda: results.page(prefix, beyond, count))]


def _check(file: str) -> None:
    if not 0 < len(file) <= LONGEST_NAME or not UNSAFE.isdisjoint(file) or file.startswith("."):
        raise InvalidInput("file", f"a file's name of at most {LONGEST_NAME} characters, without folders", brief(file))
    try:
        format_of(file)
    except FileRefused as refused:
        raise InvalidInput("file", *str(refused).removeprefix("Expected ").split(" - got ", 1)) from None
