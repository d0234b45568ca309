"""What a person reads when the service is up."""

from collections.abc import Iterator, Sequence

from local.aws import Account
from local.caller import Caller
from local.endpoint import Endpoint
from local.plan import Plan
from local.samples import Answer, predict, samples
from local.steps import Steps


def introduced(plan: Plan, endpoint: Endpoint, steps: Steps) -> str:
    """Ask every sample model once, and say where the API is, what it serves and how to ask it again."""
    if plan.assembly or endpoint.api_url is None:
        return address(endpoint)
    caller, answers = Caller.admitted(endpoint), []
    for sample in samples():
        with steps(f"Ask {sample.name}") as step:
            answers.append(predict(sample, caller))
            step.note = answers[-1].brief()
    return "\n".join(["", address(endpoint), "", *_models(answers), *_lines(answers, caller)])


def address(endpoint: Endpoint) -> str:
    """Where the API is, and how a shell asks the same account for more."""
    rows = {"API": endpoint.api_url, "API key": endpoint.api_key}
    if endpoint.api_url:
        if "ConsoleUrl" in endpoint.outputs:
            rows["Console"] = f"{endpoint.api_url}/console"
        rows["Docs"] = f"{endpoint.api_url}/docs"
    if bucket := endpoint.outputs.get("InputBucket"):
        rows["Files"] = f"s3://{bucket}/<model>/<file>"
        rows["Results"] = f"s3://{endpoint.outputs.get('OutputBucket')}/<job>/"
    variables = Account(endpoint.endpoint_url, endpoint.region).variables()
    rows["Account"] = "export " + " ".join(f"{name}={value}" for name, value in variables.items())
    return "\n".join(f"{title:<9}{value}" for title, value in rows.items() if value)


def _models(answers: Sequence[Answer]) -> Iterator[str]:
    wide = max((len(answer.sample.name) for answer in answers), default=0)
    for answer in answers:
        yield f"{answer.sample.name:<{wide}}  version {answer.version}  {answer.title}"


def _lines(answers: Sequence[Answer], caller: Caller) -> Iterator[str]:
    if answers:
        yield "\nTry it, from the repository's root" + (", with curl 8.3 or newer:" if caller.signs else ":")
    for answer in answers:
        yield f"\n{answer.sample.curl(caller)}"
