"""Settings of a stage that are fine alone and not together: what AWS or the embedded cloud cannot combine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.own_function import MOST, RESERVED, ROUTES
from infra.setting import InvalidStage
from infra.shifts import ALL_AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.stages import Stage

Refusal = tuple[str, str, object]
"""A setting below the stage, what was expected of it, and what it is."""


def check(stage: Stage) -> None:
    """Refuse the first combination that cannot be.

    Raises:
        InvalidStage: names the setting to change.
    """
    for rules in (
        _starts,
        _money,
        _callers,
        _delivery,
        _copies,
        _domain,
        _network,
        _admission,
        _cdn,
        _functions,
        _watch,
    ):
        for setting, expected, got in rules(stage):
            raise InvalidStage(f"stages.{stage.name}.{setting}", expected, got)


def _starts(stage: Stage) -> Iterator[Refusal]:
    ready, cap = stage.provisioned_concurrency, stage.reserved_concurrency
    if stage.snap_start and ready:
        yield "provisioned_concurrency", "0 beside snap_start", ready
    if stage.snap_start and stage.packaging != "image":
        yield "packaging", '"image" beside snap_start', stage.packaging
    if cap is not None and ready > cap:
        yield "provisioned_concurrency", f"at most the reserved_concurrency of {cap}", ready


def _money(stage: Stage) -> Iterator[Refusal]:
    budget = stage.budget
    if budget.monthly_usd and not (budget.emails or budget.topics):
        yield "budget", "emails or topics to tell beside monthly_usd", []
    if len(budget.emails) > 10 or len(budget.topics) > 1:
        yield "budget", "at most ten emails and one topic", [*budget.emails, *budget.topics]


def _callers(stage: Stage) -> Iterator[Refusal]:
    if "*" in stage.cors_origins and len(stage.cors_origins) > 1:
        yield "cors_origins", '"*" alone, or origins', list(stage.cors_origins)


def _delivery(stage: Stage) -> Iterator[Refusal]:
    if stage.traffic_shifting != ALL_AT_ONCE and (stage.provisioned_concurrency or stage.packaging != "image"):
        expected = '"all-at-once" beside provisioned_concurrency, and where packaging is not "image"'
        yield "traffic_shifting", expected, stage.traffic_shifting


def _copies(stage: Stage) -> Iterator[Refusal]:
    if (stage.backup.replica_bucket is None) != (stage.backup.replica_region is None):
        yield "backup", "both or neither of replica_bucket and replica_region", stage.backup.replica_bucket


def _domain(stage: Stage) -> Iterator[Refusal]:
    domain = stage.domain
    if (domain.name is None) != (domain.certificate is None):
        yield "domain", "both or neither of name and certificate", domain.name or domain.certificate
    if (domain.hosted_zone_id is None) != (domain.hosted_zone_name is None):
        yield "domain", "both or neither of hosted_zone_id and hosted_zone_name", domain.hosted_zone_id
    zone = domain.hosted_zone_name
    if zone and domain.name and not f".{domain.name}".endswith(f".{zone}"):
        yield "domain.name", f"a name in the zone {zone}", domain.name
    if domain.name is None and (zone or domain.base_path or domain.disable_execute_api_endpoint):
        yield "domain", "a name beside what is said of it", None
    if domain.name and stage.private.wanted:
        yield "domain.name", "null where the API is private", domain.name


def _network(stage: Stage) -> Iterator[Refusal]:
    vpc = stage.vpc
    if (vpc.id is None) != (not vpc.subnets):
        yield "vpc", "both or neither of id and subnets", vpc.id or list(vpc.subnets)
    if vpc.functions and vpc.id is None:
        yield "vpc.id", "a VPC beside functions", vpc.id
    if vpc.endpoints and not (vpc.functions and vpc.route_tables):
        yield "vpc.endpoints", "false without functions and route_tables", vpc.endpoints
    if stage.private.caller_cidrs and vpc.id is None:
        yield "vpc.id", "a VPC beside private.caller_cidrs", vpc.id


def _admission(stage: Stage) -> Iterator[Refusal]:
    allowed = stage.allowed
    if allowed.vpc_endpoints and not stage.private.wanted:
        yield "allowed.vpc_endpoints", "none where the API is public", list(allowed.vpc_endpoints)
    if allowed.accounts and not stage.needs_signature:
        yield "allowed.accounts", 'none where auth is "key": nobody signs', list(allowed.accounts)


def _cdn(stage: Stage) -> Iterator[Refusal]:
    cdn = stage.console_cdn
    if (cdn.name is None) != (cdn.certificate is None):
        yield "console_cdn", "both or neither of name and certificate", cdn.name or cdn.certificate
    if not cdn.enabled and (cdn.name or cdn.web_acl):
        yield "console_cdn.enabled", "true beside what is said of it", cdn.enabled
    if cdn.enabled and stage.private.wanted:
        yield "console_cdn.enabled", "false where the API is private: CloudFront is not in the VPC", cdn.enabled
    if cdn.enabled and stage.needs_signature:
        yield "console_cdn.enabled", 'false where auth is not "key": a signature holds for one host only', cdn.enabled
    if cdn.enabled and not stage.open_console:
        yield "console_cdn.enabled", "false where open_console is: what it keeps is for anyone", cdn.enabled
    if cdn.enabled and stage.allowed.cidrs:
        yield "console_cdn.enabled", "false beside allowed.cidrs: CloudFront has addresses of its own", cdn.enabled


def _watch(stage: Stage) -> Iterator[Refusal]:
    pagers = stage.monitoring.pagers
    if len(pagers) > 4:
        yield "monitoring.pagers", "at most four topics: an alarm tells five, and one is the stage's own", list(pagers)
    if pagers and not stage.monitoring.page:
        yield "monitoring.page", "true beside pagers", stage.monitoring.page


def _functions(stage: Stage) -> Iterator[Refusal]:
    own = stage.functions
    if len(own) > MOST:
        yield "functions", f"at most {MOST} models, as an API of AWS has {ROUTES} paths", len(own)
    for model in own:
        if model in RESERVED:
            yield "functions", f"models whose paths are theirs alone, which /v2/models/{model} is not", model
        if stage.models and model not in stage.models:
            yield "functions", f"models that the stage serves ({', '.join(stage.models)})", model
        for rules in (_starts, _delivery):
            for setting, expected, got in rules(stage.apart(model)):
                yield f"functions.{model}.{setting}", expected, got
