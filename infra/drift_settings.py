"""Drift: how closely it is watched what models are asked and answer."""

from dataclasses import dataclass

from infra.setting import flag, number, whole


@dataclass(frozen=True)
class DriftSettings:
    """Sketches of inputs and outputs against each package's reference.json; docs/guides/drift.md says how."""

    watch: bool = flag(True)
    """Whether anything is looked at."""
    share: float = number(1.0, 0.001, 1)
    """Share of the requests that are looked at."""
    rows: int = whole(200, 50, 1_000_000)
    """Rows from which on an environment writes a sketch, once a minute at most."""
    minutes: int = whole(15, 1, 1440)
    """Minutes after which it writes one of fewer rows, if they are at least 50."""
    features: int = whole(20, 0, 100)
    """Features of a model with metrics of their own, three each, the outputs first; all of them are in the log."""

    @property
    def serving(self) -> dict[str, object]:
        """What a function's environment tells it of this."""
        return {
            "drift_rows": self.rows if self.watch else 0,
            "drift_minutes": self.minutes,
            "drift_share": self.share,
            "drift_features": self.features,
        }
