"""Brings the results of a job to this machine: checked, in order, one file where that can be, never over another."""

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from toolchain.admin_client import PASSING, network_words
from toolchain.jobs.api import Jobs
from toolchain.jobs.errors import FileInTheWay, NotDownloaded
from toolchain.jobs.joining import join
from toolchain.jobs.uploading import Told, name_of

CHUNK = 1 << 20
SECONDS = 60.0
PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before a part is asked for again."""
FRESH = 600.0
"""Seconds for which addresses are used: they hold for a quarter of an hour."""
NAME = re.compile(r"(?:part|errors)-\d{5,}\.([a-z0-9]+(?:\.[a-z0-9]+)?)")
"""How the parts of results are called; they become names of files here."""
COMPRESSIONS = {"gzip": ".gz", "zstd": ".zst"}
Came = Callable[[int, int], None]
"""Told the bytes that came, and how many there are in all."""


class Kept(NamedTuple):
    """Where results are now."""

    results: list[Path]
    refusals: Path | None


class Place(NamedTuple):
    """Where results are to be."""

    folder: Path
    stem: str
    """What their names begin with."""
    force: bool

    def results(self, ending: str) -> Path:
        """The whole of them."""
        return self.folder / f"{self.stem}.results.{ending}"

    def part(self, name: str) -> Path:
        """One of them, where they cannot be one file."""
        return self.folder / f"{self.stem}.results.{name}"

    @property
    def refusals(self) -> Path:
        """The rows without an answer."""
        return self.folder / f"{self.stem}.errors.jsonl"

    def check(self, *paths: Path) -> None:
        """Raises FileInTheWay: one of them is there, and is not to be replaced."""
        for path in paths:
            if path.exists() and not self.force:
                raise FileInTheWay(path)


def place(file: str, folder: Path, *, force: bool) -> Place:
    """The place for the results of a file of that name."""
    bare = Path(file).name  # what the API says is no path of ours
    name = name_of(bare)
    return Place(folder, (name.stem if name else bare) or "job", force)


def expected(file: str, options: dict[str, Any]) -> str | None:
    """The ending that results will have; None where that is not to be told."""
    name = name_of(file)
    if name is None:
        return None
    kind = options.get("format") or ("jsonl" if name.format == "zip" else name.format)
    return f"{kind}{COMPRESSIONS.get(str(options.get('compression')), '')}"


class Download:
    """The results of one job that is done, on their way here."""

    def __init__(self, jobs: Jobs, job: str, came: Came, told: Told, pauses: Sequence[float] = PAUSES) -> None:
        """Ask for the addresses. Raises as the API does."""
        self._jobs, self._job = jobs, job
        self._came, self._told, self._pauses = came, told, pauses
        self._pages: dict[str, int] = {}
        self._ages: dict[int, float] = {}
        self._links: dict[str, dict[str, Any]] = {}
        self._parts: list[str] = []
        self._refusals: list[str] = []
        self._done = 0
        first: int | None = 0
        while first is not None:
            first = self._read(first)

    def keep(self, to: Place) -> Kept:
        """Bring everything.

        What has come stays in a folder of the job's own until all is there, so that it need not come again.

        Raises:
            FileInTheWay: something of that name is there.
            NotDownloaded: something did not come, not as it is there, or there is no room for it.
            As the API does.
        """
        with _written(to.folder):
            to.folder.mkdir(parents=True, exist_ok=True)
            ending = self._ending()
            # Refusals of a job before would be taken for this one's, even where this one has none.
            to.check(to.results(ending), to.refusals, *(to.part(name) for name in self._parts))
            staging = to.folder / f".ortless-{self._job}"
            staging.mkdir(exist_ok=True)
            with httpx.Client(timeout=SECONDS, headers={"accept-encoding": "identity"}) as http:
                parts = [self._bring(http, name, staging) for name in self._parts]
                refusals = [self._bring(http, name, staging) for name in self._refusals]
            to.check(to.refusals)
            results = self._finished(ending, parts, staging, to)
            if refusals:
                join("jsonl", refusals, staging / "refusals")
                (staging / "refusals").replace(to.refusals)
            else:
                to.refusals.unlink(missing_ok=True)
            shutil.rmtree(staging)
        return Kept(results, to.refusals if refusals else None)

    def _finished(self, ending: str, parts: list[Path], staging: Path, to: Place) -> list[Path]:
        """Put the results in their place, as one file where they can be."""
        whole = to.results(ending)
        if len(parts) == 1 or join(ending, parts, staging / "joined"):
            to.check(whole)
            (parts[0] if len(parts) == 1 else staging / "joined").replace(whole)
            return [whole]
        targets = [to.part(part.name) for part in parts]
        to.check(*targets)
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
        return targets

    def _read(self, first: int) -> int | None:
        """Read a page of addresses; returns where the next one begins."""
        found = self._jobs.look(self._job, first)
        for links, known in ((sorted(found["results"], key=_row), self._parts), (found["refusals"], self._refusals)):
            for link in links:
                if link["name"] not in self._links:
                    known.append(link["name"])
                self._links[link["name"]], self._pages[link["name"]] = link, first
        self._ages[first] = time.monotonic()
        after: int | None = found.get("next_part")
        return after

    def _ending(self) -> str:
        found = [NAME.fullmatch(name) for name in (*self._parts, *self._refusals)]
        if not self._parts or None in found or len({each[1] for each in found[: len(self._parts)] if each}) != 1:
            raise NotDownloaded(
                f"What the job {self._job} gave", f"its files have other names: {list(self._links)[:3]}"
            )
        return found[0][1] if found[0] else ""

    def _bring(self, http: httpx.Client, name: str, staging: Path) -> Path:
        path, link = staging / name, self._links[name]
        if not (path.exists() and path.stat().st_size == link["bytes"] and _digest(path) == link["sha256"]):
            for attempt, pause in enumerate(self._pauses, 1):
                reason = self._get(http, name, path)
                if reason is None:
                    break
                self._told(f"{name} did not come: {reason}; asking again ({attempt} of {len(self._pauses)})")
                time.sleep(pause)
            else:
                if reason := self._get(http, name, path):
                    raise NotDownloaded(name, reason)
        self._done += link["bytes"]
        return path

    def _get(self, http: httpx.Client, name: str, path: Path) -> str | None:
        """Ask for a file once: None where it came as it is, else why it may come another time."""
        if time.monotonic() - self._ages[self._pages[name]] > FRESH:
            self._read(self._pages[name])
        link, digest, size = self._links[name], sha256(), 0
        try:
            with http.stream("GET", link["url"]) as response:
                if response.status_code == httpx.codes.FORBIDDEN:
                    self._read(self._pages[name])
                    return "its address does not hold any more"
                if not response.is_success:
                    return _refusal(name, response)
                with path.open("wb") as file:
                    for chunk in response.iter_raw(CHUNK):
                        file.write(chunk)
                        digest.update(chunk)
                        size += len(chunk)
                        self._came(self._done + size, sum(each["bytes"] for each in self._links.values()))
        except httpx.HTTPError as fault:
            return network_words(fault)
        if (size, digest.hexdigest()) != (link["bytes"], link["sha256"]):
            return f"{size:,} bytes came that are not the {link['bytes']:,} which were written"
        return None


def _refusal(name: str, response: httpx.Response) -> str:
    words = f"{response.reason_phrase} [{response.status_code}]"
    if response.status_code not in (*PASSING, httpx.codes.INTERNAL_SERVER_ERROR):
        raise NotDownloaded(name, words)
    return words


def _row(link: dict[str, Any]) -> int:
    return int(link["row"])


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(CHUNK), b""):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """What this machine's disk says, as an error of ours."""
    try:
        yield
    except OSError as fault:
        raise NotDownloaded("Results", f"{fault.strerror or fault} in {folder}") from None
