"""Ways to give the callers a new version of a function."""

ALL_AT_ONCE = "all-at-once"
SHIFTS = (ALL_AT_ONCE, "canary-10-5m", "linear-10-1m")
"""All at once; a tenth for five minutes, then all; a tenth more each minute."""
