"""Capture: which requests are kept to look at later, what of them is not, and for how long."""

from dataclasses import dataclass

from infra.setting import number, texts, whole


@dataclass(frozen=True)
class Capture:
    """A share of the requests to models, with their answers, in a bucket of its own; by default none."""

    share: float = number(0, 0, 1)
    """Share of the requests that are kept. 0: none, and there is no bucket."""
    models: tuple[str, ...] = texts("names of models: lower-case letters, digits, hyphens", r"[a-z0-9]+(-[a-z0-9]+)*")
    """The models whose requests are kept; empty: every model's."""
    redact: tuple[str, ...] = texts("names without commas", r"[^,\s]([^,]*[^,\s])?")
    """Features, inputs and outputs whose values are never kept, whatever the model; dots lead into objects. Features
    that a model declares `personal` never are."""
    retention_days: int = whole(30, 1, 3650)
    """How long what was kept stays."""
    max_kb: int = whole(64, 1, 90)
    """Of larger requests and answers only what they were is kept, in KiB as JSON."""
