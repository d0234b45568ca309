"""What can become of an alias: one pure function for each thing that an operator can do."""

from functions.admin.errors import StateConflict
from functions.core.alias import Alias, Canary


def promote(before: Alias | None, version: int, digest: str) -> Alias:
    """Make a version live. A canary ends with it, whether it is the one that won or not.

    Returns:
        What the alias becomes; `before` itself when the version is live and no canary runs.
    """
    if before is None:
        return Alias(0, "", version, None, None, None, {str(version): digest})
    if before.live == version:
        return before if before.canary is None else before._replace(canary=None)
    shadow = None if before.shadow == version else before.shadow
    after = before._replace(live=version, previous=before.live, canary=None, shadow=shadow)
    return _with_digests(after, version, digest)


def canary(before: Alias | None, version: int, digest: str, weight: float) -> Alias:
    """Give a version a share of the callers; a weight of 0 ends the trial.

    Raises:
        StateConflict: no version is live, or this one is.
    """
    before = _live(before, "a canary stands beside")
    if weight == 0:
        return before._replace(canary=None)
    if before.live == version:
        raise StateConflict(f"Version {version} is live: it cannot be on trial against itself", before)
    shadow = None if before.shadow == version else before.shadow
    return _with_digests(before._replace(canary=Canary(version, weight), shadow=shadow), version, digest)


def shadow(before: Alias | None, version: int | None, digest: str) -> Alias:
    """Let a version be asked unheard what the live one is asked; None ends that.

    Raises:
        StateConflict: no version is live, or this one answers callers already.
    """
    before = _live(before, "a shadow follows")
    if version is None:
        return before._replace(shadow=None)
    if version == before.live or (before.canary and before.canary.version == version):
        raise StateConflict(f"Version {version} answers callers already: it cannot be a shadow", before)
    return _with_digests(before._replace(shadow=version), version, digest)


def rollback(before: Alias | None) -> Alias:
    """End the canary where one runs; else make the previous version live again, and forget which was live.

    Raises:
        StateConflict: there is nothing to go back to.
    """
    before = _live(before, "there is nothing to take back from")
    if before.canary:
        return before._replace(canary=None)
    if before.previous is None:
        raise StateConflict("There is no previous version to go back to: promote one", before)
    shadow = None if before.shadow == before.previous else before.shadow
    return before._replace(live=before.previous, previous=None, shadow=shadow)


def _live(before: Alias | None, purpose: str) -> Alias:
    if before is None:
        raise StateConflict(f"No version is live, which {purpose}: promote one first", None)
    return before


def _with_digests(after: Alias, version: int, digest: str) -> Alias:
    return after._replace(digests={**after.digests, str(version): digest})
