"""What AWS allows and how it sizes things: every constant with where AWS, or else who measured it, says so."""

from typing import NamedTuple

LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
SCALING = "https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html"
CONCURRENCY = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html"
MEMORY = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"
GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html"
STATES = "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"
STACKS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
SCHEDULER = "https://arxiv.org/abs/2506.01283"


class Quota(NamedTuple):
    """A limit of an account in one region, unless its unit says otherwise."""

    name: str
    value: float
    unit: str
    adjustable: bool
    source: str


VCPU_MB = Quota("Lambda: memory that comes with one vCPU", 1769, "MB", False, MEMORY).value
MOST_MEMORY_MB = int(Quota("Lambda: function memory", 10_240, "MB", False, LAMBDA).value)
LEAST_MEMORY_MB = int(Quota("Lambda: least function memory", 128, "MB", False, LAMBDA).value)
SYNCHRONOUS_BYTES = int(Quota("Lambda: synchronous payload", 6 * 1024 * 1024, "bytes", False, LAMBDA).value)
PERIOD_SECONDS = Quota("Lambda: period of the CPU quota, as measured", 0.02, "s", False, SCHEDULER).value

CONCURRENT = Quota("Lambda: concurrent executions", 1000, "environments", True, LAMBDA)
REQUESTS_PER_CONCURRENT = Quota("Lambda: requests per concurrent execution", 10, "per second", False, CONCURRENCY)
BURST = Quota("Lambda: concurrency scaling rate, per function and 10 s", 1000, "environments", False, SCALING)
THROTTLE = Quota("API Gateway: throttle", 10_000, "requests per second", True, GATEWAY)
THROTTLE_BURST = Quota("API Gateway: throttle burst", 5000, "requests", False, GATEWAY)
KEYS = Quota("API Gateway: API keys", 10_000, "keys", False, GATEWAY)
USAGE_PLANS = Quota("API Gateway: usage plans", 300, "plans", True, GATEWAY)
ROUTES = Quota("API Gateway: resources per API", 300, "resources", True, GATEWAY)
STACK = Quota("CloudFormation: resources per stack", 500, "resources", False, STACKS)
READS = Quota("S3: reads per prefix", 5500, "per second", False, S3)
WRITES = Quota("S3: writes per prefix", 3500, "per second", False, S3)
CHILDREN = Quota("Step Functions: concurrent children of a Distributed Map", 10_000, "children", False, STATES)

BURST_SECONDS = 10.0
MONTH_SECONDS = 730 * 3600.0
"""730 hours, as AWS' own examples count."""


def vcpus(memory_mb: float) -> float:
    """Share of processors that comes with memory; AWS grants it in proportion."""
    return memory_mb / VCPU_MB
