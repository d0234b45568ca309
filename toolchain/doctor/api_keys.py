"""API keys that somebody should look after."""

from datetime import UTC, datetime, timedelta

from toolchain.deployment import Deployment
from toolchain.findings import Finding, ok, skipped, warn
from toolchain.keys.key import state
from toolchain.keys.ring import Ring

CHECK = "API keys"
OLD = timedelta(days=365)


def check(deployment: Deployment) -> Finding:
    """Keys that are due, in no tier, or as old as a year. Raises CloudRefused."""
    ring, now = Ring(deployment), datetime.now(UTC)
    if not ring.plans:
        return skipped(CHECK, "the stage has no tiers: it is not deployed, or takes signatures alone")
    found = ring.all()
    states = {key: state(key, found, now) for key in found}
    due = [key.name for key, word in states.items() if word == "due"]
    closed = [key.name for key, word in states.items() if word == "closed"]
    old = [key.name for key in found if key.works and now - key.made > OLD and states[key] == "works"]
    if due:
        return warn(CHECK, f"replaced, due and still let in: {', '.join(due)}", "ortless keys revoke --due")
    if closed:
        return warn(CHECK, f"enabled, but in no tier: {', '.join(closed)}", "ortless keys revoke NAME")
    if old:
        return warn(CHECK, f"older than a year: {', '.join(old)}", "ortless keys rotate NAME")
    return ok(CHECK, f"{sum(key.works for key in found)} work, none is due")
