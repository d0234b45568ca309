"""The composition root of the API of jobs: what tenants may see and do, and what operators may."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar

from functions.batch.jobs import orders, standing
from functions.batch.jobs.dead_letters import DeadLetters
from functions.batch.jobs.errors import JobIsOver, UnknownJob
from functions.batch.jobs.executions import Executions
from functions.batch.jobs.links import LARGEST_POST, Links
from functions.batch.jobs.models import Models
from functions.batch.jobs.orders import Order
from functions.batch.jobs.standing import Standing
from functions.batch.ledger import CANCELLED, FAILED, MANIFEST, Ledger
from functions.batch.options import Options
from functions.batch.register import RECENT, recent
from functions.batch.sources.formats import COMPRESSIBLE, COMPRESSIONS, FORMATS
from functions.core.errors import InvalidInput
from functions.core.settings import Settings
from functions.core.store import ObjectStore

PARTS = 500
"""Results that one answer has addresses of: each address is a kilobyte, and an answer has at most six million."""
READERS = 16
SCANNED = 500
"""Jobs that are looked at for those of one model, before the caller has to go on."""
Item = TypeVar("Item")
Found = TypeVar("Found")


class Service:
    """The jobs of one stage."""

    def __init__(self, settings: Settings) -> None:
        """Open the buckets; nothing is asked of AWS yet."""
        self._settings = settings
        self._results = ObjectStore(settings.output_bucket)
        self._models = Models(settings)

    @cached_property
    def _links(self) -> Links:
        return Links(self._settings.input_bucket, self._settings.output_bucket)

    @cached_property
    def _executions(self) -> Executions:
        return Executions(self._settings.job_machine)

    def place(
        self, tenant: str, model: str, version: str | None, file: str, size: int | None, options: Options
    ) -> dict[str, Any]:
        """Take an order.

        Raises:
            UnknownModel, UnknownVersion: there is none such.
            InvalidInput: the file's name or size, or the options, are none that are taken.
            StoreUnavailable: the store did not answer.
        """
        most = min(self._settings.max_job_bytes, LARGEST_POST)
        if size is not None and not 0 < size <= most:
            raise InvalidInput("bytes", f"a size from 1 to {most} bytes", str(size))
        self._models.check(model, version)
        order = orders.place(tenant, model, version, file, options, self._results)
        return {
            **_asked(order),
            "state": standing.WAITING,
            "upload": self._links.upload(order, size, most),
            "limits": {"bytes": most, "formats": _endings()},
        }

    def show(self, tenant: str, job: str, first_part: int) -> dict[str, Any]:
        """How a job of a tenant fares. Raises UnknownJob or StoreUnavailable."""
        return self._described(_asked(self._order(tenant, job)), Standing.of(job, self._results), first_part)

    def list(self, tenant: str, after: str, count: int, model: str | None = None) -> dict[str, Any]:
        """A tenant's jobs, the newest first, those of one model if one is named. Raises StoreUnavailable."""
        scanned = count if model is None else SCANNED
        ids = orders.ids(tenant, after, scanned, self._results)
        placed = [order for order in _each(lambda job: orders.find(tenant, job, self._results), ids) if order]
        wanted = [order for order in placed if model in (None, order.model)][:count]
        cut = len(wanted) == count or len(ids) == scanned
        last = wanted[-1].id if len(wanted) == count else ids[-1] if ids else None
        return {"jobs": list(_each(lambda order: self._brief(_asked(order)), wanted)), "next": last if cut else None}

    def cancel(self, tenant: str, job: str) -> dict[str, Any]:
        """End a job of a tenant. Raises UnknownJob, JobIsOver, StoreUnavailable or ServiceUnavailable."""
        order = self._order(tenant, job)
        return self._cancelled(_asked(order), job)

    def show_any(self, job: str, first_part: int) -> dict[str, Any]:
        """How any job fares, for operators. Raises UnknownJob or StoreUnavailable."""
        found = Standing.of(job, self._results)
        return self._described(self._known(found, job), found, first_part)

    def list_any(self, after: str, count: int) -> dict[str, Any]:
        """Every job, the newest first; `after` is an answer's `next`. Raises StoreUnavailable."""
        entries = recent(self._results, after, count)
        jobs = list(_each(lambda entry: self._brief(_entered(entry)), entries))
        return {"jobs": jobs, "next": entries[-1]["entry"] if len(entries) == count else None}

    def cancel_any(self, job: str) -> dict[str, Any]:
        """End any job, for operators. Raises as `cancel` does."""
        return self._cancelled(self._known(Standing.of(job, self._results), job), job)

    def redrive(self, *, dry_run: bool) -> dict[str, Any]:
        """Bring dead letters back, and begin again what the machine gave up.

        Raises:
            ServiceUnavailable, StoreUnavailable: to be asked again; what is done is done.
        """
        letters = DeadLetters(self._settings.dead_letters, self._settings.job_queue)
        unfinished = self._executions.unfinished() if self._settings.job_machine else {}
        stuck = [job for job in sorted(unfinished) if not Standing.of(job, self._results).is_over]
        if dry_run:
            return {"messages": letters.count(), "restarted": stuck, "dry_run": True}
        for job in stuck:
            claim = Standing.of(job, self._results).claim()
            self._executions.again(job, unfinished[job], claim.trace if claim else None)
        return {"messages": letters.bring_back(), "restarted": stuck, "dry_run": False}

    def _order(self, tenant: str, job: str) -> Order:
        order = orders.find(tenant, job, self._results)
        if order is None:
            raise UnknownJob(job)
        return order

    def _known(self, found: Standing, job: str) -> dict[str, Any]:
        """What a job is, whoever it is of."""
        if claim := found.claim():
            return _entered({"job": job, "key": claim.key, "created_at": found.moment("claim.json")})
        if failed := found.document(FAILED):
            return _entered({"job": job, "key": failed["source"]["key"], "created_at": found.moment(FAILED)})
        entry = Ledger(self._results, RECENT).find_json(f"{job[:12]}-{job}.json")
        if entry is None:
            raise UnknownJob(job)
        return _entered(entry)

    def _cancelled(self, about: Mapping[str, Any], job: str) -> dict[str, Any]:
        found = Standing.of(job, self._results)
        if found.is_over and found.state != "cancelled":
            raise JobIsOver(job, found.state)
        found.ledger.settle_json(CANCELLED, {"job": job})
        if (claim := found.claim()) and claim.distributed:
            self._executions.stop(job)
        after = Standing.of(job, self._results)
        if after.state != "cancelled":  # it was done while it was being cancelled
            raise JobIsOver(job, after.state)
        return self._described(about, after, 0)

    def _brief(self, about: dict[str, Any]) -> dict[str, Any]:
        return {**about, "state": Standing.of(about["id"], self._results).state}

    def _described(self, about: Mapping[str, Any], found: Standing, first_part: int) -> dict[str, Any]:
        claim = found.claim()
        counts = found.counts(claim) if claim else ()
        failed, manifest = found.document(FAILED), found.document(MANIFEST)
        price = standing.price(found, claim, counts) if claim else None
        return {
            **about,
            "trace": (claim and claim.trace) or about.get("trace"),
            "version": str(claim.version) if claim else about["version"],
            "state": found.state,
            "started_at": found.moment("claim.json"),
            "ended_at": found.moment(MANIFEST, FAILED, CANCELLED),
            "progress": standing.progress(found, counts),
            "counts": {name: manifest[name] for name in ("rows", "answered", "errors")} if manifest else None,
            **self._files(manifest, first_part),
            "error": {"code": failed["code"], "error": failed["error"]} if failed else None,
            "cost": price and {**price, "is_final": found.is_over},
        }

    def _files(self, manifest: Mapping[str, Any] | None, first: int) -> dict[str, Any]:
        if manifest is None:
            return {"results": [], "refusals": [], "next_part": None, "expires_at": None}
        parts, refusals = manifest["parts"], manifest["refusals"]
        last = first + PARTS
        return {
            "results": [self._link(part) for part in parts[first:last]],
            "refusals": [self._link(part) for part in refusals[first:last]],
            "next_part": last if max(len(parts), len(refusals)) > last else None,
            "expires_at": self._links.expiry(),
        }

    def _link(self, part: Mapping[str, Any]) -> dict[str, Any]:
        known = {name: value for name, value in part.items() if name != "key"}
        return {"name": part["key"].rpartition("/")[2], "url": self._links.download(part["key"]), **known}


def _asked(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "model": order.model,
        "version": order.version,
        "file": order.file,
        "created_at": order.created_at,
        "trace": order.trace,
    }


def _entered(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What the key of a file says of its job."""
    folder, _, name = entry["key"].partition("/")
    model, _, version = folder.partition("@")
    return {
        "id": entry["job"],
        "model": model,
        "version": version or None,
        "file": name.rpartition("/")[2],
        "key": entry["key"],
        "created_at": entry["created_at"],
    }


def _endings() -> list[str]:
    plain = [f".{name}" for name in FORMATS]
    return plain + [f".{name}.{ending}" for name in COMPRESSIBLE for ending in COMPRESSIONS]


def _each(look: Callable[[Item], Found], items: Iterable[Item]) -> Iterable[Found]:
    with ThreadPoolExecutor(READERS) as readers:
        return list(readers.map(look, items))
