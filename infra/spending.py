"""A budget: what somebody wants to hear of before the month is over."""

from dataclasses import dataclass
from typing import Literal

from infra.setting import choice, texts, whole


@dataclass(frozen=True)
class Spending:
    """An alarm of AWS Budgets on what a month costs. It tells, hours late, and stops nothing: `ortless stop` does."""

    monthly_usd: int | None = whole(None, 1, 10_000_000)
    """US dollars a month; null: no budget."""
    scope: Literal["account", "stack"] = choice("account", "account", "stack")
    """What counts: all that the account costs, or the stack alone. For the latter, activate the cost allocation tag
    `aws:cloudformation:stack-name` in the billing console once, or nothing counts."""
    emails: tuple[str, ...] = texts("e-mail addresses, at most ten of which AWS tells", r"[^@\s]+@[^@\s]+\.[^@\s]+")
    """Who is told at 80 and 100 % of it, and when the forecast exceeds it."""
    topics: tuple[str, ...] = texts("one ARN of an SNS topic that lets AWS Budgets publish", r"arn:aws[a-z-]*:sns:\S+")
    """A topic that is told as well."""
