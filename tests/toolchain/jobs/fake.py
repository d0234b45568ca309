"""Jobs in memory that keep to the documents of the real API: what its client is tested against.

What a model would answer is scripted: a test says what becomes of each file.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from functions.batch.jobs import documents

AT, LATER = "2026-05-04T03:02:01Z", "2026-05-04T04:02:01Z"
FORMATS = [".jsonl", ".csv", ".parquet", ".npy", ".zip"]
ANSWERED = 7
"""Rows with an answer, of any file."""


@dataclass
class Outcome:
    """What becomes of a file."""

    parts: list[bytes] = field(default_factory=lambda: [b'{"row":0,"prediction":1.5}\n'])
    ending: str = "jsonl"
    refusals: list[bytes] = field(default_factory=list)
    failed: documents.Failure | None = None
    looks: int = 1
    """Looks at the job that find it running."""


@dataclass
class Job:
    """A job, and the file that came for it."""

    id: str
    owner: str
    model: str
    request: documents.JobRequest
    outcome: Outcome
    content: bytes = b""
    sha256: str = ""
    uploads: int = 0
    looked: int = 0
    is_cancelled: bool = False

    @property
    def fields(self) -> dict[str, str]:
        """Of the form that takes the file."""
        key = f"{self.model}/jobs/{self.id}/{self.request.file}"
        return {"key": key, "policy": "eyJ9", "x-amz-meta-ortless": "{}"}

    @property
    def state(self) -> str:
        """As the API calls it."""
        if self.is_cancelled:
            return "cancelled"
        if not self.uploads:
            return "waiting"
        if self.looked <= self.outcome.looks:
            return "running"
        return "failed" if self.outcome.failed else "done"

    def ticket(self, host: str) -> documents.Ticket:
        """What making it answers."""
        address = {"url": f"http://{host}/bucket", "fields": self.fields, "expires_at": LATER}
        more = {"upload": address, "limits": {"bytes": 10**9, "formats": FORMATS}}
        return documents.Ticket.model_validate(self._about(is_admin=False) | more)

    def brief(self, *, is_admin: bool) -> documents.JobBrief:
        """In a list."""
        return documents.JobBrief.model_validate(self._about(is_admin=is_admin))

    def described(self, address: str, first: int, page: int, *, is_admin: bool) -> documents.Job:
        """How it fares.

        Args:
            address: of a result, with {} for its path.
            first: part that the answer begins with.
            page: parts of an answer.
        """
        is_done, last = self.state == "done", first + page
        parts, refusals = self.outcome.parts, self.outcome.refusals
        results = [
            self._link(address, f"part-{at:05d}.{self.outcome.ending}", parts[at]) | {"row": at}
            for at in range(len(parts))[first:last][::-1]  # whoever joins them goes by the rows
        ]
        refused = [
            self._link(address, f"errors-{at:05d}.jsonl", refusals[at]) for at in range(len(refusals))[first:last]
        ]
        document = self._about(is_admin=is_admin) | {
            "started_at": AT if self.looked else None,
            "ended_at": LATER if is_done else None,
            "progress": self._progress(),
            "counts": self._counts() if is_done else None,
            "results": results if is_done else [],
            "refusals": refused if is_done else [],
            "next_part": last if is_done and last < max(len(parts), len(refusals)) else None,
            "expires_at": LATER if is_done else None,
            "error": self.outcome.failed if self.state == "failed" else None,
            "cost": self._cost(is_done) if self.looked else None,
        }
        return documents.Job.model_validate(document)

    def _about(self, *, is_admin: bool) -> dict[str, Any]:
        asked = {"id": self.id, "model": self.model, "version": self.request.version, "file": self.request.file}
        return asked | {"key": self.fields["key"] if is_admin else None, "state": self.state, "created_at": AT}

    def _counts(self) -> dict[str, int]:
        errors = sum(refusal.count(b"\n") for refusal in self.outcome.refusals)
        return {"rows": ANSWERED + errors, "answered": ANSWERED, "errors": errors}

    def _progress(self) -> dict[str, Any]:
        pieces = len(self.outcome.parts)
        if not self.looked:
            return {"rows_done": 0, "rows": None, "pieces_done": 0, "pieces": None, "fraction": None}
        done = min(1.0, self.looked / (self.outcome.looks + 1))
        rows = {"rows_done": int(done * ANSWERED), "rows": ANSWERED, "fraction": done}
        return rows | {"pieces_done": int(done * pieces), "pieces": pieces}

    def _link(self, address: str, name: str, content: bytes) -> dict[str, Any]:
        url = address.format(f"{self.id}/{quote(name)}")
        digest = hashlib.sha256(content).hexdigest()
        return {"name": name, "url": url, "rows": 1, "bytes": len(content), "sha256": digest}

    @staticmethod
    def _cost(is_final: bool) -> dict[str, Any]:
        price = {"architecture": "arm64", "priced_on": "2026-11-01", "region": "us-east-1", "is_final": is_final}
        return price | {"usd": 0.000125, "function_seconds": 1.5, "memory_mb": 1769, "measured_pieces": 1}
