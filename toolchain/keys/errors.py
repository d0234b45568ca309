"""What can go wrong with API keys, each in a line and a hint."""

from collections.abc import Iterable

from functions.core.errors import OrtlessError


class NoSuchKey(OrtlessError):
    """No key that works has that name."""

    code = "unknown_key"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no key {name!r}\nhint: the keys are: {', '.join(sorted(set(known))) or 'none'}; "
            f"to make one: ortless keys create {name}"
        )


class NoSuchTier(OrtlessError):
    """The stage has no tier of that name."""

    code = "unknown_tier"

    def __init__(self, tier: str, known: Iterable[str]) -> None:
        super().__init__(
            f"There is no tier {tier!r}; the stack's are: {', '.join(sorted(known)) or 'none'}\n"
            "hint: a tier is declared in cdk.json under stages.<stage>.tiers, then deployed"
        )


class OtherTier(OrtlessError):
    """The key is there, in another tier than was asked for."""

    code = "other_tier"

    def __init__(self, name: str, tier: str, asked: str) -> None:
        super().__init__(
            f"The key {name!r} is in the tier {tier!r}, not in {asked!r}\n"
            f"hint: to move it with a new value: ortless keys rotate {name} --tier {asked}"
        )


class UnusablePlace(OrtlessError):
    """A value cannot be put where somebody wants it; no key was made then."""

    code = "unusable_place"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"The key's value cannot be put into {place}: {reason}")
