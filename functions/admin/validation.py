"""From an upload to a version with a verdict, or to a verdict alone."""

import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from functions.admin import confinement, intake, uploads
from functions.admin.confinement import Check
from functions.admin.errors import Refused
from functions.admin.inspection import PACKAGE
from functions.admin.limits import MIB, Limits
from functions.admin.publication import publish
from functions.admin.uploads import Upload
from functions.core import manifest as manifests
from functions.core.errors import InvalidPackage, WriteConflict
from functions.core.holdings import VERDICT, key
from functions.core.manifest import FileRecord
from functions.core.package import Package, digest_of, digest_of_bytes
from functions.core.registry import BAKED
from functions.core.store import ObjectStore

Verdict = dict[str, Any]

LARGEST_MANIFEST = 16 * MIB
"""Bytes that every start of a function can be asked to read."""


class Validation:
    """Validates uploads to one registry."""

    def __init__(self, store: ObjectStore, cache: Path, limits: Limits) -> None:
        """Prepare.

        Args:
            cache: directory for what is looked at, which is gone afterwards.
            limits: for each model.
        """
        self._store = store
        self._cache = cache
        self._limits = limits

    def run(self, upload_id: str, model: str) -> Verdict:
        """Validate an upload and publish what passes; however often this is asked for, there is one version.

        Returns:
            The verdict as it stands beside the upload.

        Raises:
            UnknownUpload: there is none.
            StoreUnavailable: the registry did not answer; to ask again goes on where this stopped.
        """
        upload = uploads.read(upload_id, model, self._store)
        if found := uploads.verdict(upload, self._store):
            return found
        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache, prefix="validation-", ignore_cleanup_errors=True) as scratch:
            checks, package = self._look(upload, Path(scratch))
            verdict = _verdict(upload, uploads.reasons(upload, self._store), checks)
            if package:
                verdict |= {"version": publish(package, self._store), "digest": package.manifest.digest}
                self._keep(key(model, verdict["version"], VERDICT), verdict)
        return self._keep(upload.key(uploads.VERDICT), verdict)

    def _look(self, upload: Upload, scratch: Path) -> tuple[list[Check], Package | None]:
        folder, packages = scratch / "source" / upload.model, scratch / "packages"
        folder.mkdir(parents=True)
        packages.mkdir()
        checks: list[Check] = []
        try:
            with _check(checks, intake.DIGESTS) as remark:
                remark(intake.fetch(upload, folder, self._store))
            with _check(checks, intake.SIZES) as remark:
                remark(intake.check_sizes(upload, self._limits))
            checks += confinement.inspect(folder, packages, self._limits)
            if not checks[-1].ok:
                return checks, None
            return checks, sealed(packages / upload.model, upload.model)
        except Refused as refusal:
            return [*checks, Check(refusal.check, ok=False, detail=refusal.reason, seconds=0.0)], None

    def _keep(self, place: str, verdict: Verdict) -> Verdict:
        """Write a verdict where there is none yet; returns the one that is there."""
        try:
            self._store.put_if_absent(place, orjson.dumps(verdict, option=orjson.OPT_INDENT_2))
        except WriteConflict:
            kept: Verdict = orjson.loads(self._store.get(place).body)
            return kept
        return verdict


@contextmanager
def _check(checks: list[Check], name: str) -> Iterator[Callable[[str], None]]:
    """Take note of a check that is made here; gives what takes its remark."""
    remarks: list[str] = []
    began = monotonic()
    yield remarks.append
    checks.append(Check(name, ok=True, detail=remarks[-1], seconds=round(monotonic() - began, 3)))


def sealed(directory: Path, model: str) -> Package:
    """The package that an inspection left, if it is whole: that process is not trusted.

    Raises:
        Refused: a file is not the one that its manifest names, or the manifest is of another model.
    """
    try:
        if not _plain(directory / manifests.FILE, LARGEST_MANIFEST):
            raise Refused(PACKAGE, f"expected a manifest of at most {LARGEST_MANIFEST} bytes, lists with it")
        document = (directory / manifests.FILE).read_bytes()
        manifest = manifests.parse(document, digest_of_bytes(document), model)
        whole = all(_holds(directory / file, record) for file, record in manifest.files.items())
    except (OSError, InvalidPackage) as fault:
        raise Refused(PACKAGE, f"what was compiled is not whole: {fault}") from None
    if not whole or manifest.name != model:
        raise Refused(PACKAGE, "what was compiled is not what its manifest says")
    return Package(BAKED, str(directory), manifest)


def _plain(path: Path, largest: int) -> bool:
    """Whether a path is a file and nothing that leads elsewhere or never ends, as a link or a pipe."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_size <= largest


def _holds(path: Path, record: FileRecord) -> bool:
    return _plain(path, record.size) and digest_of(str(path)) == record


def _verdict(upload: Upload, reasons: dict[str, str], checks: list[Check]) -> Verdict:
    last = checks[-1]
    return {
        "accepted": last.ok,
        "model": upload.model,
        "upload": upload.id,
        "who": upload.who,
        **reasons,
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "reason": "" if last.ok else f"{last.check}: {last.detail}",
        "checks": [check._asdict() for check in checks],
    }
